"""What the person clicks and presses, turned into intents; what moves only the view is done here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import js
from pyodide.ffi import JsException

from app.page.account_forms import AccountFormsView
from app.page.keyboard import key_of
from app.page.navigation import Navigation
from app.page.views.chat import ChatView
from app.page.views.leaving import LeavingView
from app.page.views.search import SearchPane
from app.page.views.server_state import ServerStateView
from app.page.views.sign_in import SignInView
from app.page.writing import Writing
from hearth.browser.chosen_file import BrowserFile
from hearth.browser.ffi import Proxies
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents.account import EndDevice, SignOut
from hearth.engine.intents.chats import Choose, FetchAgain, Hide, ListOlderChats, OpenChat
from hearth.engine.intents.intent import Intent
from hearth.engine.intents.search import ForgetSearches, SearchMore
from hearth.engine.intents.transfer import CancelTransfer, ExportData, ReadImport, StartImport, UndoImport

COPIED_SECONDS = 2.0


class Controls:
    """Buttons, links, forms and keys of the whole page. `shows` is the screen that was drawn last, if any is."""

    def __init__(
        self,
        intents: Callable[[Intent], None],
        start: Callable[[Coroutine[Any, Any, None]], None],
        navigation: Navigation,
        sign_in: SignInView,
        chat: ChatView,
        search: SearchPane,
        writing: Writing,
        leaving: LeavingView,
        server_state: ServerStateView,
        account_forms: AccountFormsView,
    ) -> None:
        self.shows: Screen | None = None
        self._intents = intents
        self._start = start
        self._navigation = navigation
        self._sign_in = sign_in
        self._chat = chat
        self._search = search
        self._writing = writing
        self._account_forms = account_forms
        self._dialogs = (leaving, server_state, account_forms)
        self._actions: dict[str, Callable[[], None]] = {
            "settings": navigation.toggle_settings,
            "settings-close": navigation.close_settings,
            "sign-out": lambda: intents(SignOut()),
            "send-first": leaving.send_first,
            "lose-unsent": leaving.lose,
            "stay": leaving.stay,
            "server-state": server_state.ask,
            "take-server-state": server_state.take,
            "keep-state": server_state.keep,
            "remove-data": lambda: intents(SignOut()),
            "back": navigation.close_chat,
            "fetch-again": self._fetch_again,
            "latest": self._to_latest,
            "search-end": navigation.leave_search,
            "search-more": lambda: intents(SearchMore()),
            "older-chats": lambda: intents(ListOlderChats()),
            "import-chats": lambda: start(self._choose_import()),
            "start-import": lambda: intents(StartImport()),
            "undo-import": lambda: intents(UndoImport()),
            "export-data": lambda: intents(ExportData()),
            "cancel-transfer": lambda: intents(CancelTransfer()),
            "forget-searches": lambda: intents(ForgetSearches()),
            "end-others": lambda: intents(EndDevice()),
        }

    def listen(self, proxies: Proxies) -> None:
        """Listen to the document, for as long as the proxies live."""
        proxies.listen(js.document, "click", self._clicked)
        proxies.listen(js.document, "submit", self._submitted)
        proxies.listen(js.document, "keydown", self._key_pressed)

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
            self._navigation.choose(OpenChat(str(chat_id)))
            return
        action = str(target.getAttribute("data-action"))
        if action == "skip":
            event.preventDefault()
            self._chat.focus()
        elif action == "copy":
            self._start(_copy(target))
        elif action == "end-device":
            self._intents(EndDevice(str(target.getAttribute("data-device"))))
        elif self._account_forms.clicked(action, target) or self._writing.clicked(action, target):
            pass
        elif action in self._actions:
            self._actions[action]()

    def _fetch_again(self) -> None:
        if self.shows and self.shows.chat:
            self._intents(FetchAgain(self.shows.chat.id))
            if self.shows.chat.state is ChatState.ABSENT:
                self._chat.focus()  # the button goes

    def _chosen_setting(self, target: Any) -> bool:
        """Whether a click chose something of a setting, on its page or among the results of a search."""
        item, choice = target.getAttribute("data-hide"), target.getAttribute("data-choice")
        if item:
            self._intents(Hide(str(item), target.getAttribute("aria-pressed") != "true"))
        elif choice:
            self._intents(Choose(str(target.getAttribute("data-setting")), str(choice)))
        return bool(item or choice)

    async def _choose_import(self) -> None:
        """Open the file chooser at once, while the press counts; what it needs to read the file comes later."""
        chooser = js.document.createElement("input")
        chooser.type, chooser.accept = "file", ".zip,.json,application/zip,application/json"
        chosen = js.Promise.withResolvers()
        chooser.addEventListener("change", chosen.resolve)
        chooser.addEventListener("cancel", chosen.resolve)
        chooser.click()
        await chosen.promise
        if chooser.files.length:
            self._intents(ReadImport(BrowserFile(chooser.files.item(0))))

    def _to_latest(self) -> None:
        chat = self.shows.chat if self.shows else None
        if chat and chat.has_newer:
            self._intents(OpenChat(chat.id))
        self._chat.to_latest()

    def _submitted(self, event: Any) -> None:
        event.preventDefault()
        if self._account_forms.submitted(event.target) or self._writing.submitted(str(event.target.id)):
            return
        intent = self._sign_in.submitted()
        if intent:
            self._intents(intent)

    def _key_pressed(self, event: Any) -> None:
        key = key_of(event)
        if not key or self.shows is None or self.shows.phase is not Phase.SIGNED_IN:
            return
        if any(each.is_open for each in self._dialogs):
            return
        if self._search.is_shortcut(event, key):
            event.preventDefault()
            self._navigation.go_to_search()
        elif self._writing.key_pressed(event, key):
            pass
        elif not self._search.key_pressed(event, key) and key == "Escape" and self.shows.settings_open:
            self._navigation.close_settings()


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
