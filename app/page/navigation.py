"""Where the person is: what is opened and closed, by hand, by the browser's back and forward, and by an address.

Where there is room for one pane only, back closes what was opened last: settings, search, then the chat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import js

from app.page.history_entry import Layer
from app.page.tab_history import TabHistory
from app.page.views.chat import ChatView
from app.page.views.chat_list import ChatListView
from app.page.views.elements import by_id
from app.page.views.search import SearchPane
from hearth.browser.ffi import Proxies
from hearth.core.view.chat_list import ListState
from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents.chats import CloseChat, OpenChat, ShowSettings
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.writing import NewChat

BESIDE = 3
"""The number of panes from which "Settings and memories" stands beside the chat instead of in its place."""

PAINTED_S = 0.05
"""After this time, in seconds, what was drawn is on screen: three frames."""

NOTHING: tuple[str | None, bool, bool] = (None, False, False)
"""No chat, no settings, no search."""


class Navigation:
    """Keeps the tab's history in step with what is open. `shows` is the screen that was drawn last, if any is."""

    def __init__(
        self,
        intents: Callable[[Intent], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
        chats: ChatListView,
        chat: ChatView,
        search: SearchPane,
    ) -> None:
        self.shows: Screen | None = None
        self._intents = intents
        self._start = start
        self._chats = chats
        self._chat = chat
        self._search = search
        self._shell = by_id("shell")
        self._history = TabHistory()
        self._open = NOTHING
        self._due: tuple[str | None] | None = None
        """The chat on screen, while that is still to be written into the present entry."""
        self._new = False
        """Whether a new chat was asked for, which gets an entry of its own when it is on screen."""

    def listen(self, proxies: Proxies) -> None:
        """Listen to the browser, for as long as the proxies live."""
        proxies.listen(js, "popstate", self._went)
        proxies.listen(js, "hashchange", lambda _event: self._followed_address())
        proxies.listen(js, "resize", lambda _event: self._resized())

    @property
    def panes(self) -> int:
        """How many panes there is room for, as shell.css has it."""
        return int(js.getComputedStyle(self._shell).getPropertyValue("--panes"))

    def showed(self) -> str | None:
        """The chat that this tab showed before the page was loaded anew."""
        return self._history.present.chat

    # --- what the person opens and closes ---

    def choose(self, chosen: OpenChat) -> None:
        """Open a chat that was chosen from the list, among the results of a search, or by its address."""
        self._write_due()
        self._enter(chosen.chat_id)
        self._intents(chosen)
        self._shell.dataset.pane = "chat"
        if self.panes == 1:  # the list goes: the focus goes to what takes its place
            self._chat.focus()

    def _enter(self, chat_id: str) -> None:
        """Give an entry of its own to a chat that is opened, in place of the settings where they stand before it."""
        present = self._history.present
        covered = self.shows is not None and self.shows.settings_open and self.panes < BESIDE
        opened = {"chat": chat_id, "listed": False, "settings": False}
        if present.layer is Layer.SETTINGS and covered:
            self._history.note(layer=Layer.CHAT, **opened)
        elif present.chat != chat_id or present.listed:
            self._history.open(Layer.CHAT, **opened)
        if covered:
            self._intents(ShowSettings(False))

    def new_chat(self) -> None:
        """Open a new chat, which is known by an id only once it is on screen."""
        self._write_due()
        self._new = True
        self._intents(NewChat())

    def close_chat(self) -> None:
        """Back to the list."""
        self._write_due()
        if not self._history.go_back(self._history.present.steps_to_list):
            self._history.note(layer=Layer.START, chat=None, listed=True)
            self._intents(CloseChat())

    def toggle_settings(self) -> None:
        """Open the settings, or close them."""
        if self.shows and self.shows.settings_open:
            self.close_settings()
        else:
            self._intents(ShowSettings(True))

    def close_settings(self) -> None:
        """Close the settings."""
        if self._history.present.layer is not Layer.SETTINGS or not self._history.go_back(1):
            self._intents(ShowSettings(False))

    def leave_search(self) -> None:
        """Leave the search."""
        if self._history.present.layer is not Layer.SEARCH or not self._history.go_back(1):
            self._search.leave()

    def go_to_search(self) -> None:
        """Go to the search field, which is in the pane of the list."""
        if self.panes == 1:
            if self.shows and self.shows.settings_open:
                return  # they stand before it
            self._shell.dataset.pane = "list"
        self._search.focus()

    # --- what was drawn ---

    def begin(self) -> None:
        """The person is signed in: open the chat that the address names, if it names one."""
        if self._history.address:
            chat_id = self._history.take_address(opened=False)
            if chat_id:
                self._intents(OpenChat(chat_id))

    def drawn(self, screen: Screen) -> None:
        """Show the pane that is in front, and give an entry of its own to what was opened before something else."""
        if screen.phase is not Phase.SIGNED_IN:
            return
        (chat, settings, search), self._open = self._open, (screen.current, screen.settings_open, screen.search.open)
        if screen.current != chat:
            self._change_pane(screen.current, chat)
        elif screen.current is None and not screen.groups and screen.without_chats is ListState.EMPTY:
            self._shell.dataset.pane = "list"  # where "New chat" is
        if screen.settings_open is not settings:
            if not screen.settings_open:
                self._history.note(settings=False)
            elif not self._history.present.settings and self.panes < BESIDE:
                self._open_over(screen, Layer.SETTINGS, settings=True)
        if screen.search.open is not search:
            if not screen.search.open:
                self._history.note(search=False)
            elif not self._history.present.search and self.panes == 1:
                self._open_over(screen, Layer.SEARCH, search=True, listed=True)

    def _open_over(self, screen: Screen, layer: Layer, **changes: Any) -> None:
        self._due = None
        self._keep(screen.current)
        self._history.open(layer, **changes)

    def _change_pane(self, current: str | None, before: str | None) -> None:
        """Bring the list or the chat to the front; the focus goes along."""
        if self._new and self.shows and self.shows.chat and self.shows.chat.is_new:
            self._new = False
            self._enter(self.shows.chat.id)
        present = self._history.present
        behind = current is not None and present.chat == current and present.listed
        self._shell.dataset.pane = "chat" if current and not behind else "list"
        self._due = (current,)
        self._start(self._write_when_painted(self._due))
        if js.document.activeElement.id in ("back", "chat-title", "messages") and before and not current:
            self._chats.focus(before)

    async def _write_when_painted(self, due: tuple[str | None]) -> None:
        """Write once the frame is out: the first such call takes some 25 ms."""
        await asyncio.sleep(PAINTED_S)
        if due is self._due:
            self._write_due()

    def _write_due(self) -> None:
        due, self._due = self._due, None
        if due is not None:
            self._keep(due[0])

    def _keep(self, current: str | None) -> None:
        """Note which chat is open. Where it has the only pane, the list is behind it: back leads there."""
        if current is None:
            self._history.note(chat=None, listed=True)
            return
        if self._history.present.chat != current:
            self._history.note(chat=current, listed=False)
        present = self._history.present
        if self.panes == 1 and not present.depth and not present.listed:
            self._history.note(chat=None, listed=True, search=self._open[2])
            self._history.open(Layer.CHAT, chat=current, listed=False)

    # --- what the browser does ---

    def _went(self, event: Any) -> None:
        """Back and forward close what was opened, and open it again."""
        if self._followed_address():
            return
        self._due = None
        left, reached = self._history.went(event), self._history.present
        screen = self.shows
        if screen is None or screen.phase is not Phase.SIGNED_IN:
            return
        if not reached.chat == left.chat == screen.current:
            self._intents(OpenChat(reached.chat) if reached.chat else CloseChat())
        elif reached.listed is not left.listed:
            self._bring_to_front(screen.current, listed=reached.listed)
        if reached.settings is not left.settings:
            self._intents(ShowSettings(reached.settings))
        if left.search and not reached.search:
            self._search.leave()
        elif reached.search and not left.search:
            self._search.offer()

    def _bring_to_front(self, current: str | None, *, listed: bool) -> None:
        self._shell.dataset.pane = "list" if listed or not current else "chat"
        if self.panes == 1 and current:
            if listed:
                self._chats.focus(current)
            else:
                self._chat.focus()

    def _followed_address(self) -> bool:
        """Whether an address was put behind the page's own; a chat that it names is opened, others are left alone."""
        if not self._history.address or js.history.state:
            return False
        if self.shows and self.shows.phase is Phase.SIGNED_IN:
            self._due = None
            chat_id = self._history.take_address(opened=True)
            if chat_id:
                self.choose(OpenChat(chat_id))
        return True

    def _resized(self) -> None:
        """What stood beside something else may stand before it now."""
        screen = self.shows
        if screen is None or screen.phase is not Phase.SIGNED_IN or self._due is not None:
            return
        self._keep(screen.current)
        if screen.settings_open and not self._history.present.settings and self.panes < BESIDE:
            self._history.open(Layer.SETTINGS, settings=True)

    def hide(self) -> None:
        """Nothing is shown any more; which chat was open stays in the history."""
        self._write_due()
        self._open = NOTHING

    def clear(self) -> None:
        """Take out of the history what was open."""
        self._due, self._open, self._new = None, NOTHING, False
        self._history.clear()
