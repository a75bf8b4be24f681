"""A value that is kept comes back after a reload, and what does not open is as if nothing were kept."""

from __future__ import annotations

from hearth.engine.storage.kept_json import KeptJson
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount


def kept(disk: Disk, name: str = "a name") -> KeptJson:
    account = MadeAccount()
    values = MemoryStore(disk).kept_values
    keyring = CryptographyKeyring(account.cipher, account.id, account.master)

    return KeptJson(values, keyring, values.keep, name)


async def test_a_value_comes_back_under_its_name_with_the_same_key() -> None:
    disk = Disk()
    mine = kept(disk)
    assert await mine.read() is None
    for value in ({"a": 1}, ["ü"], 7, None):
        await mine.write(value)
        assert await mine.read() == value
    await mine.write("text")
    assert list(disk.values) == ["a name"]
    assert b"text" not in disk.values["a name"]
    assert await kept(disk).read() is None, "another key"


async def test_what_is_no_json_is_as_if_nothing_were_kept() -> None:
    disk = Disk()
    mine = kept(disk)
    disk.values["a name"] = await mine._keyring.seal_kept("a name", b"{")
    assert await mine.read() is None
    disk.values["a name"] = await mine._keyring.seal_kept("another", b"1")
    assert await mine.read() is None, "it was kept under another name"
