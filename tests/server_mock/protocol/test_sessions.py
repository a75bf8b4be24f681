"""Sessions: hashes only, bounded, expiring."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hearth.core.protocol.server_events import SessionEnd
from server_mock.protocol import sessions
from server_mock.protocol.sessions import Session, Sessions
from tests.server_mock.world import FakeTime, World, a_world


def test_a_session_begins_and_ends() -> None:
    open_sessions = Sessions(FakeTime(0))
    token = open_sessions.begin("user", "hash", stay=False)
    session = open_sessions.find(token)
    assert session is not None
    assert (session.user_id, session.hashed_email) == ("user", "hash")
    open_sessions.end(session)
    open_sessions.end(session)
    assert open_sessions.find(token) is None
    assert open_sessions.end_of(token) is open_sessions.end_of_session(session) is SessionEnd.REVOKED


@pytest.mark.parametrize("token", [None, "", "x", "ü" * 100])
def test_what_is_no_token_finds_nothing(token: str | None) -> None:
    open_sessions = Sessions(FakeTime(0))
    open_sessions.begin("user", "hash", stay=False)
    assert open_sessions.find(token) is None
    assert open_sessions.end_of(token) is SessionEnd.UNKNOWN


@pytest.mark.parametrize(("stay", "lasts_s"), [(False, sessions.VISIT_S), (True, sessions.STAY_S)])
def test_a_session_expires_and_is_remembered_for_a_while(stay: bool, lasts_s: float) -> None:
    time = FakeTime(0)
    open_sessions = Sessions(time)
    token = open_sessions.begin("user", "hash", stay=stay)
    time.now_s = lasts_s - 1
    assert open_sessions.find(token)
    time.now_s = lasts_s
    assert open_sessions.find(token) is None
    assert open_sessions.end_of(token) is SessionEnd.EXPIRED


def test_a_session_that_was_revoked_stays_so_when_its_time_is_over() -> None:
    time = FakeTime(0)
    open_sessions = Sessions(time)
    token = open_sessions.begin("user", "hash", stay=False)
    session = open_sessions.find(token)
    assert session is not None
    open_sessions.end(session)
    time.now_s = sessions.VISIT_S + 1
    assert open_sessions.end_of(token) is SessionEnd.REVOKED


def test_an_expired_session_is_not_revoked_afterwards() -> None:
    time = FakeTime(0)
    open_sessions = Sessions(time)
    token = open_sessions.begin("user", "hash", stay=False)
    session = open_sessions.find(token)
    assert session is not None
    time.now_s = sessions.VISIT_S
    open_sessions.end(session)
    assert open_sessions.end_of(token) is SessionEnd.EXPIRED


def test_sessions_are_bounded_and_what_has_ended_goes_first() -> None:
    time = FakeTime(0)
    open_sessions = Sessions(time, max_sessions=2)
    tokens = []
    for _ in range(3):
        time.now_s += 1
        tokens.append(open_sessions.begin("user", "hash", stay=False))
    assert [bool(open_sessions.find(token)) for token in tokens] == [False, True, True]
    assert open_sessions.end_of(tokens[0]) is SessionEnd.UNKNOWN, "forgotten, not revoked: nothing is deleted for that"
    last = open_sessions.find(tokens[2])
    assert last is not None
    open_sessions.end(last)
    time.now_s += 1
    tokens.append(open_sessions.begin("user", "hash", stay=False))
    assert [bool(open_sessions.find(token)) for token in tokens] == [False, True, False, True]


def test_the_sessions_of_an_account() -> None:
    open_sessions = Sessions(FakeTime(0))
    first, second = (open_sessions.begin("user", "hash", stay=False) for _ in range(2))
    open_sessions.begin("other", "hash", stay=False)
    session = open_sessions.find(first)
    assert session is not None
    open_sessions.end(session)
    assert open_sessions.of_user("user") == [open_sessions.find(second)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed(chats=3)
        yield world


async def test_sessions_of_another_server_are_taken_over_unless_they_are_known(world: World) -> None:
    token = world.services.sessions.begin("user", "hash", stay=True)
    session = world.services.sessions.find(token)
    assert session is not None
    world.services.sessions.end(session)
    other = Session("f" * 64, "user", "hash", world.time() + 10)
    world.services.sessions.adopt([session, other])
    assert world.services.sessions.end_of(token) is SessionEnd.REVOKED
    assert world.services.sessions.is_open(other)
