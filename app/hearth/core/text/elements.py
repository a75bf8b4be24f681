"""The elements that a message may become, and the larger ones among them."""

from __future__ import annotations

import re
from typing import Final

from hearth.core.vdom import Element

_BLOCK_ELEMENTS = ("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "hr", "pre", "div")
_TABLE_ELEMENTS = ("table", "thead", "tbody", "tr", "th", "td")
_INLINE_ELEMENTS = ("strong", "em", "s", "code", "a", "br", "span", "button")
ELEMENTS: Final = frozenset((*_BLOCK_ELEMENTS, *_TABLE_ELEMENTS, *_INLINE_ELEMENTS))
"""Every element that can come out. The page's own h1 and h2 stand above a message's headings."""

_LINK_ATTRIBUTES = ("href", "rel", "target")
_OWN_ATTRIBUTES = ("class", "dir", "start", "scope", "type", "data-action", "data-language")
_AID_ATTRIBUTES = ("tabindex", "role", "aria-label")
ATTRIBUTES: Final = frozenset((*_LINK_ATTRIBUTES, *_OWN_ATTRIBUTES, *_AID_ATTRIBUTES))
"""Every attribute that can come out."""

_LANGUAGE: Final = re.compile(r"[\w+#.-]{1,24}", re.ASCII)

CODE_BLOCK_ELEMENTS: Final = 5
"""Elements inside of a code block's own."""


def code_block(info: str, code: str) -> Element:
    """A code block under the name of its language and a button to copy it.

    The style sheet draws both words, from attributes: what is not the message is not copied along with it.
    """
    match = _LANGUAGE.match(info.strip())
    language = match[0] if match else ""
    label = f"Code, {language}" if language else "Code"
    copy = {"type": "button", "class": "code-copy", "data-action": "copy", "aria-label": "Copy"}
    scroller = {"dir": "ltr", "tabindex": "0", "role": "group", "aria-label": label}  # so that the keyboard reaches it
    return (
        "div",
        {"class": "code"},
        ("div", {"class": "code-head", "data-language": language}, ("button", copy)),
        ("pre", scroller, ("code", None, code.removesuffix("\n"))),
    )


def table_box(table: Element) -> Element:
    """A table in a box of its own that scrolls sideways, by keyboard, too."""
    return ("div", {"class": "table", "tabindex": "0", "role": "group", "aria-label": "Table"}, table)
