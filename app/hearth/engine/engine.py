"""The engine: takes intents, frames and timers out of one queue, in order, and has them carried out.

What arrives while something is being done waits in the queue, the person's intents before the network's frames. Beside
it run, as tasks of their own: the search (which only reads), the search index, and the requests of a connection.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, assert_never

from hearth.core.errors import HearthError, StorageError
from hearth.core.protocol.server_events import SessionEnd
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.account import AccountView
from hearth.core.view.screen import Phase, Screen
from hearth.core.view.unsent_text import lost_text
from hearth.engine.auth import kept_key, sign_in
from hearth.engine.auth.account_forms import AccountForms
from hearth.engine.auth.sign_out import NOT_TOLD, ServerSignOut
from hearth.engine.auth.warm_up import Rehearsal
from hearth.engine.chats.controller import ChatController
from hearth.engine.drawing import Drawing
from hearth.engine.eager_task import EagerTask
from hearth.engine.intents.account import AccountIntent, SignIn, SignOut, TakeServerState
from hearth.engine.intents.intent import SessionIntent
from hearth.engine.intents.search import EndSearch, ForgetSearches, RememberSearch, Search, SearchIntent, SearchMore
from hearth.engine.queue_items import EverythingSent, KeepView, SessionOver, StorageLost, TabMessage, Wiped
from hearth.engine.session import EVICTED, REMOVED_BY_TAB, Session
from hearth.engine.session_parts import SessionParts
from hearth.engine.storage.fallback import StoreSelector
from hearth.engine.work_queue import Item, WorkQueue
from hearth.ports.device import Device
from hearth.ports.keys import Credentials, Key, Keyring, LockNote
from hearth.ports.page import Page

log = logging.getLogger("hearth")

SIGNED_OUT_ELSEWHERE = "You signed out in another tab."
ANOTHER_ACCOUNT = "Somebody signed in with another account in another tab, so you were signed out in this one."
SESSION_OVER = "Your session has ended. Sign in again; nothing is left on this device."
LOCKED = "Your session has ended. Sign in again to go on where you were."
STORAGE_CLEARED = "What Hearth had stored on this device was cleared. Sign in again."
UNEXPECTED = "Something went wrong in Hearth. Reload the page; your chats are safe on the server."


class Engine:
    """Drives the page from the first moment to the last; `run` never returns.

    `leaving` is the account that was signed out before Python was there.
    """

    def __init__(self, device: Device, page: Page, leaving: str | None = None) -> None:
        self._device = device
        self._page = page
        self._drawing = Drawing(page)
        self._queue = WorkQueue()
        self._session: Session | None = None
        self._account = leaving
        self._left: str | None = None
        self._signed_in_at = 0
        self._away = False
        self._server_sign_out = ServerSignOut(device)
        self._finishing: asyncio.Task[None] | None = None
        self._reports: str | None = None
        """The account whose wipe is to be reported once it is finished: its session was revoked."""
        self._master: Key | None = None
        self._store_selector = StoreSelector(device)
        self._account_forms = AccountForms(device, self)
        self._rehearsal = Rehearsal(device)

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
        if self._account is not None:
            await self._sign_out()
            return
        interrupted = self._device.key_store.wiping
        found = await kept_key.find(self._device.key_store)
        if found.master is not None:
            self._server_sign_out.call_off()
            await self._enter(*found.master)
        elif found.note is not None:
            self._account = found.note.account
            self._show_locked(found.note)
            await self._device.key_store.tidy()
        elif found.is_used_elsewhere:
            self._show_sign_in(sign_in.IN_ANOTHER_TAB)
        else:
            gone = sign_in.HALF_GONE if self._device.key_store.lost else ""
            if_left = sign_in.STILL_OPEN if interrupted else sign_in.IN_ANOTHER_TAB
            wiped = await sign_in.wipe(self._device, in_use=interrupted)
            self._server_sign_out.say_again(wiped)
            self._show_sign_in(gone if wiped else if_left)

    async def _serve(self, item: Item) -> None:
        if self._away or self._is_outdated(item):
            return  # What comes now is for the page after the reload.
        session = self._session
        match item:
            case SignIn():
                await self._sign_in(item)
            case TabMessage(text):
                await self._heard(text)
            case Wiped():
                self._wiped()
            case SignOut() if self._screen.locked:
                await self._sign_out()
            case _ if isinstance(item, AccountIntent):
                await self._account_forms.do(item, self._account if session else None)
            case _ if session is None:
                pass  # It belongs to a session that has ended.
            case SignOut() | EverythingSent():
                await self._leave(session, lose=isinstance(item, EverythingSent) or item.lose)
            case SessionOver() | StorageLost() | TakeServerState():
                await self._leave_session(session, item)
            case _ if isinstance(item, SessionIntent):
                await session.dispatcher.do(item)
            case _ if not isinstance(item, SearchIntent):
                await session.dispatcher.take(item)

    def _is_outdated(self, item: Item) -> bool:
        """Whether it is a view of a screen that shows something else by now."""
        return isinstance(item, KeepView) and not item.is_of(self._screen)

    def _search(self, intent: SearchIntent) -> None:
        """Begin, widen or end a search at once: it waits for nothing that is in the queue."""
        if self._session is None:
            return
        match intent:
            case Search(text):
                self._session.parts.search.type(text)
            case SearchMore():
                self._session.parts.search.more()
            case EndSearch():
                self._session.parts.search.end()
            case RememberSearch():
                self._session.parts.search.remember()
            case ForgetSearches():
                self._session.parts.search.forget()

    async def _sign_in(self, intent: SignIn) -> None:
        if self._session is not None:
            return
        if self._finishing is not None:
            self._finishing.cancel()
        self._show(phase=Phase.SIGNING_IN, notice="", email=intent.email)
        try:
            async with sign_in.deriving(self._device, intent) as credentials:
                self._rehearsal.begin()
                account, master = await self._prove(intent, credentials.result())
        except HearthError as error:
            self._show(phase=Phase.SIGNED_OUT, notice=str(error))
            return
        self._device.mark("signed-in")
        await self._enter(account, master)
        self._signed_in()
        self._account_forms.raise_cost(account, intent, await credentials.result())

    def _signed_in(self) -> None:
        if self._session is not None:
            self._session.parts.devices.name_soon()

    async def enter_with(
        self, intent: SignIn, credentials: Credentials, between: sign_in.Between | None = None
    ) -> None:
        """Sign in with credentials that are there already. Raises `HearthError`."""
        self._device.key_store.prepare()
        account, master = await self._prove(intent, _done(credentials), between)
        self._device.mark("signed-in")
        self._show(account=AccountView(), notice="")
        await self._enter(account, master)
        self._signed_in()

    async def _prove(
        self, intent: SignIn, credentials: Awaitable[Credentials], between: sign_in.Between | None = None
    ) -> tuple[str, Key]:
        """Sign in at the server and tell the other tabs. Raises `HearthError`."""
        async with self._device.tabs.turn():
            # One tab after the other, so that the last one to sign in is the one whose cookie the browser holds.
            await self._server_sign_out.yield_control()
            account, master = await sign_in.sign_in(self._device, intent, await credentials, between)
            if self._screen.locked and account != self._account:
                self._page.clear()  # what it showed was another person's
            self._signed_in_at = round(self._device.now().timestamp() * 1000)
            self._device.tabs.tell(tab_messages.write(tab_messages.SignedIn(account=account, at=self._signed_in_at)))
            return account, master

    async def _enter(
        self, account: str, master: Key, before: ChatController | None = None, if_empty: str = EVICTED
    ) -> None:
        self._account, self._master = account, master
        # Whose storage is there when ours was taken away has signed in after us: that is left alone.
        others = EagerTask(sign_in.wipe_others(self._device, account)) if before is None else None
        was_shown = before is None and self._page.shows_chat()
        try:
            store, in_memory = await self._store_selector.open(account, lambda by_tab: self.post(StorageLost(by_tab)))
            keyring = self._device.keyring(account, master)
            parts = SessionParts(
                self._device, account, store, keyring, self.post, self._show, self._drawing.together, in_memory
            )
            self._session = Session(parts)
            if before is not None:
                self._session.parts.controller.resume(before)
            elif was_shown:
                self._session.parts.controller.was_shown()
            # The connection opens meanwhile; what it brings waits in the queue until the device's own is shown.
            await self._session.start(self._page.showed())
            self._show(phase=Phase.SIGNED_IN, locked=False)
        finally:
            alone = others is None or await others.result()  # nothing is shown, and nothing stored, before that
        await self._session.restore(if_empty, drafts_first=was_shown)
        if not alone and not in_memory:  # of storage that does not open nothing can be said
            self._session.parts.status.report(sign_in.OTHERS_LEFT)

    async def _reopen(self, by_tab: bool) -> None:
        """Storage was taken away while the person is signed in: begin again with what is there now."""
        kept = await self._device.key_store.recall()
        if kept is None:
            await self._end(STORAGE_CLEARED)
        elif kept[0] != self._account:
            await self._end(ANOTHER_ACCOUNT)
        else:
            await self._begin_again(REMOVED_BY_TAB if by_tab else EVICTED)

    async def _leave_session(self, session: Session, why: SessionOver | StorageLost | TakeServerState) -> None:
        """The session ends, and perhaps another one begins."""
        match why:
            case SessionOver(end):
                await self._session_over(end)
            case StorageLost(by_tab):
                await self._reopen(by_tab)
            case TakeServerState():
                await self._take_server_state(session)
            case _:
                assert_never(why)

    async def _take_server_state(self, session: Session) -> None:
        """Give up what this device has seen beyond what the server has, and begin anew with that."""
        if await session.start_over():
            await self._begin_again("")

    async def _storage_failed(self, error: StorageError) -> None:
        """Storage does not do its work: open it anew, once, then go on in memory."""
        if self._session is None:
            self._show(phase=Phase.SIGNED_OUT, notice=str(error))
            return
        self._store_selector.failed(error)
        await self._begin_again()

    async def _begin_again(self, if_empty: str = EVICTED) -> None:
        """A new session of the same person, who notices nothing but what the status line says."""
        if self._session is None or self._account is None or self._master is None:
            return
        before = self._session.parts.controller
        await self._end_visit()
        self._queue.drop_session()
        await self._enter(self._account, self._master, before, if_empty)

    async def _heard(self, text: str) -> None:
        """Another tab signed out, signed somebody else in, or says what the account's tabs say to each other."""
        said = tab_messages.read(text)
        if said is None:
            return
        if self._session is None and not self._screen.locked:
            if (
                isinstance(said, tab_messages.SignedIn)
                and self._screen.notice.startswith(SESSION_OVER)
                and said.account != self._left
            ):
                self._show(notice=ANOTHER_ACCOUNT)  # The server ended the session for that: now it can be explained.
            return
        if said.account != self._account:
            if isinstance(said, tab_messages.SignedIn) and said.at >= self._signed_in_at:
                await self._end(ANOTHER_ACCOUNT)
        elif isinstance(said, tab_messages.SignedOut):
            await self._end(SESSION_OVER if said.over else SIGNED_OUT_ELSEWHERE)
        elif self._session is None:
            if isinstance(said, tab_messages.SignedIn):
                await self._unlock()
        elif isinstance(said, tab_messages.SessionLocked):
            await self._lock()
        elif isinstance(said, tab_messages.StartedOver):
            await self._begin_again("")
        elif isinstance(said, tab_messages.TakeOverWanted) and self._session.parts.role.is_leader:
            await self._take_server_state(self._session)
        else:
            await self._session.parts.tabs.heard(said)

    async def _leave(self, session: Session, *, lose: bool) -> None:
        """The person wants to sign out; where something is not sent they are asked first."""
        if session.parts.outbox.unsent and not lose:
            self._show(leaving=True)
        else:
            await self._sign_out()

    async def _session_over(self, end: SessionEnd) -> None:
        """The server has ended the session: what somebody wished wipes, what merely happened locks, in every tab."""
        if end is SessionEnd.REVOKED:
            self._tell_signed_out(over=True)
            unsent = self._session.parts.outbox.unsent if self._session else 0
            await self._end(SESSION_OVER + lost_text(unsent), revoked=True)
        elif self._account is not None:
            self._device.tabs.tell(tab_messages.write(tab_messages.SessionLocked(account=self._account)))
            await self._lock()

    async def _lock(self) -> None:
        """Hide everything and drop the keys; what is stored stays sealed until its person signs in again."""
        account = self._account
        if account is None:
            return
        self._page.hide()
        self._draw(Screen(phase=Phase.LOCKING))
        await self._end_visit()
        self._queue.drop_session()
        self._master, self._store_selector = None, StoreSelector(self._device)
        await self._device.key_store.lock(account)
        self._show_locked(await self._device.key_store.locked() or LockNote(account))
        self._device.mark("locked")

    async def _unlock(self) -> None:
        """The same person signed in again in another tab: go on here, too, with the key that it keeps or hands over."""
        key_store = self._device.key_store
        kept = await key_store.recall()
        if kept is None and await key_store.ask_tabs():
            kept = await key_store.recall()
        if kept is not None and kept[0] == self._account:
            await self._enter(*kept)

    async def _sign_out(self) -> None:
        """Sign out, and tell the other tabs."""
        self._tell_signed_out(over=False)
        await self._end("", user_initiated=True)

    def _tell_signed_out(self, over: bool) -> None:
        if self._account is not None:
            self._device.tabs.tell(tab_messages.write(tab_messages.SignedOut(account=self._account, over=over)))

    async def _end(self, notice: str, user_initiated: bool = False, revoked: bool = False) -> None:
        """Sign out: connection closed, keys dropped, page cleared, storage deleted and looked for again.

        What the person did wipes everything and tells the server; what happened elsewhere wipes this account,
        since another one may be signed in by now. The tab that heard that the session was `revoked` reports the end of
        the wipe.
        """
        account = self._account
        self._page.clear()
        self._draw(Screen(phase=Phase.SIGNING_OUT))
        if user_initiated:
            self._server_sign_out.owe()
        if account is not None:
            self._device.key_store.begin_wipe(account)
        if user_initiated:
            self._server_sign_out.say()
        await self._end_visit()
        self._left, self._account, self._master = account, None, None
        self._store_selector = StoreSelector(self._device)
        of = None if user_initiated else account
        wiped = await sign_in.wipe(self._device, of, in_use=user_initiated)
        if wiped and user_initiated and not await self._server_sign_out.settled():
            notice = notice or NOT_TOLD
        self._reports = account if revoked else None
        self._show_sign_in(notice if wiped else sign_in.STILL_OPEN)
        if wiped:
            self._gone()
        else:
            self._finishing = asyncio.get_running_loop().create_task(self._finish_wipe(of))

    def _gone(self) -> None:
        """Nothing is left on this device of what was to be deleted."""
        self._device.mark("signed-out")
        if self._reports is not None:
            self._server_sign_out.report(self._reports)
            self._reports = None

    async def _finish_wipe(self, of: str | None) -> None:
        """Another tab holds on to something: it goes as soon as that tab lets go."""
        try:
            left = await self._device.wipe_stores(of) or await self._device.key_store.forget(of, in_use=of is None)
        except StorageError:
            return  # The next start goes on with it.
        if not left:
            self.post(Wiped())

    def _wiped(self) -> None:
        if self._screen.phase is Phase.SIGNED_OUT:
            self._device.key_store.end_wipe()
            self._show(notice=sign_in.GONE_NOW)
            self._gone()

    async def _end_visit(self) -> None:
        session, self._session = self._session, None
        self._account_forms.end()
        if session is None:
            return
        try:
            await session.end()
        except Exception as error:  # noqa: BLE001 - whatever fails here, the wipe goes on
            log.error("unexpected %s", type(error).__name__)  # noqa: TRY400

    def put_away(self) -> None:
        """The browser puts the page away, perhaps for good: let go of everything at once. A reload begins anew."""
        self._away = True
        session, self._session = self._session, None
        self._account = self._master = None
        self._drawing.screen = Screen()
        self._device.tabs.close()
        if session is not None:
            session.drop()

    def _show_locked(self, note: LockNote) -> None:
        self._draw(Screen(phase=Phase.SIGNED_OUT, notice=LOCKED, locked=True, email=note.email, stay=note.stay))
        self._rehearsal.begin_soon()

    def _show_sign_in(self, notice: str) -> None:
        self._draw(Screen(phase=Phase.SIGNED_OUT, notice=notice))
        self._rehearsal.begin_soon()

    def show_account(self, view: AccountView) -> None:
        """Draw a form about the account."""
        self._show(account=view)

    @property
    def keyring(self) -> Keyring | None:
        """The keys of who is signed in."""
        return self._session.parts.keyring if self._session else None

    @property
    def noted_ways(self) -> frozenset[str]:
        """The ways into the account that its devices noted."""
        return self._session.noted_ways if self._session else frozenset()

    async def note_ways(self, ways: frozenset[str]) -> None:
        """Note the ways into the account, for its other devices."""
        if self._session is not None:
            await self._session.note_ways(ways)

    @property
    def _screen(self) -> Screen:
        return self._drawing.screen

    def _show(self, **parts: Any) -> None:
        if not self._away:
            self._drawing.show(**parts)

    def _draw(self, screen: Screen) -> None:
        if not self._away:
            self._drawing.draw(screen)

    async def _guarded(self, work: Any) -> None:
        """Nothing that fails may leave a blank page or stop the queue; no text of an error is logged."""
        try:
            await work
        except StorageError as error:
            await self._guarded(self._storage_failed(error))
        except Exception as error:  # noqa: BLE001 - nothing may stop the queue
            # The type says what broke; a message, or a traceback, could hold what the person wrote.
            log.error("unexpected %s", type(error).__name__)  # noqa: TRY400
            self.trouble(UNEXPECTED)

    def trouble(self, sentence: str) -> None:
        """Say what went wrong, on the sign-in form or in the status line."""
        if self._session is None:
            self._show(phase=Phase.SIGNED_OUT, notice=sentence)
        else:
            self._session.parts.status.report(sentence)


async def _done(credentials: Credentials) -> Credentials:
    """What is there already, as something to wait for."""
    return credentials
