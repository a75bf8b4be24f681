"""Writes what a device changed of Hearth's own settings: two records of an account at most, sealed on the device.

A device sends its preferences and the manifest that vouches for them. Both are written in one transaction, or
neither: a record that is not the next version of the one on the disk is refused, and the device is told what is there.
So is one with a field that the disk lacks: Directus would drop it without a word.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import SPECS, Collection
from hearth.core.settings.preferences import MAX_SEALED_CHARS, record_id
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import COLLECTIONS, Row
from server_mock.protocol.change_log import Change, UserState
from server_mock.protocol.delta import change_units, owned_by
from server_mock.protocol.warming_cache import Warmings

_log = logging.getLogger(__name__)

_ENTRIES = Collection.SETTINGS_AND_MEMORIES.value
_SEALED = SPECS[Collection.SETTINGS_AND_MEMORIES].sealed
_WRITTEN = {"id", "version", *_SEALED, *SPECS[Collection.SETTINGS_AND_MEMORIES].optional}
"""What a device may set of a record that is there; a field that its record lacks stays as it is."""


Pair = tuple[Mapping[str, Any], Row | None]
"""A record and the row that it takes the place of, if there is one."""


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
        if any(each["id"] not in allowed or each["app_id"] != manifest_id(user_id) for each in records):
            _log.warning("A device wanted to write settings that are not Hearth's own.")
            return []
        if any(_sealed_chars(each) > MAX_SEALED_CHARS for each in records if each["id"] == record_id(user_id)):
            _log.warning("A device wanted to write preferences that are too long.")
            return []
        async with state.lock:
            stored = [await self._client.read(_ENTRIES, record["id"]) for record in records]
            pairs = list(zip(records, stored, strict=True))
            refused = [record["id"] for record, row in pairs if not _follows(record, row, hashed_id) or _lacks(record)]
            if refused:
                return refused
            stamp = state.next_stamp()
            try:
                rows = await self._put(pairs, hashed_id, stamp)
            except BaseException:
                # It may be on the disk: only Directus knows now.
                state.newest = None
                raise
            finally:
                self._warmings.drop(user_id)
            state.publish(Change(stamp, change_units((), (), rows, since=stamp - 1, until=stamp)))
        return []

    async def _put(self, pairs: Sequence[Pair], hashed_id: str, stamp: int) -> list[Row]:
        """Write all of it in one transaction; what is new is there before, as a tombstone that nobody misses."""
        new = {"hashed_user_id": hashed_id, "version": 0, "changed_at": stamp, "deleted_at": stamp}
        new |= dict.fromkeys(_SEALED)
        before = [{**record, **new} if row is None else row for record, row in pairs]
        await self._client.create(_ENTRIES, [each for each, (_, row) in zip(before, pairs, strict=True) if row is None])
        values = [
            {name: value for name, value in record.items() if name in _WRITTEN}
            | {"changed_at": stamp, "deleted_at": None}
            for record, _ in pairs
        ]
        await self._client.update_each(_ENTRIES, values)
        return [row | changed for row, changed in zip(before, values, strict=True)]


def _sealed_chars(record: Mapping[str, Any]) -> int:
    return sum(len(record.get(name) or "") for name in _SEALED)


def _lacks(record: Mapping[str, Any]) -> bool:
    """Whether a record holds what the disk has no field for: a newer device's, which goes on as it was."""
    missing = [name for name, value in record.items() if value is not None and name not in COLLECTIONS[_ENTRIES]]
    if missing:
        _log.warning("A device wanted to write fields that this server does not have: %s.", ", ".join(missing))
    return bool(missing)


def _follows(record: Mapping[str, Any], row: Row | None, hashed_id: str) -> bool:
    """Whether a record may take the place of what is stored: the next version of the user's own, or a first one."""
    if row is None:
        return bool(record["version"] == 1 and record["wrapped_key"] is None)
    return bool(record["version"] == row["version"] + 1) and owned_by(row, hashed_id)
