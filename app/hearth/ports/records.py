"""Records on their way: handles that the engine passes on without looking inside.

`Records` is an array of records, so that the bulk of a warming never becomes Python objects (in the browser a proxy of
a JavaScript array, in the fakes a list of dicts). Only what the keyring has opened comes back as Python values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hearth.core.protocol.server_events import ServerEvent
from hearth.core.records.schema import Collection


class Records(Protocol):
    """An opaque array of records of one collection; a shard of it is one, too."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice) -> Records: ...


@dataclass(frozen=True, slots=True)
class Frame:
    """A server's frame as it came off the socket: the event, and its records as they were parsed."""

    event: ServerEvent
    records: Mapping[Collection, Records]
    refused: int = 0
    """How many records were left out because they break the registry of fields."""
