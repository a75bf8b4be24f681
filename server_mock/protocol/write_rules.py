"""What a device may write: each record is compared with the row on the disk, with no input or output of its own.

A write becomes a list of steps, or it is refused as a whole. Of several problems the gravest counts: what can never be
written before what is deleted, and that before what another device has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hearth.core.protocol.server_events import Refusal
from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.envelope import has_sealed_form
from hearth.core.records.manifest import manifest_id, shard_ids
from hearth.core.records.schema import DRAFT, SPECS, UNTAGGED, WRAPPED_KEY, Collection, emptied
from hearth.core.settings.preferences import MAX_SEALED_CHARS, record_id
from server_mock.directus.schema import Row, is_uuid
from server_mock.protocol.delta import owned_by
from server_mock.protocol.ways import sha256_hex

CHATS, MESSAGES, ENTRIES = Collection

Record = Mapping[str, Any]
Records = Mapping[Collection, Sequence[Record]]
Rows = Mapping[Collection, Mapping[str, Row]]
"""Rows of the disk by collection and id."""

IDENTITY: Mapping[Collection, tuple[str, ...]] = {
    CHATS: ("created_at", WRAPPED_KEY),
    MESSAGES: ("chat_id", "role", "created_at"),
    ENTRIES: ("app_id", WRAPPED_KEY),
}
"""The fields that a record keeps from its first version on; a tombstone has no key any longer."""

SENTENCES = {
    Refusal.MOVED_ON: "Another device has changed this meanwhile.",
    Refusal.DELETED: "This was deleted on another device.",
}
NO_UUID = "The id of a record must be a UUID in small letters."
UNKNOWN_FIELD = "The server has no place for one of the fields."
NOT_THERE = "There is no such record in this account."
NO_CHAT = "There is no such chat in this account."
NOT_SEALED = "A value is not sealed."
NOT_FIRST = "A record begins with version 1 and is not deleted then."
NO_KEY = "A chat and a manifest bring their key with the first version; no other record has one."
IDENTITY_CHANGED = "A record keeps its chat, its role, its time and its key."
NOT_EMPTY = "A deleted record must be empty."
NOT_A_DRAFT = "The id and the time of a draft follow from its chat, and a draft is emptied, not deleted."
NOT_WRITABLE = "Of settings and memories a device writes the manifest and Hearth's own preferences only."
NO_MANIFEST = "A write brings the manifest that vouches for it."
TOO_LONG = "This is too long for the server to store."


class Problem(NamedTuple):
    """Why a record cannot be written."""

    reason: Refusal
    id: str
    sentence: str


class WriteRefused(Exception):
    """A write that is refused as a whole; nothing of it is on the disk."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.reason = next(each for each in _GRAVEST_FIRST if any(each is problem.reason for problem in problems))
        told = [problem for problem in problems if problem.reason is self.reason]
        self.sentence = told[0].sentence
        self.ids = tuple(dict.fromkeys(problem.id for problem in told if problem.id))
        super().__init__(self.sentence)


_GRAVEST_FIRST = (Refusal.INVALID, Refusal.DELETED, Refusal.MOVED_ON, Refusal.QUOTA)


@dataclass(frozen=True, slots=True)
class Owner:
    """The account that writes."""

    user_id: str
    hashed_id: str
    manifest_id: str
    entry_ids: frozenset[str]
    """The settings and memories that a device writes: the manifest, its shards, Hearth's own preferences."""
    preferences_id: str

    @classmethod
    def of(cls, user_id: str) -> Owner:
        """The account of a user's id."""
        manifest, preferences = manifest_id(user_id), record_id(user_id)
        entries = frozenset((manifest, preferences, *shard_ids(manifest)))
        return cls(user_id, sha256_hex(user_id), manifest, entries, preferences)

    def owns(self, row: Row | None) -> bool:
        """Whether a row is there and the account's own."""
        return row is not None and owned_by(row, self.hashed_id)


@dataclass(frozen=True, slots=True)
class Step:
    """One row before a write, None where there is none, and after it."""

    collection: Collection
    before: Row | None
    after: Row

    @property
    def is_new(self) -> bool:
        """Whether there is no row yet."""
        return self.before is None

    @property
    def changes_nothing(self) -> bool:
        """Whether the disk has the record already as it was sent: an earlier try has written it."""
        before, after = self.before, self.after
        if before is None or (before["deleted_at"] is None) is not (after["deleted_at"] is None):
            return False
        return all(before.get(name) == after[name] for name in SPECS[self.collection].fields if name not in UNTAGGED)

    def values(self) -> dict[str, Any]:
        """What is to be set in the row that is there by then."""
        if self.before is None:
            return {**self.after}
        before = self.before
        changed = {name: value for name, value in self.after.items() if before.get(name) != value}
        return {"id": self.after["id"], **changed}


def is_there(row: Row | None) -> bool:
    """Whether a row holds a record: one of version 0 keeps the place of a first version that is being written."""
    return row is not None and row["version"] > 0


def check_form(owner: Owner, records: Records, max_chars: int) -> None:
    """Check what can be said of records without the disk. Raises `WriteRefused`."""
    problems = [
        Problem(Refusal.INVALID, record["id"], sentence)
        for collection, each in records.items()
        for record in each
        if (sentence := _form_problem(owner, collection, record, max_chars))
    ]
    if problems:
        raise WriteRefused(problems)


def _form_problem(owner: Owner, collection: Collection, record: Record, max_chars: int) -> str | None:
    spec, deleted = SPECS[collection], record["deleted_at"] is not None
    if not all(is_uuid(record[name]) for name in ("id", "chat_id", "app_id") if name in spec.fields):
        return NO_UUID
    if any(value is not None and name not in spec.fields for name, value in record.items()):
        # Directus would drop it without a word.
        return UNKNOWN_FIELD
    sealed = (record.get(name) for name in (*spec.sealed, *([WRAPPED_KEY] if spec.wraps_key else ())))
    if not all(value is None or has_sealed_form(value) for value in sealed):
        return NOT_SEALED
    if record["version"] < 1 or (deleted and record["version"] == 1):
        return NOT_FIRST
    if deleted and any(record.get(name) is not None for name in spec.sealed):
        return NOT_EMPTY
    if len(json.dumps(record)) > max_chars:
        return TOO_LONG
    if collection is MESSAGES:
        return _draft_problem(record, deleted)
    if collection is ENTRIES:
        return _entry_problem(owner, record, deleted)
    return NO_KEY if not deleted and record[WRAPPED_KEY] is None else None


def _draft_problem(record: Record, deleted: bool) -> str | None:
    is_draft = record["role"] == DRAFT
    if is_draft is not (record["id"] == draft_id(record["chat_id"])):
        return NOT_A_DRAFT
    return NOT_A_DRAFT if is_draft and (deleted or record["created_at"] != DRAFT_CREATED_AT) else None


def _entry_problem(owner: Owner, record: Record, deleted: bool) -> str | None:
    allowed = record["id"] in owner.entry_ids and record["app_id"] == owner.manifest_id
    if not allowed or deleted or record["sealed"] is None:
        return NOT_WRITABLE
    if (record["id"] == owner.manifest_id) is (record[WRAPPED_KEY] is None):
        return NO_KEY
    if record["id"] == owner.preferences_id and len(record["sealed"]) > MAX_SEALED_CHARS:
        return TOO_LONG
    return None


def plan(owner: Owner, records: Records, stored: Rows, stamp: int, follows: int | None = None) -> list[Step]:
    """The steps of a write whose form is right. Raises `WriteRefused`.

    `follows` is the version of the manifest that its device has, if it says so: then records may skip versions, since
    nobody writes anything without the next manifest.

    A chat of which a message is written gets the stamp, too, so that a device that comes later is told of both. What a
    write says of the messages of a chat that it deletes does not matter.
    """
    chats = {record["id"]: record for record in records.get(CHATS, ())}
    gone = {each for each, record in chats.items() if record["deleted_at"] is not None}
    messages = [record for record in records.get(MESSAGES, ()) if record["chat_id"] not in gone]
    steps: list[Step] = []
    problems: list[Problem] = []
    for collection, each in ((CHATS, chats.values()), (MESSAGES, messages), (ENTRIES, records.get(ENTRIES, ()))):
        for record in each:
            step = _step(owner, collection, record, stored[collection].get(record["id"]), stamp)
            problem = _chat_problem(owner, record, chats, stored[CHATS]) if collection is MESSAGES else None
            problem = problem or _row_problem(owner, step, record, follows)
            problems += [problem] if problem else []
            steps.append(step)
    vouched = any(record["id"] == owner.manifest_id for record in records.get(ENTRIES, ()))
    if not vouched and is_there(stored[ENTRIES].get(owner.manifest_id)):
        problems.append(Problem(Refusal.INVALID, "", NO_MANIFEST))
    if follows is not None and not vouched:
        problems.append(Problem(Refusal.INVALID, "", NO_MANIFEST))
    if problems:
        raise WriteRefused(problems)
    touched = dict.fromkeys(record["chat_id"] for record in messages if record["chat_id"] not in chats)
    rows = (stored[CHATS][each] for each in touched)
    return [*steps, *(Step(CHATS, row, {**row, "changed_at": stamp}) for row in rows)]


def _chat_problem(owner: Owner, record: Record, chats: Mapping[str, Record], rows: Mapping[str, Row]) -> Problem | None:
    """What is wrong with the chat of a message: it must be there, or be made in the same write."""
    row = rows.get(record["chat_id"])
    if row is None:
        made = record["chat_id"] in chats
        return None if made else Problem(Refusal.INVALID, record["id"], NO_CHAT)
    if not owner.owns(row):
        return Problem(Refusal.INVALID, record["id"], NO_CHAT)
    if row["deleted_at"] is not None:
        return Problem(Refusal.DELETED, record["id"], SENTENCES[Refusal.DELETED])
    return None


def _row_problem(owner: Owner, step: Step, record: Record, follows: int | None) -> Problem | None:
    """Why a record does not follow the row on the disk."""
    row, deleted = step.before, record["deleted_at"] is not None
    if row is None:
        first = record["version"] == 1 or (follows is not None and _may_begin_later(owner, record))
        return None if first else Problem(Refusal.INVALID, record["id"], NOT_THERE)
    if not owner.owns(row):
        return Problem(Refusal.INVALID, record["id"], NOT_THERE)
    if step.changes_nothing:
        return None
    if is_there(row):
        if row["deleted_at"] is not None:
            return Problem(Refusal.DELETED, record["id"], SENTENCES[Refusal.DELETED])
        kept = (name for name in IDENTITY[step.collection] if not (deleted and name == WRAPPED_KEY))
        if any(record[name] != row[name] for name in kept):
            return Problem(Refusal.INVALID, record["id"], IDENTITY_CHANGED)
    if follows is None:
        is_next = record["version"] == row["version"] + 1
    else:
        is_next = record["version"] > row["version"] and (
            record["id"] != owner.manifest_id or row["version"] == follows
        )
    if not is_next:
        return Problem(Refusal.MOVED_ON, record["id"], SENTENCES[Refusal.MOVED_ON])
    return None


def _may_begin_later(owner: Owner, record: Record) -> bool:
    """Whether a record's first version may have been refused: a draft's, a shard's, that of the preferences."""
    return record.get("role") == DRAFT or (record["id"] in owner.entry_ids and record["id"] != owner.manifest_id)


def _step(owner: Owner, collection: Collection, record: Record, row: Row | None, stamp: int) -> Step:
    """What becomes of a row; a field that its record lacks stays as it is."""
    spec = SPECS[collection]
    before = {**dict.fromkeys(spec.fields), "hashed_user_id": owner.hashed_id} if row is None else row
    given = {name: record[name] for name in spec.fields if name in record and name not in UNTAGGED}
    after = {**before, **given, "changed_at": stamp, "deleted_at": None}
    if record["deleted_at"] is not None:
        after |= {**emptied(collection), "deleted_at": stamp}
    return Step(collection, row, after)
