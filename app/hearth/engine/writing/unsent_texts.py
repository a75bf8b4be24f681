"""What was typed for a chat or a message that was deleted meanwhile: it becomes a message that is not sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.new_message import new_message
from hearth.core.records.schema import Collection
from hearth.engine.new_id import new_id
from hearth.engine.writing.clock import WritingClock
from hearth.ports.keys import Keyring

CHAT_GONE = "This chat is no longer in your account. You can copy the text."
MESSAGE_GONE = (
    "The message that you were editing is no longer in your account. You can copy your text, or press “Try again” to "
    "send it as a new message."
)
TITLE_GONE = "The chat that you gave this title is no longer in your account. You can copy the title."


class UnsentTexts:
    """Makes such messages; `new_id` makes their ids."""

    def __init__(self, keyring: Keyring, clock: WritingClock, new_id: Callable[[], str] = new_id) -> None:
        self._keyring = keyring
        self._clock = clock
        self._new_id = new_id

    async def instead_of(self, mutation: Mutation, waiting: Sequence[Mutation], problem: str) -> Mutation | None:
        """What is kept of a mutation that can never be written; None where nobody misses it.

        A message stays as it is. A title, or the text of an edit or a draft, which has no place any longer, becomes a
        message, unless one that waits in the chat goes on with it already.
        """
        if mutation.act in (Act.SEND, Act.IMPORT):
            return replace(mutation, problem=problem)
        if mutation.act not in (Act.EDIT, Act.DRAFT, Act.RENAME) or not mutation.text.strip():
            return None
        if mutation.act is Act.RENAME:
            problem = TITLE_GONE
        if mutation.act is Act.DRAFT and any(
            each.act is Act.SEND and each.problem == problem and each.text.startswith(mutation.text) for each in waiting
        ):
            return None
        return await self._message(mutation.chat_id, mutation.text, mutation.at, problem, mutation.id)

    async def message(self, waiting: Sequence[Mutation], chat_id: str, text: str, problem: str) -> Mutation:
        """A message of a text that has lost its place.

        It takes the place of one among those that wait in the chat whose text this one goes on with.
        """
        for each in waiting:
            if each.act is Act.SEND and each.problem == problem and each.text and text.startswith(each.text):
                return await self._message(chat_id, text, each.at, problem, each.id)
        return await self._message(chat_id, text, self._clock.next_ms(), problem, self._new_id())

    async def with_content(self, mutation: Mutation) -> Mutation:
        """The mutation, its message sealed if the key was not here when it was made."""
        if mutation.act is not Act.SEND or mutation.message.get("content") is not None:
            return mutation
        content = await self._sealed(mutation.chat_id, mutation.message["id"], mutation.text)
        return replace(mutation, message={**mutation.message, "content": content})

    async def _message(self, chat_id: str, text: str, at: int, problem: str, mutation_id: str) -> Mutation:
        message_id = self._new_id()
        content = await self._sealed(chat_id, message_id, text)
        message = new_message(message_id, chat_id, "user", at, content)
        return Mutation(
            id=mutation_id, at=at, act=Act.SEND, chat_id=chat_id, text=text, message=message, problem=problem
        )

    async def _sealed(self, chat_id: str, message_id: str, text: str) -> str | None:
        return await self._keyring.seal_field(Collection.MESSAGES, chat_id, message_id, "content", text)
