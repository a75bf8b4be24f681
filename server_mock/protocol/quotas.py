"""What one account may keep and write: records, bytes, and writes an hour. Nothing is limited unless an option says so.

How much an account keeps is counted once, at its first write, and followed in memory from then on; where it is not
known for certain, as after a chat was deleted with its messages, it is counted again. A write that adds nothing is
taken however much there is, so that a person can always make room.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hearth.core.protocol.server_events import Refusal
from hearth.core.records.schema import SPECS, Collection
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.change_log import Usage, UserState
from server_mock.protocol.rate_limit import Rate, RateLimiter
from server_mock.protocol.write_rules import CHATS, MESSAGES, Owner, Problem, Step, WriteRefused
from server_mock.wait_text import wait_text

COUNTED = (CHATS, MESSAGES)
"""What a person writes; settings and the manifest have limits of their own."""

PAGE_ROWS = 500
HOUR_S = 3600.0

FULL = "Your account holds as much as this server keeps of one ({limit}). Delete something to make room."
TOO_OFTEN = "You have written as often as this server takes in an hour. Try again in {wait}."


@dataclass(frozen=True, slots=True)
class Quotas:
    """The limits of each account; None: no limit."""

    records: int | None = None
    size_bytes: int | None = None
    writes_an_hour: int | None = None

    @property
    def counts(self) -> bool:
        """Whether it matters how much an account keeps."""
        return self.records is not None or self.size_bytes is not None


class QuotaKeeper:
    """Holds writes against the limits, under the account's lock. `clock` is monotonic, in seconds."""

    def __init__(self, client: DirectusClient, quotas: Quotas, clock: Callable[[], float]) -> None:
        self._client = client
        self._quotas = quotas
        often = quotas.writes_an_hour
        self._writes = None if often is None else RateLimiter(Rate(often, HOUR_S), clock)

    def begin(self, owner: Owner) -> None:
        """Count a write. Raises `WriteRefused`."""
        if self._writes is None:
            return
        wait_s = self._writes.wait_s(owner.user_id)
        if wait_s:
            raise WriteRefused([Problem(Refusal.QUOTA, "", TOO_OFTEN.format(wait=wait_text(wait_s)))])
        self._writes.count(owner.user_id)

    async def check(self, owner: Owner, state: UserState, steps: Sequence[Step]) -> None:
        """Find whether there is room for what a write adds. Raises `WriteRefused` and `DirectusError`."""
        if not self._quotas.counts:
            return
        added = added_by(steps)
        if added.records <= 0 and added.size_bytes <= 0:
            return
        if state.usage is None:
            state.usage = await self._count(owner)
        after = state.usage + added
        for limit, used, more, unit in (
            (self._quotas.records, after.records, added.records, "chats and messages"),
            (self._quotas.size_bytes, after.size_bytes, added.size_bytes, "bytes"),
        ):
            if limit is not None and more > 0 and used > limit:
                raise WriteRefused([Problem(Refusal.QUOTA, "", FULL.format(limit=f"{limit:,} {unit}"))])

    def note(self, state: UserState, steps: Sequence[Step]) -> None:
        """A write is on the disk."""
        if state.usage is None:
            return
        gone = any(each.collection is CHATS and each.after["deleted_at"] is not None for each in steps)
        state.usage = None if gone else state.usage + added_by(steps)

    async def _count(self, owner: Owner) -> Usage:
        """How much an account keeps: everything of it is read. Raises `DirectusError`."""
        usage = Usage()
        mine = {"hashed_user_id": {"_eq": owner.hashed_id}, "deleted_at": {"_null": True}}
        for collection in COUNTED:
            at = 0
            while rows := await self._client.search(
                collection.value, filter=mine, sort=("id",), limit=PAGE_ROWS, offset=at
            ):
                usage += Usage(len(rows), sum(size_of(collection, row) for row in rows))
                at += len(rows)
        return usage


def added_by(steps: Sequence[Step]) -> Usage:
    """What a write adds; of a chat that is deleted, what goes with it is not known here."""
    added = Usage()
    for step in steps:
        if step.collection in COUNTED:
            before, after = _usage_of(step.collection, step.before), _usage_of(step.collection, step.after)
            added += Usage(after.records - before.records, after.size_bytes - before.size_bytes)
    return added


def _usage_of(collection: Collection, row: Row | None) -> Usage:
    if row is None or row["deleted_at"] is not None:
        return Usage()
    return Usage(1, size_of(collection, row))


def size_of(collection: Collection, row: Row) -> int:
    """The length of a record's JSON text, which is ASCII."""
    return len(json.dumps({name: row.get(name) for name in SPECS[collection].fields}, separators=(",", ":")))
