"""Asks once for each record that did not open: the copy on its way may have been damaged."""

from __future__ import annotations

from hearth.core.protocol.device_events import Refetch
from hearth.core.records.schema import Collection
from hearth.core.sync.machine import SyncMachine
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.sync.connection import Connection
from hearth.engine.tabs.role import TabRole


class Refetcher:
    """Asks the server while the device is up to date; a tab that follows has the leader ask."""

    def __init__(self, repository: ChatRepository, connection: Connection, role: TabRole, machine: SyncMachine) -> None:
        self._repository = repository
        self._connection = connection
        self._role = role
        self._machine = machine
        self._asked: set[tuple[Collection, str]] = set()

    def note(self, collection: Collection, record_id: str) -> None:
        """A record does not open in a tab that follows."""
        self._repository.unreadable.setdefault((collection, record_id))
        self.ask()

    def ask(self) -> None:
        """Ask for what has turned up since."""
        while self._repository.unreadable and (self._machine.current or not self._role.is_leader):
            collection, record_id = record = self._repository.unreadable.popitem()[0]
            if record in self._asked:
                continue
            self._asked.add(record)
            if self._role.is_leader:
                self._connection.send(Refetch(collection=collection, record_id=record_id))
            else:
                self._role.tell_unreadable(collection, record_id)
