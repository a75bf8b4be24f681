"""Fetches a chat that is not on the device, when the person asks for it; says when the server has no such chat."""

from __future__ import annotations

from hearth.core.protocol.device_events import Refetch, Want
from hearth.core.records.schema import Collection
from hearth.core.sync.machine import SyncMachine
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.tabs.role import TabRole


class ChatFetcher:
    """Asks the server once the device is up to date; a tab that follows has the leader ask."""

    def __init__(
        self,
        repository: ChatRepository,
        open_chats: OpenChats,
        controller: ChatController,
        integrity: IntegrityChecker,
        connection: Connection,
        role: TabRole,
        machine: SyncMachine,
    ) -> None:
        self._repository = repository
        self._open_chats = open_chats
        self._controller = controller
        self._integrity = integrity
        self._connection = connection
        self._role = role
        self._machine = machine

    async def fetch(self, chat_id: str) -> None:
        """Fetch a chat, here or for a tab that follows; without a connection as soon as there is one."""
        self._repository.not_found.discard(chat_id)
        self._repository.fetching.add(chat_id)
        self._ask(chat_id)
        await self._show(chat_id)

    def lacks(self, chat_id: str) -> bool:
        """Whether a chat is not on the device."""
        return chat_id not in self._repository.chats

    def ask_again(self) -> None:
        """The device is up to date, or the leader is: ask for what has not come."""
        for chat_id in sorted(self._repository.fetching):
            self._ask(chat_id)

    def _ask(self, chat_id: str) -> None:
        if not self._role.is_leader:
            self._role.tell_unreadable(Collection.CHATS, chat_id)
        # Together with the manifest, if one is known, so that the chat is checked as soon as it is here.
        elif self._machine.current and not self._integrity.fetch_again(chat_id):
            self._connection.send(Refetch(collection=Collection.CHATS, record_id=chat_id))

    async def answered(self, chat_id: str) -> None:
        """The server has answered, and what came is stored."""
        if chat_id in self._repository.chats:
            if not self._repository.is_complete(chat_id):
                self._connection.send(Want(chat_id=chat_id))
        elif chat_id in self._repository.fetching:
            self._role.tell_not_found(chat_id)
            await self.not_found(chat_id)

    async def not_found(self, chat_id: str) -> None:
        """The server has no such chat, or not for this account."""
        self._repository.fetching.discard(chat_id)
        self._repository.not_found.add(chat_id)
        await self._show(chat_id)

    async def _show(self, chat_id: str) -> None:
        if self._open_chats.chosen == chat_id:
            await self._controller.fill()
