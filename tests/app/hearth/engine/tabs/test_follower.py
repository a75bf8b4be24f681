"""A tab that follows: it shows what the leader stores, and takes over from where it stood."""

from __future__ import annotations

from typing import Any

from hearth.core.protocol.server_events import (
    Changes,
    UpToDate,
)
from hearth.core.view.open_chat import ChatState
from tests.account import MadeAccount
from tests.app.hearth.engine.journey import Open
from tests.app.hearth.engine.tabs.test_role import close, pair
from tests.contracts.records import tombstone


async def test_a_follower_follows_changes_deletions_and_the_status(opened: Open) -> None:
    owner, follower = await pair(opened)
    make = owner.account
    owner.deliver(
        Changes(since="100", stamp="101"),
        chats=[tombstone("c"), make.chat("a", "Alpha renamed", 2, last_updated=50)],
        messages=[make.message("a", 60, "live")],
    )
    await follower.until(lambda: follower.titles() == ["Alpha renamed", "Beta"])
    await follower.until(lambda: "live" in follower.texts()[-1])
    owner.socket.fail()
    await follower.until(lambda: follower.screen.status.sentence.startswith("Offline"))
    await owner.greeted(2)
    owner.deliver(UpToDate(stamp="101"))
    await follower.current()


async def test_a_follower_follows_a_warming_from_its_beginning(opened: Open) -> None:
    owner = opened()
    await owner.sign_in()
    follower = opened()
    await follower.until(lambda: follower.device.stores)
    owner.warm()
    await owner.current()
    await follower.current()
    assert follower.titles() == ["Beta", "Gamma", "Alpha"]
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.state is ChatState.READY)
    assert follower.screen.chat
    assert follower.screen.chat.id == "a"
    assert follower.device.sockets == []


async def test_a_takeover_shows_what_was_stored_and_never_told(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.device.tabs.closed = True
    owner.deliver(
        Changes(since="100", stamp="101"),
        chats=[tombstone("c"), owner.account.chat("d", "Delta")],
        messages=[owner.account.message("a", 60, "unannounced")],
    )
    await owner.until(lambda: "Delta" in owner.titles())
    close(owner)
    await follower.until(lambda: "Delta" in follower.titles())
    assert "Gamma" not in follower.titles()
    assert (await follower.greeted(1))["since"] == "101"


def rows(account: MadeAccount, count: int) -> list[dict[str, Any]]:
    """Chats."""
    return [account.chat(f"n{n}", f"Chat {n}", last_updated=100 + n) for n in range(count)]


async def test_many_chats_at_once_reach_a_follower_too(opened: Open) -> None:
    owner, follower = await pair(opened)
    owner.deliver(Changes(since="100", stamp="101"), chats=[*rows(owner.account, 20), tombstone("b")])
    await follower.until(lambda: len(follower.titles()) == 22)
    assert "Beta" not in follower.titles()
