"""The next records of an account's manifest for records that are about to be written, sealed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hearth.core.outbox.parcel import Spent
from hearth.core.records.manifest import Listed, Manifest
from hearth.core.records.schema import Collection
from hearth.engine.settings.entry_repository import ENTRIES
from hearth.engine.settings.manifest_record import ManifestRecord, Row, RowsAhead
from hearth.engine.settings.preferences_record import EntryChange
from hearth.ports.keys import Keyring
from hearth.ports.storage import EVERY_MESSAGE, Store


@dataclass(slots=True)
class ChatChange:
    """What a write changes of one chat: its record before and after (None: it was not there, it stays as it is).

    `messages` are its messages' records as they will be, `replaced` those of them that are there now.
    """

    chat_id: str
    before: Row | None = None
    after: Row | None = None
    messages: list[Row] = field(default_factory=list)
    replaced: list[Row] = field(default_factory=list)


class ManifestWriter:
    """Makes the manifest that vouches for a write."""

    def __init__(self, store: Store, keyring: Keyring, record: ManifestRecord) -> None:
        self._store = store
        self._keyring = keyring
        self._record = record

    async def read_ahead(self, chats: Iterable[str]) -> RowsAhead | None:
        """Begin to read what a write of some chats will change of the manifest, if there is one that opens."""
        state = await self._record.read()
        return None if state is None else self._record.read_ahead(state, chats)

    async def next(
        self,
        changes: Sequence[ChatChange],
        entry: EntryChange | None,
        spent: Spent,
        ahead: RowsAhead | None = None,
    ) -> list[Row]:
        """The manifest's next records; none while the account has no manifest that opens."""
        state = await self._record.read()
        if state is None:
            return []
        manifest = state.manifest
        for change in changes:
            manifest = manifest.with_chat(change.chat_id, await self._listed(manifest, change))
        if entry is not None:
            before = await self._record.tags(manifest, ENTRIES, [entry.before] if entry.before else [])
            after = await self._record.tags(manifest, ENTRIES, [entry.after])
            manifest = manifest.with_entries(manifest.entries.minus(before).plus(after))
        return await self._record.next(state, manifest, spent, ahead)

    async def stands_at(self) -> int | None:
        """The version of the manifest's record that is here; None while the account has no manifest that opens."""
        state = await self._record.read()
        return None if state is None else state.record_version

    async def _listed(self, manifest: Manifest, change: ChatChange) -> Listed | None:
        """How the chat is listed once the change is written."""
        chat = change.after or change.before
        if chat is None or chat["deleted_at"] is not None:
            return None
        before, tags = manifest.chats.get(change.chat_id), self._record.tags
        if before is not None and change.before is not None and before.version == change.before["version"]:
            old, new, replaced, written = await asyncio.gather(
                tags(manifest, Collection.CHATS, [change.before] if change.after is not None else []),
                tags(manifest, Collection.CHATS, [change.after] if change.after is not None else []),
                tags(manifest, Collection.MESSAGES, change.replaced),
                tags(manifest, Collection.MESSAGES, change.messages),
            )
            held = before.held.minus(old).plus(new).minus(replaced).plus(written)
        else:
            # New, or not listed as it is here: it is listed anew.
            ids = {each["id"] for each in change.messages}
            stored = self._keyring.rows(await self._store.messages(change.chat_id, EVERY_MESSAGE))
            kept = [each for each in stored if each["id"] not in ids]
            held = await tags(manifest, Collection.CHATS, [chat])
            held = held.plus(await tags(manifest, Collection.MESSAGES, [*kept, *change.messages]))
        return Listed(chat["version"], chat["last_updated"], held)
