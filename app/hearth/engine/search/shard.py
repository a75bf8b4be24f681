"""One shard of the index: a database of SQLite in memory, with full-text tables over what is found.

The full-text tables hold no text of their own (contentless): `texts` has it as it was written, for snippets, and
folding it again gives what has to be said to take a document out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from hearth.core.search.documents import Doc
from hearth.core.search.query import Kind
from hearth.core.search.spellings import indexed

LAYOUT = 3
"""The layout of a shard and of what is indexed how (`indexed`); a kept shard of another layout is built anew."""

_SCHEMA = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA user_version = {LAYOUT};
CREATE TABLE docs (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, has_file INTEGER NOT NULL,
  chat TEXT NOT NULL, ref TEXT NOT NULL, part INTEGER NOT NULL, version INTEGER NOT NULL, app TEXT NOT NULL
);
CREATE UNIQUE INDEX docs_by_ref ON docs (chat, ref, part);
CREATE INDEX docs_by_time ON docs (at);
CREATE TABLE about (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, files INTEGER NOT NULL, chars INTEGER NOT NULL);
CREATE TABLE texts (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL);
CREATE VIRTUAL TABLE words USING fts5 (
  title, body, content = '', prefix = '1', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mc Mn'"
);
CREATE VIRTUAL TABLE file_words USING fts5 (
  title, body, content = '', prefix = '1', tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co Mc Mn'"
);
"""

_ON_REQUEST = "".join(
    f"INSERT INTO {table} ({table}, rank) VALUES ('automerge', 0), ('crisismerge', 1999);\n"  # noqa: S608
    for table in ("words", "file_words")
)
"""FTS5 merges nothing by itself, for that would hold up whichever document happens to be put in then: see `merge`."""

_VOCABULARY = """
CREATE VIRTUAL TABLE temp.words_vocabulary USING fts5vocab (main, words, row);
CREATE VIRTUAL TABLE temp.file_words_vocabulary USING fts5vocab (main, file_words, row);
"""

MERGE_PAGES = 8
"""Pages of 4 KB that are written in one step of merging: 1 to 2 ms."""

LOOSE = 8
"""From so many unmerged pieces on a search is worth merging for."""

WORDS = 1_000
"""Words that are listed in one step: 1 ms."""

TITLE_WEIGHT = 4.0
RECENCY = 0.6
RECENCY_MS = 30 * 24 * 3600 * 1000
"""What was written today weighs 1.6 as much as what is old; a month ago, half of that advantage is left."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches, by its number in a shard; the lower the score, the better."""

    score: float
    number: int
    at: int


class Shard:
    """A database in memory. Every method is synchronous and short; a caller bounds what it hands over at once."""

    def __init__(self, content: bytes | None = None) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._load(_empty_slice() if content is None else content)
        # What is deleted is overwritten: nothing of it is kept.
        self._db.executescript("PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF; PRAGMA secure_delete = ON;")
        self._listed = False
        self._deleted = False
        self._loose = 0
        self._merging = False
        about = self._db.execute("SELECT size, files, chars FROM about").fetchone() or (0, 0, 0)
        self.size: int = about[0]
        self.files: int = about[1]
        self.chars: int = about[2]
        self.newest: int = self._db.execute("SELECT coalesce(max(at), 0) FROM docs").fetchone()[0]

    def _load(self, content: bytes) -> None:
        """Take over a kept shard. Raises `ValueError` when it is none of this layout."""
        try:
            self._db.deserialize(content)
            if self._db.execute("PRAGMA user_version").fetchone()[0] != LAYOUT:
                raise ValueError("a slice of another layout")
            pages, page = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
            if pages * page != len(content):
                raise ValueError("a part of a slice")
        except (sqlite3.DatabaseError, MemoryError, OverflowError):
            raise ValueError("not a slice") from None

    @property
    def loose(self) -> bool:
        """Whether merging is due: many pieces are slower to search."""
        return self._merging or self._loose >= LOOSE

    @property
    def deleted(self) -> bool:
        """Whether words of what was taken out are in it still: the full-text tables only mark it as gone."""
        return self._deleted

    def merge(self) -> bool:
        """One step of making the full-text tables one piece each, without what was deleted; whether any is left."""
        if not self._merging and not self._loose and not self._deleted:
            return self._shrink()
        sign = 1 if self._merging else -1  # A negative number begins anew, with all pieces.
        if not self._merging:
            self._merging, self._loose, self._deleted = True, 0, False
        words, files = (self._merge(table, sign * MERGE_PAGES) for table in ("words", "file_words"))
        self._merging = words or files or sign < 0
        return self._merging or self._deleted or self._shrink()

    def _shrink(self) -> bool:
        """One step of giving back the pages that merging left empty; whether any is left."""
        self._db.execute(f"PRAGMA incremental_vacuum({4 * MERGE_PAGES})").fetchall()
        return int(self._db.execute("PRAGMA freelist_count").fetchone()[0]) > 0

    def _merge(self, table: str, pages: int) -> bool:
        """FTS5's incremental merge; fewer than two changed rows say that there was nothing to merge."""
        before = self._db.total_changes
        self._db.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('merge', ?)", (pages,))  # noqa: S608
        return self._db.total_changes - before >= 2

    def content(self) -> bytes:
        """The whole shard, to be sealed and kept."""
        self._db.execute("REPLACE INTO about VALUES (1, ?, ?, ?)", (self.size, self.files, self.chars))
        return self._db.serialize()

    def close(self) -> None:
        """Let go of the memory. A search that is under way finds the shard empty."""
        self.size = 0
        self._db.close()

    # --- what is in it ---

    def put(self, docs: Iterable[Doc]) -> None:
        """Take documents in; one of the same chat, ref and part is replaced."""
        db = self._db
        db.execute("BEGIN")
        for doc in docs:
            self._take_out_where("chat = ? AND ref = ? AND part = ?", (doc.chat, doc.ref, doc.part))
            row = (doc.at, doc.kind, doc.role, doc.has_file, doc.chat, doc.ref, doc.part, doc.version, doc.app)
            number = db.execute(
                "INSERT INTO docs (at, kind, role, has_file, chat, ref, part, version, app) VALUES (?,?,?,?,?,?,?,?,?)",
                row,
            ).lastrowid
            db.execute("INSERT INTO texts VALUES (?, ?, ?)", (number, doc.title, doc.body))
            db.execute(
                f"INSERT INTO {_table(doc.kind)} (rowid, title, body) VALUES (?, ?, ?)",  # noqa: S608 - one of two names
                (number, indexed(doc.title), indexed(doc.body)),
            )
            self.size += 1
            self.files += doc.kind is Kind.FILE
            self.newest = max(self.newest, doc.at)
            self.chars += len(doc.title) + len(doc.body)
        db.execute("COMMIT")
        self._loose += 1

    def drop(self, chat: str, refs: Iterable[str]) -> None:
        """Take out these messages or entries of a chat."""
        self._db.execute("BEGIN")
        for ref in refs:
            self._take_out_where("chat = ? AND ref = ?", (chat, ref))
        self._db.execute("COMMIT")

    def drop_some(self, chat: str, count: int) -> bool:
        """Take out some documents of a chat; whether any is left."""
        self._db.execute("BEGIN")
        found = self._take_out_where("chat = ? LIMIT ?", (chat, count))
        self._db.execute("COMMIT")
        return found == count

    def _take_out_where(self, condition: str, values: tuple[object, ...]) -> int:
        query = f"SELECT id, kind, title, body FROM docs JOIN texts USING (id) WHERE {condition}"  # noqa: S608
        found = self._db.execute(query, values).fetchall()
        for number, kind, title, body in found:
            table = _table(Kind(kind))
            self._db.execute(
                f"INSERT INTO {table} ({table}, rowid, title, body) VALUES ('delete', ?, ?, ?)",  # noqa: S608
                (number, indexed(title), indexed(body)),
            )
            self._deleted = True
            self._db.execute("DELETE FROM docs WHERE id = ?", (number,))
            self._db.execute("DELETE FROM texts WHERE id = ?", (number,))
            self.size -= 1
            self.files -= kind == Kind.FILE
            self.chars -= len(title) + len(body)
        self._loose += bool(found)
        return len(found)

    def versions(self, chat: str) -> dict[str, int]:
        """The messages of a chat that are here, each with its version."""
        return dict(self._db.execute("SELECT ref, version FROM docs WHERE chat = ? AND part = 0", (chat,)).fetchall())

    def chats(self) -> set[str]:
        """The chats of which something is here."""
        return {row[0] for row in self._db.execute("SELECT DISTINCT chat FROM docs")}

    def vocabulary(self) -> Iterator[list[str]]:
        """Every word that is indexed, so many at a time; a word of files may come twice."""
        if self.size and not self._listed:
            self._listed = True
            self._db.executescript(_VOCABULARY)
        for table in ("words", "file_words") if self.files else ("words",):
            last = ""
            # What is listed next is asked for anew each time: between two pieces the tables may change.
            query = f"SELECT term FROM temp.{table}_vocabulary WHERE term > ? LIMIT {WORDS}"  # noqa: S608
            while self.size and (found := [row[0] for row in self._db.execute(query, (last,))]):
                last = found[-1]
                yield found

    # --- what matches ---

    def find(
        self, expression: str, conditions: Sequence[tuple[str, object]], files: bool, now: int, limit: int
    ) -> list[Hit]:
        """The best matches of an FTS5 expression under conditions on the documents (SQL with one `?`, its value)."""
        table = "file_words" if files else "words"
        where = "".join(f" AND {sql}" for sql, _ in conditions)
        query = f"""
            SELECT bm25({table}, {TITLE_WEIGHT}, 1.0)
                     * (1.0 + {RECENCY} / (1.0 + max(0, ? - docs.at) / {float(RECENCY_MS)})) AS score,
                   docs.id, docs.at
            FROM {table} CROSS JOIN docs ON docs.id = {table}.rowid
            WHERE {table} MATCH ? {where} ORDER BY score LIMIT ?
        """  # noqa: S608 - names and constants of this module
        rows = self._db.execute(query, (now, expression, *(value for _, value in conditions), limit))
        return [Hit(*row) for row in rows]

    def latest(self, conditions: Sequence[tuple[str, object]], without: str, files: bool, limit: int) -> list[Hit]:
        """The newest documents under conditions, less those that match the expression `without`, if any."""
        table = "file_words" if files else "words"
        where = "".join(f" AND {sql}" for sql, _ in conditions)
        values: list[object] = [value for _, value in conditions]
        if without:
            where += f" AND id NOT IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)"  # noqa: S608
            values.append(without)
        query = f"SELECT -at, id, at FROM docs WHERE part {'>' if files else '='} 0 {where} ORDER BY at DESC LIMIT ?"  # noqa: S608
        return [Hit(*row) for row in self._db.execute(query, (*values, limit))]

    def doc(self, number: int) -> Doc | None:
        """A document by its number, unless it was taken out meanwhile."""
        if not self.size:
            return None
        row = self._db.execute(
            "SELECT kind, chat, ref, title, body, at, role, has_file, part, version, app"
            " FROM docs JOIN texts USING (id) WHERE id = ?",
            (number,),
        ).fetchone()
        if row is None:
            return None
        kind, chat, ref, title, body, at, role, has_file, part, version, app = row
        return Doc(Kind(kind), chat, ref, title, body, at, role, bool(has_file), part, version, app)


def _table(kind: Kind) -> str:
    return "file_words" if kind is Kind.FILE else "words"


_FIRST = (
    "EXPLAIN SELECT 1",
    "BEGIN",
    "COMMIT",
    "SELECT name FROM sqlite_master",
    "EXPLAIN CREATE TABLE first (id INTEGER PRIMARY KEY)",
)
"""Statements each of which calls a little more of SQLite than the one before."""


def warm_up() -> Iterator[None]:
    """Make the empty shard of which all others are copies, and put a document in, merge, take it out, in pieces.

    The browser compiles SQLite as it is called: in one piece this takes some 60 ms. The second time it is nothing.
    """
    if _empty:
        return
    yield
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        yield
        for statement in (*_FIRST, *(_SCHEMA + _ON_REQUEST).split(";\n")):
            db.execute(statement).fetchall()
            yield
        _empty.append(db.serialize())
    yield
    with closing(Shard()) as one:
        yield
        for kind in (Kind.MESSAGE, Kind.FILE):
            one.put([Doc(kind, "chat", "ref", "A title", "and a text")])
            yield
        one.merge()
        yield
        one.drop("chat", ["ref"])
        yield
        one.content()


_empty: list[bytes] = []


def _empty_slice() -> bytes:
    if not _empty:
        for _ in warm_up():
            pass
    return _empty[0]
