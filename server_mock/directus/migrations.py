"""The migrations of the collections, in their order: what a Directus or a data file of an older version lacks.

A row of ``migrations`` says of each number that it is done. Every step looks first whether it is done, so that a run
that was killed is simply run again. A new collection is made with all the fields that it has by now, and a step that
adds one of them finds nothing to do there. A published migration stays as it is: what comes later gets the next number.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from server_mock.directus.schema import PRIMARY_KEY, Row

COLLECTION = "migrations"
_NAMES = uuid.UUID("2c0d9f0e-0a4c-4bb0-9d3e-5a7d5a1f7f52")


@dataclass(frozen=True, slots=True)
class MakeCollections:
    """Collections are there, with every field; one that is there already gets the optional fields that it lacks."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddFields:
    """A collection that is there gets optional fields."""

    collection: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MakeUnique:
    """No value of a field comes twice; ``conflict`` is the sentence where two ids have the same one."""

    collection: str
    field: str
    conflict: str


Step = MakeCollections | AddFields | MakeUnique


@dataclass(frozen=True, slots=True)
class Migration:
    """One number, what it does in words, and its steps."""

    number: int
    title: str
    steps: tuple[Step, ...]


SAME_ADDRESS = (
    "Two accounts have the same address: {first} and {second}. Delete one of them with "
    "`python -m server_mock accounts remove`, and migrate again."
)

MIGRATIONS = (
    Migration(
        1,
        "make the collections",
        (
            MakeCollections(
                ("users", "invites", "leases", "sessions", "chats", "messages", "settings_and_memories"),
            ),
        ),
    ),
    Migration(2, "keep addresses unique", (MakeUnique("users", "hashed_email", SAME_ADDRESS),)),
    Migration(3, "keep the server's secret with the data", (MakeCollections(("secrets",)),)),
)

NEWEST = MIGRATIONS[-1].number
"""The number that this version of the server works with."""


def done_row(number: int, now_ms: int) -> Row:
    """The row that says that a migration is done; its id is made of the number."""
    return {PRIMARY_KEY: str(uuid.uuid5(_NAMES, str(number))), "number": number, "done_at": now_ms}
