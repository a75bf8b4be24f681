"""Keeps an answer in the outbox: as far as it has come while it comes, and in the end as a message to be sent.

What is kept of an answer half-way is marked as interrupted, so that nothing has to be done when the page is killed: it
becomes a message as it is once its time is over, and the tab that receives it puts that off for as long as it lives.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from hearth.core.errors import StorageError
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.new_message import new_message
from hearth.core.records.schema import INTERRUPTED, Collection
from hearth.core.view.assistant_text import NO_KEY, NOT_STORED
from hearth.engine.assistant.answer import Answer
from hearth.engine.new_id import new_id
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.outbox import Outbox
from hearth.engine.writing.stored_message import stored_message
from hearth.ports.keys import Keyring
from hearth.ports.storage import Position, Store

LEASE_S = 20.0
"""So long after it was kept last, an answer whose tab says nothing more counts as interrupted."""

RENEW_S = LEASE_S / 4
"""A tab keeps an answer at least so often, also when nothing more comes of it."""


class AnswerKeeper:
    """The answers of one session in its outbox; `new_id` makes the id of the mutation that completes one."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        outbox: Outbox,
        role: TabRole,
        clock: WritingClock,
        new_id: Callable[[], str] = new_id,
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._outbox = outbox
        self._role = role
        self._clock = clock
        self._new_id = new_id

    async def keep(self, answer: Answer) -> None:
        """Keep what has come so far; where there is no room, the answer goes on all the same."""
        if answer.text.strip() and not self._was_adopted(answer):
            sealed = await self._sealed(answer, interrupted=True)
            until = self._clock.now_ms() + int(LEASE_S * 1000)
            if sealed is not None:
                with suppress(StorageError):
                    await self._change(replace(sealed, act=Act.ANSWER, not_before=until))
                    answer.kept = True

    async def finish(self, answer: Answer) -> str:
        """Make a message of what came. A sentence says why that is not possible; else it is empty."""
        if not answer.text.strip():
            return ""
        try:
            sealed = await self._sealed(answer, interrupted=bool(answer.problem))
            if sealed is not None and self._was_adopted(answer):
                sealed = await self._as_edit(sealed)
            if sealed is None:
                return NO_KEY
            await self._change(sealed)
        except StorageError:
            return NOT_STORED
        return ""

    async def discard(self, answer: Answer) -> None:
        """Nothing of an answer is wanted."""
        kept = self._outbox.find(answer.mutation)
        if kept is not None and kept.act is Act.ANSWER:
            with suppress(StorageError):
                await self._outbox.change((), [kept])
                self._role.tell_outbox()

    async def adopt(self, *, at_once: bool, receives: Callable[[str], bool]) -> bool:
        """Make messages of the answers that no tab receives any longer: whether there were any. The leader does so.

        `at_once` says that no other tab can be receiving one.
        """
        if not self._role.is_leader:
            return False
        now = self._clock.now_ms()
        left = [
            replace(each, act=Act.SEND, not_before=0)
            for each in self._outbox.mutations
            if each.act is Act.ANSWER and not receives(each.id) and (at_once or each.not_before <= now)
        ]
        if left:
            with suppress(StorageError):
                await self._outbox.change(left)
                self._role.tell_outbox()
        return bool(left)

    def _was_adopted(self, answer: Answer) -> bool:
        """Whether the leader took this answer for interrupted, because this tab was not heard of for too long."""
        kept = self._outbox.find(answer.mutation)
        return answer.kept and (kept is None or kept.act is not Act.ANSWER)

    async def _sealed(self, answer: Answer, *, interrupted: bool) -> Mutation | None:
        """The mutation that writes what has come; None where the chat's key is not here."""
        chat_id, message, text = answer.chat_id, answer.message, answer.text
        content = await self._seal(chat_id, message.id, "content", text)
        mark = await self._seal(chat_id, message.id, INTERRUPTED, "1") if interrupted else None
        if content is None or (interrupted and mark is None):
            return None
        at, marked = message.created_at, {} if mark is None else {INTERRUPTED: mark}
        row = new_message(message.id, chat_id, message.role, at, content, **marked)
        return Mutation(id=answer.mutation, at=at, act=Act.SEND, chat_id=chat_id, text=text, message=row)

    async def _seal(self, chat_id: str, message_id: str, field: str, text: str) -> str | None:
        return await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, field, text)

    async def _as_edit(self, sealed: Mutation) -> Mutation | None:
        """The same as the next version of the message that the leader made of the first part."""
        waiting = [each for each in self._outbox.of(sealed.chat_id) if each.message_id == sealed.message_id]
        row: dict[str, Any] | None
        if waiting:
            row = dict(waiting[-1].message)
        else:
            at = Position(sealed.message["created_at"], sealed.message["id"])
            row = await stored_message(self._store, self._keyring, sealed.chat_id, at)
        if row is None:
            return sealed  # It is not here yet: the server says whether it has it.
        version = row["version"] + 1
        message = {**row, "content": sealed.message["content"], INTERRUPTED: sealed.message.get(INTERRUPTED)}
        message["version"] = version
        return replace(sealed, id=self._new_id(), at=self._clock.next_ms(), act=Act.EDIT, message=message)

    async def _change(self, mutation: Mutation) -> None:
        await self._outbox.change([mutation])
        self._role.tell_outbox()
