"""Writes what devices send, for every collection on one path: checked, in order, once, and told to all devices.

A write runs under the account's lock: read the rows that it is about, compare, write, publish. Directus has no
transaction over collections, so the order is what keeps a write whole: messages, then chats, then the manifest, which
vouches for both and holds the ids of the mutations. What breaks off in between is completed by its repetition.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from hearth.core.protocol.server_events import Refusal
from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusConflict, DirectusTooLarge
from server_mock.directus.schema import Row
from server_mock.protocol.change_log import Change, UserState
from server_mock.protocol.delta import change_units
from server_mock.protocol.fault_hooks import FaultHooks
from server_mock.protocol.packing import Unit, render_all
from server_mock.protocol.quotas import QuotaKeeper
from server_mock.protocol.record_disk import ANSWERED, RecordDisk
from server_mock.protocol.tasks import Tasks, together
from server_mock.protocol.warming_cache import Warmings
from server_mock.protocol.write_rules import (
    CHATS,
    ENTRIES,
    MESSAGES,
    TOO_LONG,
    Owner,
    Problem,
    Records,
    Step,
    WriteRefused,
    check_form,
    is_there,
    plan,
)

_log = logging.getLogger(__name__)

CLOSE_S = 1.0
"""How long writes under way may take when the server stops."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Mutations are on the disk as of a stamp; `repeated` if they were already, before this write."""

    mutations: tuple[str, ...]
    stamp: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """A write was refused; `units` are the rows that it met."""

    reason: Refusal
    sentence: str
    ids: tuple[str, ...]
    units: Sequence[Unit] = ()


Result = list[Answer] | Rejection


@dataclass(frozen=True, slots=True)
class _Write:
    """One write on its way to the disk; `stored` are the rows that it is about, as far as they were read."""

    owner: Owner
    state: UserState
    records: Records
    mutations: tuple[str, ...]
    by: object
    follows: int | None = None
    stored: dict[Collection, dict[str, Row]] = field(default_factory=lambda: {each: {} for each in Collection})


class RecordWriter:
    """Writes devices' records. Raises `DirectusError` when the disk does not answer."""

    def __init__(self, disk: RecordDisk, warmings: Warmings, faults: FaultHooks, quotas: QuotaKeeper) -> None:
        self._disk = disk
        self._quotas = quotas
        self._faults = faults
        self._warmings = warmings
        self._tasks = Tasks()

    @property
    def max_record_chars(self) -> int:
        """The longest record that is taken, as JSON text."""
        return self._disk.max_record_chars

    async def write(
        self,
        owner: Owner,
        state: UserState,
        records: Records,
        mutations: Sequence[str] = (),
        by: object = None,
        follows: int | None = None,
    ) -> Result:
        """Write the records, all or none, and publish them; `by` is the connection that gets the answer instead.

        `follows` is the version of the manifest that the device has, where records of it skip versions.
        Whoever stops waiting does not stop the write.
        """
        write = _Write(owner, state, records, tuple(mutations), by, follows)
        return await asyncio.shield(self._tasks.start(self._write(write)))

    async def close(self) -> None:
        """Let what is under way finish, for `CLOSE_S` at most, and cancel the rest."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._tasks.settled()
        except TimeoutError:
            _log.warning("A write was not finished before the server stopped.")
        await self._tasks.close()

    async def _write(self, write: _Write) -> Result:
        answered = write.state.answered
        async with write.state.lock:
            if known := answered.stamps_of(write.mutations):
                return _repeated(known)
            try:
                self._quotas.begin(write.owner)
                check_form(write.owner, write.records, self._disk.max_record_chars)
                await self._read(write)
                manifest = write.stored[ENTRIES].get(write.owner.manifest_id)
                if manifest is not None and write.owner.owns(manifest):
                    answered.learn(manifest.get(ANSWERED))
                if known := answered.stamps_of(write.mutations):
                    return _repeated(known)
                return [await self._apply(write)]
            except WriteRefused as refused:
                _log.debug("A write was refused: %s", refused.reason)
                return await self._rejection(write, refused)
            except DirectusTooLarge as error:
                _log.warning("Directus takes less than --max-payload says: %s", error)
                return await self._rejection(write, _too_large(write))

    async def _read(self, write: _Write) -> None:
        """The rows that the records follow on: two requests, and one more for messages that are there already."""
        messages = write.records.get(MESSAGES, ())
        chats = dict.fromkeys(record["id"] for record in write.records.get(CHATS, ()))
        chats |= dict.fromkeys(record["chat_id"] for record in messages)
        entries = dict.fromkeys([write.owner.manifest_id, *(each["id"] for each in write.records.get(ENTRIES, ()))])
        # New ones that are created in one request all stop at one that is there already; several requests would not.
        fits = self._disk.fit_together(messages)
        known = [record["id"] for record in messages if record["version"] > 1 or not fits]
        wanted = ((CHATS, [*chats]), (MESSAGES, known), (ENTRIES, [*entries]))
        await together(*(self._read_rows(write, collection, ids) for collection, ids in wanted))

    async def _read_rows(self, write: _Write, collection: Collection, ids: Sequence[str]) -> None:
        found = await self._disk.read(collection, ids)
        write.stored[collection].update({row["id"]: row for row in found})

    async def _apply(self, write: _Write) -> Answer:
        stamp = write.state.next_stamp()
        steps = plan(write.owner, write.records, write.stored, stamp, write.follows)
        if (done := _done_before(write.owner, steps)) is not None:
            write.state.answered.note(write.mutations, done)
            return Answer(write.mutations, done, repeated=True)
        await self._quotas.check(write.owner, write.state, steps)
        if self._faults.withholds_write():
            return Answer(write.mutations, stamp)
        try:
            steps = await self._put_messages(write, steps, stamp)
            await self._disk.put_chats(write.owner, steps, stamp)
            answered = write.state.answered.stored_with(write.mutations, stamp) if write.mutations else None
            await self._disk.put_entries(write.owner, steps, answered, stamp)
        except WriteRefused:
            raise
        except BaseException:
            # Part of it may be on the disk: only Directus knows now.
            write.state.lose_track()
            raise
        finally:
            self._warmings.drop(write.owner.user_id)
        self._quotas.note(write.state, steps)
        write.state.answered.note(write.mutations, stamp)
        for step in steps:
            self._faults.replaced(step.collection, step.after["id"], step.before)
        _publish(write, steps, stamp)
        return Answer(write.mutations, stamp)

    async def _put_messages(self, write: _Write, steps: list[Step], stamp: int) -> list[Step]:
        """Write the messages. What is new is not looked for before; if it is there already, the steps are others."""
        try:
            await self._disk.create(MESSAGES, steps)
        except DirectusConflict:
            await self._read_rows(write, MESSAGES, [step.after["id"] for step in steps if step.collection is MESSAGES])
            steps = plan(write.owner, write.records, write.stored, stamp, write.follows)
            await self._disk.create(MESSAGES, steps)
        await self._disk.update(MESSAGES, steps)
        return steps

    async def _rejection(self, write: _Write, refused: WriteRefused) -> Rejection:
        """The refusal with the account's rows that it is about; messages that were not looked for are, now."""
        if refused.reason not in (Refusal.INVALID, Refusal.QUOTA):
            messages = (record["id"] for record in write.records.get(MESSAGES, ()))
            await self._read_rows(write, MESSAGES, [each for each in messages if each not in write.stored[MESSAGES]])
        rendered = [
            record
            for name, rows in write.stored.items()
            for record in render_all(name, (row for row in rows.values() if write.owner.owns(row) and is_there(row)))
        ]
        return Rejection(refused.reason, refused.sentence, refused.ids, [Unit(rendered)])


def _too_large(write: _Write) -> WriteRefused:
    """The refusal of a write that Directus will never take, because of its longest record."""
    records = (record for collection in (CHATS, MESSAGES) for record in write.records.get(collection, ()))
    longest = max(records, key=lambda record: len(json.dumps(record)), default={"id": ""})
    return WriteRefused([Problem(Refusal.INVALID, longest["id"], TOO_LONG)])


def _repeated(stamps: Mapping[int, Sequence[str]]) -> list[Answer]:
    return [Answer(tuple(mutations), stamp, repeated=True) for stamp, mutations in stamps.items()]


def _done_before(owner: Owner, steps: Sequence[Step]) -> int | None:
    """The stamp of a write that is wholly on the disk: the manifest, which is written last, is there as it was sent."""
    for step in steps:
        if step.after["id"] == owner.manifest_id and step.before is not None and step.changes_nothing:
            # A new message is not looked for; it was written before the manifest.
            read = [each for each in steps if each.collection is not MESSAGES or not each.is_new]
            whole = all(each.changes_nothing for each in read)
            return int(step.before["changed_at"]) if whole else None
    return None


def _publish(write: _Write, steps: Sequence[Step], stamp: int) -> None:
    rows: dict[Collection, list[Row]] = {each: [] for each in Collection}
    for step in steps:
        rows[step.collection].append(step.after)
    created = {step.after["id"] for step in steps if step.collection is CHATS and step.is_new}
    units = change_units(rows[CHATS], rows[MESSAGES], rows[ENTRIES], since=stamp - 1, until=stamp, created=created)
    write.state.learn_chats([row["id"] for row in rows[CHATS] if row["deleted_at"] is None])
    write.state.publish(Change(stamp, units, by=write.by, mutations=write.mutations))
