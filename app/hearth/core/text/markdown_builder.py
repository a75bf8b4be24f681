"""Builds a message's tree from the flat tokens of markdown-it-py: elements of an allow-list, nothing else."""

from __future__ import annotations

import re
from typing import Final

from markdown_it.token import Token

from hearth.core.text.links import is_safe_address, link, linked
from hearth.core.vdom import Element, Node

_BLOCK_ELEMENTS = ("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "pre", "div")
_TABLE_ELEMENTS = ("table", "thead", "tbody", "tr", "th", "td")
_INLINE_ELEMENTS = ("strong", "em", "s", "code", "a", "br", "span", "button")
ELEMENTS: Final = frozenset((*_BLOCK_ELEMENTS, *_TABLE_ELEMENTS, *_INLINE_ELEMENTS))
"""Every element that can come out. The page's own h1 and h2 stand above a message's headings."""

_LINK_ATTRIBUTES = ("href", "rel", "target")
_OWN_ATTRIBUTES = ("class", "dir", "start", "scope", "type", "data-action")
_AID_ATTRIBUTES = ("tabindex", "role", "aria-label")
ATTRIBUTES: Final = frozenset((*_LINK_ATTRIBUTES, *_OWN_ATTRIBUTES, *_AID_ATTRIBUTES))
"""Every attribute that can come out."""

MAX_ELEMENTS: Final = 20_000
MAX_DEPTH: Final = 40
MAX_ADDRESSES: Final = 250_000
"""Characters of all addresses together: one long reference could be used ten thousand times."""

_LANGUAGE = re.compile(r"[\w+#.-]{1,24}", re.ASCII)
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


class _Frame:
    """An element whose end has not come yet; one without a tag passes its children on to its parent."""

    __slots__ = ("attributes", "children", "pending", "tag")

    def __init__(self, tag: str, attributes: dict[str, str] | None = None) -> None:
        self.tag = tag
        self.attributes = attributes
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

    def build(self, tokens: list[Token]) -> tuple[Node, ...]:
        """Build the tree. Raises `TooManyElements`."""
        for token in tokens:
            if token.type == "inline":
                self._inline(token)
            elif token.hidden:  # the paragraph of a tight list item
                continue
            elif token.nesting > 0:
                self._open_block(token)
            elif token.nesting < 0:
                self._close()
            else:
                self._item_starts = False
                self._add(("hr", None) if token.type == "hr" else self._code(token))
        (top,) = self._stack
        self._flush(top)
        return tuple(top.children)

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
        self._open(tag, attributes)

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

    def _code(self, token: Token) -> Element:
        match = _LANGUAGE.match(token.info.strip())
        language = match[0] if match else ""
        self._elements += 6
        return (
            "div",
            {"class": "code"},
            (
                "div",
                {"class": "code-head"},
                ("span", {"class": "code-language"}, language),
                ("button", {"type": "button", "class": "code-copy", "data-action": "copy"}, "Copy"),
            ),
            (
                "pre",
                {
                    "dir": "ltr",
                    "tabindex": "0",  # it scrolls sideways, so the keyboard must reach it
                    "role": "group",
                    "aria-label": f"Code, {language}" if language else "Code",
                },
                ("code", None, token.content.removesuffix("\n")),
            ),
        )

    def _may_link(self, url: str) -> bool:
        self._addresses += len(url)
        return self._addresses <= MAX_ADDRESSES and is_safe_address(url)

    def _in_link(self) -> bool:
        return any(frame.tag == "a" for frame in self._stack)

    def _open(self, tag: str, attributes: dict[str, str] | None = None) -> None:
        self._flush(self._stack[-1])
        if self._too_deep or len(self._stack) > MAX_DEPTH:
            self._too_deep += 1  # what lies below goes into the deepest element there is
        else:
            self._stack.append(_Frame(tag, attributes or None))

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
            self._add(link((frame.attributes or {})["href"], *frame.children))
        elif frame.tag == "table":
            table: Element = (frame.tag, frame.attributes, *frame.children)
            scroller = {"class": "table", "tabindex": "0", "role": "group", "aria-label": "Table"}
            self._add(("div", scroller, table))
        else:
            self._add((frame.tag, frame.attributes, *frame.children))

    def _add(self, node: Element) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise TooManyElements
        parent = self._stack[-1]
        self._flush(parent)
        parent.children.append(node)

    def _flush(self, frame: _Frame) -> None:
        """Make one text of the pieces that came since the last element."""
        if frame.pending:
            text = "".join(frame.pending)
            frame.pending.clear()
            if text:
                frame.children.extend([text] if self._in_link() else linked(text))
