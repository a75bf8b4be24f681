"""What the network and the server do to a whole client, told in virtual time: each ends in sync, and is said."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Iterator

import pytest

from hearth.browser.network import connector
from hearth.core.protocol.server_events import Changes, ServerEvent
from hearth.core.records.schema import Collection
from hearth.core.sync.status import BLOCKED
from hearth.core.view.chat_list import ListState
from hearth.core.view.screen import Phase, Tone
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import ListOlderChats, OpenChat
from hearth.ports.network import SocketClosed
from server_mock.protocol import device_connection
from server_mock.protocol.channel import Channel
from server_mock.protocol.packing import Load, pack
from tests.peers import Browser, LiveDevice, LiveSocket, LiveWorld
from tests.server_mock.world import EMAIL, PASSWORD
from tests.stories import Story, Tell, telling, until

CHATS, MESSAGES, _ENTRIES = Collection


@pytest.fixture
def tell() -> Iterator[Tell]:
    """Runs a story of one browser and one server on a loop whose clock jumps."""
    with telling() as tell:
        yield tell


def says(browser: Browser) -> str:
    return browser.page.screen.status.sentence


def said(browser: Browser) -> list[str]:
    """Every sentence of the status line so far."""
    return list(dict.fromkeys(screen.status.sentence for screen in browser.page.screens))


async def signed_in(browser: Browser) -> None:
    browser.sign_in(EMAIL, PASSWORD)
    await until(lambda: says(browser) == "Up to date")


async def whole(world: LiveWorld, browser: Browser) -> None:
    """The device holds what the server holds."""
    await until(lambda: says(browser) == "Up to date")
    account = browser.account or ""
    chats = {row["id"]: row["version"] for row in await world.rows(CHATS, account)}
    messages = {row["id"] for row in await world.rows(MESSAGES, account)}
    assert {row["id"]: row["version"] for row in browser.disk.chats.values() if row["deleted_at"] is None} == chats
    assert {name for rows in browser.disk.messages.values() for name in rows} == messages


def test_a_half_open_connection_is_noticed_and_made_anew(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        await signed_in(browser)
        browser.device.network.silent = True
        await world.change(add_message={"text": "while nobody listens"})
        took = await until(lambda: says(browser).startswith("Offline"))
        assert 25 <= took <= 50
        assert "stalled" in says(browser)
        browser.device.network.heal()
        await whole(world, browser)

    tell(story)


def test_offline_is_shown_and_is_no_error(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        await signed_in(browser)
        shown = browser.page.screen.chat
        browser.go_offline()
        await until(lambda: says(browser) == "Offline. You can read what is on this device.")
        status = browser.page.screen.status
        assert status.tone is Tone.OFFLINE
        assert browser.page.screen.phase is Phase.SIGNED_IN
        assert browser.page.screen.chat == shown
        await asyncio.sleep(600)
        browser.device.network.heal()
        # However long it was away, the next try is never further off than the longest back-off.
        assert await until(lambda: says(browser) == "Up to date") <= 31

    tell(story)


def means(browser: Browser) -> set[ListState]:
    """What an empty list would have meant at some time since the sign-in."""
    return {screen.without_chats for screen in browser.page.screens if screen.phase is Phase.SIGNED_IN}


def test_before_a_first_sync_nobody_is_told_that_there_are_no_chats(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(_device: LiveDevice, _account: str) -> LiveSocket:
        raise SocketClosed

    async def story(world: LiveWorld, browser: Browser) -> None:
        monkeypatch.setattr(LiveDevice, "connect", unreachable)
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: says(browser) == "Offline. You can read what is on this device.")
        await asyncio.sleep(100)
        assert means(browser) == {ListState.LOADING, ListState.UNSYNCED}
        monkeypatch.undo()
        await whole(world, browser)
        assert browser.page.screen.without_chats is ListState.EMPTY

    tell(story)


@pytest.mark.parametrize("proxy", ["refuses_websockets", "mutes_websockets"])
def test_behind_a_proxy_without_websockets_everything_goes_over_http_and_that_is_said(
    tell: Callable[[Story], None], proxy: str
) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        setattr(browser.device.network, proxy, True)
        browser.sign_in(EMAIL, PASSWORD)
        assert await until(lambda: says(browser) == f"Up to date. {BLOCKED}") <= 20
        assert means(browser) == {ListState.LOADING, ListState.EMPTY}
        assert not [sentence for sentence in said(browser) if "Offline" in sentence]
        await world.change(rename_chat={"title": "changed elsewhere"})
        await until(lambda: browser.page.screen.groups[0].items[0].title == "changed elsewhere", 1)
        cursor = browser.disk.sync["cursor"]
        await asyncio.sleep(600)
        assert says(browser) == f"Up to date. {BLOCKED}"
        browser.load()
        await until(lambda: browser.page.screens and says(browser) == f"Up to date. {BLOCKED}", 25)
        assert browser.disk.sync["cursor"] == cursor
        browser.do(SignOut())
        await until(lambda: browser.phase is Phase.SIGNED_OUT)

    tell(story)


def test_a_polled_connection_that_fails_is_offline_and_comes_back(tell: Callable[[Story], None]) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        network = browser.device.network
        network.refuses_websockets = True
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: says(browser) == f"Up to date. {BLOCKED}")
        network.down = True
        assert await until(lambda: says(browser) == "Offline. You can read what is on this device.") <= 45
        await world.change(add_message={"text": "while the network was down"})
        network.down = False
        await until(lambda: says(browser) == f"Up to date. {BLOCKED}")
        network.cut_after = 1
        await world.change(add_message={"text": "whose answer is lost"})
        await asyncio.sleep(5)
        assert says(browser) == f"Up to date. {BLOCKED}"
        await world.die()
        await until(lambda: says(browser) != f"Up to date. {BLOCKED}")
        network.heal()
        browser.device.connector.network_changed()
        await whole(world, browser)

    tell(story)


def test_going_back_to_a_websocket_is_not_offline_for_a_moment(tell: Callable[[Story], None]) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        network = browser.device.network
        network.refuses_websockets = True
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: says(browser) == f"Up to date. {BLOCKED}")
        network.refuses_websockets = False
        before = len(browser.page.screens)
        await until(lambda: says(browser) == "Up to date", 2 * connector.RETRY_S)
        shown = browser.page.screens[before:]
        assert {screen.status.tone for screen in shown} <= {Tone.QUIET, Tone.WORKING}
        assert not [sentence for sentence in said(browser) if "Offline" in sentence]
        await world.change(rename_chat={"title": "by the WebSocket"})
        await until(lambda: browser.page.screen.groups[0].items[0].title == "by the WebSocket", 1)
        await whole(world, browser)
        assert any(socket.open for socket in browser.device.live)

    tell(story)


def test_a_websocket_that_opens_once_and_is_blocked_again_is_not_offline_either(tell: Callable[[Story], None]) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        network, opens = browser.device.network, browser.device.open_websocket
        network.refuses_websockets = True
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: says(browser) == f"Up to date. {BLOCKED}")
        opened: list[str] = []

        async def once(account: str) -> LiveSocket:
            network.refuses_websockets = bool(opened)
            opened.append(account)
            return await opens(account)

        browser.device.connector._open_websocket = once
        await until(lambda: len(opened) > 1, 2 * connector.RETRY_S)
        await until(lambda: says(browser) == f"Up to date. {BLOCKED}")
        await world.change(rename_chat={"title": "by HTTP, as before"})
        await until(lambda: browser.page.screen.groups[0].items[0].title == "by HTTP, as before", 1)
        assert not [sentence for sentence in said(browser) if "Offline" in sentence]

    tell(story)


def test_a_session_that_ends_behind_such_a_proxy_says_why(tell: Callable[[Story], None]) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        browser.device.network.refuses_websockets = True
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: says(browser) == f"Up to date. {BLOCKED}")
        await world.change(end_sessions="revoked")
        await until(lambda: browser.phase is Phase.SIGNED_OUT)
        assert browser.device.disks == {}

    tell(story)


@pytest.mark.parametrize("after", ["first_chat_ready", "recent_chats_ready", "settings_and_memories_ready"])
def test_a_sync_that_stalls_says_so_and_recovers(tell: Tell, after: str) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        world.faults.apply({"stall_after": after})
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: "stalled" in says(browser))
        # The server goes on answering pings: it is the sync that has stalled, not the connection.
        world.faults.clear()
        await whole(world, browser)

    tell(story)


@pytest.mark.parametrize("away", [False, True])
def test_half_of_a_change_is_not_called_up_to_date_and_the_other_half_is_missed(
    tell: Tell, away: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_connection, "pack", functools.partial(pack, limit=1))
    goes_on, send = asyncio.Event(), Channel.send

    async def send_half(channel: Channel, event: ServerEvent, load: Load | None = None) -> None:
        if isinstance(event, Changes) and event.batch > 1:
            await goes_on.wait()
        await send(channel, event, load)

    monkeypatch.setattr(Channel, "send", send_half)

    async def story(world: LiveWorld, browser: Browser) -> None:
        await signed_in(browser)
        cursor = browser.disk.sync["cursor"]
        if away:
            browser.go_offline()
            await until(lambda: says(browser).startswith("Offline"))
        await world.change(add_message={"text": "in several frames"})
        browser.device.network.heal()
        await until(lambda: says(browser) == "Fetching what has changed…")
        shown = len(browser.page.screens)
        await until(lambda: "stalled" in says(browser))
        assert "Up to date" not in {screen.status.sentence for screen in browser.page.screens[shown:]}
        assert browser.disk.sync["cursor"] == cursor
        goes_on.set()
        await whole(world, browser)
        assert browser.disk.sync["cursor"] != cursor

    tell(story)


@pytest.mark.parametrize("frames", range(6))
def test_the_server_restarting_in_the_middle_of_a_warming_costs_only_time(tell: Tell, frames: int) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        world.faults.apply({"directus_latency_ms": 500})
        browser.device.network.delays_s = [0.3]
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: browser.phase is Phase.SIGNED_IN)
        await asyncio.sleep(0.3 + 0.35 * frames)
        held = set(browser.disk.messages)
        await world.die()
        assert browser.phase is Phase.SIGNED_IN
        await whole(world, browser)
        assert held <= set(browser.disk.messages)
        assert not [sentence for sentence in said(browser) if "wrong" in sentence]

    tell(story)


def test_a_reconnection_resumes_from_the_stored_cursor(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        await signed_in(browser)
        cursor = browser.disk.sync["cursor"]
        world.services.client.log.reset()
        for socket in browser.device.live:
            socket.cut()
        await until(lambda: says(browser).startswith("Offline"))
        await until(lambda: says(browser) == "Up to date")
        assert world.reads() == []
        assert browser.disk.sync["cursor"] == cursor
        browser.load()
        await until(lambda: browser.page.screens and says(browser) == "Up to date")
        assert world.reads() == []

    tell(story)


def test_two_seconds_for_each_request_cost_six_and_the_first_chat_does_not_wait_for_them(
    tell: Tell,
) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        loop = asyncio.get_running_loop()
        world.faults.apply({"directus_latency_ms": 2000})
        browser.sign_in(EMAIL, PASSWORD)
        await until(lambda: browser.phase is Phase.SIGNED_IN)
        begin = loop.time()
        await until(lambda: browser.page.screen.status.progress is not None)
        await until(lambda: browser.page.screen.chat is not None)
        first = loop.time() - begin
        await until(lambda: says(browser) == "Up to date")
        # Two at once for the first chat; the list and then its messages for all: no request waits for another's turn.
        assert first < 2.5
        assert loop.time() - begin < 4.5
        assert not [sentence for sentence in said(browser) if "Offline" in sentence]
        await whole(world, browser)

    tell(story)


async def listed(browser: Browser) -> None:
    """Press "Show older chats", and wait for the answer and the checks that follow."""
    before = listed_titles(browser)
    browser.do(ListOlderChats())
    await until(lambda: not browser.page.screen.older.listing and len(listed_titles(browser)) > len(before))
    await asyncio.sleep(1)


def listed_titles(browser: Browser) -> list[str]:
    return [item.title for group in browser.page.screen.groups for item in group.items]


def flags(browser: Browser) -> list[str]:
    return [item.flag for group in browser.page.screen.groups for item in group.items if item.flag]


def test_older_chats_are_listed_and_none_is_reported_as_missing(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        await signed_in(browser)
        await asyncio.sleep(1)
        assert browser.page.screen.older.sentence == "100 of 230 chats are on this device"
        assert flags(browser) == []
        await listed(browser)
        await listed(browser)
        assert len(listed_titles(browser)) == 230
        assert (flags(browser), says(browser)) == ([], "Up to date")
        assert browser.page.screen.older.sentence == "100 of 230 chats are on this device"
        assert not browser.page.screen.older.can_list
        oldest = browser.page.screen.groups[-1].items[-1].id
        browser.do(OpenChat(oldest))
        await until(lambda: browser.page.screen.older.sentence.startswith("101 of 230"))
        await asyncio.sleep(1)
        assert (flags(browser), says(browser)) == ([], "Up to date")

    tell(story, chats=230)


def test_an_older_chat_that_the_disk_withholds_is_reported(tell: Tell) -> None:
    async def story(world: LiveWorld, browser: Browser) -> None:
        account = await world.account()
        gone = account["chats"][115]["id"]
        await world.control("faults", {"drop_chat": gone})
        await signed_in(browser)
        await listed(browser)
        await until(lambda: flags(browser) == ["Missing"])

    tell(story, chats=130)
