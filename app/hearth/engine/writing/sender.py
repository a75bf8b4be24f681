"""Sends what waits in the outbox, in the tab that leads, and takes the answers; one write is under way at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from hearth.core.outbox import parcel as parcels
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.protocol.device_events import Write
from hearth.core.protocol.server_events import Changes, Refusal, Refused, Written
from hearth.core.records.schema import Collection, emptied
from hearth.core.sync.machine import SyncMachine
from hearth.core.text.characters import one_line
from hearth.engine.queue_items import OutboxDue, Post
from hearth.engine.settings.preferences_record import PreferencesRecord
from hearth.engine.sync.connection import Connection
from hearth.engine.tabs.role import TabRole
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.manifest_writer import ChatChange, ManifestWriter
from hearth.engine.writing.outbox import Outbox, Parcel
from hearth.engine.writing.preferences_sync import wishes_of
from hearth.engine.writing.spent_versions import SpentVersions
from hearth.engine.writing.stored_message import stored_message
from hearth.engine.writing.unsent_texts import CHAT_GONE, MESSAGE_GONE, UnsentTexts
from hearth.ports.keys import Keyring
from hearth.ports.records import Frame
from hearth.ports.storage import Position, Store

MAX_REFUSALS = 20
"""So often in a row a connection sends what comes back refused, each time because another device was faster."""

DRAFT_SPACING_S = 2.0
"""A device writes drafts at most once in so many seconds."""

MAX_QUOTED_CHARS = 500
"""So much of another device's edit is shown beside one's own."""

EDITED_ELSEWHERE = (
    "This message was edited on another device meanwhile. “Try again” keeps yours, “Discard” keeps theirs."
)


class OutboxSender:
    """The write side of the connection. `drafts` are the drafts that are stored, by chat: it adds what it writes.

    While `held`, nothing is sent: it could not follow on what the server has.
    """

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        outbox: Outbox,
        drafts: dict[str, str],
        manifest: ManifestWriter,
        preferences: PreferencesRecord,
        connection: Connection,
        machine: SyncMachine,
        role: TabRole,
        clock: WritingClock,
        unsent: UnsentTexts,
        spent: SpentVersions,
        post: Post,
        held: Callable[[], bool],
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._outbox = outbox
        self._drafts = drafts
        self._manifest = manifest
        self._preferences = preferences
        self._connection = connection
        self._machine = machine
        self._role = role
        self._clock = clock
        self._unsent = unsent
        self.spent = spent
        self._post = post
        self._held = held
        self._under_way = False
        self._refusals = 0
        self._drafts_from = 0.0
        self.gave_back = False
        """Whether something was given back to the person since this was last looked at."""
        self.wrote_drafts = False
        """Whether a draft was written since this was last looked at."""
        self._timer: asyncio.TimerHandle | None = None

    def connected(self) -> None:
        """There is a new connection: whatever was under way is not answered there."""
        self._under_way = False
        self._refusals = 0

    def stop(self) -> None:
        """Nothing more is sent."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def push(self) -> None:
        """Send what may go now, unless a write is under way. Raises `StorageError`."""
        if not self._role.is_leader or not self._machine.current or self._under_way or self._refusals > MAX_REFUSALS:
            return
        if self._held():
            return
        if self._outbox.parcel is None:
            chosen = self._choose()
            if not chosen:
                self._wait()
                return
            parcel = await self._parcel(chosen)
            if parcel is None:
                return
            await self._outbox.begin(parcel)
        if parcel := self._outbox.parcel:
            self._under_way = self._connection.send(
                Write(mutations=parcel.mutations, records=parcel.records, follows=parcel.follows)
            )

    def _choose(self) -> list[Mutation]:
        now, due = self._clock.now_ms(), self._clock.monotonic() >= self._drafts_from
        left_out = {Act.DRAFT: not due, Act.SETTING: not self._preferences.has_key}
        sendable = [each for each in self._outbox.mutations if not left_out.get(each.act)]
        chosen = parcels.choose(sendable, now)
        if any(each.act is Act.DRAFT for each in chosen):
            self._drafts_from = self._clock.monotonic() + DRAFT_SPACING_S
        return chosen

    def _wait(self) -> None:
        """Come back when what waits for its time may go."""
        self.stop()
        waits = [max(0.0, (each.not_before - self._clock.now_ms()) / 1000) for each in self._outbox.mutations]
        drafts = [each for each in self._outbox.mutations if each.act is Act.DRAFT and not each.problem]
        due = [each for each in waits if each > 0]
        due += [max(0.05, self._drafts_from - self._clock.monotonic())] if drafts else []
        if due:
            self._timer = asyncio.get_running_loop().call_later(min(due), self._post, OutboxDue())

    # --- what is sent ---

    async def _parcel(self, chosen: list[Mutation]) -> Parcel | None:
        """The records of mutations and the manifest for them; None where a chat that they need is not here."""
        changes = []
        settings = [each for each in chosen if each.act is Act.SETTING]
        entry = await self._preferences.next(wishes_of(settings), self.spent.versions) if settings else None
        if settings and entry is None:
            chosen = [each for each in chosen if each not in settings]
            if not chosen:
                return None
        chats = list(dict.fromkeys(each.chat_id for each in chosen if each.act is not Act.SETTING))
        ahead = await self._manifest.read_ahead(chats)
        for chat_id in chats:
            own = [each for each in chosen if each.chat_id == chat_id]
            change = await self._change(chat_id, own)
            if change is None:
                await self._fail(own, CHAT_GONE)
                self._post(OutboxDue())
                return None
            changes.append(change)
        records: dict[Collection, list[dict[str, Any]]] = {
            Collection.CHATS: [each.after for each in changes if each.after is not None],
            Collection.MESSAGES: [row for each in changes for row in each.messages],
            Collection.SETTINGS_AND_MEMORIES: [
                *([entry.after] if entry else []),
                *await self._manifest.next(changes, entry, self.spent.versions, ahead),
            ],
        }
        rows = {name: rows for name, rows in records.items() if rows}
        return Parcel(tuple(each.id for each in chosen), rows, await self._follows(rows))

    async def _follows(self, records: Mapping[Collection, list[dict[str, Any]]]) -> int | None:
        """The version of the manifest that records follow on, where one of them skips a version that was refused."""
        skips = any(row["id"] in self.spent.versions for rows in records.values() for row in rows)
        return await self._manifest.stands_at() if skips else None

    async def _change(self, chat_id: str, own: list[Mutation]) -> ChatChange | None:
        stored = self._keyring.rows(await self._store.chat(chat_id))
        before = stored[0] if stored else None
        if before is None and not own[0].creates:
            return None
        # What a write replaces is read once: a draft is sealed on it, and the manifest no longer lists it.
        may_be_stored = [each for each in own if each.act is Act.DRAFT or each.message.get("version", 1) > 1]
        found = await asyncio.gather(*(self._stored(each.message) for each in may_be_stored))
        replaced = {each.id: row for each, row in zip(may_be_stored, found, strict=True) if row}
        own = [await self._resealed_on(replaced.get(each.id), each) if each.act is Act.DRAFT else each for each in own]
        rows = parcels.message_rows(own)
        return ChatChange(chat_id, before, parcels.chat_row(before, own), rows, list(replaced.values()))

    # --- answers ---

    def answered_by(self, event: Written) -> tuple[Frame, Changes, list[Mutation]] | None:
        """What an answer makes true: the write's records as a change of the server's, and the mutations that are done.

        None for an answer to what is not under way any longer.
        """
        parcel = self._outbox.parcel
        if parcel is None or tuple(event.mutations) != parcel.mutations:
            return None
        stamped = {
            name: [_stamped(row, event.changed_at) for row in rows] for name, rows in parcel.records.items() if rows
        }
        created = {
            row["id"]: event.changed_at
            for row in stamped.get(Collection.CHATS, [])
            if row["version"] == 1 and row["deleted_at"] is None
        }
        counts = {name: len(rows) for name, rows in stamped.items()}
        change = Changes(seq=event.seq, since=event.since, stamp=event.stamp, counts=counts, complete=created)
        records = {name: self._keyring.records(rows) for name, rows in stamped.items()}
        return Frame(change, records), change, self._done_with(self._outbox.parcel_mutations())

    def _done_with(self, written: list[Mutation]) -> list[Mutation]:
        """The mutations that were written, and drafts of chats that the person deleted with them."""
        deleted = {each.chat_id for each in written if each.act is Act.DELETE_CHAT}
        drafts = (each for chat_id in deleted for each in self._outbox.of(chat_id) if each.act is Act.DRAFT)
        return [*written, *(each for each in drafts if each not in written)]

    def done(self, event: Written, written: Sequence[Mutation]) -> None:
        """The records of a write are stored, and its mutations are out of the outbox."""
        drafts = [each for each in written if each.act is Act.DRAFT or (each.act is Act.IMPORT and each.text)]
        self._drafts |= {each.chat_id: each.text for each in drafts}
        self.wrote_drafts = self.wrote_drafts or bool(drafts)
        self._outbox.take((), written)
        if self._outbox.parcel is not None:
            self.spent.written(self._outbox.parcel.records)
            self._outbox.parcel = None
        self._under_way, self._refusals = False, 0

    async def refused(self, event: Refused) -> None:
        """A write was refused, and the records that it met are stored: make it again of them, or give it back."""
        parcel = self._outbox.parcel
        if parcel is None or tuple(event.mutations) != parcel.mutations:
            return
        self._under_way = False
        self._refusals += 1
        await self.spent.refused(parcel.records)
        put, remove = [], []
        for each in self._outbox.parcel_mutations():
            after = await self._after_refusal(each, event)
            if after is None:
                remove.append(each)
            elif after != each:
                put.append(after)
        # The write goes out of the outbox together with what becomes of its mutations.
        change = await self._outbox.sealed(put, remove)
        await self._outbox.drop_parcel(change)
        self._outbox.take(put, remove)

    async def _after_refusal(self, mutation: Mutation, event: Refused) -> Mutation | None:
        """What becomes of a mutation: as it is (it is sent again), changed, or None when nobody needs it any longer."""
        concerned = any(mutation.is_about(each) for each in event.ids)
        if mutation.act is Act.IMPORT:
            # Something had changed meanwhile: it stays, as refused, for the import to find it so.
            return replace(mutation, problem=event.message) if concerned or not event.ids else mutation
        match event.reason:
            case Refusal.INVALID if not concerned and event.ids:
                return mutation
            case Refusal.INVALID | Refusal.QUOTA:
                return None if mutation.act is Act.SETTING else replace(mutation, problem=event.message)
            case Refusal.DELETED if concerned:
                chat_gone = mutation.act is not Act.EDIT or mutation.chat_id in event.ids
                return await self._given_back(mutation, CHAT_GONE if chat_gone else MESSAGE_GONE)
            case Refusal.MOVED_ON if mutation.message_id in event.ids:
                return await self._rebased(mutation)
            case Refusal.MOVED_ON | Refusal.DELETED:
                return mutation
            case _:
                assert_never(event.reason)

    async def _rebased(self, mutation: Mutation) -> Mutation | None:
        """A mutation of a message that has moved on meanwhile."""
        row = await self._stored(mutation.message)
        if row is None:
            return await self._given_back(mutation, MESSAGE_GONE) if mutation.act is Act.EDIT else None
        if mutation.act is Act.SEND:
            return mutation
        if mutation.act is Act.EDIT:
            return replace(mutation, problem=f"{EDITED_ELSEWHERE} It reads there: “{await self._text_of(row)}”")
        return mutation if mutation.act is Act.DRAFT else await self.resealed(mutation, row)

    async def _given_back(self, mutation: Mutation, problem: str) -> Mutation | None:
        """What is kept of a mutation that can never be written."""
        return await self._unsent.instead_of(mutation, self._outbox.of(mutation.chat_id), problem)

    async def _text_of(self, row: dict[str, Any]) -> str:
        """What a stored message says, as one line."""
        opened = await self._keyring.open_records(Collection.MESSAGES, self._keyring.records([row]))
        return one_line(opened[0]["texts"]["content"] or "", MAX_QUOTED_CHARS)

    async def _stored(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """What is stored of a message."""
        at = Position(message["created_at"], message["id"])
        return await stored_message(self._store, self._keyring, message["chat_id"], at)

    async def resealed(self, mutation: Mutation, row: dict[str, Any] | None = None) -> Mutation:
        """The same act on the message as it is now: the next version of it, sealed anew."""
        return await self._resealed_on(row or await self._stored(mutation.message), mutation)

    async def _resealed_on(self, row: dict[str, Any] | None, mutation: Mutation) -> Mutation:
        row = row or {**mutation.message, "version": 0}
        message = {**row, "version": parcels.version_after(row["id"], row["version"], self.spent.versions)}
        if mutation.act is Act.DELETE_MESSAGE:
            message |= {**emptied(Collection.MESSAGES), "deleted_at": mutation.at}
        else:
            chat, record = mutation.chat_id, row["id"]
            sealed = None
            if mutation.text:
                sealed = await self._keyring.seal_field(Collection.MESSAGES, chat, record, "content", mutation.text)
            message["content"] = sealed
        return replace(mutation, message=message, problem="")

    async def _fail(self, failed: list[Mutation], problem: str) -> None:
        """Give back what cannot be written: what was typed stays, with the reason."""
        kept = [after for each in failed if (after := await self._given_back(each, problem)) is not None]
        names = {each.name for each in kept}
        await self._outbox.change(kept, [each for each in failed if each.name not in names])
        self.gave_back = True


def _stamped(row: dict[str, Any], changed_at: int) -> dict[str, Any]:
    """A record as the server has stored it."""
    return {**row, "changed_at": changed_at, "deleted_at": None if row["deleted_at"] is None else changed_at}
