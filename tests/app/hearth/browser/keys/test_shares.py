"""Shares: written beside a sign-in, copied where caches lose them, deleted where nobody needs them any more."""

from __future__ import annotations

import asyncio

import pytest

from hearth.browser import storage_names
from hearth.browser.keys import shares as module
from hearth.browser.keys.shares import within
from tests.app.hearth.browser.in_memory import Machine, OnePage


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TURN_S", 0.001)
    monkeypatch.setattr(module, "WRITE_S", 0.01)
    monkeypatch.setattr(module, "TRIAL_S", 0.005)
    monkeypatch.setattr(module, "AGAIN_S", (0.0, 0.0))


def kept(machine: Machine) -> int:
    return len(machine.caches.get(storage_names.SHARES, {}))


async def test_a_share_that_is_not_written_in_time_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    page = OnePage(Machine())

    async def hangs(*_given: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(page.caches, "put", hangs)
    assert await page.shares.take() is None

    async def fails(*_given: object) -> None:
        raise OSError

    monkeypatch.setattr(page.caches, "put", fails)
    assert await page.shares.take() is None


async def test_a_trial_that_was_disturbed_is_made_again_and_the_share_is_copied() -> None:
    page = OnePage(Machine())
    answers = iter([False, False, True])

    async def loses(_share: str) -> bool:
        return next(answers)

    page.shares._is_lost = loses
    share = await page.shares.take()
    assert share is not None
    while page.shares._trials:
        await asyncio.gather(*page.shares._trials)
    assert await page.indexeddb.names() == [storage_names.SHARES]
    assert bytes((await page.places[1].get(share.id)) or b"").hex() == share.key


async def test_a_share_that_was_forgotten_meanwhile_is_not_copied() -> None:
    page = OnePage(Machine())
    share = await page.shares.take()
    assert share is not None
    assert await page.shares.forget(set(), in_use=False) == 0
    page.machine.loses_caches = True
    await page.shares._copy_where_lost(share.id)
    assert await page.indexeddb.names() == []


async def test_the_share_of_a_sign_in_that_has_begun_meanwhile_stays() -> None:
    page = OnePage(Machine())
    await page.shares.take()
    forgetting = asyncio.ensure_future(page.shares.forget(set(), in_use=True))
    await asyncio.sleep(0)
    page.shares.prepare()
    assert await forgetting == 0
    assert await page.shares.take() is not None
    assert kept(page.machine) == 1


async def test_shares_of_other_pages_stay_unless_all_go() -> None:
    machine = Machine()
    one, other = OnePage(machine), OnePage(machine)
    for page in (one, other):
        await page.shares.take()
    assert await one.shares.forget(set(), in_use=False) == 0
    assert kept(machine) == 1
    assert await one.shares.forget(set(), in_use=True) == 0
    assert kept(machine) == 0


async def test_a_place_that_another_page_has_deleted_is_not_made_by_looking() -> None:
    page = OnePage(Machine())
    place = page.places[1]
    assert await place.get("x") is None
    assert await place.clear(lambda _share: False, in_use=False) == []
    assert await place._ids() == []
    assert await page.indexeddb.names() == []
    await place.put("x", b"1")
    await place.put("y", b"2")
    assert await place.clear(lambda share: share == "y", in_use=True) == ["y"]
    assert await place.clear(lambda _share: False, in_use=True) == []
    assert await page.indexeddb.names() == [storage_names.SHARES], "more may come"
    assert await place.clear(lambda _share: False, in_use=False) == []
    assert await page.indexeddb.names() == []


async def test_a_cache_of_a_trial_that_was_cut_short_goes_with_the_shares() -> None:
    page = OnePage(Machine())
    page.machine.caches[storage_names.SHARE_TRIALS + "x"] = {"/half/x": b"1"}
    page.machine.caches[storage_names.FILES + "1"] = {"/": b""}
    assert await page.shares.forget(set(), in_use=False) == 0
    assert list(page.machine.caches) == [storage_names.FILES + "1"]


async def test_within_counts_turns_in_which_the_answer_could_have_come() -> None:
    async def answer() -> str:
        return "here"

    assert await within(0.01, answer()) == "here"
    assert await within(0.003, asyncio.sleep(5, "late")) is None
