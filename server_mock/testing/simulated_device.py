"""Changes made as if from another device of an account: sealed with its keys, written, and pushed."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hearth.core.protocol.events import SessionEnd
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import ROLES, SPECS, WRAPPED_KEY, Collection
from hearth.ports.keys import Key, OpenedRecord
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.accounts import UserEntry, entry_of, hash_email
from server_mock.protocol.change_log import Change
from server_mock.protocol.delta import change_units, owned_by
from server_mock.protocol.services import Services
from server_mock.testing.manifest_builder import Written
from server_mock.testing.manifest_writer import BadManifest, ManifestKeeper
from server_mock.testing.record_factory import Author
from server_mock.testing.tampering import Archive

Fields = Mapping[str, Any]
_MAX_TEXT = 1_000_000


class BadChange(ValueError):
    """A change that cannot be made; the text is fit to be shown."""


@dataclass(slots=True)
class Rows(Written):
    """The rows of one change, as they are after it."""

    def ids(self) -> dict[str, list[str]]:
        """The ids of the rows, by collection."""
        named = (
            (Collection.CHATS, self.chats),
            (Collection.MESSAGES, self.messages),
            (Collection.SETTINGS_AND_MEMORIES, self.settings),
        )
        return {name.value: [row["id"] for row in rows] for name, rows in named if rows}


class Writer:
    """Another device of one account. `client` is a way to Directus of its own: unlogged, without faults."""

    def __init__(
        self, services: Services, client: DirectusClient, archive: Archive, user: UserEntry, author: Author
    ) -> None:
        self._services = services
        self._archive = archive
        self._client = client
        self._user = user
        self._author = author
        self._state = services.states.of(user.id)
        self._keyring = CryptographyKeyring(CryptographyCipher(), author.account, author.master)
        self._manifest = ManifestKeeper(client, author, self._keyring)
        self._operations: dict[str, Callable[[Fields, int, Rows], Awaitable[None]]] = {
            "add_message": self._add_message,
            "edit_message": self._edit_message,
            "add_chat": self._add_chat,
            "rename_chat": self._rename_chat,
            "set_draft": self._set_draft,
            "delete_chat": self._delete_chat,
            "set_setting": self._set_setting,
            "delete_setting": self._delete_setting,
        }

    async def apply(self, name: str, fields: Fields, origin: str | None = None) -> dict[str, list[str]]:
        """Make one change and push it; the ids that it touched. Raises `BadChange` and `DirectusError`.

        `origin` is the device that makes it: the records are not pushed to that one.
        """
        operation = self._operations.get(name)
        if operation is None:
            known = ", ".join([*self._operations, "set_last_opened", "end_sessions"])
            raise BadChange(f'There is no change "{name:.40}"; there are {known}.')
        rows = Rows()
        async with self._state.lock:
            stamp = self._state.next_stamp()
            try:
                standing = await self._manifest.read()
                await operation(fields, stamp, rows)
                manifest = await self._manifest.write(standing, rows, stamp)
            except BadManifest as error:
                raise BadChange(str(error)) from None
            except BadChange:
                raise
            except BaseException:
                # Part of it may be on the disk: only Directus knows now.
                self._state.newest = None
                raise
            finally:
                self._services.warmings.drop(self._user.id)
            self._keep_earlier(rows, manifest)
            settings = [*rows.settings, manifest]
            units = change_units(rows.chats, rows.messages, settings, since=stamp - 1, until=stamp)
            self._state.learn_chats([row["id"] for row in rows.chats])
            self._state.publish(Change(stamp, units, origin))
        return rows.ids()

    async def set_last_opened(self, chat_id: str | None) -> None:
        """Set the last opened chat, whatever it is: tests want it gone, or somebody else's."""
        await self._services.last_opened.settled()
        await self._client.update("users", self._user.id, {"last_opened": chat_id})
        self._services.accounts.note_last_opened(self._user.hashed_email, chat_id)
        self._services.warmings.drop(self._user.id)

    def end_sessions(self, end: object) -> None:
        """End every session of the account: `revoked`, `expired` now, or `unknown`, as if the server had lost it."""
        sessions = self._services.sessions
        ways = dict(zip(SessionEnd, (sessions.end, sessions.expire, sessions.forget), strict=True))
        if not isinstance(end, str) or end not in ways:
            raise BadChange(f'"end_sessions" must be one of {", ".join(ways)}.')
        for session in sessions.of_user(self._user.id):
            ways[SessionEnd(end)](session)
        self._state.wake()

    @property
    def account(self) -> str:
        """The account's id."""
        return self._user.id

    async def last_opened(self) -> str | None:
        """The last opened chat, as it is on the disk once writes under way are done."""
        await self._services.last_opened.settled()
        row = await self._client.read("users", self._user.id)
        return row["last_opened"] if row else None

    async def describe(self) -> list[dict[str, Any]]:
        """The chats that are not deleted, last updated first, with titles and message ids."""
        chats = await self._mine("chats", {"deleted_at": {"_null": True}}, ("-last_updated", "id"))
        messages = await self._mine("messages", {"deleted_at": {"_null": True}}, ("created_at", "id"))
        by_chat: dict[str, list[str]] = {}
        for message in messages:
            by_chat.setdefault(message["chat_id"], []).append(message["id"])
        opened = self._keyring.open_records_now(Collection.CHATS, chats)
        return [
            {
                "id": chat["id"],
                "title": texts["texts"]["title"],
                "last_updated": chat["last_updated"],
                "message_count": len(by_chat.get(chat["id"], ())),
                "messages": by_chat.get(chat["id"], []),
            }
            for chat, texts in zip(chats, opened, strict=True)
        ]

    async def _add_message(self, fields: Fields, stamp: int, rows: Rows) -> None:
        chat, key = await self._chat(fields)
        message = self._message(key, chat["id"], fields, stamp, "user")
        await self._client.create("messages", [message])
        rows.messages.append(message)
        await self._update_chat(chat, {"last_updated": stamp}, stamp, rows)

    async def _edit_message(self, fields: Fields, stamp: int, rows: Rows) -> None:
        message_id, text = _text(fields, "message_id"), _text(fields, "text")
        message = await self._client.read("messages", message_id)
        if message is None or not owned_by(message, self._user.hashed_id) or message["deleted_at"] is not None:
            raise BadChange("There is no such message.")
        chat, key = await self._chat({"chat_id": message["chat_id"]})
        content = self._author.seal(key, Collection.MESSAGES, message_id, "content", text)
        values = {"content": content, "version": message["version"] + 1, "changed_at": stamp}
        await self._client.update("messages", message_id, values)
        rows.replaced.append((Collection.MESSAGES, message))
        rows.messages.append({**message, **values})
        await self._update_chat(chat, {"last_updated": stamp}, stamp, rows)

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
        await self._client.create("messages", rows.messages)
        await self._client.create("chats", [chat])
        rows.chats.append(chat)

    def _message(self, key: Key, chat_id: str, fields: Fields, at: int, role: str) -> Row:
        if not isinstance(fields, dict):
            raise BadChange("A message must be text or an object.")
        role = fields.get("role", role)
        if role not in ROLES:
            raise BadChange(f'"role" must be one of {", ".join(ROLES)}.')
        files, embeds = (_objects(fields, name) for name in ("files", "embeds"))
        return self._author.message(key, chat_id, _text(fields, "text"), role=role, at=at, files=files, embeds=embeds)

    async def _rename_chat(self, fields: Fields, stamp: int, rows: Rows) -> None:
        title = _text(fields, "title")
        chat, key = await self._chat(fields)
        sealed = self._author.seal(key, Collection.CHATS, chat["id"], "title", title)
        await self._update_chat(chat, {"title": sealed}, stamp, rows)

    async def _set_draft(self, fields: Fields, stamp: int, rows: Rows) -> None:
        text = fields.get("text")
        if text is not None and not isinstance(text, str):
            raise BadChange('"text" must be text or null.')
        chat, key = await self._chat(fields)
        draft = self._author.seal(key, Collection.CHATS, chat["id"], "draft", text) if text else None
        await self._update_chat(chat, {"draft": draft}, stamp, rows)

    async def _delete_chat(self, fields: Fields, stamp: int, rows: Rows) -> None:
        chat, _key = await self._chat(fields)
        gone: dict[str, Any] = dict.fromkeys((*SPECS[Collection.CHATS].sealed, WRAPPED_KEY))
        await self._update_chat(chat, {**gone, "deleted_at": stamp}, stamp, rows)
        # A tombstone of the chat takes its messages along; what they held is not kept either.
        emptied: dict[str, Any] = dict.fromkeys(SPECS[Collection.MESSAGES].sealed)
        mine = {"hashed_user_id": {"_eq": self._user.hashed_id}, "chat_id": {"_eq": chat["id"]}}
        values = {**emptied, "deleted_at": stamp, "changed_at": stamp}
        await self._client.update_many("messages", filter=mine, values=values)

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
            await self._client.create("settings_and_memories", rows.settings)
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

    def _keep_earlier(self, rows: Rows, manifest: Row) -> None:
        """Keep what was there before, for a disk that lies."""
        keep = self._archive.keep
        for collection, row in rows.replaced:
            keep(collection, row["id"], row)
        new = (rows.chats, rows.messages, [*rows.settings, manifest])
        for collection, each in zip(Collection, new, strict=True):
            for row in each:
                if row["version"] == 1:
                    keep(collection, row["id"], None)

    async def _update_chat(self, chat: Row, values: Row, stamp: int, rows: Rows) -> None:
        values = {**values, "version": chat["version"] + 1, "changed_at": stamp}
        await self._client.update("chats", chat["id"], values)
        rows.replaced.append((Collection.CHATS, chat))
        rows.chats.append({**chat, **values})

    async def _update_setting(self, opened: Row, values: Row, stamp: int, rows: Rows) -> None:
        row = await self._client.read("settings_and_memories", opened["id"])
        if row is None:
            raise BadChange("There is no such setting or memory.")
        values = {**values, "version": row["version"] + 1, "changed_at": stamp}
        await self._client.update("settings_and_memories", row["id"], values)
        rows.replaced.append((Collection.SETTINGS_AND_MEMORIES, row))
        rows.settings.append({**row, **values})

    async def _chat(self, fields: Fields) -> tuple[Row, Key]:
        """The chat that is meant, by default the last updated one, and its key."""
        chat_id = fields.get("chat_id")
        if chat_id is None:
            found = await self._mine("chats", {"deleted_at": {"_null": True}}, ("-last_updated", "id"), 1)
            row = found[0] if found else None
        else:
            row = await self._client.read("chats", chat_id) if isinstance(chat_id, str) else None
        if row is None or not owned_by(row, self._user.hashed_id) or row["deleted_at"] is not None:
            raise BadChange("There is no such chat.")
        self._keyring.open_records_now(Collection.CHATS, [row])
        key = self._keyring.key_of(Collection.CHATS, row["id"])
        if key is None:
            raise BadChange("The key of this chat does not open.")
        return row, key

    async def _settings(self) -> list[OpenedRecord]:
        others = {"deleted_at": {"_null": True}, "id": {"_neq": manifest_id(self.account)}}
        rows = await self._mine("settings_and_memories", others, ("id",))
        return self._keyring.open_records_now(Collection.SETTINGS_AND_MEMORIES, rows)

    def _app_of(self, opened: list[OpenedRecord], name: str) -> tuple[str | None, Key | None]:
        for each in opened:
            clear = each["clear"]
            if clear["id"] == clear["app_id"] and _content(each).get("name") == name:
                return clear["id"], self._keyring.key_of(Collection.SETTINGS_AND_MEMORIES, clear["id"])
        return None, None

    async def _mine(
        self, collection: str, which: Mapping[str, Any], sort: tuple[str, ...], limit: int = -1
    ) -> list[Row]:
        mine = {"hashed_user_id": {"_eq": self._user.hashed_id}, **which}
        return await self._client.search(collection, filter=mine, sort=sort, limit=limit)


async def unlock(
    client: DirectusClient, services: Services, archive: Archive, email: str, password: str
) -> Writer | None:
    """Another device of the account of that address, or None when there is no such account."""
    rows = await client.search("users", filter={"hashed_email": {"_eq": hash_email(email)}}, limit=1)
    if not rows:
        return None
    author = await asyncio.to_thread(Author.sign_in, rows[0], password, os.urandom)
    return Writer(services, client, archive, entry_of(rows[0]), author)


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
