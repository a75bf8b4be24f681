"""Collections and their rows in SQLite: what each request of the dialect does once it is understood."""

# What is put into SQL as text is a name from a collection's definition, quoted; all values are bound.
# ruff: noqa: S608

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from server_mock.directus.migrations import MIGRATIONS, done_row
from server_mock.directus.schema import COLLECTIONS, PRIMARY_KEY, SCHEMA_VERSION, Field, FieldType, Row
from server_mock.directus_standin.collection import Collection, SqlValue, quoted
from server_mock.directus_standin.database import Database
from server_mock.directus_standin.errors import (
    DialectError,
    forbidden,
    invalid_payload,
    no_such_collection,
    not_unique,
)
from server_mock.directus_standin.filters import Condition, both
from server_mock.directus_standin.query import Query

_ID = quoted(PRIMARY_KEY)
_SQL_TYPES = {FieldType.INTEGER: "INTEGER", FieldType.BIG_INTEGER: "INTEGER", FieldType.BOOLEAN: "INTEGER"}


def ids_are(ids: Sequence[str]) -> Condition:
    """Return the condition that a row's id is one of ``ids``, bound as one value."""
    return Condition(f"{_ID} IN (SELECT value FROM json_each(?))", (json.dumps(ids),))


class Store:
    """The rows of every collection; each method is one transaction and may be called from any thread."""

    def __init__(self, path: Path | None, *, empty: bool = False) -> None:
        """Open ``path``, or memory; a new database gets Hearth's collections, unless it is to be ``empty``.

        Raises ``DataFileError``.
        """
        self._database = Database(path, version=SCHEMA_VERSION, create=_create_tables if empty else _create_schema)
        with self._database.reading() as connection:
            rows = connection.execute("SELECT definition FROM collections").fetchall()
        self._collections = {c.name: c for c in (_collection_from_json(text) for (text,) in rows)}

    def collection(self, name: str) -> Collection:
        """Return a collection's definition; 403 FORBIDDEN when there is none of that name."""
        try:
            return self._collections[name]
        except KeyError:
            raise no_such_collection(name) from None

    def has_collection(self, name: str) -> bool:
        """Say whether a collection exists."""
        return name in self._collections

    def create_collection(self, collection: Collection) -> None:
        """Make a collection; 400 INVALID_PAYLOAD when there is one of that name."""
        try:
            with self._database.writing() as connection:
                _create_collection(connection, collection)
        except sqlite3.Error as error:
            raise invalid_payload(f'Collection "{collection.name}" cannot be made: {error}') from error
        self._collections[collection.name] = collection

    def add_field(self, collection: Collection, name: str) -> None:
        """Take over a collection's definition with one field more, null in every row that is there."""
        with self._database.writing() as connection:
            connection.execute(f"ALTER TABLE {collection.table} ADD COLUMN {_column(name, collection.fields[name])}")
            _create_index(connection, collection, name)
            definition = _collection_to_json(collection)
            connection.execute("UPDATE collections SET definition = ? WHERE name = ?", (definition, collection.name))
        self._collections[collection.name] = collection

    def make_unique(self, collection: Collection, name: str) -> None:
        """Take over a collection's definition with a field of which no value comes twice from now on.

        400 RECORD_NOT_UNIQUE when one does already.
        """
        with self._database.writing() as connection:
            connection.execute(f"DROP INDEX IF EXISTS {_index(collection, name)}")
            try:
                _create_index(connection, collection, name)
            except sqlite3.IntegrityError:
                raise not_unique(collection.name, name, None) from None
            definition = _collection_to_json(collection)
            connection.execute("UPDATE collections SET definition = ? WHERE name = ?", (definition, collection.name))
        self._collections[collection.name] = collection

    def drop_collection(self, name: str) -> None:
        """Delete a collection and its rows; 403 FORBIDDEN when there is none of that name."""
        if name not in self._collections:
            raise forbidden()
        with self._database.writing() as connection:
            connection.execute(f"DROP TABLE {self._collections[name].table}")
            connection.execute("DELETE FROM collections WHERE name = ?", (name,))
            del self._collections[name]

    def read(self, collection: Collection, query: Query) -> tuple[list[Row], dict[str, int] | None]:
        """Return the rows of a query, and the counts that ``meta`` asked for, seen at one moment."""
        with self._database.reading() as connection:
            rows = _select(connection, collection, query) if query.limit else []
            meta = None
            if query.meta is not None:
                counted = {"total_count": Condition(), "filter_count": query.where}
                meta = {name: _count(connection, collection, counted[name]) for name in query.meta}
        return collection.shown(query.fields, rows), meta

    def read_ids(self, collection: Collection, ids: Sequence[str], query: Query) -> list[Row]:
        """Return the rows of a query whose id is one of ``ids``."""
        return self.read(collection, replace(query, where=both(query.where, ids_are(ids)), meta=None))[0]

    def ids(self, collection: Collection, query: Query) -> list[str]:
        """Return the ids of the rows that a query finds."""
        with self._database.reading() as connection:
            sql = f"SELECT {_ID} FROM {collection.table}"
            return [row[0] for row in connection.execute(*_limited(sql, query)).fetchall()]

    def count(self, collection: Collection) -> int:
        """Return the number of rows of a collection."""
        with self._database.reading() as connection:
            return _count(connection, collection, Condition())

    def insert(self, collection: Collection, rows: Iterable[object]) -> list[str]:
        """Insert all of ``rows`` or none; return their ids. Raises ``DialectError`` for a bad row."""
        stored = [collection.stored(row, whole=True) for row in rows]
        names = tuple(collection.fields)
        columns, marks = ", ".join(map(quoted, names)), ", ".join("?" * len(names))
        sql = f"INSERT INTO {collection.table} ({columns}) VALUES ({marks})"
        ids = [str(row[PRIMARY_KEY]) for row in stored]
        with self._database.writing() as connection:
            try:
                connection.executemany(sql, ([row.get(name) for name in names] for row in stored))
            except sqlite3.IntegrityError:
                # Some of the rows are in by now: what was there before is known after the rollback.
                connection.rollback()
                connection.execute("BEGIN IMMEDIATE")
                raise _first_taken(connection, collection, stored) from None
        return ids

    def update(self, collection: Collection, ids: Sequence[str], values: object) -> None:
        """Set ``values`` in the rows of ``ids``; ids that are not there, and the key, are left alone."""
        self.update_each(collection, [(ids, values)])

    def update_each(self, collection: Collection, changes: Iterable[tuple[Sequence[str], object]]) -> None:
        """Make several updates, all or none. Raises ``DialectError`` for a bad value."""
        statements: list[tuple[str, list[SqlValue]]] = []
        for ids, values in changes:
            stored = collection.stored(values, whole=False)
            stored.pop(PRIMARY_KEY, None)
            if stored:
                changed, where = ", ".join(f"{quoted(name)} = ?" for name in stored), ids_are(ids)
                sql = f"UPDATE {collection.table} SET {changed} WHERE {where.sql}"
                statements.append((sql, [*stored.values(), *where.values]))
        with self._database.writing() as connection:
            for sql, bound in statements:
                try:
                    connection.execute(sql, bound)
                except sqlite3.IntegrityError:
                    raise not_unique(collection.name, PRIMARY_KEY, None) from None

    def delete(self, collection: Collection, ids: Sequence[str]) -> None:
        """Delete the rows of ``ids``; ids that are not there are left alone."""
        where = ids_are(ids)
        with self._database.writing() as connection:
            connection.execute(f"DELETE FROM {collection.table} WHERE {where.sql}", where.values)

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _select(connection: sqlite3.Connection, collection: Collection, query: Query) -> list[tuple[Any, ...]]:
    columns = ", ".join(map(quoted, query.fields))
    return connection.execute(*_limited(f"SELECT {columns} FROM {collection.table}", query)).fetchall()


def _limited(sql: str, query: Query) -> tuple[str, tuple[SqlValue, ...]]:
    where = f" WHERE {query.where.sql}" if query.where.sql else ""
    # SQLite, like Directus, reads -1 as no limit.
    return (
        f"{sql}{where} ORDER BY {query.order_by} LIMIT ? OFFSET ?",
        (*query.where.values, query.limit, query.offset),
    )


def _count(connection: sqlite3.Connection, collection: Collection, where: Condition) -> int:
    sql = f"SELECT count(*) FROM {collection.table}" + (f" WHERE {where.sql}" if where.sql else "")
    return int(connection.execute(sql, where.values).fetchone()[0])


def _first_taken(connection: sqlite3.Connection, collection: Collection, rows: Sequence[Row]) -> DialectError:
    """Name the first value that was to be unique and is taken, by a row that is there or by an earlier new one."""
    unique = [PRIMARY_KEY, *(name for name, field in collection.fields.items() if field.unique)]
    for name in unique:
        taken = _values_there(connection, collection, name, rows)
        for row in rows:
            if row.get(name) in taken:
                return not_unique(collection.name, name, row[name])
            taken.add(row.get(name))
    return not_unique(collection.name, PRIMARY_KEY, None)


def _values_there(
    connection: sqlite3.Connection, collection: Collection, name: str, rows: Sequence[Row]
) -> set[SqlValue]:
    sql = f"SELECT {quoted(name)} FROM {collection.table} WHERE {quoted(name)} IN (SELECT value FROM json_each(?))"
    return {row[0] for row in connection.execute(sql, (json.dumps([row.get(name) for row in rows]),))}


def _create_tables(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE collections (name TEXT PRIMARY KEY, definition TEXT NOT NULL)")


def _create_schema(connection: sqlite3.Connection) -> None:
    """Hearth's collections as they are by now: no migration is left to be done."""
    _create_tables(connection)
    for name, fields in COLLECTIONS.items():
        _create_collection(connection, Collection(name, fields))
    now_ms = round(time.time() * 1000)
    rows = [tuple(done_row(each.number, now_ms).values()) for each in MIGRATIONS]
    connection.executemany("INSERT INTO items_migrations (id, number, done_at) VALUES (?, ?, ?)", rows)


def _create_collection(connection: sqlite3.Connection, collection: Collection) -> None:
    columns = ", ".join(_column(name, field) for name, field in collection.fields.items())
    connection.execute(f"CREATE TABLE {collection.table} ({columns})")
    for name in collection.fields:
        _create_index(connection, collection, name)
    connection.execute("INSERT INTO collections VALUES (?, ?)", (collection.name, _collection_to_json(collection)))


def _column(name: str, field: Field) -> str:
    kind = _SQL_TYPES.get(field.type, "TEXT")
    return (
        f"{quoted(name)} {kind}"
        + (" PRIMARY KEY" if name == PRIMARY_KEY else "")
        + ("" if field.nullable else " NOT NULL")
    )


def _create_index(connection: sqlite3.Connection, collection: Collection, name: str) -> None:
    field = collection.fields[name]
    if field.indexed or field.unique:
        kind = "UNIQUE INDEX" if field.unique else "INDEX"
        connection.execute(f"CREATE {kind} {_index(collection, name)} ON {collection.table} ({quoted(name)})")


def _index(collection: Collection, name: str) -> str:
    return quoted(f"{collection.name}_{name}_index")


def _collection_to_json(collection: Collection) -> str:
    fields = {name: [its.type, its.nullable, its.indexed, its.unique] for name, its in collection.fields.items()}
    return json.dumps({"name": collection.name, "fields": fields, "uncast": sorted(collection.uncast)})


def _collection_from_json(text: str) -> Collection:
    read: Mapping[str, Any] = json.loads(text)
    # What was made before there were unique fields has three parts.
    fields = {name: Field(FieldType(kind), *its) for name, (kind, *its) in read["fields"].items()}
    return Collection(read["name"], fields, frozenset(read["uncast"]))
