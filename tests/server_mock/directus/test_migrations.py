"""The migrations as data: their numbers, and that they lead from the first schema to the one that the server needs."""

from __future__ import annotations

from dataclasses import replace

from server_mock.directus.migrations import MIGRATIONS, NEWEST, AddFields, MakeCollections, MakeUnique, done_row
from server_mock.directus.schema import COLLECTIONS, Fields
from tests.server_mock.directus.first_schema import FIRST_SCHEMA


def test_the_numbers_follow_each_other() -> None:
    assert [each.number for each in MIGRATIONS] == list(range(1, NEWEST + 1))
    assert len({done_row(each.number, 1)["id"] for each in MIGRATIONS}) == NEWEST


def test_what_the_server_needs_comes_of_the_first_schema_and_the_migrations() -> None:
    """Who changes a collection and forgets the migration is told here."""
    schema: dict[str, Fields] = {"migrations": COLLECTIONS["migrations"], **FIRST_SCHEMA}
    for migration in MIGRATIONS:
        for step in migration.steps:
            match step:
                case MakeCollections():
                    schema = {**{name: COLLECTIONS[name] for name in step.names}, **schema}
                case AddFields():
                    added = {name: COLLECTIONS[step.collection][name] for name in step.names}
                    assert all(each.nullable for each in added.values()), "rows that are there have no value for it"
                    schema[step.collection] = {**schema[step.collection], **added}
                case MakeUnique():
                    before = schema[step.collection]
                    schema[step.collection] = {**before, step.field: replace(before[step.field], unique=True)}
    assert schema == {name: dict(fields) for name, fields in COLLECTIONS.items()}
