"""The search field and what it found, in place of the chat list; the keys that lead through both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.page.views.elements import by_id, empty, fill, reconcile
from app.page.views.found import end, found_items, notes
from app.page.views.keyed import Keyed
from hearth.browser.ffi import Proxies
from hearth.core.search.results import SearchView, sentence
from hearth.engine.intents.chats import OpenChat, ShowSettings
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.search import EndSearch, RememberSearch, Search

_EDITABLE = "input, textarea, select, [contenteditable]"
_LINES = "[data-found]"


class SearchPane:
    """Draws a `SearchView`; says what was typed and chosen through `intents`."""

    def __init__(
        self,
        proxies: Proxies,
        intents: Callable[[Intent], None],
        choose: Callable[[OpenChat], None],
        wish_to_leave: Callable[[], None],
    ) -> None:
        self._intents = intents
        self._choose = choose
        self._wish_to_leave = wish_to_leave
        self._shell = by_id("shell")
        self._input = by_id("search")
        self._leave = by_id("search-end")
        self._found = by_id("found")
        self._note = by_id("found-note")
        self._items = by_id("found-items")
        self._end = by_id("found-end")
        self._count = by_id("found-count")
        self._keyed = Keyed()
        self._view = SearchView()
        proxies.listen(self._input, "input", lambda _: self._typed())
        proxies.listen(self._input, "click", lambda _: self.offer())

    def draw(self, view: SearchView) -> None:
        """Draw what was found; what the field holds is the person's and stays as it is."""
        before, self._view = self._view, view
        self._shell.toggleAttribute("data-search", view.open)
        self._found.hidden = self._leave.hidden = not view.open
        if not view.open:
            if before.open:
                self._empty()
            return
        if view.text != before.text:
            self._found.scrollTop = 0
        fill(self._note, notes(view))
        self._items.hidden = not view.count
        reconcile(self._items, self._keyed.plan(found_items(view)))
        fill(self._end, end(view))
        if not view.searching:
            self._count.textContent = sentence(view)

    def resume(self) -> None:
        """Search for what was typed before Python was there."""
        if self._input.value:
            self._typed()

    def _typed(self) -> None:
        self._intents(Search(str(self._input.value)))

    def focus(self) -> None:
        """Go to the field, and show what it offers."""
        self._input.focus()
        self._input.select()
        self.offer()

    def offer(self) -> None:
        """Show what there is before anything is typed."""
        if not self._view.open:
            self._typed()

    def leave(self) -> None:
        """Back to the list of chats."""
        self._input.value = ""
        self._intents(EndSearch())

    # --- keys ---

    @staticmethod
    def is_shortcut(event: Any, key: str) -> bool:
        """Whether a key leads to the search field from wherever the person is."""
        closest = getattr(event.target, "closest", None)
        if key == "/" and _is_plain(event):
            return not (closest and closest(_EDITABLE))
        return key.lower() == "k" and bool(event.ctrlKey or event.metaKey)

    def key_pressed(self, event: Any, key: str) -> bool:
        """Whether a key was meant for the search; `key` is the event's, as `key_of` has it."""
        target = event.target
        if not _is_plain(event):
            return False
        if target.id == "search":
            return self._key_in_field(event, key)
        return bool(self._found.contains(target)) and self._key_in_results(event, key)

    def _key_in_field(self, event: Any, key: str) -> bool:
        lines = self._found.querySelectorAll(_LINES)
        match key:
            case "Escape" if self._view.open or self._input.value:
                self._wish_to_leave()
            case "ArrowDown" if len(lines):
                lines[0].focus()
            case "Enter" if len(lines) and self._view.asked:
                lines[0].click()
            case _:
                return False
        event.preventDefault()
        return True

    def _key_in_results(self, event: Any, key: str) -> bool:
        lines = list(self._found.querySelectorAll(_LINES))
        here = next((at for at, line in enumerate(lines) if line.contains(event.target)), None)
        match key:
            case "Escape":
                self._input.focus()
            case "ArrowDown" if here is not None:
                lines[min(here + 1, len(lines) - 1)].focus()
            case "ArrowUp" if here is not None:
                (lines[here - 1] if here else self._input).focus()
            case "Home" if lines:
                lines[0].focus()
            case "End" if lines:
                lines[-1].focus()
            case _:
                return False
        event.preventDefault()
        return True

    # --- choices ---

    def chosen(self, line: Any) -> None:
        """A line was clicked, or entered."""
        kind = str(line.getAttribute("data-found"))
        if kind in ("again", "filter"):
            text = str(line.getAttribute("data-text"))
            self._input.value = text
            self._input.focus()
            self._input.setSelectionRange(len(text), len(text))
            self._typed()
            return
        self._intents(RememberSearch())
        if kind == "chat":
            message = line.getAttribute("data-message-id")
            at = int(str(line.getAttribute("data-at") or 0))
            self._choose(OpenChat(str(line.getAttribute("data-chat-id")), str(message or ""), at))
        elif kind == "entry":
            self._intents(ShowSettings(True, str(line.getAttribute("data-entry"))))
        else:
            self._intents(ShowSettings(True, str(line.getAttribute("data-setting"))))

    def _empty(self) -> None:
        for each in (self._note, self._items, self._end):
            empty(each)
        self._keyed.forget()
        self._items.hidden = True
        self._count.textContent = ""

    def clear(self) -> None:
        """Take out what was typed and found."""
        self._view = SearchView()
        self._input.value = ""
        self._empty()
        self._found.hidden = self._leave.hidden = True
        self._shell.removeAttribute("data-search")


def _is_plain(event: Any) -> bool:
    return not (event.ctrlKey or event.metaKey or event.altKey)
