"""Changes made as if from another device of an account: sealed with its keys, written, and pushed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

from hearth.core.protocol.server_events import SessionEnd
from hearth.core.records.schema import DRAFT, Collection
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.accounts import UserEntry, entry_of, hash_email
from server_mock.protocol.change_log import Change
from server_mock.protocol.delta import change_units
from server_mock.protocol.record_disk import RecordDisk
from server_mock.protocol.services import Services
from server_mock.protocol.write_rules import Owner
from server_mock.testing.device_changes import BadChange, DeviceChanges, Fields, Rows
from server_mock.testing.manifest_builder import Standing
from server_mock.testing.manifest_writer import BadManifest, ManifestKeeper
from server_mock.testing.record_factory import Author
from server_mock.testing.tampering import Archive


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
        self._disk = RecordDisk(client)
        self._owner = Owner.of(user.id)
        self._changes = DeviceChanges(client, author, self._keyring)

    async def apply(self, name: str, fields: Fields, origin: str | None = None) -> dict[str, list[str]]:
        """Make one change and push it; the ids that it touched. Raises `BadChange` and `DirectusError`.

        `origin` is the device that makes it: the records are not pushed to that one.
        """
        if name not in self._changes.names:
            known = ", ".join([*self._changes.names, "set_last_opened", "end_sessions"])
            raise BadChange(f'There is no change "{name:.40}"; there are {known}.')
        async with self._state.lock:
            stamp = self._state.next_stamp()
            try:
                standing = await self._manifest.read()
                rows = await self._changes.make(name, fields, stamp)
                manifest = await self._write(rows, standing, stamp)
            except BadManifest as error:
                raise BadChange(str(error)) from None
            except BadChange:
                raise
            except BaseException:
                # Part of it may be on the disk: only Directus knows now.
                self._state.lose_track()
                raise
            finally:
                self._services.warmings.drop(self._user.id)
            self._keep_earlier(rows, manifest)
            settings = [*rows.settings, *manifest]
            units = change_units(rows.chats, rows.messages, settings, since=stamp - 1, until=stamp)
            self._state.learn_chats([row["id"] for row in rows.chats])
            self._state.publish(Change(stamp, units, origin))
        return rows.ids()

    async def _write(self, rows: Rows, standing: Standing | None, stamp: int) -> list[Row]:
        """Write rows as the server writes what devices send, and the manifest that vouches for them: its rows."""
        steps = rows.steps()
        await self._disk.create(Collection.MESSAGES, steps)
        await self._disk.update(Collection.MESSAGES, steps)
        await self._disk.put_chats(self._owner, steps, stamp)
        manifest = await self._manifest.next(standing, rows, stamp)
        before = standing.rows if standing else {}
        await self._disk.put_entries(self._owner, rows.steps(manifest, before), None, stamp)
        known = (before[row["id"]] for row in manifest if row["id"] in before)
        rows.replaced += [(Collection.SETTINGS_AND_MEMORIES, row) for row in known]
        return manifest

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
        chats = await self._changes.mine("chats", {"deleted_at": {"_null": True}}, ("-last_updated", "id"))
        sent = {"deleted_at": {"_null": True}, "role": {"_neq": DRAFT}}
        messages = await self._changes.mine("messages", sent, ("created_at", "id"))
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

    def _keep_earlier(self, rows: Rows, manifest: Sequence[Row]) -> None:
        """Keep what was there before, for a disk that lies."""
        keep = self._archive.keep
        for collection, row in rows.replaced:
            keep(collection, row["id"], row)
        new = (rows.chats, rows.messages, [*rows.settings, *manifest])
        for collection, each in zip(Collection, new, strict=True):
            for row in each:
                if row["version"] == 1:
                    keep(collection, row["id"], None)


async def unlock(
    client: DirectusClient, services: Services, archive: Archive, email: str, password: str
) -> Writer | None:
    """Another device of the account of that address, or None when there is no such account."""
    rows = await client.search("users", filter={"hashed_email": {"_eq": hash_email(email)}}, limit=1)
    if not rows:
        return None
    author = await asyncio.to_thread(Author.sign_in, rows[0], password, os.urandom)
    return Writer(services, client, archive, entry_of(rows[0]), author)
