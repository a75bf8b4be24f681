"""Where a link may lead, and the addresses that stand in a text without any Markdown around them."""

from __future__ import annotations

import re
from typing import Final

from hearth.core.vdom import Element, Node

MAX_ADDRESS: Final = 2_000

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_BARE_ADDRESS = re.compile(
    r"(?<![\w:])https?://(?!/)[^\s<>\"'`\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]+", re.IGNORECASE
)
_CLOSING = frozenset(".,;:!?*_~]}\u2019\u201d\u00bb\u2026")


def is_safe_address(url: str) -> bool:
    """Whether a link may lead there: http, https and mailto only, of a sane length."""
    return len(url) <= MAX_ADDRESS and _ADDRESS.fullmatch(url) is not None


def link(url: str, *children: Node, kind: str = "") -> Element:
    """Make a link that tells the other side nothing and opens beside the page."""
    attributes = {"href": url, "rel": "noopener noreferrer nofollow", "target": "_blank"}
    if kind:
        attributes["class"] = kind
    return ("a", attributes, *children)


def linked(text: str) -> list[Node]:
    """Text with its bare http(s) addresses as links."""
    if "://" not in text:
        return [text]
    nodes: list[Node] = []
    done = 0
    for match in _BARE_ADDRESS.finditer(text):
        url = _without_closing(match[0])
        if url.endswith("://") or not is_safe_address(url):
            continue
        if match.start() > done:
            nodes.append(text[done : match.start()])
        nodes.append(link(url, url))
        done = match.start() + len(url)
    if done < len(text):
        nodes.append(text[done:])
    return nodes


def _without_closing(url: str) -> str:
    """An address without the punctuation of the sentence around it; a bracket it opened itself stays."""
    extra = url.count(")") - url.count("(")
    end = len(url)
    while end and (url[end - 1] in _CLOSING or (url[end - 1] == ")" and extra > 0)):
        extra -= url[end - 1] == ")"
        end -= 1
    return url[:end]
