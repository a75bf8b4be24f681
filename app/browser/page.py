"""The page: draws a `Screen`, part by part, and turns what the person does into intents.

Plaintext is in the document only. The title of the window stays "Hearth" and no address names what is read,
because browsers write both into their history, where signing out cannot reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.ffi import Proxies, js_object
from app.browser.views.chat import ChatView
from app.browser.views.chat_list import ChatListView
from app.browser.views.elements import by_id
from app.browser.views.search import SearchPane
from app.browser.views.settings import SettingsView
from app.browser.views.sign_in import SignInView
from app.browser.views.status import StatusView
from app.core import markdown
from app.core.search import catalogue
from app.core.viewmodel import Phase, Screen, Tone
from app.intents import (
    Choose,
    CloseChat,
    FetchAgain,
    ForgetSearches,
    Hide,
    Intent,
    OpenChat,
    SearchMore,
    ShowNewer,
    ShowOlder,
    ShowSettings,
    SignOut,
)

COPIED_SECONDS = 2.0

NARROW = "(max-width: 47.99em)"
"""Where there is room for the list or the chat, not both: the same width as in shell.css."""

COVERED = "(max-width: 67.99em)"
"""Where "Settings and memories" takes the place of the chat: the same width as in shell.css."""

PAINTED_S = 0.05
"""After this time, in seconds, what was drawn is on screen: three frames."""


class Page:
    """Owns the document: every part of it, every listener, and the proxies behind them."""

    def __init__(self, intents: Callable[[Intent], None], put_away: Callable[[], None]) -> None:
        self._intents = intents
        self._session_put_away = put_away
        self._proxies = Proxies()
        self._root = js.document.documentElement
        self._shell = by_id("shell")
        self._leaving = by_id("leaving")
        self._sign_in = SignInView()
        self._chats = ChatListView()
        self._chat = ChatView(self._proxies, lambda: intents(ShowOlder()), lambda: intents(ShowNewer()))
        self._search = SearchPane(self._proxies, intents, self._choose)
        self._status = StatusView()
        self._settings = SettingsView()
        self._drawn: Screen | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._choices = 0
        self._actions: dict[str, Callable[[], None]] = {
            "settings": lambda: intents(ShowSettings(not (self._drawn and self._drawn.settings_open))),
            "settings-close": lambda: intents(ShowSettings(False)),
            "sign-out": lambda: intents(SignOut()),
            "back": lambda: intents(CloseChat()),
            "fetch-again": self._fetch_again,
            "latest": self._to_latest,
            "search-end": self._search.leave,
            "search-more": lambda: intents(SearchMore()),
            "forget-searches": lambda: intents(ForgetSearches()),
        }
        for target, event, function in (
            (js.document, "click", self._clicked),
            (js.document, "submit", self._submitted),
            (js.document, "keydown", self._key_pressed),
            (js, "popstate", self._went),
            (js, "pagehide", self._hidden),
            (js, "pageshow", self._shown_again),
            (js.document, "freeze", lambda _event: self._put_away()),
            (js.document, "resume", lambda _event: js.location.reload()),
        ):
            self._proxies.listen(target, event, function)

    def draw(self, screen: Screen) -> None:
        """Draw what changed since the last screen; a part that fails leaves the others drawn."""
        last, self._drawn = self._drawn, screen
        failed: Exception | None = None
        parts = (
            self._draw_form,
            self._draw_status,
            self._draw_list,
            self._draw_found,
            self._draw_chat,
            self._draw_rest,
        )
        for draw_part in parts:
            try:
                draw_part(screen, last)
            except Exception as error:  # noqa: BLE001 - raised below, once the other parts are drawn
                failed = failed or error
        if failed is not None:
            raise failed

    def _draw_form(self, screen: Screen, last: Screen | None) -> None:
        if last is None or (screen.phase, screen.notice) != (last.phase, last.notice):
            self._sign_in.draw(screen)

    def _draw_status(self, screen: Screen, last: Screen | None) -> None:
        if last is None or screen.status is not last.status:
            self._status.draw(screen.status)

    def _draw_list(self, screen: Screen, last: Screen | None) -> None:
        if last is None or _list_of(screen) != _list_of(last) or screen.groups is not last.groups:
            self._chats.draw(screen.groups, current_of(screen), is_waiting(screen))

    def _draw_found(self, screen: Screen, last: Screen | None) -> None:
        if last is None or screen.search is not last.search:
            self._search.draw(screen.search)

    def _draw_chat(self, screen: Screen, last: Screen | None) -> None:
        about = bool(screen.groups), is_waiting(screen)
        if last is None or screen.chat is not last.chat or about != (bool(last.groups), is_waiting(last)):
            self._chat.draw(screen.chat, *about)

    def _draw_rest(self, screen: Screen, last: Screen | None) -> None:
        if last is None or _settings_of(screen) != _settings_of(last):
            self._settings.draw(screen)
        if last is None or screen.preferences != last.preferences:
            self._look(screen)
        if last is None or screen.phase is not last.phase:
            self._change_face(screen.phase, last.phase if last else None)
        before = current_of(last) if last else None
        if current_of(screen) != before:
            self._change_pane(current_of(screen), before)

    def _look(self, screen: Screen) -> None:
        """Take on the theme and the text size; boot.js puts them on before Python is there the next time."""
        choices = screen.preferences.choices if screen.phase is Phase.SIGNED_IN else {}
        js.hearth.boot.look(choices.get(catalogue.THEME, ""), choices.get(catalogue.TEXT_SIZE, ""))

    def _change_face(self, phase: Phase, before: Phase | None) -> None:
        self._root.dataset.phase = phase.value
        self._leaving.textContent = "Signing out…" if phase is Phase.SIGNING_OUT else ""
        if phase is Phase.SIGNED_OUT and before is not None:
            self._sign_in.focus()
        elif phase is Phase.SIGNED_IN:
            if before is not None:
                self._sign_in.clear()
                self._chat.focus()
            self._open_addressed()
            self._search.resume()

    def _open_addressed(self) -> None:
        """Open the chat that a line of the list, opened in a new tab, has put into the address."""
        address = str(js.location.hash)
        if address.startswith("#chat="):
            js.history.replaceState(None, "", js.location.pathname)
            self._intents(OpenChat(address.removeprefix("#chat=")))

    def _change_pane(self, current: str | None, before: str | None) -> None:
        """Show the list or the chat where there is room for one only; the focus goes along."""
        self._shell.dataset.pane = "chat" if current else "list"
        self._start(self._note(current))
        if js.document.activeElement.id in ("back", "chat-title", "messages") and before and not current:
            self._chats.focus(before)

    async def _note(self, chat_id: str | None) -> None:
        """Note the chat in the tab's history once the frame is out: the first such call takes some 25 ms."""
        choices = self._choices
        await asyncio.sleep(PAINTED_S)
        if choices == self._choices:  # what the person has chosen since has an entry of its own
            note_chat(chat_id)

    # --- what the person does ---

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
            self._choose(OpenChat(str(chat_id)))
            return
        action = str(target.getAttribute("data-action"))
        if action == "skip":
            event.preventDefault()
            self._chat.focus()
        elif action == "copy":
            self._start(self._copy(target))
        elif action in self._actions:
            self._actions[action]()

    def _fetch_again(self) -> None:
        if self._drawn and self._drawn.chat:
            self._intents(FetchAgain(self._drawn.chat.id))

    def _chosen_setting(self, target: Any) -> bool:
        """Whether a click chose something of a setting, on its page or among the results of a search."""
        item, choice = target.getAttribute("data-hide"), target.getAttribute("data-choice")
        if item:
            self._intents(Hide(str(item), target.getAttribute("aria-pressed") != "true"))
        elif choice:
            self._intents(Choose(str(target.getAttribute("data-setting")), str(choice)))
        return bool(item or choice)

    def _to_latest(self) -> None:
        chat = self._drawn.chat if self._drawn else None
        if chat and chat.has_newer:
            self._intents(OpenChat(chat.id))
        self._chat.to_latest()

    def _choose(self, chosen: OpenChat) -> None:
        chat_id = chosen.chat_id
        self._choices += 1
        if self._drawn:
            note_chat(current_of(self._drawn))
        if state_chat(js.history.state) != chat_id:
            js.history.pushState(js_object(chat=chat_id), "")
        if self._drawn and self._drawn.settings_open and js.matchMedia(COVERED).matches:
            self._intents(ShowSettings(False))
        self._intents(chosen)
        if js.matchMedia(NARROW).matches:  # the list goes: the focus goes to what takes its place
            self._shell.dataset.pane = "chat"
            self._chat.focus()

    def _show_list(self) -> None:
        """The search field is in the list's pane: where there is room for one pane only, that one has to be shown."""
        hidden = js.document.activeElement.id == "search" and self._shell.dataset.pane == "chat"
        if hidden and js.matchMedia(NARROW).matches:
            self._shell.dataset.pane = "list"

    def _submitted(self, event: Any) -> None:
        event.preventDefault()
        intent = self._sign_in.submitted()
        if intent:
            self._intents(intent)

    def _key_pressed(self, event: Any) -> None:
        if self._drawn and self._drawn.phase is Phase.SIGNED_IN and self._search.key_pressed(event):
            self._show_list()
        elif event.key == "Escape" and self._drawn and self._drawn.settings_open:
            self._intents(ShowSettings(False))

    def _went(self, event: Any) -> None:
        """Back and forward walk through the chats that were open."""
        self._choices += 1
        chat_id = state_chat(event.state)
        if self._drawn and self._drawn.phase is Phase.SIGNED_IN:
            self._intents(OpenChat(chat_id) if chat_id else CloseChat())

    def _hidden(self, event: Any) -> None:
        if event.persisted:
            self._put_away()

    def _put_away(self) -> None:
        """The browser keeps the page as it is, or stops it: nothing readable may be in it, and no tab wait for it."""
        self._session_put_away()
        self._clear_document()

    def _shown_again(self, event: Any) -> None:
        if event.persisted:
            js.location.reload()

    async def _copy(self, button: Any) -> None:
        code = button.closest(".code").querySelector("code")
        try:
            await js.navigator.clipboard.writeText(code.textContent)
            button.textContent = "Copied"
        except (JsException, AttributeError):  # refused, or not there: the person copies what is selected
            js.getSelection().selectAllChildren(code)
            button.textContent = "Selected"
        await asyncio.sleep(COPIED_SECONDS)
        button.textContent = "Copy"

    def _start(self, work: Any) -> None:
        task = asyncio.get_event_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- the end ---

    def clear(self) -> None:
        """Take every plaintext out of the page, and out of the tab's history which chat was open."""
        self._clear_document()
        js.history.replaceState(None, "", js.location.pathname)

    def _clear_document(self) -> None:
        """Empty lists, messages, form fields, and what was remembered of them.

        The history stays: a page that changes it on its way into the back/forward cache is thrown out of it.
        """
        self._drawn = None
        for view in (self._sign_in, self._search, self._chats, self._chat, self._status, self._settings):
            view.clear()
        selection = js.getSelection()
        if selection:
            selection.removeAllRanges()
        for task in self._tasks:
            task.cancel()
        markdown.forget()

    def close(self) -> None:
        """Clear the page, stop listening, and destroy every proxy."""
        self.clear()
        self._chat.close()
        self._proxies.destroy()


def is_waiting(screen: Screen) -> bool:
    """Whether chats may still come: then an empty list is a list that is loading."""
    if screen.phase is not Phase.SIGNED_IN:
        return True
    return screen.status.progress is not None or screen.status.tone is Tone.WORKING or not screen.status.sentence


def current_of(screen: Screen) -> str | None:
    """The chat that is open."""
    return screen.chat.id if screen.chat else None


def note_chat(chat_id: str | None) -> None:
    """Write the chat into the present entry of the tab's history, if it is not there already."""
    if state_chat(js.history.state) != chat_id:
        js.history.replaceState(js_object(chat=chat_id), "")


def state_chat(state: Any) -> str | None:
    """The chat that an entry of the tab's history stands for."""
    chat_id = getattr(state, "chat", None) if state else None
    return str(chat_id) if chat_id else None


def _list_of(screen: Screen) -> tuple[object, ...]:
    return (current_of(screen), is_waiting(screen))


def _settings_of(screen: Screen) -> tuple[object, ...]:
    place = screen.settings_place
    return (screen.settings, screen.settings_ready, screen.settings_open, place, screen.preferences)
