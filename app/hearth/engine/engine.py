"""The engine: takes intents, frames and timers out of one queue, in order, and has them carried out.

What arrives while something is being done waits in the queue, the person's intents before the network's frames. Beside
it run, as tasks of their own: the search (which only reads), the search index, and the requests of a connection.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any, assert_never

from hearth.core.errors import HearthError, StorageError
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.account import AccountView
from hearth.core.view.screen import Phase
from hearth.engine.auth import kept_key, sign_in
from hearth.engine.auth.account_forms import AccountForms
from hearth.engine.auth.server_sign_out import ServerSignOut
from hearth.engine.auth.sign_in import Between, deriving
from hearth.engine.auth.sign_out import SignOutFlow
from hearth.engine.auth.warm_up import Rehearsal
from hearth.engine.auth.wipe import HALF_GONE, IN_ANOTHER_TAB, STILL_OPEN, wipe
from hearth.engine.current_session import CurrentSession
from hearth.engine.intents.account import AccountIntent, SignIn, SignOut, TakeServerState
from hearth.engine.intents.intent import SessionIntent
from hearth.engine.intents.search import EndSearch, ForgetSearches, RememberSearch, Search, SearchIntent, SearchMore
from hearth.engine.queue_items import EverythingSent, KeepView, SessionOver, StorageLost, TabMessage, Wiped
from hearth.engine.screen_state import ScreenState
from hearth.engine.session import Session
from hearth.engine.tabs.account_messages import AccountMessages
from hearth.engine.work_queue import Item, WorkQueue
from hearth.ports.device import Device
from hearth.ports.keys import Credentials, Key, Keyring
from hearth.ports.page import Page

log = logging.getLogger("hearth")

UNEXPECTED = "Something went wrong in Hearth. Reload the page; your chats are safe on the server."


class Engine:
    """Drives the page from the first moment to the last; `run` never returns.

    `leaving` is the account that was signed out before Python was there.
    """

    def __init__(self, device: Device, page: Page, leaving: str | None = None) -> None:
        self._device = device
        self._page = page
        self._queue = WorkQueue()
        self._away = False
        self._rehearsal = Rehearsal(device)
        self._screen = ScreenState(page, self._rehearsal.begin_soon)
        self._account_forms = AccountForms(device, self)
        self._server_sign_out = ServerSignOut(device)
        self.current = CurrentSession(device, page, self._screen, self._queue, self._account_forms.end, account=leaving)
        self._sign_out = SignOutFlow(device, page, self._screen, self.current, self._server_sign_out, self.post)
        self._tabs = AccountMessages(self._screen, self.current, self._sign_out)

    def post(self, item: Item) -> None:
        """Put something into the queue; what the person does comes before what the network brings."""
        if isinstance(item, SearchIntent):
            self._search(item)
            return
        self._queue.put(item)

    async def run(self) -> None:
        """Start, then serve the queue for ever."""
        await self._guarded(self._start())
        while True:
            await self._guarded(self._serve(await self._queue.get()))

    async def _start(self) -> None:
        if self.current.account is not None:
            await self._sign_out.sign_out()
            return
        interrupted = self._device.key_store.wiping
        found = await kept_key.find(self._device.key_store)
        if found.master is not None:
            self._server_sign_out.call_off()
            await self.current.enter(*found.master)
        elif found.note is not None:
            self.current.account = found.note.account
            self._screen.show_locked(found.note)
            await self._device.key_store.tidy()
        elif found.is_used_elsewhere:
            self._screen.show_sign_in(IN_ANOTHER_TAB)
        else:
            gone = HALF_GONE if self._device.key_store.lost else ""
            if_left = STILL_OPEN if interrupted else IN_ANOTHER_TAB
            wiped = await wipe(self._device, in_use=interrupted)
            self._server_sign_out.say_again(wiped)
            self._screen.show_sign_in(gone if wiped else if_left)

    async def _serve(self, item: Item) -> None:
        if self._away or self._is_outdated(item):
            return  # What comes now is for the page after the reload.
        session = self.current.session
        match item:
            case SignIn():
                await self._sign_in(item)
            case TabMessage(text):
                await self._tabs.heard(text)
            case Wiped():
                self._sign_out.wiped()
            case SignOut() if self._screen.now.locked:
                await self._sign_out.sign_out()
            case _ if isinstance(item, AccountIntent):
                await self._account_forms.do(item, self.current.account if session else None)
            case _ if session is None:
                pass  # It belongs to a session that has ended.
            case SignOut() | EverythingSent():
                await self._sign_out.leave(session, lose=isinstance(item, EverythingSent) or item.lose)
            case SessionOver() | StorageLost() | TakeServerState():
                await self._leave_session(session, item)
            case _ if isinstance(item, SessionIntent):
                await session.dispatcher.do(item)
            case _ if not isinstance(item, SearchIntent):
                await session.dispatcher.take(item)

    def _is_outdated(self, item: Item) -> bool:
        """Whether it is a view of a screen that shows something else by now."""
        return isinstance(item, KeepView) and not item.is_of(self._screen.now)

    def _search(self, intent: SearchIntent) -> None:
        """Begin, widen or end a search at once: it waits for nothing that is in the queue."""
        if self.current.session is None:
            return
        match intent:
            case Search(text):
                self.current.session.parts.search.type(text)
            case SearchMore():
                self.current.session.parts.search.more()
            case EndSearch():
                self.current.session.parts.search.end()
            case RememberSearch():
                self.current.session.parts.search.remember()
            case ForgetSearches():
                self.current.session.parts.search.forget()

    async def _sign_in(self, intent: SignIn) -> None:
        if self.current.session is not None:
            return
        self._sign_out.cancel()
        self._screen.show(phase=Phase.SIGNING_IN, notice="", email=intent.email)
        try:
            async with deriving(self._device, intent) as credentials:
                self._rehearsal.begin()
                account, master = await self._prove(intent, credentials.result())
        except HearthError as error:
            self._screen.show(phase=Phase.SIGNED_OUT, notice=str(error))
            return
        self._device.mark("signed-in")
        await self.current.enter(account, master)
        self._signed_in()
        self._account_forms.raise_cost(account, intent, await credentials.result())

    def _signed_in(self) -> None:
        if self.current.session is not None:
            self.current.session.parts.devices.name_soon()

    async def enter_with(self, intent: SignIn, credentials: Credentials, between: Between | None = None) -> None:
        """Sign in with credentials that are there already. Raises `HearthError`."""
        self._device.key_store.prepare()
        account, master = await self._prove(intent, _done(credentials), between)
        self._device.mark("signed-in")
        self._screen.show(account=AccountView(), notice="")
        await self.current.enter(account, master)
        self._signed_in()

    async def _prove(
        self, intent: SignIn, credentials: Awaitable[Credentials], between: Between | None = None
    ) -> tuple[str, Key]:
        """Sign in at the server and tell the other tabs. Raises `HearthError`."""
        async with self._device.tabs.turn():
            # One tab after the other, so that the last one to sign in is the one whose cookie the browser holds.
            await self._server_sign_out.yield_control()
            account, master = await sign_in.sign_in(self._device, intent, await credentials, between)
            if self._screen.now.locked and account != self.current.account:
                self._page.clear()  # what it showed was another person's
            self.current.signed_in_at = round(self._device.now().timestamp() * 1000)
            signed_in = tab_messages.SignedIn(account=account, at=self.current.signed_in_at)
            self._device.tabs.tell(tab_messages.write(signed_in))
            return account, master

    async def _leave_session(self, session: Session, why: SessionOver | StorageLost | TakeServerState) -> None:
        """The session ends, and perhaps another one begins."""
        match why:
            case SessionOver(end):
                await self._sign_out.session_over(end)
            case StorageLost(by_tab):
                await self._sign_out.reopen(by_tab)
            case TakeServerState():
                await self.current.start_over(session)
            case _:
                assert_never(why)

    def put_away(self) -> None:
        """The browser puts the page away, perhaps for good: let go of everything at once. A reload begins anew."""
        self._away = True
        self._screen.put_away()
        self._device.tabs.close()
        self.current.drop()

    def show_account(self, view: AccountView) -> None:
        """Draw a form about the account."""
        self._screen.show(account=view)

    @property
    def keyring(self) -> Keyring | None:
        """The keys of who is signed in."""
        return self.current.session.parts.keyring if self.current.session else None

    @property
    def noted_ways(self) -> frozenset[str]:
        """The ways into the account that its devices noted."""
        return self.current.session.noted_ways if self.current.session else frozenset()

    async def note_ways(self, ways: frozenset[str]) -> None:
        """Note the ways into the account, for its other devices."""
        if self.current.session is not None:
            await self.current.session.note_ways(ways)

    async def _guarded(self, work: Any) -> None:
        """Nothing that fails may leave a blank page or stop the queue; no text of an error is logged."""
        try:
            await work
        except StorageError as error:
            await self._guarded(self.current.storage_failed(error))
        except Exception as error:  # noqa: BLE001 - nothing may stop the queue
            # The type says what broke; a message, or a traceback, could hold what the person wrote.
            log.error("unexpected %s", type(error).__name__)  # noqa: TRY400
            self.trouble(UNEXPECTED)

    def trouble(self, sentence: str) -> None:
        """Say what went wrong, on the sign-in form or in the status line."""
        if self.current.session is None:
            self._screen.show(phase=Phase.SIGNED_OUT, notice=sentence)
        else:
            self.current.session.parts.status.report(sentence)


async def _done(credentials: Credentials) -> Credentials:
    """What is there already, as something to wait for."""
    return credentials
