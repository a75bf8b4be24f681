"""Keeps an account's manifest in step with what its devices write (`hearth.core.records.manifest`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import (
    NOTHING,
    Fingerprint,
    Listed,
    Manifest,
    changed_shards,
    shard_ids,
    write_shard,
)
from hearth.core.records.schema import Collection
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyKeyring, fingerprint_of
from server_mock.directus.schema import Row
from server_mock.testing.record_factory import Author


@dataclass(slots=True)
class Written:
    """What one writing changed: rows that are there now, and rows that they replaced."""

    chats: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    settings: list[Row] = field(default_factory=list)
    replaced: list[tuple[Collection, Row]] = field(default_factory=list)


class Notary:
    """Makes manifests from manifests, with what an account's devices write. Without one it begins with nothing."""

    def __init__(self, secret: bytes) -> None:
        self._manifest = Manifest(0, secret)

    @classmethod
    def of(cls, manifest: Manifest) -> Notary:
        """Who goes on from a manifest."""
        notary = cls(manifest.secret)
        notary._manifest = manifest
        return notary

    @property
    def manifest(self) -> Manifest:
        """The manifest as it is now."""
        return self._manifest

    def note(self, written: Written) -> Manifest:
        """Take a writing in, as one version."""
        version = self._manifest.version + 1
        for chat_id in self._chats_of(written):
            self._note_chat(chat_id, written)
        before = [row for name, row in written.replaced if name is Collection.SETTINGS_AND_MEMORIES]
        entries = self._manifest.entries.minus(self._entries(before)).plus(self._entries(written.settings))
        self._manifest = replace(self._manifest, entries=entries, version=version)
        return self._manifest

    def _note_chat(self, chat_id: str, written: Written) -> None:
        """Go on from what is listed of a chat; of one that is not, everything it has must be in the writing."""
        listed = self._manifest.chats.get(chat_id)
        held, version, last_updated = (listed.held, listed.version, listed.last_updated) if listed else (NOTHING, 0, 0)
        for collection, row in written.replaced if listed else ():
            if _chat_of(collection, row) == chat_id:
                held = held.minus(self._tag(collection, [row]))
        held = held.plus(self._tag(Collection.MESSAGES, (row for row in written.messages if row["chat_id"] == chat_id)))
        for row in written.chats:
            if row["id"] == chat_id:
                held = held.plus(self._tag(Collection.CHATS, [row]))
                version, last_updated = row["version"], row["last_updated"]
                if row["deleted_at"] is not None:
                    self._manifest = self._manifest.with_chat(chat_id, None)
                    return
        self._manifest = self._manifest.with_chat(chat_id, Listed(version, last_updated, held))

    def _entries(self, rows: Iterable[Row]) -> Fingerprint:
        return self._tag(Collection.SETTINGS_AND_MEMORIES, rows)

    def _tag(self, collection: Collection, rows: Iterable[Row]) -> Fingerprint:
        return fingerprint_of(self._manifest.secret, collection, rows)

    @staticmethod
    def _chats_of(written: Written) -> list[str]:
        named = [row["id"] for row in written.chats] + [row["chat_id"] for row in written.messages]
        return list(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Standing:
    """The manifest before a writing; `rows` are its own row and those of its shards, by their ids."""

    manifest: Manifest
    key: Key
    rows: Mapping[str, Row]


def standing_of(keyring: CryptographyKeyring, row_id: str, rows: Mapping[str, Row]) -> Standing | None:
    """The manifest whose own row has that id, with what its shards list; None when it does not open."""
    own = [rows[each] for each in (row_id, *shard_ids(row_id)) if each in rows]
    root, *shards = (
        each["texts"]["sealed"] or "" for each in keyring.open_records_now(Collection.SETTINGS_AND_MEMORIES, own)
    )
    key, manifest = keyring.key_of(Collection.SETTINGS_AND_MEMORIES, row_id), manifests.read(root)
    if key is None or manifest is None:
        return None
    return Standing(manifests.join(manifest, map(manifests.read_shard, shards)), key, rows)


def first_rows(author: Author, manifest: Manifest, at: int) -> list[Row]:
    """The rows of an account's first manifest, its own the last; with them its key is made."""
    root, key = author.app_record(manifests.manifest_id(author.account), manifests.write(manifest), at=at)
    nothing = Standing(replace(manifest, chats={}), key, {})
    *shards, after = next_rows(author, nothing, manifest, at, root)
    return [*shards, {**after, "version": root["version"]}]


def next_rows(author: Author, standing: Standing, manifest: Manifest, at: int, root: Row) -> list[Row]:
    """The rows of a manifest that follows another whose row is `root`: the shards that changed, and then its own."""
    numbers = changed_shards(standing.manifest, manifest)
    ids = [shard_ids(root["id"])[number] for number in numbers]
    shards = [
        author.next_entry(standing.key, root["id"], each, standing.rows.get(each), write_shard(manifest, number), at=at)
        for each, number in zip(ids, numbers, strict=True)
    ]
    before = [standing.rows[each] for each in ids if each in standing.rows]
    tags = (fingerprint_of(manifest.secret, Collection.SETTINGS_AND_MEMORIES, rows) for rows in (before, shards))
    content = manifests.write(manifest.with_shards(*tags))
    return [*shards, author.next_entry(standing.key, root["id"], root["id"], root, content, at=at)]


def _chat_of(collection: Collection, row: Row) -> str | None:
    match collection:
        case Collection.CHATS:
            return str(row["id"])
        case Collection.MESSAGES:
            return str(row["chat_id"])
        case Collection.SETTINGS_AND_MEMORIES:
            return None
        case _:
            assert_never(collection)
