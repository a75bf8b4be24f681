"""What a change of another device is, by its name: the rows that it makes and those that it replaces, sealed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import DRAFT, ROLES, Collection, emptied
from hearth.ports.keys import Key, OpenedRecord
from hearth.testing.cpython_cipher import CryptographyKeyring
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.delta import owned_by
from server_mock.protocol.write_rules import Step
from server_mock.testing.manifest_builder import Written
from server_mock.testing.record_factory import Author

Fields = Mapping[str, Any]
_MAX_TEXT = 1_000_000
SENT_ROLES = tuple(role for role in ROLES if role != DRAFT)
"""The roles of messages; a draft is none yet."""


class BadChange(ValueError):
    """A change that cannot be made; the text is fit to be shown."""


@dataclass(slots=True)
class Rows(Written):
    """The rows of one change, as they are after it, and those that they replace."""

    def change(self, collection: Collection, before: Row, values: Row, stamp: int) -> None:
        """Put a row's next version in its place."""
        self._replace(collection, before, {**values, "version": before["version"] + 1, "changed_at": stamp})

    def touch(self, chat: Row, stamp: int) -> None:
        """Give a chat the stamp of a message that was written in it."""
        self._replace(Collection.CHATS, chat, {"changed_at": stamp})

    def _replace(self, collection: Collection, before: Row, values: Row) -> None:
        self.replaced.append((collection, before))
        of = {Collection.CHATS: self.chats, Collection.MESSAGES: self.messages}
        of.get(collection, self.settings).append({**before, **values})

    def steps(self, manifest: Iterable[Row] = (), before: Mapping[str, Row] | None = None) -> list[Step]:
        """What is to be written, with the manifest's rows and those that were there before, by their ids."""
        was = {row["id"]: row for _collection, row in self.replaced}
        rows = zip(Collection, (self.chats, self.messages, self.settings), strict=True)
        steps = [Step(collection, was.get(row["id"]), row) for collection, each in rows for row in each]
        known = before or {}
        return [*steps, *(Step(Collection.SETTINGS_AND_MEMORIES, known.get(row["id"]), row) for row in manifest)]

    def ids(self) -> dict[str, list[str]]:
        """The ids of the rows, by collection."""
        named = (
            (Collection.CHATS, self.chats),
            (Collection.MESSAGES, self.messages),
            (Collection.SETTINGS_AND_MEMORIES, self.settings),
        )
        return {name.value: [row["id"] for row in rows] for name, rows in named if rows}


class DeviceChanges:
    """The changes that there are; each reads what it follows on, and writes nothing."""

    def __init__(self, client: DirectusClient, author: Author, keyring: CryptographyKeyring) -> None:
        self._client = client
        self._author = author
        self._keyring = keyring
        self._operations: dict[str, Callable[[Fields, int, Rows], Awaitable[None]]] = {
            "add_message": self._add_message,
            "edit_message": self._edit_message,
            "delete_message": self._delete_message,
            "add_chat": self._add_chat,
            "rename_chat": self._rename_chat,
            "pin_chat": self._pin_chat,
            "set_draft": self._set_draft,
            "delete_chat": self._delete_chat,
            "set_setting": self._set_setting,
            "delete_setting": self._delete_setting,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the changes."""
        return tuple(self._operations)

    async def make(self, name: str, fields: Fields, stamp: int) -> Rows:
        """The rows of a change. Raises `BadChange` and `DirectusError`."""
        rows = Rows()
        await self._operations[name](fields, stamp, rows)
        return rows

    async def mine(
        self, collection: str, which: Mapping[str, Any], sort: tuple[str, ...], limit: int = -1
    ) -> list[Row]:
        """The account's rows that a filter finds."""
        mine = {"hashed_user_id": {"_eq": self._author.hashed_id}, **which}
        return await self._client.search(collection, filter=mine, sort=sort, limit=limit)

    async def _add_message(self, fields: Fields, stamp: int, rows: Rows) -> None:
        chat, key = await self._chat(fields)
        rows.messages.append(self._message(key, chat["id"], fields, stamp, "user"))
        rows.change(Collection.CHATS, chat, {"last_updated": stamp}, stamp)

    async def _edit_message(self, fields: Fields, stamp: int, rows: Rows) -> None:
        text, message = _text(fields, "text"), await self._sent_message(fields)
        chat, key = await self._chat({"chat_id": message["chat_id"]})
        content = self._author.seal(key, Collection.MESSAGES, message["id"], "content", text)
        rows.change(Collection.MESSAGES, message, {"content": content}, stamp)
        rows.change(Collection.CHATS, chat, {"last_updated": stamp}, stamp)

    async def _delete_message(self, fields: Fields, stamp: int, rows: Rows) -> None:
        message = await self._sent_message(fields)
        chat, _key = await self._chat({"chat_id": message["chat_id"]})
        rows.change(Collection.MESSAGES, message, {**emptied(Collection.MESSAGES), "deleted_at": stamp}, stamp)
        rows.change(Collection.CHATS, chat, {}, stamp)

    async def _add_chat(self, fields: Fields, stamp: int, rows: Rows) -> None:
        title, messages = _text(fields, "title"), fields.get("messages", [])
        draft = _text(fields, "draft") if "draft" in fields else None
        if not isinstance(messages, list):
            raise BadChange('"messages" must be an array of texts, or of {"text", "role", "files", "embeds"}.')
        chat, key = self._author.chat(title, at=stamp, last_updated=stamp, draft=draft)
        rows.messages = [
            self._message(key, chat["id"], {"text": each} if isinstance(each, str) else each, stamp + at, ROLES[at % 2])
            for at, each in enumerate(messages)
        ]
        for message in rows.messages:
            message["changed_at"] = stamp
        rows.chats.append(chat)

    def _message(self, key: Key, chat_id: str, fields: Fields, at: int, role: str) -> Row:
        if not isinstance(fields, dict):
            raise BadChange("A message must be text or an object.")
        role = fields.get("role", role)
        if role not in SENT_ROLES:
            raise BadChange(f'"role" must be one of {", ".join(SENT_ROLES)}.')
        files, embeds = (_objects(fields, name) for name in ("files", "embeds"))
        return self._author.message(key, chat_id, _text(fields, "text"), role=role, at=at, files=files, embeds=embeds)

    async def _rename_chat(self, fields: Fields, stamp: int, rows: Rows) -> None:
        title = _text(fields, "title")
        chat, key = await self._chat(fields)
        sealed = self._author.seal(key, Collection.CHATS, chat["id"], "title", title)
        rows.change(Collection.CHATS, chat, {"title": sealed}, stamp)

    async def _pin_chat(self, fields: Fields, stamp: int, rows: Rows) -> None:
        pinned = fields.get("pinned")
        if not isinstance(pinned, bool):
            raise BadChange('"pinned" must be true or false.')
        chat, key = await self._chat(fields)
        sealed = self._author.seal(key, Collection.CHATS, chat["id"], "pinned", "1") if pinned else None
        rows.change(Collection.CHATS, chat, {"pinned": sealed}, stamp)

    async def _set_draft(self, fields: Fields, stamp: int, rows: Rows) -> None:
        text = fields.get("text")
        if text is not None and not isinstance(text, str):
            raise BadChange('"text" must be text or null.')
        chat, key = await self._chat(fields)
        row_id = draft_id(chat["id"])
        content = self._author.seal(key, Collection.MESSAGES, row_id, "content", text) if text else None
        before = await self._client.read("messages", row_id)
        if before is not None:
            rows.change(Collection.MESSAGES, before, {"content": content}, stamp)
        elif text:
            first = self._author.message(key, chat["id"], text, role=DRAFT, at=DRAFT_CREATED_AT)
            rows.messages.append({**first, "id": row_id, "content": content, "changed_at": stamp})
        if chat["draft"] is not None:
            # Of a device that knew no other drafts.
            rows.change(Collection.CHATS, chat, {"draft": None}, stamp)
        elif rows.messages:
            rows.touch(chat, stamp)

    async def _delete_chat(self, fields: Fields, stamp: int, rows: Rows) -> None:
        chat, _key = await self._chat(fields)
        rows.change(Collection.CHATS, chat, {**emptied(Collection.CHATS), "deleted_at": stamp}, stamp)

    async def _set_setting(self, fields: Fields, stamp: int, rows: Rows) -> None:
        app, name, value = (_text(fields, each) for each in ("app", "name", "value"))
        kind = fields.get("kind", "setting")
        if kind not in ("setting", "memory"):
            raise BadChange('"kind" must be setting or memory.')
        opened = await self._settings()
        app_id, key = self._app_of(opened, app)
        if app_id is None or key is None:
            row, key = self._author.app(app, at=stamp)
            app_id = row["id"]
            rows.settings.append(row)
        entry = {"kind": kind, "name": name, "value": value}
        there = _entry_named(opened, app_id, name)
        if there is None:
            rows.settings.append(self._author.entry(key, app_id, entry, at=stamp))
            return
        sealed = self._author.seal_entry(key, there["id"], entry)
        await self._update_setting(there, {"sealed": sealed}, stamp, rows)

    async def _delete_setting(self, fields: Fields, stamp: int, rows: Rows) -> None:
        app, name = _text(fields, "app"), _text(fields, "name")
        opened = await self._settings()
        app_id, _key = self._app_of(opened, app)
        there = _entry_named(opened, app_id, name)
        if there is None:
            raise BadChange("There is no such setting or memory.")
        await self._update_setting(there, {"sealed": None, "deleted_at": stamp}, stamp, rows)

    async def _update_setting(self, opened: Row, values: Row, stamp: int, rows: Rows) -> None:
        row = await self._client.read("settings_and_memories", opened["id"])
        if row is None:
            raise BadChange("There is no such setting or memory.")
        rows.change(Collection.SETTINGS_AND_MEMORIES, row, values, stamp)

    async def _sent_message(self, fields: Fields) -> Row:
        """The message that is meant; a draft is none."""
        row = await self._client.read("messages", _text(fields, "message_id"))
        there = row is not None and owned_by(row, self._author.hashed_id) and row["deleted_at"] is None
        if row is None or not there or row["role"] == DRAFT:
            raise BadChange("There is no such message.")
        return row

    async def _chat(self, fields: Fields) -> tuple[Row, Key]:
        """The chat that is meant, by default the last updated one, and its key."""
        chat_id = fields.get("chat_id")
        if chat_id is None:
            found = await self.mine("chats", {"deleted_at": {"_null": True}}, ("-last_updated", "id"), 1)
            row = found[0] if found else None
        else:
            row = await self._client.read("chats", chat_id) if isinstance(chat_id, str) else None
        if row is None or not owned_by(row, self._author.hashed_id) or row["deleted_at"] is not None:
            raise BadChange("There is no such chat.")
        self._keyring.open_records_now(Collection.CHATS, [row])
        key = self._keyring.key_of(Collection.CHATS, row["id"])
        if key is None:
            raise BadChange("The key of this chat does not open.")
        return row, key

    async def _settings(self) -> list[OpenedRecord]:
        others = {"deleted_at": {"_null": True}, "app_id": {"_neq": manifest_id(self._author.account)}}
        rows = await self.mine("settings_and_memories", others, ("id",))
        return self._keyring.open_records_now(Collection.SETTINGS_AND_MEMORIES, rows)

    def _app_of(self, opened: list[OpenedRecord], name: str) -> tuple[str | None, Key | None]:
        for each in opened:
            clear = each["clear"]
            if clear["id"] == clear["app_id"] and _content(each).get("name") == name:
                return clear["id"], self._keyring.key_of(Collection.SETTINGS_AND_MEMORIES, clear["id"])
        return None, None


def _entry_named(opened: list[OpenedRecord], app_id: str | None, name: str) -> Row | None:
    for each in opened:
        clear = each["clear"]
        if clear["app_id"] == app_id != clear["id"] and _content(each).get("name") == name:
            return clear
    return None


def _content(opened: OpenedRecord) -> dict[str, Any]:
    text = opened["texts"]["sealed"]
    content = json.loads(text) if text else {}
    return content if isinstance(content, dict) else {}


def _objects(fields: Fields, name: str) -> list[dict[str, Any]]:
    value = fields.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise BadChange(f'"{name}" must be an array of objects.')
    return value


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise BadChange(f'"{name}" must be text of at most {_MAX_TEXT} characters.')
    return value
