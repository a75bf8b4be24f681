"""The account's manifest: what its devices last wrote, so that a server that lies about it is found out.

The manifest is one record of settings and memories, an app's own record (its id is its `app_id`), sealed with a
key of its own, and up to `SHARDS` more records of that app, its shards. Each chat is listed in one shard. Whoever
writes anything of a chat writes its shard and the manifest with it, and no other shard: so the cost of a message does
not grow with the account. Opened, the manifest is

    {"name": "Hearth", "manifest": {"format": 2, "version": n, "secret": base64,
     "shards": [records, digest], "entries": [records, digest]}}

and a shard is

    {"name": "Hearth", "shard": {id: [version, messages, last_updated, digest]}}

`version` grows by one with each writing. A `digest` is the exclusive or of tags: in a shard, those of a chat's record
and of its messages, so that a message more costs one tag; `shards`: those of all shards, as they are stored, so that
none can be kept back or put back; `entries`: those of all other settings and memories. A tag is HMAC-SHA-256 under
`secret`, cut to 16 bytes, over `tagged_text`: every field of a record but the two that the server keeps for itself,
those included that this device does not know. The secret never leaves the sealed manifest, so nobody else can find
other records that add up alike (Bellare, Guérin, Rogaway, "XOR MACs", 1995).

In format 1 the manifest itself listed the chats, under `chats` in place of `shards`. It is read, and the next writing
makes its shards.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

from hearth.core.dataclass_json import MAX_SAFE_INTEGER
from hearth.core.records.schema import SPECS, UNTAGGED, Collection, later_fields

NAME = "Hearth"
FORMAT = 2
WHOLE = 1
"""The format in which the manifest lists every chat itself."""
SECRET_BYTES = 32
TAG_BYTES = 16

SHARDS = 128
"""How many shards there are at most: an account of 1,000 chats has some 8 chats in each."""

MAX_LISTED = 16
"""The most chats that a shard lists, the last updated ones: some 95 bytes each, in every writing of one of them."""

MAX_WHOLE = 1000
"""The most chats that a manifest of format 1 lists, the last updated ones."""


def manifest_id(account: str) -> str:
    """The id of an account's manifest: the same for every device, so that no two are made."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"hearth manifest {account}".encode()).digest()[:16], version=4))


@lru_cache(maxsize=8)
def shard_ids(of_manifest: str) -> tuple[str, ...]:
    """The ids of the shards of the manifest of that id: the same for every device, and a UUID each."""
    texts = (f"hearth shard {of_manifest} {number}" for number in range(SHARDS))
    return tuple(str(uuid.UUID(bytes=hashlib.sha256(each.encode()).digest()[:16], version=4)) for each in texts)


def shard_of(chat_id: str) -> int:
    """The number of the shard that lists a chat. Chats' ids are random, so the shards grow alike."""
    return binascii.crc32(chat_id.encode()) % SHARDS


class Fingerprint(NamedTuple):
    """How many records there are that are not deleted, and the exclusive or of their tags."""

    records: int = 0
    digest: int = 0

    def plus(self, other: Fingerprint) -> Fingerprint:
        """With records that were not counted yet."""
        return Fingerprint(self.records + other.records, self.digest ^ other.digest)

    def minus(self, other: Fingerprint) -> Fingerprint:
        """Without records that were counted."""
        return Fingerprint(self.records - other.records, self.digest ^ other.digest)


NOTHING = Fingerprint()


@dataclass(frozen=True, slots=True)
class Listed:
    """One chat as it was written last: `held` covers its record and its messages."""

    version: int
    last_updated: int
    held: Fingerprint

    @property
    def messages(self) -> int:
        """How many messages it has; the chat's own record is the one more."""
        return self.held.records - 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the account's devices wrote last."""

    version: int
    secret: bytes = field(repr=False)
    chats: Mapping[str, Listed] = field(default_factory=dict)
    entries: Fingerprint = NOTHING
    shards: Fingerprint | None = NOTHING
    """What there is of shards; None: the manifest lists every chat itself, and no more than `MAX_WHOLE`."""

    def would_list(self, chat_id: str, last_updated: int) -> bool:
        """Whether a chat that was updated then would be listed: its shard has room, or chats updated before it."""
        beside = self.beside(chat_id)
        most = MAX_WHOLE if self.shards is None else MAX_LISTED
        return len(beside) < most or last_updated > min(self.chats[each].last_updated for each in beside)

    def beside(self, chat_id: str) -> list[str]:
        """The chats that are listed where a chat is, or would be."""
        if self.shards is None:
            return list(self.chats)
        shard = shard_of(chat_id)
        return [each for each in self.chats if shard_of(each) == shard]

    def with_chat(self, chat_id: str, listed: Listed | None) -> Manifest:
        """The next manifest, in which a chat stands differently, or not at all."""
        chats = {**self.chats}
        chats.pop(chat_id, None)
        if listed is not None:
            chats[chat_id] = listed
        after = replace(self, version=self.version + 1, chats=chats)
        if listed is not None and self.shards is not None and len(beside := after.beside(chat_id)) > MAX_LISTED:
            del chats[min(beside, key=lambda each: chats[each].last_updated)]
        return after

    def with_entries(self, entries: Fingerprint) -> Manifest:
        """The next manifest, with other settings and memories."""
        return replace(self, version=self.version + 1, entries=entries)

    def with_shards(self, before: Fingerprint, after: Fingerprint) -> Manifest:
        """The manifest with shards in place of those that were there."""
        return replace(self, shards=(self.shards or NOTHING).minus(before).plus(after))


def changed_shards(before: Manifest, after: Manifest) -> list[int]:
    """The numbers of the shards that are to be written, for what a manifest lists to become what another lists."""
    if before.shards is None:
        return sorted({shard_of(each) for each in after.chats})
    either = before.chats.keys() | after.chats.keys()
    return sorted({shard_of(each) for each in either if before.chats.get(each) != after.chats.get(each)})


def tagged_text(collection: Collection, record: Mapping[str, Any]) -> str:
    """What a record's tag is taken of, as compact JSON.

    An array of the collection, the values of the registry's `base` fields in their order, and then `[name, value]` for
    each other field that is not null, in the order of the names.

    A device that does not know a field tags it all the same, and a record without it has the tag that it had before
    the field was thought of. The names are part of the text, so that no value can be moved from field to field.
    """
    names = (name for name in SPECS[collection].base if name not in UNTAGGED)
    later = sorted(later_fields(collection, record).items())
    return json.dumps([collection.value, *(record.get(name) for name in names), *later], **_COMPACT)


def write(manifest: Manifest) -> dict[str, Any]:
    """The content of the manifest's record, before it is sealed."""
    content = {
        "format": FORMAT,
        "version": manifest.version,
        "secret": base64.b64encode(manifest.secret).decode(),
        "shards": _written(manifest.shards or NOTHING),
        "entries": _written(manifest.entries),
    }
    return {"name": NAME, "manifest": content}


def write_shard(manifest: Manifest, number: int) -> dict[str, Any]:
    """The content of a shard's record, before it is sealed."""
    own = {chat_id: each for chat_id, each in manifest.chats.items() if shard_of(chat_id) == number}
    return {
        "name": NAME,
        "shard": {
            chat_id: [each.version, each.messages, each.last_updated, _hex(each.held)] for chat_id, each in own.items()
        },
    }


def text_of(content: Mapping[str, Any]) -> str:
    """What is sealed of the content of the manifest's record, or of a shard's."""
    return json.dumps(content, **_COMPACT)


def is_manifest(text: str | None) -> bool:
    """Whether the text of a record of settings and memories is a manifest's; cheap, for it may be long."""
    return text is not None and text.startswith(_HEAD)


def is_shard(text: str | None) -> bool:
    """Whether the text of a record of settings and memories is that of a shard of the manifest; as cheap."""
    return text is not None and text.startswith(_SHARD_HEAD)


def read(text: str) -> Manifest | None:
    """The manifest of an opened record, without what its shards list; None when this version cannot read it."""
    try:
        content = json.loads(text)["manifest"]
        if content["format"] not in (WHOLE, FORMAT):
            return None
        whole = content["format"] == WHOLE
        return Manifest(
            _number(content["version"]),
            base64.b64decode(content["secret"], validate=True),
            _listed(content["chats"]) if whole else {},
            _fingerprint(content["entries"]),
            None if whole else _fingerprint(content["shards"]),
        )
    except _UNREADABLE:
        return None


def read_shard(text: str) -> dict[str, Listed]:
    """The chats that an opened shard lists; none when this version cannot read it."""
    try:
        return _listed(json.loads(text)["shard"])
    except _UNREADABLE:
        return {}


def root_of(manifest: Manifest) -> Manifest:
    """A manifest without what its shards list: what its own record holds."""
    return manifest if manifest.shards is None else replace(manifest, chats={})


def join(root: Manifest, shards: Iterable[Mapping[str, Listed]]) -> Manifest:
    """A manifest with what its shards list."""
    if root.shards is None:
        return root
    return replace(root, chats={chat_id: listed for each in shards for chat_id, listed in each.items()})


_COMPACT: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
_HEAD = json.dumps({"name": NAME, "manifest": {}}, **_COMPACT)[:-3]
_SHARD_HEAD = json.dumps({"name": NAME, "shard": {}}, **_COMPACT)[:-3]


_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError)


def _listed(content: Mapping[str, Any]) -> dict[str, Listed]:
    return {
        str(chat_id): Listed(_number(version), _number(updated), Fingerprint(_number(count) + 1, int(digest, 16)))
        for chat_id, (version, count, updated, digest) in content.items()
    }


def _written(held: Fingerprint) -> list[Any]:
    return [held.records, _hex(held)]


def _fingerprint(content: Any) -> Fingerprint:
    count, digest = content
    return Fingerprint(_number(count), int(digest, 16))


def _hex(held: Fingerprint) -> str:
    return f"{held.digest:0{2 * TAG_BYTES}x}"


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SAFE_INTEGER:
        raise ValueError
    return value
