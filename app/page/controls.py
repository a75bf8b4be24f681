"""What the person clicks and presses, turned into intents; what moves only the view is done here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import js
from pyodide.ffi import JsException

from app.page.keyboard import key_of
from app.page.tab_history import Trail
from app.page.views.chat import ChatView
from app.page.views.elements import by_id
from app.page.views.search import SearchPane
from app.page.views.sign_in import SignInView
from hearth.browser.ffi import Proxies
from hearth.core.view.model import Phase, Screen
from hearth.engine.intents import (
    Choose,
    CloseChat,
    FetchAgain,
    ForgetSearches,
    Hide,
    Intent,
    OpenChat,
    SearchMore,
    ShowSettings,
    SignOut,
)

COPIED_SECONDS = 2.0

BESIDE = 3
"""The number of panes from which "Settings and memories" stands beside the chat instead of in its place."""


class Controls:
    """Buttons, links, forms and keys of the whole page. `shows` is the screen that was drawn last, if any is."""

    def __init__(
        self,
        intents: Callable[[Intent], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
        trail: Trail,
        sign_in: SignInView,
        chat: ChatView,
        search: SearchPane,
    ) -> None:
        self.shows: Screen | None = None
        self._intents = intents
        self._start = start
        self._trail = trail
        self._sign_in = sign_in
        self._chat = chat
        self._search = search
        self._shell = by_id("shell")
        self._actions: dict[str, Callable[[], None]] = {
            "settings": lambda: intents(ShowSettings(not (self.shows and self.shows.settings_open))),
            "settings-close": lambda: intents(ShowSettings(False)),
            "sign-out": lambda: intents(SignOut()),
            "back": lambda: intents(CloseChat()),
            "fetch-again": self._fetch_again,
            "latest": self._to_latest,
            "search-end": search.leave,
            "search-more": lambda: intents(SearchMore()),
            "forget-searches": lambda: intents(ForgetSearches()),
        }

    def listen(self, proxies: Proxies) -> None:
        """Listen to the document, for as long as the proxies live."""
        proxies.listen(js.document, "click", self._clicked)
        proxies.listen(js.document, "submit", self._submitted)
        proxies.listen(js.document, "keydown", self._key_pressed)
        proxies.listen(js, "popstate", self._went)

    def choose(self, chosen: OpenChat) -> None:
        """Open a chat that was chosen from the list or among the results of a search."""
        self._trail.chose(chosen.chat_id, self.shows.current if self.shows else None)
        if self.shows and self.shows.settings_open and self._panes() < BESIDE:
            self._intents(ShowSettings(False))
        self._intents(chosen)
        if self._panes() == 1:  # the list goes: the focus goes to what takes its place
            self._shell.dataset.pane = "chat"
            self._chat.focus()

    def _clicked(self, event: Any) -> None:
        target = event.target.closest("[data-action], [data-found], [data-choice], [data-hide], a[data-chat-id]")
        if not target or event.ctrlKey or event.metaKey or event.shiftKey:
            return
        chat_id = target.getAttribute("data-chat-id")
        if self._chosen_setting(target):
            return
        if target.hasAttribute("data-found"):
            event.preventDefault()
            self._search.chosen(target)
            return
        if chat_id:
            event.preventDefault()
            self.choose(OpenChat(str(chat_id)))
            return
        action = str(target.getAttribute("data-action"))
        if action == "skip":
            event.preventDefault()
            self._chat.focus()
        elif action == "copy":
            self._start(_copy(target))
        elif action in self._actions:
            self._actions[action]()

    def _fetch_again(self) -> None:
        if self.shows and self.shows.chat:
            self._intents(FetchAgain(self.shows.chat.id))

    def _chosen_setting(self, target: Any) -> bool:
        """Whether a click chose something of a setting, on its page or among the results of a search."""
        item, choice = target.getAttribute("data-hide"), target.getAttribute("data-choice")
        if item:
            self._intents(Hide(str(item), target.getAttribute("aria-pressed") != "true"))
        elif choice:
            self._intents(Choose(str(target.getAttribute("data-setting")), str(choice)))
        return bool(item or choice)

    def _to_latest(self) -> None:
        chat = self.shows.chat if self.shows else None
        if chat and chat.has_newer:
            self._intents(OpenChat(chat.id))
        self._chat.to_latest()

    def _panes(self) -> int:
        """How many panes there is room for, as shell.css has it."""
        return int(js.getComputedStyle(self._shell).getPropertyValue("--panes"))

    def _show_list(self) -> None:
        """The search field is in the list's pane: where there is room for one pane only, that one has to be shown."""
        hidden = js.document.activeElement.id == "search" and self._shell.dataset.pane == "chat"
        if hidden and self._panes() == 1:
            self._shell.dataset.pane = "list"

    def _submitted(self, event: Any) -> None:
        event.preventDefault()
        intent = self._sign_in.submitted()
        if intent:
            self._intents(intent)

    def _key_pressed(self, event: Any) -> None:
        key = key_of(event)
        if not key:
            return
        if self.shows and self.shows.phase is Phase.SIGNED_IN and self._search.key_pressed(event, key):
            self._show_list()
        elif key == "Escape" and self.shows and self.shows.settings_open:
            self._intents(ShowSettings(False))

    def _went(self, event: Any) -> None:
        """Back and forward walk through the chats that were open."""
        chat_id = self._trail.went(event)
        if self.shows and self.shows.phase is Phase.SIGNED_IN:
            self._intents(OpenChat(chat_id) if chat_id else CloseChat())


async def _copy(button: Any) -> None:
    code = button.closest(".code").querySelector("code")
    try:
        await js.navigator.clipboard.writeText(code.textContent)
        button.setAttribute("aria-label", "Copied")
    except (JsException, AttributeError):  # refused, or not there: the person copies what is selected
        js.getSelection().selectAllChildren(code)
        button.setAttribute("aria-label", "Selected")
    await asyncio.sleep(COPIED_SECONDS)
    button.setAttribute("aria-label", "Copy")
