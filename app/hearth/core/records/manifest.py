"""The account's manifest: what its devices last wrote, so that a server that lies about it is found out.

The manifest is one record of settings and memories, an app's own record (its id is its `app_id`), sealed with a
key of its own. Whoever writes anything of the account writes the manifest with it. Opened, it is

    {"name": "Hearth", "manifest": {"format": 1, "version": n, "secret": base64,
     "chats": {id: [version, messages, last_updated, digest]}, "entries": [records, digest]}}

`version` grows by one with each writing. A `digest` is the exclusive or of the tags of a chat's record and of
its messages (`entries`: of all settings and memories but the manifest), so that a message more costs one tag.
A tag is HMAC-SHA-256 under `secret`, cut to 16 bytes, over `tagged_text`: every field of a record but the two
that the server keeps for itself, those included that this device does not know. The secret never leaves the sealed
manifest, so nobody else can find other records that add up alike (Bellare, Guérin, Rogaway, "XOR MACs", 1995).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from hearth.core.dataclass_json import MAX_SAFE_INTEGER
from hearth.core.records.schema import SPECS, UNTAGGED, Collection, later_fields

NAME = "Hearth"
FORMAT = 1
SECRET_BYTES = 32
TAG_BYTES = 16

MAX_LISTED = 1000
"""The most chats that a manifest lists, the last updated ones: some 90 bytes each, in every writing."""

WARM_CHATS = 100
"""How many chats a warming brings."""


def manifest_id(account: str) -> str:
    """The id of an account's manifest: the same for every device, so that no two are made."""
    return str(uuid.UUID(bytes=hashlib.sha256(f"hearth manifest {account}".encode()).digest()[:16], version=4))


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

    @property
    def lists_all(self) -> bool:
        """Whether every chat of the account is listed."""
        return len(self.chats) < MAX_LISTED

    def with_chat(self, chat_id: str, listed: Listed | None) -> Manifest:
        """The next manifest, in which a chat stands differently, or not at all."""
        chats = {**self.chats}
        chats.pop(chat_id, None)
        if listed is not None:
            chats[chat_id] = listed
        if len(chats) > MAX_LISTED:
            del chats[min(chats, key=lambda each: chats[each].last_updated)]
        return replace(self, version=self.version + 1, chats=chats)

    def with_entries(self, entries: Fingerprint) -> Manifest:
        """The next manifest, with other settings and memories."""
        return replace(self, version=self.version + 1, entries=entries)


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
        "chats": {
            chat_id: [each.version, each.messages, each.last_updated, _hex(each.held)]
            for chat_id, each in manifest.chats.items()
        },
        "entries": [manifest.entries.records, _hex(manifest.entries)],
    }
    return {"name": NAME, "manifest": content}


def is_manifest(text: str | None) -> bool:
    """Whether the text of a record of settings and memories is a manifest's; cheap, for it may be long."""
    return text is not None and text.startswith(_HEAD)


def read(text: str) -> Manifest | None:
    """The manifest of an opened record, or None when this version cannot read it."""
    try:
        content = json.loads(text)["manifest"]
        if content["format"] != FORMAT:
            return None
        chats = {
            str(chat_id): Listed(_number(version), _number(updated), Fingerprint(_number(count) + 1, int(digest, 16)))
            for chat_id, (version, count, updated, digest) in content["chats"].items()
        }
        count, digest = content["entries"]
        secret = base64.b64decode(content["secret"], validate=True)
        return Manifest(_number(content["version"]), secret, chats, Fingerprint(_number(count), int(digest, 16)))
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error, RecursionError):
        return None


class Fault(StrEnum):
    """How what the server sent differs from what the account's devices wrote."""

    NONE = ""
    MISSING = "missing"
    """Messages are missing."""
    EXTRA = "extra"
    """There are messages that the device which wrote last did not know of, or had deleted."""
    ALTERED = "altered"
    """A record is not the one that was written last."""
    OLDER = "older"
    """The chat is an older state of itself."""
    UNCONFIRMED = "unconfirmed"
    """The chat is newer than the manifest, or is not in it: written halfway, deleted, or the manifest is kept back."""
    WITHHELD = "withheld"
    """The whole chat is missing."""


class AccountFault(StrEnum):
    """What is wrong with the manifest itself."""

    NONE = ""
    ROLLED_BACK = "rolled-back"
    """The server offers an older one than this device has seen."""
    REMOVED = "removed"
    """There is none any longer."""
    FORKED = "forked"
    """Somebody wrote it who had been shown another history."""


class Finding(NamedTuple):
    """What is wrong with one chat; `messages` says with how many of them, where that is known."""

    fault: Fault
    messages: int = 0


FINE = Finding(Fault.NONE)


class Checked(NamedTuple):
    """What was found when a chat was checked at a version; kept on the device."""

    version: int
    fault: str
    messages: int = 0


def judge(manifest: Manifest, chat_id: str, version: int, last_updated: int, held: Fingerprint) -> Finding:
    """Compare a chat on the device with the manifest; `held` covers the chat's record and its messages."""
    listed = manifest.chats.get(chat_id)
    if listed is None:
        known = manifest.lists_all or last_updated > min(each.last_updated for each in manifest.chats.values())
        return Finding(Fault.UNCONFIRMED) if known else FINE
    if version < listed.version:
        return Finding(Fault.OLDER, max(0, listed.held.records - held.records))
    if version > listed.version:
        return Finding(Fault.UNCONFIRMED)
    if held.records < listed.held.records:
        return Finding(Fault.MISSING, listed.held.records - held.records)
    if held.records > listed.held.records:
        return Finding(Fault.EXTRA, held.records - listed.held.records)
    return FINE if held.digest == listed.held.digest else Finding(Fault.ALTERED)


def absent(
    manifest: Manifest, here: Mapping[str, Any], expects: Callable[[int, str], bool] = lambda _updated, _id: False
) -> dict[str, Listed]:
    """The chats that a warmed device should have and has not.

    Of an account with more chats than a warming brings it is expected to have the last updated ones, as many
    as a warming brings or as it has at all, but for the one that it may have only because it was opened last; and each
    that `expects` says of its time and id has to be in a list that goes further down.
    """
    chats = manifest.chats
    order = sorted(chats, key=lambda each: (-chats[each].last_updated, each))
    least = len(order)
    if len(order) > WARM_CHATS:
        least = min(WARM_CHATS, sum(each in chats for each in here) - 1)
    expected = [each for at, each in enumerate(order) if at < least or expects(chats[each].last_updated, each)]
    return {each: chats[each] for each in expected if each not in here}


def went_back(older: Manifest, newer: Manifest) -> list[str]:
    """The chats that a newer manifest knows in an older state: its writer was shown another history."""
    return [
        chat_id
        for chat_id, each in older.chats.items()
        if chat_id in newer.chats and newer.chats[chat_id].version < each.version
    ]


_COMPACT: dict[str, Any] = {"ensure_ascii": False, "separators": (",", ":")}
_HEAD = json.dumps({"name": NAME, "manifest": {}}, **_COMPACT)[:-3]


def _hex(held: Fingerprint) -> str:
    return f"{held.digest:0{2 * TAG_BYTES}x}"


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_SAFE_INTEGER:
        raise ValueError
    return value
