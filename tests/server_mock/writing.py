"""What a device sends when it writes: sealed records of the next version, and the manifest that vouches for them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hearth.core.protocol.device_events import Write
from hearth.core.protocol.server_events import Refused, Written
from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.manifest import manifest_id, shard_ids, shard_of
from hearth.core.records.schema import DRAFT, SPECS, Collection, record_of
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyCipher
from server_mock.directus.schema import Row
from server_mock.testing.manifest_builder import Notary, next_rows, standing_of
from server_mock.testing.manifest_builder import Written as Writing
from server_mock.testing.record_factory import Author
from tests.server_mock.world import Device, World

CHATS, MESSAGES, ENTRIES = Collection
Records = Mapping[Collection, Sequence[Row]]

_numbers = itertools.count(1)


async def a_device(world: World, name: str, *account: str) -> Device:
    """A device of an account, by default the world's own, that has everything."""
    return await (await (await world.sign_in(*account)).connect(name)).synchronised()


@dataclass
class Pen:
    """Writes with the keys of a device that is connected."""

    device: Device
    author: Author = field(init=False)

    def __post_init__(self) -> None:
        keyring = self.device.keyring
        assert keyring._master
        self.author = Author(CryptographyCipher(), self.device.account, keyring._master, os.urandom)
        for collection in Collection:
            keyring.open_records_now(collection, list(self.device.records(collection).values()))

    # --- records ---

    @property
    def chat(self) -> Row:
        """The last updated chat."""
        return max(self.device.records(CHATS).values(), key=lambda row: (row["last_updated"], row["id"]))

    @property
    def manifest(self) -> Row:
        """The manifest's record as the device has it."""
        return self.device.tables[ENTRIES][manifest_id(self.device.account)]

    def messages(self, chat_id: str) -> list[Row]:
        """A chat's messages, oldest first."""
        rows = (row for row in self.device.records(MESSAGES).values() if row["chat_id"] == chat_id)
        return sorted(rows, key=lambda row: (row["created_at"], row["id"]))

    def key(self, chat_id: str) -> Key:
        key = self.device.keyring.key_of(CHATS, chat_id)
        assert key
        return key

    def message(self, chat_id: str, text: str = "hello", key: Key | None = None, **values: Any) -> Row:
        """A new message."""
        key = key or self.key(chat_id)
        row = self.author.message(key, chat_id, text, role="user", at=self.now())
        return record_of(MESSAGES, row) | values

    def draft(self, chat_id: str, text: str = "not yet", **values: Any) -> Row:
        """The next version of a chat's draft."""
        row_id = draft_id(chat_id)
        before = self.device.tables[MESSAGES].get(row_id, {"version": 0})
        row = {
            **dict.fromkeys(SPECS[MESSAGES].fields),
            "id": row_id,
            "chat_id": chat_id,
            "role": DRAFT,
            "created_at": DRAFT_CREATED_AT,
            "changed_at": 0,
            "version": before["version"] + 1,
            "content": self.author.seal(self.key(chat_id), MESSAGES, row_id, "content", text) if text else None,
        }
        return row | values

    def new_chat(self, title: str = "a new chat", **values: Any) -> tuple[Row, Key]:
        """A chat that is not there yet, and its key; the first one of its shard."""
        ids = shard_ids(manifest_id(self.device.account))
        while True:
            row, key = self.author.chat(title, at=self.now(), last_updated=self.now())
            if ids[shard_of(row["id"])] not in self.device.tables[ENTRIES]:
                break
        return record_of(CHATS, row) | values, key

    def next(self, row: Row, **values: Any) -> Row:
        """The next version of a record."""
        return {**row, "version": row["version"] + 1, **values}

    def touched(self, chat_id: str | None = None, **values: Any) -> Row:
        """The chat as it is after a message: the next version, updated now."""
        row = self.device.records(CHATS)[chat_id or self.chat["id"]]
        return self.next(row, last_updated=self.now(), **values)

    def retitled(self, chat_id: str, title: str) -> Row:
        """The chat with another title."""
        return self.touched(chat_id, title=self.author.seal(self.key(chat_id), CHATS, chat_id, "title", title))

    def tombstone(self, collection: Collection, row: Row) -> Row:
        """The record, deleted."""
        gone = dict.fromkeys(SPECS[collection].sealed)
        gone |= {"wrapped_key": None} if collection is CHATS else {}
        return self.next(row, deleted_at=self.now(), **gone)

    def now(self) -> int:
        return int(self.device.world.time() * 1000)

    # --- writes ---

    def vouched(self, records: Records) -> dict[Collection, list[Row]]:
        """The records together with the manifest of the account after them."""
        before = [
            (collection, there)
            for collection, rows in records.items()
            for row in rows
            if (there := self.device.tables[collection].get(row["id"])) is not None
        ]
        root = self.manifest
        standing = standing_of(self.device.keyring, root["id"], self.device.tables[ENTRIES])
        assert standing
        chats, messages = list(records.get(CHATS, ())), list(records.get(MESSAGES, ()))
        gone = {row["id"] for row in chats if row["deleted_at"] is not None}
        alive = [row for row in messages if row["deleted_at"] is None and row["chat_id"] not in gone]
        after = Notary.of(standing.manifest).note(Writing(chats, alive, [], before))
        rows = next_rows(self.author, standing, after, 0, root)
        own = [record_of(ENTRIES, row) | {"changed_at": root["changed_at"]} for row in rows]
        return {**{name: list(rows) for name, rows in records.items()}, ENTRIES: own}

    def frame(self, records: Records, *mutations: str) -> Write:
        """The frame of a write, with the manifest unless it is there; the device knows what it has sent."""
        whole = records if ENTRIES in records else self.vouched(records)
        frame = Write(mutations=mutations or (f"mutation-{next(_numbers)}",), records=whole)
        self.device.writes[tuple(frame.mutations)] = whole
        return frame

    def send(self, records: Records, *mutations: str) -> Write:
        """Send a write."""
        frame = self.frame(records, *mutations)
        self.device.socket.send(frame)
        return frame

    async def write(self, records: Records, *mutations: str) -> Written:
        """Write, and take the answer."""
        self.send(records, *mutations)
        return await self.written()

    async def written(self) -> Written:
        """Take events up to an answer, which says that it is written."""
        answer = await self.answer()
        assert isinstance(answer, Written), answer
        return answer

    async def refused(self) -> Refused:
        """Take events up to an answer, which says that it is refused."""
        answer = await self.answer()
        assert isinstance(answer, Refused), answer
        return answer

    async def answer(self) -> Written | Refused:
        """Take events up to an answer."""
        while True:
            event = await self.device.take()
            if isinstance(event, Written | Refused):
                return event

    def say(self, text: str = "hello", chat_id: str | None = None) -> Records:
        """A message in a chat that is there, and the chat after it."""
        chat_id = chat_id or self.chat["id"]
        return {MESSAGES: [self.message(chat_id, text)], CHATS: [self.touched(chat_id)]}


async def row_of(world: World, collection: Collection, row_id: str) -> dict[str, Any]:
    row = await world.direct.read(collection.value, row_id)
    assert row
    return row


def methods(world: World) -> list[str]:
    return [f"{entry['method']} {entry['collection']}" for entry in world.log()]
