"""Asks once for each record that did not open: the copy on its way may have been damaged."""

from __future__ import annotations

from collections.abc import Callable

from hearth.core.protocol import events
from hearth.core.records.schema import Collection
from hearth.engine.chats.repository import Library
from hearth.engine.sync.connection import Link
from hearth.engine.tabs.roles import Company


class Refetching:
    """`current` says whether the server answers such a question now; a tab that follows has the owner ask."""

    def __init__(self, library: Library, link: Link, company: Company, current: Callable[[], bool]) -> None:
        self._library = library
        self._link = link
        self._company = company
        self._current = current
        self._asked: set[tuple[Collection, str]] = set()

    def note(self, collection: Collection, record_id: str) -> None:
        """A record does not open in a tab that follows."""
        self._library.unreadable.setdefault((collection, record_id))
        self.ask()

    def ask(self) -> None:
        """Ask for what has turned up since."""
        while self._library.unreadable and (self._current() or not self._company.owns):
            collection, record_id = record = self._library.unreadable.popitem()[0]
            if record in self._asked:
                continue
            self._asked.add(record)
            if self._company.owns:
                self._link.send(events.Refetch(collection=collection, record_id=record_id))
            else:
                self._company.tell_unreadable(collection, record_id)
