"""Keyed lists: what a list shows already stays in the page, and only what changed crosses to JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hearth.core.vdom import Node

Item = tuple[str, object, Callable[[], Node]]
"""A key, the value that the item shows, and what makes its tree."""


class Keyed:
    """Remembers the value that each key of a list shows; a value that compares equal is not made again."""

    def __init__(self) -> None:
        self._shown: dict[str, object] = {}

    def plan(self, items: Iterable[Item]) -> list[list[Any]]:
        """What `reconcile` of tree.js is to be told: `[key, tree]`, with 0 for a tree that stays."""
        before, self._shown = self._shown, {}
        told: list[list[Any]] = []
        for key, value, make in items:
            if key in self._shown:  # two records of one id: the first is shown
                continue
            told.append([key, 0 if key in before and before[key] == value else make()])
            self._shown[key] = value
        return told

    def forget(self) -> None:
        """The list was emptied."""
        self._shown.clear()
