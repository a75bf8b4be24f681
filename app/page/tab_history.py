"""The tab's history: what was open, so that back and forward close and open it again.

An entry holds a chat's id and nothing else; the address and the window's title never name what is read.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import js

from app.page.history_entry import Entry, Layer
from hearth.browser.ffi import js_object
from hearth.core.records.schema import MAX_ID_CHARS

CHAT_ADDRESS = "#chat="
"""How the address of a chat begins, as the lines of the list have it."""


class TabHistory:
    """Reads and writes the entries of this tab; `present` is the one where the tab stands."""

    def __init__(self) -> None:
        self.present = _read(js.history.state).reloaded()

    def note(self, **changes: Any) -> None:
        """Write into the present entry what is open now."""
        entry = replace(self.present, **changes)
        if entry != self.present:
            self.present = entry
            js.history.replaceState(_state(entry), "")

    def open(self, layer: Layer, **changes: Any) -> None:
        """Something was opened: an entry of its own stands for it."""
        before, self.present = self.present, self.present.opened(layer, **changes)
        if self.present.depth == before.depth:
            js.history.replaceState(_state(self.present), "")
        else:
            js.history.pushState(_state(self.present), "")

    def went(self, event: Any) -> Entry:
        """The person went back or forward: `present` is where they are now; where they were."""
        left, self.present = self.present, _read(event.state)
        return left

    def go_back(self, steps: int) -> bool:
        """Go back, which is told as if the person had done it; False where there are not so many entries."""
        if not 0 < steps < int(js.history.length):
            return False
        js.history.go(-steps)
        return True

    @property
    def address(self) -> str:
        """What was put behind the page's own address: by a line of the list in a new tab, or by hand."""
        return str(js.location.hash)

    def take_address(self, *, opened: bool) -> str | None:
        """The chat that the address names, if it names one. The address is as it was afterwards.

        `opened` says that the page was open already: the browser has then made an entry for the address.
        """
        address = self.address
        if opened:
            self.present = self.present.opened(Layer.ADDRESS)
        js.history.replaceState(_state(self.present), "", js.location.pathname)
        chat_id = address.removeprefix(CHAT_ADDRESS)
        return chat_id if address.startswith(CHAT_ADDRESS) and 0 < len(chat_id) <= MAX_ID_CHARS else None

    def clear(self) -> None:
        """Take out of the present entry and address what was open."""
        self.present = Entry()
        js.history.replaceState(None, "", js.location.pathname)


def _state(entry: Entry) -> Any:
    return js_object(**{**asdict(entry), "layer": entry.layer.value})


def _read(state: Any) -> Entry:
    return Entry.read(state.to_py() if hasattr(state, "to_py") else None)
