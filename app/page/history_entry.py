"""An entry of the tab's history: what is open there, in front of what; plain values, tested without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Layer(StrEnum):
    """What an entry was made for: the next step back closes it."""

    START = "start"
    """Nothing: the tab began here."""
    CHAT = "chat"
    SEARCH = "search"
    SETTINGS = "settings"
    ADDRESS = "address"
    """The browser made it for an address that was typed: it stands for what is opened next."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is open at an entry. A chat's id is in it and no text, because signing out does not reach the history."""

    layer: Layer = Layer.START
    chat: str | None = None
    listed: bool = True
    """Whether the list is in front of the chat, where there is room for one pane only."""
    search: bool = False
    settings: bool = False
    depth: int = 0
    """How many entries of this page lie before it."""
    list_depth: int = -1
    """The depth of the nearest entry before it that has the list in front; -1 when there is none."""

    @classmethod
    def read(cls, state: Mapping[str, Any] | None) -> Entry:
        """The entry of a history's state, which an earlier version of the page may have written, or nobody."""
        values = state or {}
        chat, layer = values.get("chat"), values.get("layer")
        known = str(chat) if chat else None
        return cls(
            layer=Layer(layer) if layer in set(Layer) else Layer.START,
            chat=known,
            listed=bool(values.get("listed", known is None)),
            search=bool(values.get("search")),
            settings=bool(values.get("settings")),
            depth=int(values.get("depth") or 0),
            list_depth=int(values.get("list_depth", -1)),
        )

    def opened(self, layer: Layer, **changes: Any) -> Entry:
        """The entry that follows when something is opened here; an address's own entry becomes that one."""
        if self.layer is Layer.ADDRESS and layer is not Layer.ADDRESS:
            return replace(self, layer=layer, **changes)
        list_depth = self.depth if self.listed else self.list_depth
        return replace(self, layer=layer, depth=self.depth + 1, list_depth=list_depth, **changes)

    def reloaded(self) -> Entry:
        """The same entry after a reload, which closes search and settings and brings the chat to the front."""
        layer = self.layer if self.layer in (Layer.START, Layer.CHAT) else Layer.CHAT if self.chat else Layer.START
        return replace(self, layer=layer, search=False, settings=False, listed=self.chat is None)

    @property
    def steps_to_list(self) -> int:
        """How many steps back the list is in front; 0 when that is nowhere."""
        return self.depth - self.list_depth if self.list_depth >= 0 else 0
