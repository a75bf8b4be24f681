"""One session: what a reload shows first, and what outlives it."""

from __future__ import annotations

import pytest

from hearth.core.protocol.server_events import (
    UpToDate,
)
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.screen import Phase, Screen
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import OpenChat
from hearth.ports.network import SocketClosed
from tests.app.hearth.engine.journey import Journey


async def test_a_reload_shows_the_last_chat_first_and_asks_only_what_changed(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.refuse_connections = SocketClosed()
    journey.load()
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.title == "Alpha")
    await journey.until(lambda: len(journey.titles()) == 3)
    await journey.until(lambda: journey.screen.status.sentence.startswith("Offline"))
    journey.device.refuse_connections = None
    hello = await journey.greeted(2)
    assert (hello["since"], hello["have"]) == ("100", {})
    journey.deliver(UpToDate(stamp="100"))
    await journey.current()


@pytest.mark.parametrize(("entry", "shown"), [("b", "b"), ("not here", "a"), (None, "a")])
async def test_a_reload_shows_the_chat_that_this_tab_showed_if_it_is_here(
    journey: Journey, entry: str | None, shown: str
) -> None:
    """What was opened last is written down a moment after it is shown: a reload may come before, or another tab."""
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.refuse_connections = SocketClosed()
    journey.load()
    journey.page.entry = entry
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.messages)
    assert journey.screen.chat
    assert journey.screen.chat.id == shown


async def test_opening_works_offline_and_last_opened_follows_when_the_network_is_back(
    journey: Journey,
) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.refuse_connections = SocketClosed()
    journey.socket.fail()
    await journey.until(lambda: journey.screen.status.sentence.startswith("Offline"))
    journey.engine.post(OpenChat("b"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "b" and journey.screen.chat.messages)
    journey.device.refuse_connections = None
    await journey.greeted(2)
    journey.deliver(UpToDate(stamp="100"))
    await journey.until(lambda: journey.sent("opened"))
    assert journey.sent("opened")[0]["chat_id"] == "b"


async def test_signing_out_leaves_nothing(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)
    assert journey.screen == Screen(phase=Phase.SIGNED_OUT)
    assert journey.device.disks == {}
    assert journey.device.key_store.kept is None
    assert journey.socket.closed
    assert journey.device.stores[-1].closed
    assert journey.page.cleared == 1
    assert journey.device.api.signed_out == 1
    assert tab_messages.read(journey.device.tabs.told[-1]) == tab_messages.SignedOut(account=journey.account.id)


async def test_storage_taken_away_warms_again(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.disks.clear()
    assert journey.device.on_gone
    journey.device.on_gone(False)
    hello = await journey.greeted(2)
    assert hello["since"] is None
    journey.warm()
    await journey.until(lambda: journey.screen.status.sentence.startswith("Up to date. This browser had removed"))
    assert len(journey.titles()) == 3
