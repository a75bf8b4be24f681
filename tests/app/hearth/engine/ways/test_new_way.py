"""A new way into an account: a salt of its own, and the master key that another way opens, wrapped by it."""

from __future__ import annotations

import pytest

from hearth.core.errors import SealError
from hearth.core.records import recovery_key
from hearth.core.records.envelope import PBKDF2_ITERATIONS
from hearth.core.records.ways import WayKind, master_place
from hearth.engine.ways import new_way as making
from hearth.engine.ways.new_way import Proof, new_recovery_key, new_way, wrap
from hearth.testing.cpython_cipher import CryptographyCipher


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PBKDF2_ITERATIONS", 1)


async def test_two_ways_with_one_secret_share_nothing() -> None:
    cipher = CryptographyCipher()
    one, two = [await new_way(cipher, WayKind.PASSWORD, b"secret") for _ in range(2)]
    assert len({one.id, two.id, one.salt, two.salt, one.credentials.lookup_hash, two.credentials.lookup_hash}) == 6
    assert PBKDF2_ITERATIONS >= 600_000, "what the tests make cheap is not"


async def test_a_recovery_key_that_is_shown_is_the_one_that_opens() -> None:
    cipher = CryptographyCipher()
    shown, way = await new_recovery_key(cipher)
    read = recovery_key.read(shown)
    assert read is not None
    again = await cipher.derive(recovery_key.secret_of(read), way.salt, way.iterations)
    assert (again.lookup_hash, way.kind) == (way.credentials.lookup_hash, WayKind.RECOVERY)


async def test_the_new_way_wraps_the_same_master_key_for_the_same_account() -> None:
    cipher = CryptographyCipher()
    old, new = [await new_way(cipher, WayKind.PASSWORD, secret) for secret in (b"old", b"new")]
    _, wrapped = await cipher.create_key(old.credentials.wrapping, master_place("a"))
    told = await wrap(cipher, "a", Proof(old.credentials, wrapped), new)
    assert set(told) == {"id", "kind", "salt", "iterations", "lookup_hash", "wrapped_master_key"}
    await cipher.unwrap_key(new.credentials.wrapping, told["wrapped_master_key"], master_place("a"))
    with pytest.raises(SealError):
        await cipher.unwrap_key(new.credentials.wrapping, told["wrapped_master_key"], master_place("b"))
    with pytest.raises(SealError):
        await wrap(cipher, "b", Proof(old.credentials, wrapped), new)
