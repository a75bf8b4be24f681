"""Markdown to a tree, bounded in everything, because a message comes from outside.

There is no HTML text on the way: what looks like HTML stays text, a link goes to http, https or mailto or
stays text, an image is never loaded but named and linked. Most messages hold no Markdown at all: those
never meet the parser.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from hearth.core.text.characters import is_blank, with_plain_line_ends
from hearth.core.text.links import linked
from hearth.core.text.markdown_builder import Builder
from hearth.core.text.markdown_parser import parse
from hearth.core.vdom import Node, walk

__all__ = ["MAX_FORMATTED", "Node", "forget", "render", "render_fully"]

MAX_FORMATTED: Final = 32_000
"""Characters of a message that are read as Markdown; what follows is shown as it was written.

In the page an ordinary answer of that length takes 0.15 s, the most hostile text about 1 s.
"""

PLAIN_PIECE: Final = 8_000
"""Characters in one block of unformatted text, so that the browser can lay them out one by one."""

REST: Final = "The rest of this very long message is shown without formatting."

_SEEN: Final = frozenset(("hr", "pre", "table", "span"))
"""Elements that are seen without any text in them."""

_REMEMBERED_CHARS: Final = 16_000
_REMEMBERED_COUNT: Final = 256

_MARKDOWN = re.compile(
    r"[\\`*_\[<\0]|[^\S \n]"  # escapes, code, emphasis, links, autolinks, odd white space
    r"|&[#a-zA-Z]|~~|[ ]$"  # entities, strike-through, hard breaks
    r"|^(?:[ #>+\-:|]|[0-9]{1,9}[.)]|\$\$)",  # indented code, headings, quotes, lists, rules, tables, mathematics
    re.MULTILINE,
)
"""What may mean something in Markdown; text without any of it is paragraphs and nothing else."""

_BLANK_LINES = re.compile(r"\n{2,}")


def render(text: str) -> tuple[Node, ...]:
    """Render a message's Markdown; the same text gives the same object again while it is remembered."""
    return _remembered(text) if len(text) <= _REMEMBERED_CHARS else _render(text)


def forget() -> None:
    """Forget every text that was rendered: nothing readable stays behind."""
    _remembered.cache_clear()


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _remembered(text: str) -> tuple[Node, ...]:
    return _render(text)


def _render(text: str) -> tuple[Node, ...]:
    if is_blank(text):
        return ()
    text = with_plain_line_ends(text)
    at = _cut(text, 0, MAX_FORMATTED)
    head = text[:at]
    nodes, rest = render_fully(head) if _MARKDOWN.search(head) else (_paragraphs(head), "")
    rest += text[at:]
    if not any(map(_is_seen, walk(*nodes))):
        return _plain(text)
    return nodes if is_blank(rest) else (*nodes, ("p", {"class": "note"}, REST), *_plain(rest))


def render_fully(text: str) -> tuple[tuple[Node, ...], str]:
    """Render with the whole parser; also the end of the text that would make too many elements."""
    nodes, line = Builder().build(parse(text))
    return nodes, "" if line is None else "\n".join(text.split("\n")[line:])


def _is_seen(node: Node) -> bool:
    return not is_blank(node) if isinstance(node, str) else node[0] in _SEEN


def _paragraphs(text: str) -> tuple[Node, ...]:
    """What the parser makes of text that holds no Markdown."""
    return tuple(("p", {"dir": "auto"}, *linked(each)) for each in _BLANK_LINES.split(text.strip("\n")) if each)


def _plain(text: str) -> tuple[Node, ...]:
    """Text as it was written, in pieces."""
    pieces: list[Node] = []
    start = 0
    while start < len(text):
        end = _cut(text, start, start + PLAIN_PIECE)
        pieces.append(("div", {"class": "plain", "dir": "auto"}, text[start:end]))
        start = end
    return tuple(pieces)


def _cut(text: str, start: int, end: int) -> int:
    """Where to cut, at `end` at the latest: after a blank line, a line or a space of the second half."""
    if end >= len(text):
        return len(text)
    half = (start + end) // 2
    for mark in ("\n\n", "\n", " "):
        at = text.rfind(mark, half, end)
        if at >= 0:
            return at + len(mark)
    return end
