"""The page's own elements by id, and the few calls that draw trees into them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import js

from hearth.core.vdom import Node


def by_id(name: str) -> Any:
    """An element that index.html provides."""
    return js.document.getElementById(name)


def fill(parent: Any, nodes: Iterable[Node]) -> None:
    """Replace what an element holds."""
    js.hearth.dom.fill(parent, json.dumps(list(nodes)))


def reconcile(parent: Any, plan: list[list[Any]]) -> None:
    """Bring a keyed list up to date (see `Keyed.plan`)."""
    js.hearth.dom.reconcile(parent, json.dumps(plan))


def to_start(scroller: Any) -> None:
    """Scroll to where the scroller began."""
    js.hearth.dom.toStart(scroller)


def empty(parent: Any) -> None:
    """Empty an element; a keyed list is forgotten with it."""
    js.hearth.dom.empty(parent)


def write_into(box: Any, text: str) -> None:
    """Put a text into a field, unless it holds it; the caret stays as far from the end as it was."""
    if str(box.value) == text:
        return
    from_end = int(box.textLength) - int(box.selectionEnd or 0)
    box.value = text
    at = max(0, int(box.textLength) - from_end)
    box.setSelectionRange(at, at)


def grow(box: Any) -> None:
    """Make a box as high as what is in it, where the browser does not do it by the style sheet."""
    if not js.CSS.supports("field-sizing", "content"):
        box.style.setProperty("block-size", "auto")
        box.style.setProperty("block-size", f"{box.scrollHeight + box.offsetHeight - box.clientHeight}px")


def quoted(text: str) -> str:
    """Text inside the quotes of a CSS selector."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\a ")
