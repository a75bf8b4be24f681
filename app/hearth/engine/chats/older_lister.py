"""Lists older chats than the warming brought, when the person asks for them: 100 at a time, without their messages."""

from __future__ import annotations

from hearth.core.protocol.device_events import MAX_LISTED_AT_ONCE, ListOlder
from hearth.core.sync.machine import SyncMachine
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.sync.connection import Connection
from hearth.engine.tabs.role import TabRole


class OlderChatsLister:
    """Asks the server once the device is up to date; a tab that follows has the leader ask."""

    def __init__(
        self,
        repository: ChatRepository,
        controller: ChatController,
        connection: Connection,
        role: TabRole,
        machine: SyncMachine,
    ) -> None:
        self._repository = repository
        self._controller = controller
        self._connection = connection
        self._role = role
        self._machine = machine

    def list_more(self) -> None:
        """The person wants more; without a connection it waits until there is one."""
        if not self._repository.listing_older:
            self._repository.listing_older = True
            self._controller.count_chats()
            self.ask_again()

    def ask_again(self) -> None:
        """The device is up to date, or the leader is: ask for what has not come."""
        if not self._repository.listing_older:
            return
        if not self._role.is_leader:
            self._role.tell_list_older()
        elif self._machine.current:
            self._connection.send(self._request())

    def answered(self) -> None:
        """The server has answered, and what came is stored."""
        self._repository.listing_older = False
        self._controller.count_chats()

    def _request(self) -> ListOlder:
        older = self._repository.older_chats
        if older is None or older.to is None:
            return ListOlder()
        listed = [each.id for each in self._repository.places() if each.last_updated == older.to.last_updated]
        listed = sorted(each for each in listed if each <= older.to.id)
        return ListOlder(listed_to=older.to.last_updated, listed=tuple(listed[-MAX_LISTED_AT_ONCE:]))
