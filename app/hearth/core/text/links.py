"""Where a link may lead, and the addresses that stand in a text without any Markdown around them."""

from __future__ import annotations

import re
from typing import Final

from hearth.core.text.addresses import find_address
from hearth.core.vdom import Element, Node

MAX_ADDRESS: Final = 2_000

_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)


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
    done = at = 0
    while found := find_address(text, at):
        at = found.end
        if not is_safe_address(found.url):
            continue
        if found.start > done:
            nodes.append(text[done : found.start])
        nodes.append(link(found.url, found.url))
        done = found.end
    if done < len(text):
        nodes.append(text[done:])
    return nodes
