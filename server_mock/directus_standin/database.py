"""The stand-in's SQLite: one data file or memory, one writer, readers that do not wait for it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

#: Marks a file as Hearth's ("HRTH"), so that somebody else's database is never written to.
_APPLICATION_ID = 0x48525448

#: How long a statement waits for another process that holds the file, in seconds.
_BUSY_S = 5.0


class DataFileError(Exception):
    """The data file cannot be used; ``str()`` is a sentence for the person who named it."""


class Database:
    """Connections to one SQLite database, for use from any number of threads.

    In memory there is a single connection, which reads and writes take in turn. A file is in WAL mode:
    each read has a connection of its own, so that a long one does not hold up another, nor a write.
    """

    def __init__(self, path: Path | None, *, version: int, create: Callable[[sqlite3.Connection], None]) -> None:
        """Open ``path``, or memory when it is None; ``create`` lays out a new one as layout ``version``.

        Raises ``DataFileError`` when the file cannot be read, is no database of Hearth's, or is newer.
        """
        self._path = path
        self._writing = threading.RLock()
        self._readers: LifoQueue[sqlite3.Connection] = LifoQueue()
        try:
            self._writer = self._connect()
            try:
                if self._is_new(version):
                    self._lay_out(version, create)
            except BaseException:
                self._writer.close()
                raise
        except sqlite3.Error as error:
            raise DataFileError(f"{self._name} cannot be used as a data file: {error}.") from error

    @property
    def _name(self) -> str:
        return f'The file "{self._path}"'

    def _connect(self) -> sqlite3.Connection:
        if self._path is None:
            return sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=_BUSY_S)
        # Safe against a crash of the program; a power cut may cost the last writes of a mock server.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _is_new(self, version: int) -> bool:
        """Say whether the database is empty; refuse one that is not Hearth's, or is newer."""
        found = self._pragma("user_version")
        if self._pragma("application_id") != _APPLICATION_ID:
            if found or self._writer.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise DataFileError(f"{self._name} is a database, but not one that Hearth made.")
            return True
        if found > version:
            raise DataFileError(
                f"{self._name} was made by a newer Hearth (layout {found}; this one knows {version}). "
                "Name another file, or use the newer Hearth."
            )
        return False

    def _lay_out(self, version: int, create: Callable[[sqlite3.Connection], None]) -> None:
        if self._path is not None:
            # Kept in the file from here on: readers go on while a write is under way.
            self._writer.execute("PRAGMA journal_mode = WAL")
        with self.writing() as connection:
            create(connection)
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {version}")

    def _pragma(self, name: str) -> int:
        return int(self._writer.execute(f"PRAGMA {name}").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection for one read, seen as one moment."""
        if self._path is None:
            with self._writing:
                yield self._writer
            return
        try:
            reader = self._readers.get_nowait()
        except Empty:
            reader = self._connect()
            reader.execute("PRAGMA query_only = ON")
        try:
            reader.execute("BEGIN")
            yield reader
        finally:
            reader.rollback()
            self._readers.put(reader)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Lend the writer for one transaction: all of it is kept, or none when an exception leaves."""
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.rollback()
                raise
            self._writer.commit()

    def close(self) -> None:
        """Close every connection that is not lent."""
        while True:
            try:
                self._readers.get_nowait().close()
            except Empty:
                break
        with self._writing:
            self._writer.close()
