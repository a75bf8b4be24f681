"""One tab among the account's tabs: one of them owns the connection and the writes, the others follow it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.core.tabs.messages import Noted, OpenedElsewhere, Said, Standing, Stored, Unreadable
from hearth.core.view.model import Status
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.chats.repository import ChatRepository
from hearth.ports.device import Device
from hearth.ports.storage import Store

ASK_AGAIN_S = 1.0
"""How long a tab that follows waits for the owner's first answer before it asks again."""

SIGN_OF_LIFE_S = 5.0
"""How often a tab that follows, and is visible, asks the owner for a sign of life from then on."""

HUNG_S = 15.0
"""How long an owner may be silent: after as long Chromium says of a page that it does not respond."""


@dataclass(frozen=True, slots=True)
class BecameLeader:
    """The tab that owned the account has gone, or hangs, and this one is the next."""

    role: TabRole


@dataclass(frozen=True, slots=True)
class LostLeadership:
    """Another tab has taken the account, because this one had not answered."""

    role: TabRole


@dataclass(frozen=True, slots=True)
class HeartbeatDue:
    """It is time to ask the owner: in the queue, so that whoever hangs does not take another one to hang."""

    role: TabRole


RoleChange = BecameLeader | LostLeadership | HeartbeatDue
"""What becomes of a tab among the tabs; said with the company that it is about, since a session may have ended."""


class Patience:
    """How long the owner of the account has not answered. Times are of a clock that never goes back, in seconds."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._asked_at = 0.0

    def answered(self) -> None:
        """The owner lives."""
        self._since = None

    def asked(self, now: float) -> bool:
        """The owner is asked; whether it has been silent for too long by then.

        A tab that did not get to ask for a while, because the machine slept or the tab was hidden, begins anew: the
        owner may have slept, too.
        """
        if self._since is None or now - self._asked_at > 2 * SIGN_OF_LIFE_S:
            self._since = now
        self._asked_at = now
        return now - self._since >= HUNG_S


class TabRole:
    """Whether this tab owns its account, and what it says to the others; `post` is given every `Turn` of that.

    A tab that is `alone`, because what it stores no other can read, owns itself and tells the others nothing.
    """

    def __init__(self, device: Device, account: str, post: Callable[[RoleChange], None], alone: bool = False) -> None:
        self._device = device
        self._tabs = device.tabs
        self._account = account
        self._post = post
        self._alone = alone
        self._untold: str | None = None
        self._asking: asyncio.Task[None] | None = None
        self._patience = Patience()
        self._has_answered = False
        self.is_leader = False

    async def join(self) -> bool:
        """Ask for the account; whether this tab owns it at once. If not, it follows, and asks where things stand."""
        self.is_leader = self._alone or await self._tabs.claim(
            self._account, lambda: self._post(BecameLeader(self)), self._taken_away
        )
        if not self.is_leader:
            self._follow()
        return self.is_leader

    def heard(self) -> None:
        """The owner has said something: it lives."""
        self._patience.answered()

    def answered(self) -> None:
        """The owner has said where things stand."""
        self._has_answered = True

    def _follow(self) -> None:
        self._patience, self._has_answered = Patience(), False
        self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        """Ask until there is an answer, since the owner may be starting, or at its end; then for signs of life."""
        while True:
            if not self._has_answered or self._device.visible():
                self._post(HeartbeatDue(self))
            # Not at the same moment in each tab: one takes the account, and the others hear of it.
            life_s = SIGN_OF_LIFE_S * (0.9 + 0.1 * self._device.jitter())
            await asyncio.sleep(life_s if self._has_answered else ASK_AGAIN_S)

    def ask(self) -> None:
        """Ask the owner where things stand; take the account if it hangs: nothing new would be shown any more."""
        if self.is_leader:
            return
        self._tell(tab_messages.Ask(account=self._account))
        if self._patience.asked(self._device.monotonic()) and self._device.visible():
            self._patience = Patience()
            self._tabs.take()

    def _taken_away(self) -> None:
        self.is_leader = False  # At once: what waits in the queue, and what is half done, writes nothing more.
        self._post(LostLeadership(self))

    def displaced(self) -> None:
        """Another tab owns from now on: follow it."""
        self._stop_asking()
        self._follow()

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    def own(self) -> str | None:
        """The tab that owned is gone, and this one has its place. A chat that the server still has to hear of."""
        self.is_leader = True
        self._stop_asking()
        untold, self._untold = self._untold, None
        return untold

    def leave(self) -> None:
        """Neither own nor follow any longer."""
        self.is_leader = False
        self._stop_asking()
        if not self._alone:
            self._tabs.release()

    # --- said by the owner ---

    def tell_standing(self, status: Status, current: bool, warmed: bool) -> None:
        """Tell the others what this tab's status line says."""
        if self.is_leader:
            done, total = status.progress or (None, None)
            sentence = status.sentence[: tab_messages.MAX_SENTENCE_CHARS]
            self._tell(
                Standing(
                    account=self._account,
                    sentence=sentence,
                    tone=status.tone,
                    done=done,
                    total=total,
                    current=current,
                    warmed=warmed,
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

    def tell_noted(self, chat_id: str) -> None:
        """Tell the tab that opened a chat that the server hears of it."""
        self._tell(Noted(account=self._account, chat_id=chat_id))

    # --- said by a tab that follows ---

    def tell_opened(self, chat_id: str) -> None:
        """Have the owner tell the server what was opened here; kept until it has, whoever owns by then."""
        self._untold = chat_id
        self._tell(OpenedElsewhere(account=self._account, chat_id=chat_id))

    def tell_opened_again(self) -> None:
        """The owner is connected (again): say what it may have missed."""
        if self._untold is not None:
            self.tell_opened(self._untold)

    def noted(self, chat_id: str) -> None:
        """The owner has taken it over."""
        if self._untold == chat_id:
            self._untold = None

    def tell_unreadable(self, collection: Collection, record_id: str) -> None:
        """Have the owner ask the server for a record that did not open."""
        self._tell(Unreadable(account=self._account, collection=collection, record_id=record_id))

    def tell_wished(self) -> None:
        """Have the owner send what was chosen here."""
        self._tell(tab_messages.Wished(account=self._account))

    def _tell(self, said: Said) -> None:
        if not self._alone:
            self._tabs.tell(tab_messages.write(said))


class Follower:
    """What a tab that follows does with what the owner says: it reads the store again, and shows the owner's status."""

    def __init__(self, store: Store, repository: ChatRepository, controller: ChatController, show: Show) -> None:
        self._store = store
        self._repository = repository
        self._controller = controller
        self._show = show

    def standing(self, said: Standing) -> None:
        """Show what the owner's status line says."""
        self._repository.warmed = self._repository.warmed or said.warmed
        progress = None if said.done is None or said.total is None else (said.done, said.total)
        self._show(status=Status(said.sentence, said.tone, progress))

    async def stored(self, said: Stored) -> None:
        """Bring the list, the open chat and the settings in step with what the owner has written."""
        self._repository.complete |= set(said.complete)
        self._repository.partial = set((await self._store.sync_state()).partial)
        await self._repository.reread(said.chats)
        if Collection.SETTINGS_AND_MEMORIES in said.collections:
            self._controller.settings_here = True
        changed = set(said.chats)
        if said.again and self._controller.chosen:
            changed.add(self._controller.chosen)
        await self._controller.refresh(changed, set(said.complete), set(said.collections))

    async def reread(self) -> None:
        """Bring everything in step: what the last owner wrote at its end it may not have told."""
        await self._repository.reread()
        chosen = {self._controller.chosen} if self._controller.chosen else set()
        await self._controller.refresh(chosen, set(), set(Collection))

    async def first_choice(self) -> str | None:
        """The chat to show when none is: the one opened last, if it is here."""
        if self._controller.chosen is not None or self._controller.by_hand:
            return None
        last = (await self._store.sync_state()).last_opened
        return last if last in self._repository.chats else None
