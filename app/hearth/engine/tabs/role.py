"""One tab among the account's tabs: one of them leads, with the connection and the writes; the others follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.core.tabs.messages import LeaderStatus, OpenedElsewhere, OpeningRecorded, Said, Stored, Unreadable
from hearth.core.view.screen import Status
from hearth.engine.queue_items import BecameLeader, HeartbeatDue, LostLeadership, RoleChange
from hearth.engine.tabs.leader_watchdog import SIGN_OF_LIFE_S, LeaderWatchdog
from hearth.ports.device import Device

ASK_AGAIN_S = 1.0
"""How long a tab that follows waits for the leader's first answer before it asks again."""


class TabRole:
    """Whether this tab leads its account, and what it says to the others; each change of role is posted.

    A tab that is `alone`, because what it stores no other can read, leads itself and tells the others nothing.
    """

    def __init__(self, device: Device, account: str, post: Callable[[RoleChange], None], alone: bool = False) -> None:
        self._device = device
        self._tabs = device.tabs
        self._account = account
        self._post = post
        self._alone = alone
        self._unreported: str | None = None
        self._asking: asyncio.Task[None] | None = None
        self._watchdog = LeaderWatchdog()
        self._has_answered = False
        self.is_leader = False

    async def join(self) -> bool:
        """Ask for the lead; whether this tab has it at once. If not, it follows, and asks where things stand."""
        self.is_leader = self._alone or await self._tabs.claim(
            self._account, lambda: self._post(BecameLeader(self)), self._lost
        )
        if not self.is_leader:
            self._follow()
        return self.is_leader

    def heard(self) -> None:
        """The leader has said something: it lives."""
        self._watchdog.answered()

    def answered(self) -> None:
        """The leader has said where things stand."""
        self._has_answered = True

    def _follow(self) -> None:
        self._watchdog, self._has_answered = LeaderWatchdog(), False
        self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        """Ask until there is an answer, since the leader may be starting, or at its end; then for signs of life."""
        while True:
            if not self._has_answered or self._device.visible():
                self._post(HeartbeatDue(self))
            # Not at the same moment in each tab: one takes the lead, and the others hear of it.
            life_s = SIGN_OF_LIFE_S * (0.9 + 0.1 * self._device.jitter())
            await asyncio.sleep(life_s if self._has_answered else ASK_AGAIN_S)

    def ask(self) -> None:
        """Ask the leader where things stand; take the lead if it hangs: nothing new would be shown any more."""
        if self.is_leader:
            return
        self._tell(tab_messages.Ask(account=self._account))
        if self._watchdog.asked(self._device.monotonic()) and self._device.visible():
            self._watchdog = LeaderWatchdog()
            self._tabs.take()

    def _lost(self) -> None:
        self.is_leader = False  # At once: what waits in the queue, and what is half done, writes nothing more.
        self._post(LostLeadership(self))

    def follow(self) -> None:
        """Another tab leads from now on: follow it."""
        self._stop_asking()
        self._follow()

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def lead(self) -> str | None:
        """Lead from now on. Answers a chat that the server still has to be told of as opened, or None."""
        self.is_leader = True
        self._stop_asking()
        unreported, self._unreported = self._unreported, None
        return unreported

    def leave(self) -> None:
        """Neither lead nor follow any longer."""
        self.is_leader = False
        self._stop_asking()
        if not self._alone:
            self._tabs.release()

    # --- said by the leader ---

    def tell_standing(self, status: Status, current: bool, warmed: bool) -> None:
        """Tell the others what this tab's status line says."""
        if self.is_leader:
            done, total = status.progress or (None, None)
            sentence = status.sentence[: tab_messages.MAX_SENTENCE_CHARS]
            self._tell(
                LeaderStatus(
                    account=self._account,
                    sentence=sentence,
                    tone=status.tone,
                    done=done,
                    total=total,
                    current=current,
                    warmed=warmed,
                    differs=status.differs,
                )
            )

    def tell_stored(
        self, chats: Iterable[str], complete: Iterable[str], collections: Iterable[Collection], again: bool
    ) -> None:
        """Tell the others what is stored now, so that they read it."""
        if self.is_leader:
            self._tell(
                Stored(
                    account=self._account,
                    chats=tuple(chats),
                    complete=tuple(complete),
                    collections=tuple(collections),
                    again=again,
                )
            )

    def tell_started_over(self) -> None:
        """Tell the others that what came from the server was removed."""
        self._tell(tab_messages.StartedOver(account=self._account))

    def tell_noted(self, chat_id: str) -> None:
        """Tell the tab that opened a chat that the server hears of it."""
        self._tell(OpeningRecorded(account=self._account, chat_id=chat_id))

    def tell_not_found(self, chat_id: str) -> None:
        """Tell the tab that wants a chat that the server does not have it."""
        self._tell(tab_messages.NotFound(account=self._account, chat_id=chat_id))

    # --- said by a tab that follows ---

    def tell_opened(self, chat_id: str) -> None:
        """Have the leader tell the server what was opened here; kept until it has, whoever leads by then."""
        self._unreported = chat_id
        self._tell(OpenedElsewhere(account=self._account, chat_id=chat_id))

    def tell_opened_again(self) -> None:
        """The leader is connected (again): say what it may have missed."""
        if self._unreported is not None:
            self.tell_opened(self._unreported)

    def noted(self, chat_id: str) -> None:
        """The leader has recorded it."""
        if self._unreported == chat_id:
            self._unreported = None

    def tell_unreadable(self, collection: Collection, record_id: str) -> None:
        """Have the leader ask the server for a record that did not open."""
        self._tell(Unreadable(account=self._account, collection=collection, record_id=record_id))

    def tell_list_older(self) -> None:
        """Have the leader list older chats."""
        self._tell(tab_messages.OlderWanted(account=self._account))

    def tell_take_over(self) -> None:
        """Have the leader take over the server's state."""
        self._tell(tab_messages.TakeOverWanted(account=self._account))

    # --- said by any ---

    def tell_outbox(self) -> None:
        """Tell the others that the outbox has changed."""
        self._tell(tab_messages.OutboxChanged(account=self._account))

    def _tell(self, said: Said) -> None:
        if not self._alone:
            self._tabs.tell(tab_messages.write(said))
