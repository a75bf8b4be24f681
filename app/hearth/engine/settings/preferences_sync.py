"""Hearth's own settings in this page: what holds, what the person wishes, and that the server comes to have it.

A wish holds on this device at once, and is kept, sealed, until it comes back from the server in the record.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hearth.core.errors import SealError
from hearth.core.protocol.codec import MAX_DEVICE_FRAME_CHARS
from hearth.core.protocol.events import Setting
from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Fingerprint, Manifest
from hearth.core.records.schema import SPECS, Collection
from hearth.core.settings import preferences
from hearth.core.settings.preferences import Preferences, Wishes
from hearth.ports.keys import Keyring
from hearth.ports.records import Records
from hearth.ports.storage import Store

WISHES = "wishes"
"""The name under which wishes are kept until the server has them."""

MAX_TRIES = 5
"""How often one connection sends wishes that come back refused: each time another device was faster."""

_ENTRIES = Collection.SETTINGS_AND_MEMORIES


class PreferencesSync:
    """The preferences of one session. `send` answers whether there was a connection; `on_changed` hears what holds."""

    def __init__(
        self,
        account: str,
        store: Store,
        keyring: Keyring,
        send: Callable[[Setting], bool],
        on_changed: Callable[[Preferences], None],
    ) -> None:
        self._id = preferences.record_id(account)
        self._store = store
        self._keyring = keyring
        self._send = send
        self._on_changed = on_changed
        self._stored = preferences.defaults()
        self._wishes: dict[str, str | bool] = {}
        self._tries = 0
        self.now = self._stored
        """What holds: what is stored, with what is wished."""

    async def begin(self, wishes: Any | None, entries: Records) -> None:
        """Take over what is still wished (sealed, or None) and what is stored."""
        await self._open_wishes(wishes)
        await self._take_over(await self._opened(entries))

    async def _open_wishes(self, sealed: Any | None) -> None:
        if sealed is not None:
            try:
                self._wishes = preferences.read_wishes(await self._keyring.open_kept(WISHES, sealed))
            except SealError:
                self._wishes = {}

    async def reread(self) -> None:
        """Take over what is stored now; a wish that it fulfils is none any longer."""
        await self._take_over(await self._entries())

    async def _take_over(self, entries: tuple[Records, list[Any]]) -> None:
        own = _Found.among(*entries, self._id)
        self._stored = preferences.read(own.text)
        left = preferences.open_wishes(self._stored, self._wishes)
        if left != self._wishes:
            self._wishes, self._tries = left, 0
            await self._keep()
        self._take()

    async def wish(self, wishes: Wishes) -> None:
        """The person chose: it holds at once, and is kept until the server has it."""
        self._wishes = preferences.open_wishes(self._stored, {**self._wishes, **wishes})
        self._tries = 0
        self._take()
        await self._keep()

    async def hear(self) -> None:
        """Another tab kept a wish."""
        self._tries = 0
        await self._open_wishes(await self._store.search_index.read(WISHES))
        await self.reread()

    def connected(self) -> None:
        """The device is up to date (again): wishes may be sent again."""
        self._tries = 0

    async def push(self) -> None:
        """Send what is wished, in the next version of the record and of the manifest that vouches for it."""
        if not self._wishes or self._tries >= MAX_TRIES:
            return
        self._tries += 1
        written = await self._write()
        if written and sum(len(row["sealed"]) for row in written) < MAX_DEVICE_FRAME_CHARS - 4_096:
            self._send(Setting(written=written))

    # --- within ---

    def _take(self) -> None:
        now = preferences.fulfilled(self._stored, self._wishes)
        if now != self.now:
            self.now = now
            self._on_changed(now)

    async def _keep(self) -> None:
        if not self._wishes:
            await self._store.search_index.forget([WISHES])
            return
        sealed = await self._keyring.seal_kept(WISHES, json.dumps(self._wishes).encode())
        await self._store.search_index.keep(WISHES, sealed, {})

    async def _entries(self) -> tuple[Records, list[Any]]:
        return await self._opened(await self._store.settings_and_memories())

    async def _opened(self, records: Records) -> tuple[Records, list[Any]]:
        return records, list(await self._keyring.open_records(_ENTRIES, records))

    async def _write(self) -> list[dict[str, Any]]:
        """The two records as they are to be stored; none while the account has no manifest, and so no key for them."""
        records, opened = await self._entries()
        own = _Found.among(records, opened, self._id)
        vouching = next((at for at, each in enumerate(opened) if manifests.is_manifest(each["texts"]["sealed"])), None)
        if vouching is None:
            return []
        manifest = manifests.read(opened[vouching]["texts"]["sealed"] or "")
        if manifest is None:
            return []
        (stored,) = self._keyring.rows(records[vouching : vouching + 1])
        app_id = stored["id"]
        sealed = await self._keyring.seal_entry(app_id, self._id, preferences.write(self.now))
        (before,) = [_empty_row(self._id, app_id)] if own.record is None else self._keyring.rows(own.record)
        entry = _next_version(before, sealed)
        vouched = await self._vouch(manifest, own.record, entry)
        text = json.dumps(manifests.write(vouched), ensure_ascii=False, separators=(",", ":"))
        sealed_manifest = await self._keyring.seal_entry(app_id, app_id, text)
        if sealed is None or sealed_manifest is None:
            return []
        return [entry, _next_version(stored, sealed_manifest)]

    async def _vouch(self, manifest: Manifest, before: Records | None, entry: dict[str, Any]) -> Manifest:
        fingerprint = self._keyring.fingerprint
        old = await fingerprint(manifest.secret, _ENTRIES, before) if before is not None else Fingerprint()
        new = await fingerprint(manifest.secret, _ENTRIES, self._keyring.records([entry]))
        return manifest.with_entries(manifest.entries.minus(old).plus(new))


def _empty_row(record_id: str, app_id: str) -> dict[str, Any]:
    """What the first version of a record is made from."""
    return dict.fromkeys(SPECS[_ENTRIES].base) | {"id": record_id, "app_id": app_id, "version": 0, "changed_at": 0}


def _next_version(row: dict[str, Any], sealed: str | None) -> dict[str, Any]:
    """The record's next version; fields that this device does not know stay as they came."""
    return {**row, "version": row["version"] + 1, "sealed": sealed}


class _Found:
    """The record of preferences among the others: its text, and itself."""

    def __init__(self, text: str | None = None, record: Records | None = None) -> None:
        self.text = text
        self.record = record

    @classmethod
    def among(cls, records: Records, opened: list[Any], record_id: str) -> _Found:
        for at, each in enumerate(opened):
            if each["clear"]["id"] == record_id:
                return cls(each["texts"]["sealed"], records[at : at + 1])
        return cls()
