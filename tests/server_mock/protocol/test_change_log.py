"""Stamps rise whatever the clock does, and the journal says what came after one or that it does not know."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.dataclass_json import MAX_SAFE_INTEGER
from server_mock.protocol import change_log
from server_mock.protocol.change_log import Change, Stamps, UserState, UserStates


def state(now: int = 1_000) -> UserState:
    return UserState(lambda: now)


@given(st.lists(st.integers(0, 2**40), min_size=1))
def test_stamps_rise_whatever_the_clock_does(times: list[int]) -> None:
    clock = iter(times)
    made = UserState(lambda: next(clock))
    stamps = [made.next_stamp() for _ in times]
    assert stamps == sorted(set(stamps))
    assert stamps[-1] >= max(times)


@given(st.integers(0, MAX_SAFE_INTEGER))
def test_a_stamp_is_read_back_and_another_servers_is_not(stamp: int) -> None:
    ours, others = Stamps(b"secret"), Stamps(b"other")
    assert ours.parse(ours.text(stamp)) == stamp
    assert others.parse(ours.text(stamp)) is None


@pytest.mark.parametrize("end", ["", "-", "-1", "1.5", "\u0663", "9" * 17, str(MAX_SAFE_INTEGER + 1), "1-1"])
def test_what_is_no_stamp_is_none(end: str) -> None:
    stamps = Stamps(b"secret")
    epoch = stamps.text(1).partition("-")[0]
    assert stamps.parse(f"{epoch}-{end}") is None


def test_the_journal_says_what_came_after_a_stamp_and_wakes_who_listens() -> None:
    made, listener = state(), asyncio.Event()
    made.listeners.add(listener)
    changes = [Change(made.next_stamp(), ()) for _ in range(3)]
    for change in changes:
        made.publish(change)
    assert listener.is_set()
    assert made.newest == changes[-1].stamp
    assert made.changes_after(changes[0].stamp) == changes[1:]
    assert made.changes_after(changes[-1].stamp) == []


def test_a_journal_that_does_not_reach_back_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_JOURNAL_ENTRIES", 2)
    made = state()
    changes = [Change(made.next_stamp(), ()) for _ in range(4)]
    for change in changes:
        made.publish(change)
    assert made.changes_after(changes[0].stamp) is None
    assert made.changes_after(changes[1].stamp) == changes[2:]
    made.lose_track()
    assert (made.newest, made.changes_after(changes[2].stamp)) == (None, None)


async def test_a_read_learns_a_stamp_below_every_later_write() -> None:
    made = state()
    read = await made.begin_read()
    assert made.newest == read
    assert made.next_stamp() > read
    assert not made.is_future(read)
    assert made.is_future(10**9)


def test_users_that_nobody_waits_for_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_USERS", 2)
    states = UserStates(lambda: 1)
    busy = states.of("busy")
    busy.listeners.add(asyncio.Event())
    idle = states.of("idle")
    states.of("third")
    assert states.of("busy") is busy
    assert states.of("idle") is not idle


def test_chats_that_are_known_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_KNOWN_CHATS", 2)
    made = state()
    made.learn_chats(["a", "b", "c"])
    made.learn_chats(["d"])
    assert made.chat_ids == {"d"}
