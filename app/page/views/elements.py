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
