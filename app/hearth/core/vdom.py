"""What is drawn, as plain values: text, or an element with its attributes and children.

A tree is made of tuples, so that it is frozen and `json.dumps` writes it as the compact form that the
page's `tree.js` builds from: `["p", {"dir": "auto"}, "text", ["strong", null, "more text"]]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

Attributes: TypeAlias = Mapping[str, str] | None
Element: TypeAlias = "tuple[str, Attributes, *tuple[Node, ...]]"
Node: TypeAlias = "str | Element"


def element(tag: str, attributes: Attributes = None, *children: Node) -> Element:
    """Make an element."""
    return (tag, attributes, *children)


def walk(*nodes: Node) -> Iterator[Node]:
    """Every node below and including these, in document order, however deep they lie."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, str):
            waiting.extend(reversed(node[2:]))


def text_of(*nodes: Node) -> str:
    """The text that a person would copy."""
    return "".join(node for node in walk(*nodes) if isinstance(node, str))
