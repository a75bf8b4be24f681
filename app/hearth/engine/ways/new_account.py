"""Everything that makes an account, made on the device: its id, its keys, its ways in, and its first manifest."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import SECRET_BYTES, Manifest, manifest_id
from hearth.core.records.schema import WRAPPED_KEY, Collection, empty_record
from hearth.core.records.ways import WayKind, master_place
from hearth.engine.new_id import new_id
from hearth.engine.ways.new_way import Proof, new_recovery_key, new_way, wrap
from hearth.ports.keys import Cipher, Credentials, Key, Keyring

ENTRIES = Collection.SETTINGS_AND_MEMORIES


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that the server is about to be told of."""

    id: str
    credentials: Credentials
    """What the password derives to: with it the device signs in."""
    recovery_key: str = field(repr=False)
    request: dict[str, Any] = field(repr=False)
    """What the server is told, but for the address."""


async def make_account(cipher: Cipher, keyring_of: Callable[[str, Key], Keyring], password: bytes) -> NewAccount:
    """Make an account that a password, as it is normalised, and a recovery key open."""
    account = new_id()
    way = await new_way(cipher, WayKind.PASSWORD, password)
    master, wrapped = await cipher.create_key(way.credentials.wrapping, master_place(account))
    shown, recovery = await new_recovery_key(cipher)
    keyring = keyring_of(account, master)
    try:
        manifest = await _first_manifest(keyring, account)
    finally:
        keyring.drop()
    other = await wrap(cipher, account, Proof(way.credentials, wrapped), recovery)
    request = {"account": account, "ways": [way.told(wrapped), other], "manifest": manifest}
    return NewAccount(account, way.credentials, shown, request)


async def _first_manifest(keyring: Keyring, account: str) -> dict[str, Any]:
    """The record that vouches for an account without chats, and holds the key of Hearth's own settings."""
    name = manifest_id(account)
    wrapped = await keyring.create_key(ENTRIES, name)
    text = manifests.text_of(manifests.write(Manifest(1, os.urandom(SECRET_BYTES))))
    sealed = await keyring.seal_field(ENTRIES, name, name, "sealed", text)
    record = empty_record(ENTRIES, id=name, app_id=name, sealed=sealed)
    return record | {"version": 1, WRAPPED_KEY: wrapped}
