"""The wipe: the key goes before what it opens, it is looked again, and what holds on is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hearth.core.errors import StorageError
from hearth.engine.auth import wipe as wiping
from hearth.engine.auth.wipe import wipe, wipe_others
from hearth.engine.storage.memory_store import Disk
from hearth.testing.device import FakeDevice


class Steps(FakeDevice):
    """Notes the steps; `left` is what deleting leaves, time after time."""

    def __init__(self, *left: list[str] | Exception) -> None:
        super().__init__()
        self.left = list(left)
        self.steps: list[str] = []
        self.disks = {"mine": Disk(), "theirs": Disk()}
        forget, end = self.key_store.forget, self.key_store.end_wipe

        async def forgets(*args: Any, **more: Any) -> int:
            self.steps.append("key")
            return await forget(*args, **more)

        def ends() -> None:
            self.steps.append("end")
            end()

        self.key_store.forget = forgets  # type: ignore[method-assign]
        self.key_store.end_wipe = ends  # type: ignore[method-assign]

    def _next(self) -> list[str]:
        found = self.left.pop(0) if self.left else []
        if isinstance(found, Exception):
            raise found
        return found

    async def wipe_stores(self, account: str | None = None) -> list[str]:
        self.steps.append("stores")
        return self._next() or await super().wipe_stores(account)

    async def wipe_others(self, account: str) -> list[str]:
        self.steps.append("others")
        return self._next() or await super().wipe_others(account)


async def test_the_key_goes_first_and_the_end_is_noted_last() -> None:
    device = Steps()
    assert await wipe(device)
    assert device.steps == ["key", "stores", "end"]
    assert device.disks == {}


async def test_of_one_account_only_its_own_goes() -> None:
    device = Steps()
    assert await wipe(device, "mine")
    assert list(device.disks) == ["theirs"]


@pytest.mark.parametrize("left", [["database"], StorageError("no")])
async def test_what_is_left_keeps_the_wipe_open(left: list[str] | Exception) -> None:
    device = Steps(left)
    assert not await wipe(device)
    assert "end" not in device.steps


async def test_a_database_that_is_held_open_does_not_hold_up_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "WIPE_S", 0.001)
    device = Steps()

    async def never(account: str | None = None) -> list[str]:
        await asyncio.Event().wait()
        return []

    device.wipe_stores = never  # type: ignore[method-assign]
    assert not await wipe(device)


async def test_other_accounts_are_tried_again_until_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "OTHERS_AGAIN_S", 0.0)
    device = Steps(["theirs"], ["theirs"])
    assert await wipe_others(device, "mine")
    assert device.steps.count("others") == 3
    assert list(device.disks) == ["mine"]


async def test_who_never_lets_go_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiping, "OTHERS_AGAIN_S", 0.0)
    device = Steps(*[["theirs"]] * wiping.OTHERS_TRIES)
    assert not await wipe_others(device, "mine")
    assert not await wipe_others(Steps(StorageError("no")), "mine")
