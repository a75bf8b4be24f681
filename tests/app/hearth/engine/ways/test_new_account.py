"""A new account, made on the device: each way opens the same master key, and its manifest vouches for nothing yet."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from hearth.core.records import manifest as manifests
from hearth.core.records import recovery_key
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import Collection, check_record
from hearth.core.records.ways import master_place
from hearth.engine.ways import new_way as making
from hearth.engine.ways.new_account import NewAccount, make_account
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring

ENTRIES = Collection.SETTINGS_AND_MEMORIES


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PBKDF2_ITERATIONS", 1)


async def made() -> tuple[CryptographyCipher, NewAccount]:
    cipher = CryptographyCipher()

    def keyring_of(account: str, master: Key) -> CryptographyKeyring:
        return CryptographyKeyring(cipher, account, master)

    return cipher, await make_account(cipher, keyring_of, b"correct horse")


async def master_by(cipher: CryptographyCipher, account: NewAccount, way: dict[str, Any], secret: bytes) -> Key:
    derived = await cipher.derive(secret, base64.b64decode(way["salt"]), way["iterations"])
    assert derived.lookup_hash == way["lookup_hash"]
    return await cipher.unwrap_key(derived.wrapping, way["wrapped_master_key"], master_place(account.id))


async def test_the_password_and_the_recovery_key_open_the_same_master_key() -> None:
    cipher, account = await made()
    password, recovery = account.request["ways"]
    read = recovery_key.read(account.recovery_key)
    assert read is not None
    masters = [
        await master_by(cipher, account, password, b"correct horse"),
        await master_by(cipher, account, recovery, recovery_key.secret_of(read)),
    ]
    for master in masters:
        keyring = CryptographyKeyring(cipher, account.id, master)
        (opened,) = await keyring.open_records(ENTRIES, keyring.records([account.request["manifest"]]))
        manifest = manifests.read(opened["texts"]["sealed"] or "")
        assert manifest is not None
        assert (manifest.version, manifest.chats, manifest.entries.records) == (1, {}, 0)


async def test_its_manifest_is_a_record_of_the_registry_at_its_own_id() -> None:
    _, account = await made()
    record = account.request["manifest"]
    assert check_record(ENTRIES, record) is None
    assert (record["id"], record["version"]) == (manifest_id(account.id), 1)


async def test_two_accounts_with_one_password_share_nothing() -> None:
    _, one = await made()
    _, other = await made()
    assert one.id != other.id
    assert {way["lookup_hash"] for way in one.request["ways"]}.isdisjoint(
        way["lookup_hash"] for way in other.request["ways"]
    )


async def test_no_secret_is_in_what_is_printed_or_told() -> None:
    _, account = await made()
    assert account.recovery_key not in repr(account)
    assert account.recovery_key not in str(account.request)
    assert "correct horse" not in str(account.request)
