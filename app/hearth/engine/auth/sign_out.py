"""How a session ends for good: told to the other tabs and the server, wiped from this device, and looked for again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hearth.core.errors import StorageError
from hearth.core.protocol.server_events import SessionEnd
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.screen import Phase, Screen
from hearth.core.view.unsent_text import lost_text
from hearth.engine.auth.notices import ANOTHER_ACCOUNT, SESSION_OVER, STORAGE_CLEARED
from hearth.engine.auth.server_sign_out import NOT_TOLD, ServerSignOut
from hearth.engine.auth.wipe import GONE_NOW, STILL_OPEN, wipe
from hearth.engine.current_session import CurrentSession
from hearth.engine.queue_items import Wiped
from hearth.engine.screen_state import ScreenState
from hearth.engine.session import EVICTED, REMOVED_BY_TAB, Session
from hearth.engine.work_queue import Item
from hearth.ports.device import Device
from hearth.ports.page import Page


class SignOutFlow:
    """The ways out, whoever took them."""

    def __init__(
        self,
        device: Device,
        page: Page,
        screen: ScreenState,
        current: CurrentSession,
        server_sign_out: ServerSignOut,
        post: Callable[[Item], None],
    ) -> None:
        self._device = device
        self._page = page
        self._screen = screen
        self._current = current
        self._server_sign_out = server_sign_out
        self._post = post
        self._finishing: asyncio.Task[None] | None = None
        self._reports: str | None = None
        """The account whose wipe is to be reported once it is finished: its session was revoked."""

    def cancel(self) -> None:
        """Somebody signs in: do not wait for other tabs any longer."""
        if self._finishing is not None:
            self._finishing.cancel()

    async def reopen(self, by_tab: bool) -> None:
        """Storage was taken away while the person is signed in: begin again with what is there now."""
        kept = await self._device.key_store.recall()
        if kept is None:
            await self.end(STORAGE_CLEARED)
        elif kept[0] != self._current.account:
            await self.end(ANOTHER_ACCOUNT)
        else:
            await self._current.begin_again(REMOVED_BY_TAB if by_tab else EVICTED)

    async def leave(self, session: Session, *, lose: bool) -> None:
        """The person wants to sign out; where something is not sent they are asked first."""
        if session.parts.outbox.unsent and not lose:
            self._screen.show(leaving=True)
        else:
            await self.sign_out()

    async def session_over(self, end: SessionEnd) -> None:
        """The server has ended the session: what somebody wished wipes, what merely happened locks, in every tab."""
        if end is SessionEnd.REVOKED:
            self._tell_signed_out(over=True)
            unsent = self._current.session.parts.outbox.unsent if self._current.session else 0
            await self.end(SESSION_OVER + lost_text(unsent), revoked=True)
        elif self._current.account is not None:
            self._device.tabs.tell(tab_messages.write(tab_messages.SessionLocked(account=self._current.account)))
            await self._current.lock()

    async def sign_out(self) -> None:
        """Sign out, and tell the other tabs."""
        self._tell_signed_out(over=False)
        await self.end("", user_initiated=True)

    def _tell_signed_out(self, over: bool) -> None:
        if self._current.account is not None:
            self._device.tabs.tell(tab_messages.write(tab_messages.SignedOut(account=self._current.account, over=over)))

    async def end(self, notice: str, user_initiated: bool = False, revoked: bool = False) -> None:
        """Sign out: connection closed, keys dropped, page cleared, storage deleted and looked for again.

        What the person did wipes everything and tells the server; what happened elsewhere wipes this account,
        since another one may be signed in by now. The tab that heard that the session was `revoked` reports the end of
        the wipe.
        """
        account = self._current.account
        self._page.clear()
        self._screen.draw(Screen(phase=Phase.SIGNING_OUT))
        if user_initiated:
            self._server_sign_out.owe()
        if account is not None:
            self._device.key_store.begin_wipe(account)
        if user_initiated:
            self._server_sign_out.say()
        await self._current.end()
        self._current.forget()
        of = None if user_initiated else account
        wiped = await wipe(self._device, of, in_use=user_initiated)
        if wiped and user_initiated and not await self._server_sign_out.settled():
            notice = notice or NOT_TOLD
        self._reports = account if revoked else None
        self._screen.show_sign_in(notice if wiped else STILL_OPEN)
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
            self._post(Wiped())

    def wiped(self) -> None:
        """What another tab had held on to is deleted, too."""
        if self._screen.now.phase is Phase.SIGNED_OUT:
            self._device.key_store.end_wipe()
            self._screen.show(notice=GONE_NOW)
            self._gone()
