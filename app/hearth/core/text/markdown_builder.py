"""Builds a message's tree from the flat tokens of markdown-it-py: elements of an allow-list, nothing else."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from markdown_it.token import Token

from hearth.core.text.characters import is_blank
from hearth.core.text.elements import CODE_BLOCK_ELEMENTS, code_block, table_box
from hearth.core.text.links import is_safe_address, link, linked
from hearth.core.vdom import Element, Node, text_of

MAX_ELEMENTS: Final = 20_000
MAX_DEPTH: Final = 40
MAX_ADDRESSES: Final = 250_000
"""Characters of all addresses together: one long reference could be used ten thousand times."""

_TASK = re.compile(r"\[([ xX])\](?:[ \n]|$)")

_BLOCKS: Final = {
    "paragraph_open": "p",
    "blockquote_open": "blockquote",
    "bullet_list_open": "ul",
    "ordered_list_open": "ol",
    "list_item_open": "li",
    "heading_open": "h",
    "table_open": "table",
    "thead_open": "thead",
    "tbody_open": "tbody",
    "tr_open": "tr",
    "th_open": "th",
    "td_open": "td",
}
_INLINES: Final = {"strong_open": "strong", "em_open": "em", "s_open": "s"}
_SIDES: Final = {"text-align:center": "center", "text-align:right": "right"}


class TooManyElements(Exception):
    """The message makes more elements than a page should hold."""


class Built(NamedTuple):
    """What has been built, and the line of the source from which on there was no more room, if any."""

    nodes: tuple[Node, ...]
    rest: int | None


class _Frame:
    """An element whose end has not come yet; one without a tag passes its children on to its parent."""

    __slots__ = ("attributes", "children", "line", "pending", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None, line: int | None = None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.children: list[Node] = []
        self.pending: list[str] = []


class Builder:
    """Walks the tokens of one message with a stack of its own, so that no nesting overflows Python's."""

    def __init__(self) -> None:
        self._stack = [_Frame("")]
        self._too_deep = 0
        self._elements = 0
        self._addresses = 0
        self._headings: list[int] = []
        self._item_starts = False
        self._line = 0
        self._used: set[str] = set()
        self._unused: list[str] = []

    def build(self, tokens: list[Token]) -> Built:
        """Build the tree; what makes more elements than a page should hold is left out, from the start of its block."""
        self._used = _used_definitions(tokens)
        try:
            for token in tokens:
                self._take(token)
            self._show_unused()
        except TooManyElements:
            return Built(self._cut(), self._line)
        (top,) = self._stack
        self._flush(top)
        return Built(tuple(top.children), None)

    def _take(self, token: Token) -> None:
        if token.type == "definition":
            if not (token.meta["first"] and token.meta["id"] in self._used):
                self._unused.append(token.content)
            return
        self._show_unused()
        if token.map and token.nesting >= 0:
            self._line = token.map[0]
        if token.type == "inline":
            self._inline(token)
        elif token.hidden:  # the paragraph of a tight list item
            return
        elif token.nesting > 0:
            self._open_block(token)
        elif token.nesting < 0:
            self._close()
        else:
            self._item_starts = False
            self._add(self._leaf(token))

    def _leaf(self, token: Token) -> Element:
        if token.type == "hr":
            return ("hr", None)
        if token.type == "verbatim":
            return self._as_written(token.content)
        self._elements += CODE_BLOCK_ELEMENTS
        return code_block(token.info, token.content)

    def _as_written(self, text: str) -> Element:
        return ("p", {"dir": "auto"} if len(self._stack) == 1 else None, *linked(text))

    def _show_unused(self) -> None:
        """Show the definitions of links that nothing has used: whoever wrote them meant them to be read."""
        if self._unused:
            text = "\n".join(self._unused)
            self._unused.clear()
            self._add(self._as_written(text))

    def _cut(self) -> tuple[Node, ...]:
        """What is complete before the block that there was no more room for."""
        stack = self._stack
        while len(stack) > 1 and (stack[-1].line is None or stack[-1].line >= self._line):
            stack.pop()
        self._too_deep = 0
        for frame in stack:
            frame.pending.clear()
        while len(stack) > 1:
            self._close()
        return tuple(stack[0].children)

    def _open_block(self, token: Token) -> None:
        tag = _BLOCKS[token.type]
        attributes: dict[str, str] = {}
        # The direction is told once, at the outermost block: a list's marks stay in one column.
        if len(self._stack) == 1 or tag in ("th", "td"):
            attributes["dir"] = "auto"
        if tag == "h":
            tag = self._heading(int(token.tag[1]))
            attributes["class"] = token.tag
        elif tag in ("th", "td"):
            if tag == "th":
                attributes["scope"] = "col"
            if side := _SIDES.get(str(token.attrs.get("style"))):
                attributes["class"] = side
        elif tag == "ol" and "start" in token.attrs:
            attributes["start"] = str(token.attrs["start"])
        self._item_starts = tag == "li" or (self._item_starts and tag == "p")
        self._open(tag, attributes, token.map[0] if token.map else None)

    def _heading(self, level: int) -> str:
        """The element of a heading: a message's outline begins at h3 and never skips a level."""
        while self._headings and self._headings[-1] >= level:
            self._headings.pop()
        self._headings.append(level)
        return f"h{min(2 + len(self._headings), 6)}"

    def _inline(self, token: Token) -> None:
        children = token.children or []
        if self._item_starts:
            self._item_starts = False
            self._task(children)
        pending = self._stack[-1].pending
        for child in children:
            match child.type:
                case "text":
                    pending.append(child.content)
                case "softbreak":
                    pending.append("\n")
                case "code_inline":
                    self._add(("code", None, child.content))
                case "hardbreak":
                    self._add(("br", None))
                case "html_break" if self._in_cell():
                    self._add(("br", None))
                case "html_break":
                    pending.append(child.content)
                case "image":
                    self._image(child)
                case "link_open":
                    url = str(child.attrs.get("href", ""))
                    self._open("a" if self._may_link(url) else "", {"href": url})
                    pending = self._stack[-1].pending
                case opening if child.nesting > 0:
                    self._open(_INLINES[opening])
                    pending = self._stack[-1].pending
                case _:
                    self._close()
                    pending = self._stack[-1].pending

    def _image(self, token: Token) -> None:
        """Name an image and link it; the page never loads it, so its host learns nothing."""
        url = str(token.attrs.get("src", ""))
        name = token.content or url
        if self._in_link() or not self._may_link(url):
            self._stack[-1].pending.append(name)
        else:
            self._add(link(url, name, kind="image"))

    def _task(self, children: list[Token]) -> None:
        """Turn the `[x]` at the start of a list item into a mark; it is shown, not to be pressed."""
        match = _TASK.match(children[0].content) if children and children[0].type == "text" else None
        item = next((frame for frame in reversed(self._stack) if frame.tag == "li"), None)
        if match is None or item is None:
            return
        children[0].content = children[0].content[match.end() :]
        item.attributes = {**(item.attributes or {}), "class": "task"}
        kind, name = ("task-open", "To do") if match[1] == " " else ("task-done", "Done")
        self._add(("span", {"class": kind, "role": "img", "aria-label": name}))

    def _may_link(self, url: str) -> bool:
        self._addresses += len(url)
        return self._addresses <= MAX_ADDRESSES and is_safe_address(url)

    def _in_link(self) -> bool:
        return any(frame.tag == "a" for frame in self._stack)

    def _in_cell(self) -> bool:
        return any(frame.tag in ("th", "td") for frame in self._stack)

    def _open(self, tag: str, attributes: dict[str, str] | None = None, line: int | None = None) -> None:
        self._flush(self._stack[-1])
        if self._too_deep or len(self._stack) > MAX_DEPTH:
            self._too_deep += 1  # what lies below goes into the deepest element there is
        else:
            if tag:
                self._count()
            self._stack.append(_Frame(tag, attributes or None, line))

    def _close(self) -> None:
        frame = self._stack[-1]
        self._flush(frame)
        if self._too_deep:
            self._too_deep -= 1
            return
        self._stack.pop()
        if not frame.tag:
            self._stack[-1].children.extend(frame.children)
        elif frame.tag == "a":
            url = (frame.attributes or {})["href"]
            self._put(link(url, *(frame.children if not is_blank(text_of(*frame.children)) else (url,))))
        elif frame.tag == "table":
            self._put(table_box((frame.tag, frame.attributes, *frame.children)))
        else:
            self._put((frame.tag, frame.attributes, *frame.children))

    def _add(self, node: Element) -> None:
        self._count()
        self._put(node)

    def _count(self) -> None:
        """Count an element before it is made: one that is closed has its children already, and is never given up."""
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise TooManyElements

    def _put(self, node: Element) -> None:
        parent = self._stack[-1]
        self._flush(parent)
        parent.children.append(node)

    def _flush(self, frame: _Frame) -> None:
        """Make one text of the pieces that came since the last element."""
        if frame.pending:
            text = "".join(frame.pending)
            frame.pending.clear()
            if text:
                frame.children.append(text)


def _used_definitions(tokens: list[Token]) -> set[str]:
    """The names of the definitions that a link or an image uses."""
    if not any(token.type == "definition" for token in tokens):
        return set()
    children = (child for token in tokens for child in token.children or ())
    return {str(child.meta["label"]) for child in children if "label" in child.meta}
