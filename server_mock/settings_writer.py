"""Writes what a device changed of Hearth's own settings: two records of an account at most, sealed on the device.

A device sends its preferences and the manifest that vouches for them. Both are written, or neither: a record
that is not newer than the one on the disk is refused, and the device is told what is there.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.model import Collection
from app.core.preferences import MAX_SEALED_CHARS, record_id
from server_mock.directus import DirectusClient
from server_mock.freshness import change_units, owned_by
from server_mock.journal import Change, UserState
from server_mock.notary import manifest_id
from server_mock.schema import Row
from server_mock.warmings import Warmings

_log = logging.getLogger(__name__)

_ENTRIES = Collection.SETTINGS_AND_MEMORIES.value


class SettingsWriter:
    """Writes devices' settings. Raises `DirectusError` when the disk does not answer."""

    def __init__(self, client: DirectusClient, warmings: Warmings) -> None:
        self._client = client
        self._warmings = warmings

    async def write(
        self, user_id: str, hashed_id: str, state: UserState, records: Sequence[Mapping[str, Any]]
    ) -> list[str]:
        """Write the records and push them to every device of the account; the ids of those that were refused."""
        allowed = {record_id(user_id), manifest_id(user_id)}
        # The manifest last: what is written halfway is then newer than it, not missing.
        ordered = sorted(records, key=lambda record: record["id"] == manifest_id(user_id))
        if any(each["id"] not in allowed or each["app_id"] != manifest_id(user_id) for each in ordered):
            _log.warning("A device wanted to write settings that are not Hearth's own.")
            return []
        if any(len(each["sealed"]) > MAX_SEALED_CHARS for each in ordered if each["id"] == record_id(user_id)):
            _log.warning("A device wanted to write preferences that are too long.")
            return []
        async with state.lock:
            stored = [await self._client.read(_ENTRIES, record["id"]) for record in ordered]
            pairs = list(zip(ordered, stored, strict=True))
            stale = [record["id"] for record, row in pairs if not _follows(record, row, hashed_id)]
            if stale:
                return stale
            stamp = state.next_stamp()
            try:
                rows = [await self._put(record, row, hashed_id, stamp) for record, row in pairs]
            except BaseException:
                # Part of it may be on the disk: only Directus knows now.
                state.newest = None
                raise
            state.publish(Change(stamp, change_units((), (), rows, since=stamp - 1, until=stamp)))
            self._warmings.drop(user_id)
        return []

    async def _put(self, record: Mapping[str, Any], row: Row | None, hashed_id: str, stamp: int) -> Row:
        if row is None:
            fresh = {**record, "hashed_user_id": hashed_id, "changed_at": stamp, "deleted_at": None}
            await self._client.create(_ENTRIES, [fresh])
            return fresh
        values = {"sealed": record["sealed"], "version": record["version"], "changed_at": stamp, "deleted_at": None}
        await self._client.update(_ENTRIES, row["id"], values)
        return {**row, **values}


def _follows(record: Mapping[str, Any], row: Row | None, hashed_id: str) -> bool:
    """Whether a record may take the place of what is stored: the next version of the user's own, or a first one."""
    if row is None:
        return bool(record["version"] == 1 and record["wrapped_key"] is None)
    return bool(record["version"] == row["version"] + 1) and owned_by(row, hashed_id)
