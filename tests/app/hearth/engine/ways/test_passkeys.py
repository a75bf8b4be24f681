"""The list of passkeys: names that open, names that do not, and sentences for all that can be in the way."""

from __future__ import annotations

import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hearth.core.records.ways import WAY_NAME_FIELD, WAYS_COLLECTION, WayKind
from hearth.engine.ways import passkeys
from hearth.engine.ways.editor import WaysEditor
from hearth.engine.ways.passkeys import PasskeyEditor
from hearth.engine.ways.requests import AccountRequests, Cost, ListedWay
from hearth.ports.keys import Key
from hearth.ports.passkeys import PasskeyProblem
from hearth.testing.cpython_cipher import CryptographyKeyring
from hearth.testing.device import FakeDevice


class Host:
    """The engine, as the forms see it."""

    def __init__(self, noted: frozenset[str] = frozenset()) -> None:
        self.noted_ways = noted
        master = Key(b"master-1", AESGCM(os.urandom(32)))
        self.keyring: CryptographyKeyring | None = CryptographyKeyring(FakeDevice().cipher, "account", master)


class Server(AccountRequests):
    """Lists what the test has it list."""

    def __init__(self, *ways: ListedWay) -> None:
        self._ways = list(ways)

    async def ways(self, account: str) -> list[ListedWay]:
        return self._ways


def editor(host: Any, *ways: ListedWay) -> PasskeyEditor:
    device = FakeDevice()
    made = WaysEditor(device, "account", host)
    made.requests = Server(*ways)
    return PasskeyEditor(device, "account", host, made, lambda _sentence: None)


def passkey(way: str, name: str) -> ListedWay:
    return ListedWay(way, WayKind.PASSKEY, Cost(b"", 0), 1_781_524_800_000, name, "AAAA")


async def test_names_are_opened_and_what_does_not_open_is_listed_all_the_same() -> None:
    host = Host()
    assert host.keyring is not None
    sealed = await host.keyring.seal_text(WAYS_COLLECTION, "one", WAY_NAME_FIELD, "My phone")
    password = ListedWay("word", WayKind.PASSWORD, Cost(b"", 0), 0)
    items = await editor(host, password, passkey("one", sealed), passkey("two", sealed), passkey("three", "")).items()
    assert [each.name for each in items] == ["My phone", passkeys.NAMELESS, passkeys.NAMELESS], "bound to its way"
    host.keyring = None
    assert [each.name for each in await editor(host, passkey("one", sealed)).items()] == [passkeys.NAMELESS]


async def test_one_that_no_device_noted_is_told() -> None:
    items = await editor(Host(frozenset({"one"})), passkey("one", ""), passkey("two", "")).items()
    assert [each.about.endswith(passkeys.STRANGE) for each in items] == [False, True]


@pytest.mark.parametrize("problem", PasskeyProblem)
async def test_every_problem_has_a_sentence(problem: PasskeyProblem) -> None:
    made = editor(Host())
    made._device.fake_passkeys.problem = problem  # type: ignore[attr-defined]
    assert await made.obstacle() == passkeys.SENTENCES[problem]
    assert passkeys.SENTENCES[problem].endswith(".")
