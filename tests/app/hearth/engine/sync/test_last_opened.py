"""`last_opened` follows in order, without flooding, and only when the server does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hearth.engine.sync.last_opened import LastOpened


def recorder(sent: list[str]) -> Callable[[str], bool]:
    """A connection that is always there."""

    def send(chat: str) -> bool:
        sent.append(chat)
        return True

    return send


async def test_leafing_through_sends_the_first_and_the_last() -> None:
    sent: list[str] = []
    follow = LastOpened(recorder(sent), interval_s=0.01)
    follow.settled("a")
    for chat in "bcdef":
        follow.choose(chat)
    assert sent == ["b"]
    async with asyncio.timeout(2):
        while len(sent) < 2:  # noqa: ASYNC110 - the follower has no event to wait for
            await asyncio.sleep(0.001)
    assert sent == ["b", "f"]
    follow.stop()


async def test_what_the_server_knows_is_not_sent() -> None:
    sent: list[str] = []
    follow = LastOpened(recorder(sent))
    follow.settled("a")
    follow.choose("a")
    assert sent == []


async def test_a_choice_made_offline_waits_for_the_connection() -> None:
    sent: list[str] = []
    online = False

    def send(chat: str) -> bool:
        if online:
            sent.append(chat)
        return online

    follow = LastOpened(send)
    follow.choose("b")
    follow.choose("c")
    online = True
    follow.flush()
    assert sent == ["c"]
    follow.stop()
