"""Markdown to a tree, bounded in everything, because a message comes from outside.

There is no HTML text on the way: what looks like HTML stays text, a link goes to http, https or mailto or
stays text, an image is never loaded but named and linked. Most messages hold no Markdown at all: those
never meet the parser.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt

from hearth.core.text.links import is_safe_address, linked
from hearth.core.text.markdown_builder import MAX_ELEMENTS, Builder, TooManyElements
from hearth.core.vdom import Node

__all__ = ["MAX_FORMATTED", "Node", "forget", "render", "render_fully"]

MAX_FORMATTED: Final = 32_000
"""Characters of a message that are read as Markdown; what follows is shown as it was written.

In the page an ordinary answer of that length takes 0.15 s, the most hostile text about 1 s.
"""

MAX_CELLS: Final = 20_000
PLAIN_PIECE: Final = 8_000
"""Characters in one block of unformatted text, so that the browser can lay them out one by one."""

_REMEMBERED_CHARS: Final = 16_000
_REMEMBERED_COUNT: Final = 256

_MARKDOWN = re.compile(
    r"[\\`*_\[<\0]|[^\S \n]"  # escapes, code, emphasis, links, autolinks, odd white space
    r"|&[#a-zA-Z]|~~|[ ]$"  # entities, strike-through, hard breaks
    r"|^(?:[ #>+\-=:|]|[0-9]{1,9}[.)])",  # indented code, headings, quotes, lists, rules, tables
    re.MULTILINE,
)
"""What may mean something in Markdown; text without any of it is paragraphs and nothing else."""

_BLANK_LINES = re.compile(r"\n{2,}")


class _Parser(MarkdownIt):
    """The parser with Hearth's own idea of where a link may lead: any other link stays text."""

    def validateLink(self, url: str) -> bool:  # noqa: N802  (the name is markdown-it's)
        return is_safe_address(url)


_PARSER: Final = (
    _Parser("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
)


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
    if len(text) > MAX_FORMATTED:
        at = _cut(text, 0, MAX_FORMATTED)
        note = ("p", {"class": "note"}, "The rest of this very long message is shown without formatting.")
        return (*_render(text[:at]), note, *_plain(text[at:]))
    return render_fully(text) if _MARKDOWN.search(text) else _paragraphs(text)


def render_fully(text: str) -> tuple[Node, ...]:
    """Render with the whole parser; what would make too many elements is shown as it was written."""
    # The parser fills up the short rows of a wide table: a few kilobytes could make a million cells.
    if max(line.count("|") for line in text.split("\n")) * text.count("\n") > MAX_CELLS:
        return _plain(text)
    try:
        return Builder().build(_PARSER.parse(text))
    except TooManyElements:
        return _plain(text)


def _paragraphs(text: str) -> tuple[Node, ...]:
    """What the parser makes of text that holds no Markdown."""
    stripped = text.strip("\n")
    if stripped.count("\n\n") >= MAX_ELEMENTS:
        return _plain(text)
    return tuple(("p", {"dir": "auto"}, *linked(each)) for each in _BLANK_LINES.split(stripped) if each)


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
