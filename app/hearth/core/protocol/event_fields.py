"""What fields of the server's and of the device's events have in common: types with their bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from hearth.core.dataclass_json import Size
from hearth.core.records.schema import Collection, Id

MAX_MUTATIONS: Final = 100
MAX_WRITE_RECORDS: Final = 300
MAX_STAMP_CHARS: Final = 64

Stamp = Annotated[str, Size(MAX_STAMP_CHARS, least=1)]
"""A moment of the server's, opaque to the device."""

Counts = Mapping[Collection, int]
"""How many records of each collection a frame holds; a collection that is not named has none."""


Mutations = Annotated[Sequence[Id], Size(MAX_MUTATIONS, least=1)]
"""The ids of mutations, each made by the device that it was made on, in the order in which they were made."""
