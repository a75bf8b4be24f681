"""The status line of a session: what it says follows from the sync, the checks and the storage."""

from __future__ import annotations

from dataclasses import replace

from hearth.core.sync.machine import SyncMachine
from hearth.core.sync.server_clock import ServerClock
from hearth.core.sync.status import status_of, with_note, with_transport, with_waiting
from hearth.core.view.screen import Status, Tone
from hearth.engine.chats.controller import Show
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.storage.eviction import EvictingWriter, disk_full
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.ingest import FrameIngest
from hearth.engine.sync.integrity import IntegrityChecker
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.outbox import Outbox


class StatusLine:
    """Shows how things stand, here and in the tabs that follow.

    `storage_note` says what is unusual about this device's storage, for as long as the session lasts.
    """

    def __init__(
        self,
        machine: SyncMachine,
        connection: Connection,
        repository: ChatRepository,
        ingest: FrameIngest,
        integrity: IntegrityChecker,
        writer: EvictingWriter,
        role: TabRole,
        outbox: Outbox,
        server_clock: ServerClock,
        show: Show,
        storage_note: str,
    ) -> None:
        self._machine = machine
        self._connection = connection
        self._repository = repository
        self._ingest = ingest
        self._integrity = integrity
        self._writer = writer
        self._role = role
        self._outbox = outbox
        self._server_clock = server_clock
        self._show = show
        self.storage_note = storage_note
        self.trouble = ""
        """What went wrong on the way; forgotten when the device is up to date again."""
        self.notice = ""
        """What stays true when it is: something was left out, or could not be stored."""

    def show(self) -> None:
        """Show how things stand."""
        stored, warmed = self._repository.stored, self._repository.warmed
        trouble = self.trouble or self._integrity.summary or self.notice
        status = status_of(self._machine.state, stored, self._ingest.total, trouble, warmed)
        status = with_waiting(status, self._outbox.waiting)
        status = with_transport(status, self._connection.polled)
        status = with_note(status, disk_full(stored) if self._writer.evicted else self.storage_note)
        status = with_note(status, self._server_clock.note)
        status = replace(status, differs=self._integrity.differs and warmed)
        self._show(status=status, synced=warmed)
        self._role.tell_standing(status, self._machine.current, warmed)

    def report(self, sentence: str) -> None:
        """Show what could not be done."""
        self.notice = sentence
        if self._role.is_leader:
            self.show()
        else:
            self._show(status=Status(sentence, Tone.WARNING))
