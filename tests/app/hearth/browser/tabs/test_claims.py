"""Of the tabs of an account one leads: it holds the lock, is displaced when it hangs, and stands in line again."""

from __future__ import annotations

import asyncio

import pytest

from hearth.browser import storage_names
from hearth.browser.tabs.claims import Claim, turn
from tests.app.hearth.browser.in_memory import MemoryLocks

NAME = f"{storage_names.LEADER_LOCK}account"


class Tab:
    """A tab with its claim, and what it was told."""

    def __init__(self, locks: MemoryLocks) -> None:
        self.told: list[str] = []
        self._locks = locks
        self.claim = Claim(locks, "account", lambda: self.told.append("owned"), lambda: self.told.append("lost"))

    async def ask(self) -> bool:
        asking = asyncio.ensure_future(self.claim.ask())
        await asyncio.sleep(0)
        self._locks.turn()
        return await asking


@pytest.fixture
def locks() -> MemoryLocks:
    return MemoryLocks()


async def test_the_first_tab_owns_and_the_next_one_when_it_gives_up(locks: MemoryLocks) -> None:
    first, second, third = (Tab(locks) for _ in range(3))
    assert await first.ask()
    assert not await second.ask()
    assert not await third.ask()
    assert await locks.requests(NAME) == 3
    first.claim.release()
    locks.turn()
    assert (first.told, second.told, third.told) == ([], ["owned"], [])
    second.claim.release()
    locks.turn()
    assert third.told == ["owned"]
    assert await locks.requests(NAME) == 1


async def test_who_is_displaced_hears_it_and_stands_in_line_again(locks: MemoryLocks) -> None:
    hanging, other = Tab(locks), Tab(locks)
    assert await hanging.ask()
    assert not await other.ask()
    other.claim.take()
    locks.turn()
    assert (hanging.told, other.told) == (["lost"], ["owned"])
    locks.turn()
    assert hanging.told == ["lost"]
    other.claim.release()
    locks.turn()
    assert hanging.told == ["lost", "owned"], "it was the next in line"


async def test_who_gave_up_is_told_nothing_and_holds_nothing(locks: MemoryLocks) -> None:
    first, second = Tab(locks), Tab(locks)
    assert await first.ask()
    assert not await second.ask()
    second.claim.release()
    second.claim.take()
    first.claim.release()
    locks.turn()
    assert (first.told, second.told) == ([], [])
    assert await locks.requests(NAME) == 0


async def test_a_claim_that_is_given_up_before_the_browser_answers_is_not_held(locks: MemoryLocks) -> None:
    tab = Tab(locks)
    asking = asyncio.ensure_future(tab.claim.ask())
    await asyncio.sleep(0)
    request = locks.lines[NAME][0]
    tab.claim._given_up = True  # released within the browser's answer
    assert request.given(True) is False
    assert await asking is True
    assert tab.told == []


async def test_where_locks_are_forbidden_every_tab_owns(locks: MemoryLocks) -> None:
    locks.forbidden = True
    assert await Tab(locks).ask()
    assert await Tab(locks).ask()


async def test_sign_ins_take_turns(locks: MemoryLocks) -> None:
    seen: list[str] = []

    async def sign_in(name: str) -> None:
        async with turn(locks):
            seen.append(f"{name} begins")
            await asyncio.sleep(0)
            seen.append(f"{name} ends")
        locks.turn()

    both = asyncio.gather(sign_in("one"), sign_in("other"))
    await asyncio.sleep(0)
    locks.turn()
    await both
    assert seen == ["one begins", "one ends", "other begins", "other ends"]
    assert await locks.requests(storage_names.SIGN_IN_LOCK) == 0


async def test_a_tab_that_hangs_does_not_keep_the_others_from_signing_in(locks: MemoryLocks) -> None:
    locks.request(storage_names.SIGN_IN_LOCK, lambda _there: True, lambda: None)
    locks.turn()
    async with turn(locks, timeout_s=0.0):
        pass
    assert await locks.requests(storage_names.SIGN_IN_LOCK) == 1, "and stands in line no more"


async def test_a_turn_without_locks_begins_at_once() -> None:
    async with turn(None):
        pass
