"""Markdown that is still being written: what is drawn of it stays as it is while the text grows.

Only the last block of a text can still change, so only that is read again. Of its end, what would be drawn in one way
now and in another way a moment later is held back (half of a fence, of a link, of a table's head), and emphasis that is
begun is drawn as if it were closed.
"""

from __future__ import annotations

import re

from hearth.core.text.markdown import MAX_FORMATTED, render, render_fully
from hearth.core.text.markdown_builder import Builder
from hearth.core.text.markdown_parser import parse
from hearth.core.vdom import Node

_MARKS_ONLY = re.compile(r"[ \t]*(?:[-=*+#>|~_`$\\:]+|[0-9]{1,9}[.)]?)[ \t]*\Z")
"""A line that may become anything: a list, a heading, a rule, a fence."""
_ITEM_BEGUN = re.compile(r"[ \t]*(?:>[ \t]*)*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+(?:\[[ xX]?\]?[ \t]*)?\Z")
_FENCE = re.compile(r"[ \t]*(?:>[ \t]*|[-*+][ \t]+|[0-9]{1,9}[.)][ \t]+)*(`{3,}|~{3,})([^`\n]*)\Z")
_DELIMITERS = re.compile(r"[ \t]*\|?[ \t:|-]*-[ \t:|-]*\Z")
_LINK_BEGUN = re.compile(r"!?\[(?:([^\]\n]*)\]\([^)\n]*|[^\]\n]*\]?)\Z")
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1(?!`)", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_EMPHASIS = re.compile(r"\*{1,3}|~~")


class GrowingMarkdown:
    """A text that grows at its end, and the blocks that it is drawn as."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._tail = ""
        """The part that is not settled: it begins with the last block that was there when it was read last."""
        self._settled: list[Node] = []
        self._read = 0
        """How many characters are settled."""

    @property
    def text(self) -> str:
        """All of the text."""
        return "".join(self._parts)

    def add(self, piece: str) -> None:
        """More of it has come."""
        self._parts.append(piece)
        self._tail += piece

    def blocks(self) -> tuple[Node, ...]:
        """The blocks; all but the last stay the same objects, and stay where they are."""
        if self._read + len(self._tail) > MAX_FORMATTED:
            return (*self._settled, *render(self._tail))
        tokens = parse(_closed(_shown(self._tail)))
        starts = [token.map[0] for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]
        if len(starts) > 1 and starts[-1] and self._settle(starts[-1]):
            return self.blocks()
        return (*self._settled, *Builder().build(tokens).nodes)

    def _settle(self, line: int) -> bool:
        """Take the blocks before a line out of what is read each time. Whether that could be done."""
        head = "".join(f"{each}\n" for each in self._tail.split("\n")[:line])
        nodes, rest = render_fully(head)
        if rest:
            return False
        self._settled += nodes
        self._tail, self._read = self._tail[len(head) :], self._read + len(head)
        return True


def _shown(text: str) -> str:
    """The text without what cannot be drawn yet."""
    lines = text.split("\n")
    last = lines[-1]
    if in_code := _is_in_code(lines[:-1]):
        return (
            text[: len(text) - len(last)].rstrip("\n") if set(last.strip()) <= set(in_code) and last.strip() else text
        )
    if _MARKS_ONLY.match(last) or _ITEM_BEGUN.match(last) or _FENCE.match(last):
        lines = lines[:-1]
    end = len(lines) - (not lines[-1]) if lines else 0
    first = end
    while first and lines[first - 1].lstrip().startswith("|"):
        first -= 1
    if first < end and not (text.count("\n") > first + 1 and _DELIMITERS.match(lines[first + 1])):
        lines = lines[:first]
    return "\n".join(lines)


def _is_in_code(lines: list[str]) -> str:
    """The fence of the code block that the end of these lines lies in; empty outside of one."""
    fence = ""
    for line in lines:
        found = _FENCE.match(line)
        if found and not fence:
            fence = found[1]
        elif found and found[1].startswith(fence) and not found[2].strip():
            fence = ""
    return fence


def _closed(text: str) -> str:
    """The text with what is begun in its last paragraph closed, or left out where nothing of it is there yet."""
    if _is_in_code(text.split("\n")):
        return text
    at = text.rfind("\n\n") + 1
    head, last = text[:at], text[at:]
    plain = _CODE.sub(lambda code: " " * len(code[0]), _ESCAPED.sub("  ", last))
    if (tick := plain.find("`")) >= 0:
        return head + _with_end(last, tick, re.match(r"`+", plain[tick:])[0])  # type: ignore[index]
    if begun := _LINK_BEGUN.search(plain):
        shown = last[begun.start(1) : begun.end(1)] if begun[1] else ""
        last, plain = last[: begun.start()] + shown, plain[: begun.start()] + (begun[1] or "")
    for mark, start in reversed(_open_marks(plain)):
        last = _with_end(last, start, mark)
    return head + last


def _with_end(text: str, start: int, mark: str) -> str:
    """The text with a mark that begins at `start` closed, or taken out where nothing follows it."""
    if not text[start + len(mark) :].strip():
        return text[:start].rstrip(" ")
    return text.rstrip() + mark


def _open_marks(text: str) -> list[tuple[str, int]]:
    """The marks of emphasis that are begun and not closed, with where they begin."""
    waiting: list[tuple[str, int]] = []
    for found in _EMPHASIS.finditer(text):
        mark, at = found[0], found.start()
        before, after = text[at - 1 : at], text[found.end() : found.end() + 1]
        opened = next((each for each in reversed(waiting) if each[0] == mark), None)
        if opened is not None and before and not before.isspace():
            del waiting[waiting.index(opened) :]
        elif not after or not after.isspace():
            waiting.append((mark, at))
    return waiting
