"""What is kept of a key between page loads is found again, handed over, locked and forgotten, wherever a page dies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from hearth.browser import storage_names
from hearth.browser.keys.entries import lock_name, shared_key
from hearth.core.errors import SealError
from hearth.engine.auth import kept_key
from hearth.ports.keys import Key, LockNote
from tests.app.hearth.browser.in_memory import MASTER, Killed, Machine, OnePage, wrapped_master

WRAPPING = Key(b"wrapping", "right")
EMAIL = "somebody@hearth.test"
HANDLE = (MASTER + b"t" * 16).hex()


async def admit(page: OnePage, account: str = "a", stay: bool = False) -> Key:
    """Sign in."""
    page.key_store.prepare()
    return await page.key_store.admit(WRAPPING, wrapped_master(WRAPPING), account, EMAIL, stay)


async def signed_in(stay: bool = False, machine: Machine | None = None) -> OnePage:
    """A page of somebody who has signed in."""
    page = OnePage(machine or Machine())
    await admit(page, stay=stay)
    return page


def shares(machine: Machine) -> int:
    """How many shares lie in Cache Storage."""
    return len(machine.caches.get(storage_names.SHARES, {}))


@pytest.mark.parametrize("stay", [True, False])
async def test_a_reload_finds_the_key_and_a_restart_only_who_stays(stay: bool) -> None:
    page = await signed_in(stay)
    assert await page.reloaded().key_store.recall() == ("a", Key(b"master-1", HANDLE))
    assert page.key_store.stays("a") is stay
    other = OnePage(page.machine)
    assert (await other.key_store.recall() is not None) is stay


async def test_a_key_that_does_not_open_is_not_kept() -> None:
    page = OnePage(Machine())
    with pytest.raises(SealError):
        await page.key_store.admit(Key(b"wrapping", "wrong"), wrapped_master(WRAPPING), "a", EMAIL, False)
    assert page.session == {}


async def test_where_the_storage_refuses_the_key_lasts_as_long_as_the_page() -> None:
    page = OnePage(Machine())
    page.storages[0].full = True
    assert (await admit(page)).handle == HANDLE
    assert await page.reloaded().key_store.recall() is None


async def test_a_share_that_is_gone_is_said_and_the_entry_goes_with_it() -> None:
    page = await signed_in()
    page.machine.caches.clear()
    again = page.reloaded()
    assert await again.key_store.recall() is None
    assert again.key_store.lost
    assert again.session == {}
    assert again.locks == set(), "and nobody is to leave the share to this page"
    assert await again.key_store.recall() is None
    assert not again.key_store.lost


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"account": 1}', "not JSON", '{"account": "a", "half": "x"}']
)
async def test_what_is_no_entry_is_removed(text: str) -> None:
    page = OnePage(Machine(), {storage_names.KEY: text})
    assert await page.key_store.recall() is None
    assert page.key_store.lost
    assert page.session == {}


async def test_the_key_of_an_account_that_is_being_wiped_is_not_recalled() -> None:
    page = await signed_in(stay=True)
    page.key_store.begin_wipe("a")
    again = page.reloaded()
    assert await again.key_store.recall() is None
    assert not again.key_store.lost
    assert again.key_store.wiping
    assert page.machine.local == {storage_names.WIPING: "a"}
    await admit(again, "b")
    assert not again.key_store.wiping, "somebody has signed in"


async def test_a_sign_out_in_another_tab_while_the_key_is_opened_is_heeded() -> None:
    page = await signed_in(stay=True)
    again = page.reloaded()
    open_entry = again.open_entry

    async def slowly(text: str) -> str:
        key = await open_entry(text)
        page.machine.local.clear()
        return key

    again.open_entry = slowly  # type: ignore[method-assign]
    assert await again.key_store.recall() is None
    assert not again.key_store.lost


async def test_forgetting_leaves_nothing_but_what_another_page_uses() -> None:
    page = await signed_in(stay=True)
    other = await signed_in(machine=page.machine)
    assert shares(page.machine) == 2, "the second sign-in has taken the first one's entry, not the share in use"
    page.entries.note_stored("a")
    assert await page.key_store.forget("a") == 0
    assert page.machine.local == {}
    assert shares(page.machine) == 1
    assert (await other.reloaded().key_store.recall()) is not None
    assert await page.key_store.forget(in_use=True) == 0
    assert storage_names.SHARES not in page.machine.caches


async def test_forgetting_an_account_leaves_another_ones_entries() -> None:
    page = await signed_in(stay=True)
    machine = page.machine
    machine.local |= {shared_key("b"): "{}", lock_name("b"): "{}", f"{storage_names.STORED}:b": "1", "else": "x"}
    machine.local[storage_names.LOOK] = "dark"
    assert await page.key_store.forget("a") == 0
    assert set(machine.local) == {shared_key("b"), lock_name("b"), f"{storage_names.STORED}:b", "else"}


async def test_a_share_that_cannot_be_removed_is_counted() -> None:
    page = await signed_in()
    page.caches.stuck = set(page.machine.caches[storage_names.SHARES])
    assert await page.key_store.forget() == 1


async def test_a_live_tab_hands_over_its_key_and_its_entry() -> None:
    page = await signed_in()
    page.key_store.note_stored("a")
    other = OnePage(page.machine)
    found = await kept_key.find(other.key_store)
    assert found.master == ("a", Key(b"master-1", HANDLE))
    assert found.is_used_elsewhere
    assert other.key_store.had_stored("a")
    page.close()
    assert (await other.reloaded().key_store.recall()) is not None, "its own next load finds it"


async def test_a_tab_that_is_frozen_is_left_everything() -> None:
    page = await signed_in()
    page.frozen = True
    found = await kept_key.find(OnePage(page.machine).key_store)
    assert (found.master, found.note, found.is_used_elsewhere) == (None, None, True)


async def test_without_another_tab_nothing_is_found_and_a_stored_database_is_worth_a_second_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine()
    page = OnePage(machine)
    looks: list[int] = []
    ask = page.ask_tabs

    async def looked() -> object:
        looks.append(1)
        return await ask()

    page.ask_tabs = looked  # type: ignore[method-assign, assignment]
    monkeypatch.setattr("hearth.browser.keys.key_store.LOOK_AGAIN_S", 0)
    assert await page.key_store.ask_tabs() is False
    assert len(looks) == 1
    (await page.indexeddb.open("hearth:a", [lambda upgrade: None])).close()
    assert await page.key_store.ask_tabs() is False
    assert len(looks) == 3


async def test_a_lock_puts_a_note_in_the_keys_place_and_deletes_its_share() -> None:
    page = await signed_in(stay=True)
    page.key_store.note_stored("a")
    (before,) = page.machine.caches[storage_names.SHARES]
    await page.key_store.lock("a")
    (after,) = page.machine.caches[storage_names.SHARES]
    assert before != after
    assert set(page.machine.local) == {lock_name("a"), f"{storage_names.STORED}:a"}
    assert EMAIL not in page.machine.local[lock_name("a")].split("sealed")[0]
    again = page.reloaded()
    assert await kept_key.find(again.key_store) == kept_key.KeptKey(note=LockNote("a", EMAIL, stay=True))
    other = OnePage(page.machine)
    page.machine.local.pop(lock_name("a"))
    other.machine.local[lock_name("a")] = json.dumps({"account": "b"})
    assert await other.key_store.locked() is None
    assert page.machine.local.get(lock_name("a")) is None, "a note under another account's name is none"


async def test_two_tabs_lock_once_and_a_key_that_was_kept_meanwhile_stays() -> None:
    page = await signed_in(stay=True)
    other = OnePage(page.machine)
    assert await other.key_store.recall() is not None
    await page.key_store.lock("a")
    note = page.machine.local[lock_name("a")]
    await other.key_store.lock("a")
    assert page.machine.local[lock_name("a")] == note
    later = OnePage(page.machine)
    await admit(later, stay=True)
    key = page.machine.local[shared_key("a")]
    await other.key_store.lock("a")
    assert page.machine.local[shared_key("a")] == key
    assert lock_name("a") not in page.machine.local


async def test_a_locked_tab_hands_over_its_note() -> None:
    page = await signed_in()
    await page.key_store.lock("a")
    other = OnePage(page.machine)
    found = await kept_key.find(other.key_store)
    assert found.master is None
    assert found.note == LockNote("a", EMAIL)


async def test_where_caches_lose_what_is_in_them_the_share_lies_in_a_database_and_goes_with_the_others() -> None:
    machine = Machine(loses_caches=True)
    page = await signed_in(machine=machine)
    machine.caches.clear()  # the browser empties them with the page
    again = page.reloaded()
    assert await again.key_store.recall() is not None
    assert await again.key_store.forget() == 0
    assert machine.left(again) == {}


# --- whatever step a page dies at ---


async def sign_out(page: OnePage) -> bool:
    """A sign-out in the order that `hearth.engine` has: what is owed, the mark, the key, the stores, the mark."""
    page.key_store.owe_sign_out(True)
    page.key_store.begin_wipe("a")
    left = await page.key_store.forget("a", in_use=False)
    gone = not left and not await page.wipe.stores("a")
    if gone:
        page.key_store.end_wipe()
    return gone


async def with_chats(machine: Machine, stay: bool) -> OnePage:
    """A page with a key and a database."""
    page = await signed_in(stay, machine)
    (await page.indexeddb.open("hearth:a", [lambda _upgrade: None])).close()
    page.key_store.note_stored("a")
    return page


async def steps_of(act: Callable[[OnePage], Awaitable[object]], stay: bool) -> list[str]:
    """The steps of something that a page does."""
    machine = Machine()
    names: list[str] = []
    page = await with_chats(machine, stay)
    machine.on_step = names.append
    await act(page)
    return names


async def dies(machine: Machine, page: OnePage, act: Callable[[OnePage], Awaitable[object]], at: int) -> None:
    """Let the page die at a step."""
    taken = 0

    def step(_name: str) -> None:
        nonlocal taken
        taken += 1
        if taken >= at:  # in whatever task: nothing of the page goes on
            raise Killed

    machine.on_step = step
    with suppress(Killed):
        await act(page)
    assert taken >= at
    machine.on_step = lambda _name: None


@pytest.mark.parametrize("stay", [True, False])
async def test_a_sign_out_that_dies_anywhere_is_finished_by_the_next_start(stay: bool) -> None:
    steps = await steps_of(sign_out, stay)
    assert len(steps) >= 10
    for at in range(1, len(steps) + 1):
        machine = Machine()
        page = await with_chats(machine, stay)
        await dies(machine, page, sign_out, at)
        again = page.reloaded()
        found = await kept_key.find(again.key_store)
        if found.master is not None:  # the mark of the wipe was not there yet: the person is still signed in
            assert at <= 3, steps[at - 1]
            continue
        assert again.key_store.wiping or not await again.indexeddb.names()
        assert await again.key_store.forget() == 0
        assert await again.wipe.stores() == []
        again.key_store.end_wipe()
        again.key_store.owe_sign_out(False)
        assert machine.left(again) == {}, steps[at - 1]


async def test_a_lock_that_dies_anywhere_leaves_a_key_or_a_note_or_what_a_wipe_finishes() -> None:
    async def lock(page: OnePage) -> None:
        await page.key_store.lock("a")

    steps = await steps_of(lock, stay=True)
    for at in range(1, len(steps) + 1):
        machine = Machine()
        page = await with_chats(machine, stay=True)
        await dies(machine, page, lock, at)
        again = page.reloaded()
        found = await kept_key.find(again.key_store)
        assert not (found.master and found.note), steps[at - 1]
        assert await again.indexeddb.names() == ["hearth:a"], "what is stored stays"
        assert await again.key_store.tidy() == 0
        assert shares(machine) == (1 if found.master or found.note else 0), steps[at - 1]


async def test_a_sign_in_that_dies_anywhere_leaves_the_key_or_nothing_that_opens() -> None:
    async def sign_in(page: OnePage) -> None:
        await admit(page, stay=True)

    machine = Machine()
    steps: list[str] = []
    machine.on_step = steps.append
    await sign_in(OnePage(machine))
    for at in range(1, len(steps) + 1):
        machine = Machine()
        page = OnePage(machine)
        await dies(machine, page, sign_in, at)
        again = page.reloaded()
        await again.key_store.recall()
        assert not again.key_store.lost, steps[at - 1]
        assert await again.key_store.tidy() == 0
        assert shares(machine) == sum(name == shared_key("a") for name in machine.local)


async def test_a_share_is_written_once_however_often_it_is_prepared() -> None:
    page = OnePage(Machine())
    page.key_store.prepare()
    page.key_store.prepare()
    await admit(page)
    await asyncio.sleep(0)
    assert shares(page.machine) == 1
    assert len(page.locks) == 1
