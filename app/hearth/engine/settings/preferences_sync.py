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
from hearth.core.records.manifest import Manifest
from hearth.core.records.schema import empty_record
from hearth.core.settings import preferences
from hearth.core.settings.preferences import Preferences, Wishes
from hearth.engine.settings.entry_repository import ENTRIES, SEALED, EntryRepository
from hearth.engine.settings.manifest_record import ManifestRecord, next_version
from hearth.ports.keys import Keyring
from hearth.ports.storage import Keep, Store

WISHES = "wishes"
"""The name under which wishes are kept until the server has them."""

MAX_TRIES = 5
"""How often one connection sends wishes that come back refused: each time another device was faster."""


class ActivePreferences:
    """What holds now: what is stored, with what was chosen and is not stored yet."""

    def __init__(self) -> None:
        self.now = preferences.defaults()


class PreferencesSync:
    """The preferences of one session; `on_changed` gets those that hold from now on.

    `may_send` says whether it is for this tab to send, and the server hears it.
    """

    def __init__(
        self,
        account: str,
        active: ActivePreferences,
        store: Store,
        entries: EntryRepository,
        manifest: ManifestRecord,
        keyring: Keyring,
        *,
        keep: Keep,
        may_send: Callable[[], bool],
        send: Callable[[Setting], bool],
        on_changed: Callable[[Preferences], None],
    ) -> None:
        self._id = preferences.record_id(account)
        self._active = active
        self._store = store
        self._entries = entries
        self._manifest = manifest
        self._keyring = keyring
        self._keep_sealed = keep
        self._may_send = may_send
        self._send = send
        self._on_changed = on_changed
        self._stored = preferences.defaults()
        self._wishes: dict[str, str | bool] = {}
        self._tries = 0

    async def begin(self, wishes: Any | None) -> None:
        """Take over what is still wished (sealed, or None) and what is stored."""
        await self._open_wishes(wishes)
        await self.reread()

    async def _open_wishes(self, sealed: Any | None) -> None:
        if sealed is not None:
            try:
                self._wishes = preferences.read_wishes(await self._keyring.open_kept(WISHES, sealed))
            except SealError:
                self._wishes = {}

    async def reread(self) -> None:
        """Take over what is stored now; a wish that it fulfils is none any longer."""
        own = await self._entries.entry(self._id)
        self._stored = preferences.read(own["texts"]["sealed"] if own else None)
        left = preferences.open_wishes(self._stored, self._wishes)
        if left != self._wishes:
            self._wishes, self._tries = left, 0
            await self._keep()
        self._take()

    async def entries_stored(self) -> None:
        """Entries of apps were stored, and Hearth's own may be among them."""
        await self.reread()
        await self.push()

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
        """There is a new connection: wishes may be sent again."""
        self._tries = 0

    async def push(self) -> None:
        """Send what is wished, in the next version of the record and of the manifest that vouches for it.

        Nothing happens in a tab that follows, or while the server does not hear.
        """
        if not self._may_send() or not self._wishes or self._tries >= MAX_TRIES:
            return
        self._tries += 1
        written = await self._write()
        if written and sum(len(row["sealed"]) for row in written) < MAX_DEVICE_FRAME_CHARS - 4_096:
            self._send(Setting(written=written))

    # --- within ---

    def _take(self) -> None:
        now = preferences.fulfilled(self._stored, self._wishes)
        if now != self._active.now:
            self._active.now = now
            self._on_changed(now)

    async def _keep(self) -> None:
        if not self._wishes:
            await self._store.search_index.forget([WISHES])
            return
        sealed = await self._keyring.seal_kept(WISHES, json.dumps(self._wishes).encode())
        await self._keep_sealed(WISHES, sealed, {})

    async def _write(self) -> list[dict[str, Any]]:
        """The records as they are to be stored; none while the account has no manifest, and so no key for them."""
        state = await self._manifest.read()
        if state is None:
            return []
        before = state.rows.get(self._id)
        text = preferences.write(self._active.now)
        sealed = await self._keyring.seal_field(ENTRIES, state.id, self._id, SEALED, text)
        entry = next_version(before or empty_record(ENTRIES, id=self._id, app_id=state.id), sealed)
        manifest = await self._manifest.next(state, await self._vouch(state.manifest, before, entry))
        return [] if sealed is None or not manifest else [entry, *manifest]

    async def _vouch(self, manifest: Manifest, before: dict[str, Any] | None, entry: dict[str, Any]) -> Manifest:
        """The manifest with the new version of an entry in place of the one before."""
        old = await self._manifest.tags(manifest, ENTRIES, [before] if before else [])
        new = await self._manifest.tags(manifest, ENTRIES, [entry])
        return manifest.with_entries(manifest.entries.minus(old).plus(new))
