"""What a mutation goes through on this device: made, stored in the outbox, shown, and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hearth.core.errors import QuotaExceeded, StorageError
from hearth.core.outbox.mutation import Act, Mutation
from hearth.engine.chats.controller import ChatController
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.composer import ComposerController
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.sender import OutboxSender

NO_ROOM = "This device has no room left. The message was not sent; it stays in the box."
NOT_STORED = "The message could not be stored on this device, so it was not sent; it stays in the box."


class Mutations:
    """Makes mutations and keeps them; `new_id` makes the ids of records and mutations."""

    def __init__(
        self,
        outbox: Outbox,
        clock: WritingClock,
        composer: ComposerController,
        sender: OutboxSender,
        controller: ChatController,
        role: TabRole,
        new_id: Callable[[], str],
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._composer = composer
        self._sender = sender
        self._controller = controller
        self._role = role
        self.new_id = new_id

    def make(self, act: Act, chat_id: str, at: int, **values: Any) -> Mutation:
        """A mutation with an id of its own; `at` is the moment, `values` are the fields of `Mutation`."""
        return Mutation(id=self.new_id(), at=at, act=act, chat_id=chat_id, **values)

    async def do(self, mutation: Mutation) -> None:
        """Keep a mutation, show what it changes, and send it."""
        if await self.keep(mutation.chat_id, [mutation], []):
            self.changed()
            await self._sender.push()

    async def keep(
        self, chat_id: str, put: list[Mutation], remove: list[Mutation], not_stored: str = NOT_STORED
    ) -> bool:
        """Change the outbox; say at the box why, where it cannot be stored."""
        try:
            await self._outbox.change(put, remove)
        except QuotaExceeded:
            self._composer.report(chat_id, NO_ROOM if not_stored is NOT_STORED else not_stored)
        except StorageError:
            self._composer.report(chat_id, not_stored)
        else:
            return True
        return False

    def changed(self) -> None:
        """The outbox is another: the page and the other tabs follow."""
        self._controller.redraw()
        self._role.tell_outbox()
