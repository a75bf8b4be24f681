"""The versions under which something was sealed and refused: nothing else is ever sealed under them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hearth.core.errors import StorageError
from hearth.core.outbox.parcel import Spent
from hearth.core.records.schema import DRAFT, Collection
from hearth.engine.storage.kept_json import KeptJson
from hearth.ports.keys import Keyring
from hearth.ports.storage import Keep, Store

SPENT = "spent versions"
"""The name under which they are kept."""

Written = Mapping[Collection, list[dict[str, Any]]]


class SpentVersions:
    """Those of one account, as far as this device has written; kept across reloads."""

    def __init__(self, store: Store, keyring: Keyring, keep: Keep) -> None:
        self._kept = KeptJson(store.kept_values, keyring, keep, SPENT)
        self.versions: Spent = {}

    async def load(self) -> None:
        """Take over what is kept; what does not open is as if nothing were."""
        found = await self._kept.read()
        with suppress(ValueError, TypeError, AttributeError):
            self.versions = {str(name): int(version) for name, version in found.items()}

    async def refused(self, records: Written) -> None:
        """A write was refused: what was sealed when it was made. Without a manifest no version can be skipped."""
        entries, messages = records.get(Collection.SETTINGS_AND_MEMORIES, []), records.get(Collection.MESSAGES, [])
        if not entries:
            return
        drafts = [row for row in messages if row["role"] == DRAFT]
        self.versions = {**self.versions, **{row["id"]: row["version"] for row in [*entries, *drafts]}}
        with suppress(StorageError):  # On a full disk they hold until the page goes.
            await self._kept.write(self.versions)

    def written(self, records: Written) -> None:
        """A write is on the disk: what comes next is of later versions by itself."""
        later = {row["id"]: row["version"] for rows in records.values() for row in rows}
        self.versions = {name: each for name, each in self.versions.items() if each > later.get(name, 0)}
