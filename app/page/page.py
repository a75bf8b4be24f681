"""The page: draws a `Screen`, part by part, and turns what the person does into intents.

Plaintext is in the document only. The title of the window is "Hearth", with the number of unread messages, and no
address names what is read, because browsers write both into their history, where signing out cannot reach.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import js

from app.page.account_forms import AccountFormsView
from app.page.controls import Controls
from app.page.navigation import Navigation
from app.page.view_keeping import Keep, ViewKeeping
from app.page.views.chat import ChatView
from app.page.views.chat_list import ChatListView
from app.page.views.elements import by_id
from app.page.views.first_view import FirstView
from app.page.views.leaving import LeavingView
from app.page.views.search import SearchPane
from app.page.views.server_state import ServerStateView
from app.page.views.settings import SettingsView
from app.page.views.sign_in import SignInView
from app.page.views.status import StatusView
from app.page.writing import Writing
from hearth.browser.ffi import Proxies
from hearth.core.settings import schema
from hearth.core.text import markdown
from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents.chats import ShowNewer, ShowOlder
from hearth.engine.intents.intent import Intent

TITLE = "Hearth"
"""The title of the window, while nothing is unread."""
_LEAVING = {Phase.SIGNING_OUT: "Signing out…", Phase.LOCKING: "Locking…"}


class Page:
    """Owns the document: every part of it, every listener, and the proxies behind them."""

    def __init__(self, intents: Callable[[Intent], None], put_away: Callable[[], None], keep: Keep) -> None:
        self._intents = intents
        self._session_put_away = put_away
        self._proxies = Proxies()
        self._warning = Proxies()
        self._root = js.document.documentElement
        self._shell = by_id("shell")
        self._leaving = by_id("leaving")
        self._sign_in = SignInView()
        self._first = FirstView()
        self._adoption = self._first.adoption
        self._keeping = ViewKeeping(self._proxies, keep)
        self._chats = ChatListView()
        self._chat = ChatView(self._proxies, lambda: intents(ShowOlder()), lambda: intents(ShowNewer()))
        self._chat.adopts = self._adoption.chat
        self._search = SearchPane(
            self._proxies,
            intents,
            lambda chosen: self._navigation.choose(chosen),  # noqa: PLW0108 - it comes after
            lambda: self._navigation.leave_search(),  # noqa: PLW0108
        )
        self._status = StatusView()
        self._settings = SettingsView()
        self._tasks: set[asyncio.Task[None]] = set()
        self._chat_held = False
        self._chat_before: Screen | None = None
        self._navigation = Navigation(intents, self._start, self._chats, self._chat, self._search)
        self._navigation.listen(self._proxies)
        self._writing = Writing(self._proxies, intents, self._start, self._navigation, self._chat)
        self._writing.adopt(self._adoption.chat, self._first.composing)
        self._question = LeavingView(self._proxies, intents)
        self._server_state = ServerStateView(intents)
        self._account_forms = AccountFormsView(intents, self._start)
        self._controls = Controls(
            intents,
            self._start,
            self._navigation,
            self._sign_in,
            self._chat,
            self._search,
            self._writing,
            self._question,
            self._server_state,
            self._account_forms,
        )
        self._controls.listen(self._proxies)
        for target, event, function in (
            (js, "pagehide", self._hidden),
            (js, "pageshow", self._shown_again),
            (js.document, "freeze", lambda _event: self._put_away()),
            (js.document, "resume", lambda _event: js.location.reload()),
        ):
            self._proxies.listen(target, event, function)

    def showed(self) -> str | None:
        """The chat that this tab showed before the page was loaded anew."""
        return self._navigation.showed() or self._adoption.chat or None

    def shows_chat(self) -> bool:
        """Whether that chat is on screen already, drawn from the view that was kept."""
        return bool(self._adoption.chat) and self._adoption.chat_due

    def open_account_form(self, action: str) -> None:
        """Open the form whose button was pressed before Python was there."""
        self._account_forms.clicked(action, None)

    def draw(self, screen: Screen) -> None:
        """Draw what changed since the last screen; a part that fails leaves the others drawn."""
        last, self._controls.shows = self._controls.shows, screen
        self._navigation.shows = screen
        failed: Exception | None = None
        parts = (
            self._draw_form,
            self._draw_status,
            self._draw_list,
            self._draw_found,
            self._draw_open,
            self._draw_rest,
            lambda screen, _last: self._navigation.drawn(screen),
            self._draw_written,  # which gives the focus to what is in front by now
            lambda screen, _last: self._first.follow(screen),
            lambda screen, _last: self._keeping.drew(screen),
        )
        for draw_part in parts:
            try:
                draw_part(screen, last)
            except Exception as error:  # noqa: BLE001 - raised below, once the other parts are drawn
                failed = failed or error
        if failed is not None:
            raise failed

    def _draw_form(self, screen: Screen, last: Screen | None) -> None:
        if last is None or _form_of(screen) != _form_of(last):
            self._sign_in.draw(screen)

    def _draw_status(self, screen: Screen, last: Screen | None) -> None:
        if last is None or screen.status is not last.status:
            self._status.draw(screen.status)
            self._server_state.draw(screen.status)

    def _draw_list(self, screen: Screen, last: Screen | None) -> None:
        if self._adoption.holds_list(screen):
            return
        if self._adoption.drew_list():
            last = None
        if last is None or _list_of(screen) != _list_of(last) or screen.groups is not last.groups:
            self._chats.draw(screen.groups, screen.current, screen.without_chats)
        if last is None or screen.older != last.older:
            self._chats.draw_end(screen.older)

    def _draw_found(self, screen: Screen, last: Screen | None) -> None:
        if last is None or screen.search is not last.search:
            self._search.draw(screen.search)

    def _draw_open(self, screen: Screen, last: Screen | None) -> None:
        self._chat_held = self._adoption.holds_chat(screen)
        if not self._chat_held:
            self._chat_before = None if self._adoption.drew_chat() else last
            self._draw_chat(screen, self._chat_before)

    def _draw_written(self, screen: Screen, _last: Screen | None) -> None:
        if not self._chat_held:
            self._writing.draw(screen, self._chat_before)

    def _draw_chat(self, screen: Screen, last: Screen | None) -> None:
        about = bool(screen.groups), screen.without_chats
        if last is None or screen.chat is not last.chat or about != (bool(last.groups), last.without_chats):
            self._chat.draw(screen.chat, *about)

    def _draw_rest(self, screen: Screen, last: Screen | None) -> None:
        if last is None or _settings_of(screen) != _settings_of(last):
            self._settings.draw(screen)
        if last is None or screen.preferences != last.preferences:
            self._look(screen)
        if last is None or screen.account is not last.account:
            self._account_forms.draw(screen)
        if last is None or (screen.leaving, screen.unsent) != (last.leaving, last.unsent):
            self._question.draw(screen)
        if last is None or screen.loses_when_closed != last.loses_when_closed:
            self._warn_before_closing(screen.loses_when_closed)
        if last is None or screen.unread != last.unread:
            js.document.title = f"({screen.unread}) {TITLE}" if screen.unread else TITLE
        if last is None or screen.phase is not last.phase:
            self._change_face(screen.phase, last.phase if last else None, screen.locked)

    def _look(self, screen: Screen) -> None:
        """Take on the theme and the text size; boot.js puts them on before Python is there the next time."""
        choices = screen.preferences.choices if screen.phase is Phase.SIGNED_IN else {}
        js.hearth.boot.look(choices.get(schema.THEME, ""), choices.get(schema.TEXT_SIZE, ""))

    def _change_face(self, phase: Phase, before: Phase | None, locked: bool) -> None:
        self._root.dataset.phase = phase.value
        self._leaving.textContent = _LEAVING.get(phase, "")
        if phase is Phase.SIGNED_OUT and (before is not None or locked):
            self._sign_in.focus()
        elif phase is Phase.SIGNED_IN:
            if before is not None:
                self._sign_in.clear()
                if not self._adoption.drawn:  # there the person is in the midst of it
                    self._chat.focus()
            self._navigation.begin()
            self._search.resume()

    def _warn_before_closing(self, warns: bool) -> None:
        """Have the browser ask before the tab is closed. It listens only then: such a page goes into no cache."""
        self._warning.destroy()
        if warns:
            self._warning.listen(js, "beforeunload", lambda event: event.preventDefault())

    # --- what the browser does with the page ---

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

    def _start(self, work: Any) -> None:
        task = asyncio.get_event_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- the end ---

    def clear(self) -> None:
        """Take every plaintext out of the page, and out of the tab's history which chat was open."""
        self._clear_document()
        self._navigation.clear()

    def hide(self) -> None:
        """Take every plaintext out of the page; which chat was open stays in the tab's history."""
        self._navigation.hide()
        self._clear_document()

    def _clear_document(self) -> None:
        """Empty lists, messages, form fields, and what was remembered of them.

        The history stays: a page that changes it on its way into the back/forward cache is thrown out of it.
        """
        self._controls.shows = self._navigation.shows = None
        self._keeping.clear()
        self._warn_before_closing(False)
        js.document.title = TITLE
        for view in (
            self._sign_in,
            self._search,
            self._chats,
            self._chat,
            self._writing,
            self._question,
            self._status,
            self._settings,
            self._account_forms,
        ):
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


def _form_of(screen: Screen) -> tuple[object, ...]:
    return (screen.phase, screen.notice, screen.locked, screen.email)


def _list_of(screen: Screen) -> tuple[object, ...]:
    return (screen.current, screen.without_chats)


def _settings_of(screen: Screen) -> tuple[object, ...]:
    place = screen.settings_place
    told = (screen.devices, screen.transfer)
    return (screen.settings, screen.settings_ready, screen.settings_open, place, screen.preferences, told)
