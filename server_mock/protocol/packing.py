"""Records as they go out: rendered once as JSON text, shared by every connection, cut into frames of bounded size."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from hearth.core.protocol.codec import BATCH_CHARS, write_server_frame
from hearth.core.protocol.server_events import RecordsEvent, ServerEvent
from hearth.core.records.schema import Collection, record_of

_E = TypeVar("_E", bound=RecordsEvent)

REMAINING_CHARS = BATCH_CHARS // 4
"""The size of the frames of the last phase: small, so that a chat that is wanted now need not wait long."""


class Rendered(NamedTuple):
    """One record as JSON text."""

    collection: Collection
    id: str
    text: str


@dataclass(slots=True)
class Unit:
    """What is sent together if it fits: usually a chat's records; `complete` holds once all of them are there."""

    records: Sequence[Rendered] = ()
    complete: Mapping[str, int] = field(default_factory=dict)
    chat_id: str | None = None

    @property
    def chars(self) -> int:
        """The length of the records as JSON text."""
        return sum(len(record.text) + 1 for record in self.records)


@dataclass(slots=True)
class Load:
    """What one frame carries."""

    units: list[Unit] = field(default_factory=list)
    chars: int = 0

    def add(self, unit: Unit, chars: int) -> None:
        """Add a unit whose length is known."""
        self.units.append(unit)
        self.chars += chars

    def counts(self) -> dict[Collection, int]:
        """How many records of each collection there are."""
        counts: dict[Collection, int] = {}
        for unit in self.units:
            for record in unit.records:
                counts[record.collection] = counts.get(record.collection, 0) + 1
        return counts

    def complete(self) -> dict[str, int]:
        """What is complete on the device once this frame is stored."""
        return {chat: stamp for unit in self.units for chat, stamp in unit.complete.items()}


def render(collection: Collection, row: Mapping[str, Any]) -> Rendered:
    """A row as the record that travels: the fields of the registry, and sealed ones that a newer device added."""
    record = record_of(collection, row)
    return Rendered(collection, record["id"], json.dumps(record, separators=(",", ":")))


def render_all(collection: Collection, rows: Iterable[Mapping[str, Any]]) -> list[Rendered]:
    """Several rows of one collection as records."""
    return [render(collection, row) for row in rows]


def pack(units: Iterable[Unit], limit: int = BATCH_CHARS) -> list[Load]:
    """Put units into loads of at most `limit` characters, in their order; there is always one load.

    A unit longer than `limit` is cut between records; a record longer than that travels alone.
    """
    loads = [Load()]
    for unit in units:
        for piece in _pieces(unit, limit):
            chars = piece.chars
            if loads[-1].chars and loads[-1].chars + chars > limit:
                loads.append(Load())
            loads[-1].add(piece, chars)
    return loads


def _pieces(unit: Unit, limit: int) -> list[Unit]:
    if unit.chars <= limit:
        return [unit]
    pieces: list[list[Rendered]] = [[]]
    size = 0
    for record in unit.records:
        chars = len(record.text) + 1
        if pieces[-1] and size + chars > limit:
            pieces.append([])
            size = 0
        pieces[-1].append(record)
        size += chars
    parts = [Unit(piece, chat_id=unit.chat_id) for piece in pieces]
    # Only the last piece makes the whole complete.
    parts[-1].complete = unit.complete
    return parts


def frame_text(event: ServerEvent, load: Load | None = None, alter: Callable[[Rendered], str] | None = None) -> str:
    """The frame of an event with rendered records: what `write_server_frame` would make of the same.

    `alter` may replace a record's text on its way out.
    """
    head = write_server_frame(event)
    by_collection: dict[Collection, list[str]] = {}
    for unit in load.units if load else ():
        for record in unit.records:
            text = alter(record) if alter else record.text
            by_collection.setdefault(record.collection, []).append(text)
    if not by_collection:
        return head
    parts = ",".join(f'"{name.value}":[{",".join(texts)}]' for name, texts in by_collection.items())
    return f'{head[:-1]},"records":{{{parts}}}}}'


def in_parts(event: _E, loads: Sequence[Load]) -> list[tuple[_E, Load]]:
    """An event as so many frames as it takes to carry the loads."""
    return [
        (replace(event, counts=load.counts(), complete=load.complete(), batch=batch, of=len(loads)), load)
        for batch, load in enumerate(loads, start=1)
    ]
