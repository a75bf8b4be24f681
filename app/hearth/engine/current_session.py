"""The session of whoever is signed in: begun, begun again where storage was lost, locked, and ended."""

from __future__ import annotations

import logging
from collections.abc import Callable

from hearth.core.errors import StorageError
from hearth.core.view.screen import Phase, Screen
from hearth.engine.auth.wipe import OTHERS_LEFT, wipe_others
from hearth.engine.chats.controller import ChatController
from hearth.engine.eager_task import EagerTask
from hearth.engine.queue_items import StorageLost
from hearth.engine.screen_state import ScreenState
from hearth.engine.session import EVICTED, Session
from hearth.engine.session_parts import SessionParts
from hearth.engine.storage.fallback import StoreSelector
from hearth.engine.work_queue import WorkQueue
from hearth.ports.device import Device
from hearth.ports.keys import Key, LockNote
from hearth.ports.page import Page

log = logging.getLogger("hearth")


class CurrentSession:
    """The account, its key and its session; `on_end` hears that the session ends.

    `account` is the one that was signed out before Python was there.
    """

    def __init__(
        self,
        device: Device,
        page: Page,
        screen: ScreenState,
        queue: WorkQueue,
        on_end: Callable[[], None],
        account: str | None,
    ) -> None:
        self._device = device
        self._page = page
        self._screen = screen
        self._queue = queue
        self._post = queue.put
        self._on_end = on_end
        self.account = account
        self.left: str | None = None
        """The account that was signed out last."""
        self.master: Key | None = None
        self.session: Session | None = None
        self.signed_in_at = 0
        """When the person signed in here, in ms since 1970; 0 if they did not."""
        self._store_selector = StoreSelector(device)

    async def enter(
        self, account: str, master: Key, before: ChatController | None = None, if_empty: str = EVICTED
    ) -> None:
        """Begin a session of an account with its key, after the session `before` if there was one.

        `if_empty` says what became of what had been stored.
        """
        self.account, self.master = account, master
        # Whose storage is there when ours was taken away has signed in after us: that is left alone.
        others = EagerTask(wipe_others(self._device, account)) if before is None else None
        was_shown = before is None and self._page.shows_chat()
        try:
            store, in_memory = await self._store_selector.open(account, lambda by_tab: self._post(StorageLost(by_tab)))
            keyring = self._device.keyring(account, master)
            parts = SessionParts(
                self._device, account, store, keyring, self._post, self._screen.show, self._screen.together, in_memory
            )
            self.session = Session(parts)
            if before is not None:
                self.session.parts.controller.resume(before)
            elif was_shown:
                self.session.parts.controller.was_shown()
            # The connection opens meanwhile; what it brings waits in the queue until the device's own is shown.
            await self.session.start(self._page.showed())
            self._screen.show(phase=Phase.SIGNED_IN, locked=False)
        finally:
            alone = others is None or await others.result()  # nothing is shown, and nothing stored, before that
        await self.session.restore(if_empty, drafts_first=was_shown)
        if not alone and not in_memory:  # of storage that does not open nothing can be said
            self.session.parts.status.report(OTHERS_LEFT)

    async def start_over(self, session: Session) -> None:
        """Give up what this device has seen beyond what the server has, and begin anew with that."""
        if await session.start_over():
            await self.begin_again("")

    async def storage_failed(self, error: StorageError) -> None:
        """Storage does not do its work: open it anew, once, then go on in memory."""
        if self.session is None:
            self._screen.show(phase=Phase.SIGNED_OUT, notice=str(error))
            return
        self._store_selector.failed(error)
        await self.begin_again()

    async def begin_again(self, if_empty: str = EVICTED) -> None:
        """A new session of the same person, who notices nothing but what the status line says."""
        if self.session is None or self.account is None or self.master is None:
            return
        before = self.session.parts.controller
        await self.end()
        self._queue.drop_session()
        await self.enter(self.account, self.master, before, if_empty)

    async def lock(self) -> None:
        """Hide everything and drop the keys; what is stored stays sealed until its person signs in again."""
        account = self.account
        if account is None:
            return
        self._page.hide()
        self._screen.draw(Screen(phase=Phase.LOCKING))
        await self.end()
        self._queue.drop_session()
        self.master, self._store_selector = None, StoreSelector(self._device)
        await self._device.key_store.lock(account)
        self._screen.show_locked(await self._device.key_store.locked() or LockNote(account))
        self._device.mark("locked")

    async def unlock(self) -> None:
        """The same person signed in again in another tab: go on here, too, with the key that it keeps or hands over."""
        key_store = self._device.key_store
        kept = await key_store.recall()
        if kept is None and await key_store.ask_tabs():
            kept = await key_store.recall()
        if kept is not None and kept[0] == self.account:
            await self.enter(*kept)

    async def end(self) -> None:
        """End the session, whatever fails in it."""
        session, self.session = self.session, None
        self._on_end()
        if session is None:
            return
        try:
            await session.end()
        except Exception as error:  # noqa: BLE001 - whatever fails here, the wipe goes on
            log.error("unexpected %s", type(error).__name__)  # noqa: TRY400

    def forget(self) -> None:
        """Nobody is signed in any longer."""
        self.left, self.account, self.master = self.account, None, None
        self._store_selector = StoreSelector(self._device)

    def drop(self) -> None:
        """End at once, where nothing can be waited for."""
        session, self.session = self.session, None
        self.account = self.master = None
        if session is not None:
            session.drop()
