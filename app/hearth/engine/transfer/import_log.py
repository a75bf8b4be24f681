"""What was imported last, kept sealed on the device, so that it can be taken back as a whole."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress

from hearth.core.errors import StorageError
from hearth.engine.storage.kept_json import KeptJson

IMPORTED = "imported"
"""The name under which it is kept."""


class ImportLog:
    """`chats` are those that were made, with how many messages; `messages` those that were added to others."""

    def __init__(self, kept: KeptJson) -> None:
        self._kept = kept
        self.chats: dict[str, int] = {}
        self.messages: list[tuple[str, int, str]] = []
        """The chat, the time and the id of each."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take back."""
        return not self.chats and not self.messages

    async def load(self) -> None:
        """Take over what is kept; what does not open is as if nothing were."""
        found = await self._kept.read()
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            self.chats = {str(chat): int(count) for chat, count in found["chats"].items()}
            self.messages = [(str(chat), int(at), str(message)) for chat, at, message in found["messages"]]

    async def keep(self) -> None:
        """Keep it; on a full disk it can be taken back only as long as the page is open."""
        with suppress(StorageError):
            await self._kept.write({"chats": self.chats, "messages": self.messages})

    def clear(self) -> None:
        """Another import begins, or all is taken back."""
        self.chats, self.messages = {}, []

    def forget(self, gone: Set[str]) -> None:
        """These chats were not imported after all."""
        self.chats = {chat: count for chat, count in self.chats.items() if chat not in gone}
        self.messages = [each for each in self.messages if each[0] not in gone]
