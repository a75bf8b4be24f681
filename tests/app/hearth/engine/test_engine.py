"""The session from sign-in to sign-out, against a far end that the test holds."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hearth.core.errors import MalformedFrame, Unreachable, WrongVersion
from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    Pong,
    RecentChatsReady,
    RecordsEvent,
    Refetched,
    RemainingChatsReady,
    ServerEvent,
    SessionEnd,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase, Screen
from hearth.engine.engine import Engine
from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.intents.chats import CloseChat, OpenChat, ShowOlder, ShowSettings
from hearth.engine.intents.search import Search
from hearth.engine.queue_items import ClockChanged, TabMessage
from hearth.engine.storage.memory_store import Disk
from hearth.ports.network import SocketClosed
from hearth.ports.records import Frame
from hearth.ports.storage import Batch
from hearth.testing.device import FakeDevice
from hearth.testing.network import FakeSocket
from hearth.testing.page import FakePage
from hearth.testing.tabs import FakeBrowser, FakeTabs
from tests.account import EMAIL, PASSWORD, MadeAccount
from tests.contracts.records import tombstone

CHATS, MESSAGES, ENTRIES = Collection


class Journey:
    """A session, its fakes, and the words to drive them."""

    def __init__(self, browser: FakeBrowser | None = None) -> None:
        self.account = MadeAccount()
        self.device = FakeDevice(FakeTabs(browser))
        self.device.tabs.heard = lambda text: self.engine.post(TabMessage(text))
        api = self.device.api
        api.email, api.salt = EMAIL, self.account.salt
        api.lookup_hash, api.account = self.account.lookup_hash, self.account.entry
        self._tasks: list[asyncio.Task[None]] = []
        self.load()

    def load(self, leaving: str | None = None) -> None:
        """Load the page (again); `leaving` is who was signed out before Python came."""
        for task in self._tasks:
            task.cancel()
        self.device.tabs.release()
        self.page = FakePage()
        self.engine = Engine(self.device, self.page, leaving)
        self._tasks.append(asyncio.create_task(self.engine.run()))
        self._seq = 0

    @property
    def socket(self) -> FakeSocket:
        """The connection of the moment."""
        return self.device.sockets[-1]

    @property
    def screen(self) -> Screen:
        """What is shown."""
        return self.page.screen

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The frames of a name that the device sent on this connection."""
        return [frame for frame in map(json.loads, self.socket.sent) if frame["event"] == name]

    async def until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Let the session work until a condition holds."""
        for _ in range(2000):
            if self.page.screens and condition():
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"never: {what or condition}; {self.screen}")

    async def sign_in(self, password: str = PASSWORD) -> None:
        """Sign in and greet."""
        await self.until(lambda: self.screen.phase is Phase.SIGNED_OUT)
        self.engine.post(SignIn(EMAIL, password))
        await self.greeted()

    async def greeted(self, connection: int = 1) -> dict[str, Any]:
        """Wait for the hello of the n-th connection."""
        await self.until(lambda: len(self.device.sockets) >= connection and self.sent("hello"), "hello")
        self._seq = 0
        return self.sent("hello")[0]

    def deliver(self, event: ServerEvent, **rows: list[dict[str, Any]]) -> None:
        """The server sends an event with these records (chats, messages, entries)."""
        by_name = {"chats": CHATS, "messages": MESSAGES, "entries": ENTRIES}
        records = {by_name[name]: each for name, each in rows.items() if each}
        self._seq += 1
        event = replace(event, seq=self._seq)
        if isinstance(event, RecordsEvent):
            event = replace(event, counts={name: len(each) for name, each in records.items()})
        self.socket.deliver(event, records)

    def warm(self, stamp: str = "100") -> None:
        """Deliver a whole warming: chats a (last opened, 60 messages) and b, one setting."""
        make = self.account
        long = [make.message("a", n, f"message {n}") for n in range(60)]
        self.deliver(
            FirstChatReady(chat_id="a", complete={"a": 1}),
            chats=[make.chat("a", "Alpha")],
            messages=long,
        )
        both = [make.chat("b", "Beta", last_updated=9), make.chat("c", "Gamma", last_updated=3)]
        self.deliver(
            RecentChatsReady(total_chats=3, complete={"b": 1}),
            chats=both,
            messages=[make.message("b", 1, "hi")],
        )
        self.deliver(
            SettingsAndMemoriesReady(),
            entries=[make.app("mail", "Mail"), make.setting("mail", "e1", "Signature", "Yours")],
        )
        self.deliver(RemainingChatsReady(complete={"c": 1}), messages=[make.message("c", 1, "last")])
        self.deliver(WarmingComplete(stamp=stamp, sent={CHATS: 3, MESSAGES: 62, ENTRIES: 2}, total_chats=3))

    async def current(self) -> None:
        """Wait until the device says that it is up to date."""
        await self.until(lambda: self.screen.status.sentence == "Up to date", "up to date")

    def titles(self) -> list[str]:
        """The chat list."""
        return [item.title for group in self.screen.groups for item in group.items]

    def texts(self) -> list[str]:
        """The open chat's messages as plain text."""
        assert self.screen.chat
        return [json.dumps(message.body, default=str) for message in self.screen.chat.messages]


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    made = Journey()
    yield made
    for task in made._tasks:
        task.cancel()


async def test_without_a_key_everything_stored_is_wiped_and_sign_in_shows(journey: Journey) -> None:
    journey.device.disks["somebody"] = Disk()
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert journey.device.disks == {}


async def test_a_warming_from_sign_in_to_up_to_date(journey: Journey) -> None:
    await journey.sign_in()
    assert journey.sent("hello")[0]["since"] is None
    journey.warm()
    await journey.current()
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 40)
    assert journey.screen.chat
    assert journey.screen.chat.has_older
    assert "message 59" in journey.texts()[-1]
    assert journey.sent("ack") == [{"v": 1, "event": "ack", "stamp": "100"}]
    await journey.until(lambda: {"search-ready", "checked"} <= set(journey.device.marks))
    assert journey.device.marks[:6] == [
        "signed-in",
        "first-chat-shown",
        "recent-chats-stored",
        "settings-stored",
        "warm",
        "up-to-date",
    ]
    assert set(journey.device.marks[6:]) == {"search-ready", "checked"}
    assert journey.sent("opened") == [], "a warming opens nothing on the server"


async def test_the_first_chat_is_on_screen_before_anything_is_stored(journey: Journey) -> None:
    await journey.sign_in()
    store = journey.device.stores[-1]
    stored_then: list[int] = []
    draw = journey.page.draw

    def watching(screen: Screen) -> None:
        if screen.chat and screen.chat.state is ChatState.READY and not stored_then:
            stored_then.append(len(store._disk.chats))
        draw(screen)

    journey.page.draw = watching  # type: ignore[method-assign]
    journey.warm()
    await journey.current()
    assert stored_then == [0]


async def test_the_persons_own_choice_wins_over_the_first_chat(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(
        RecentChatsReady(total_chats=2, complete={"b": 1}),
        chats=[make.chat("b", "Beta"), make.chat("c", "Gamma")],
        messages=[make.message("b", 1, "hi")],
    )
    await journey.until(lambda: len(journey.titles()) == 2)
    journey.engine.post(OpenChat("c"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "c")
    assert journey.screen.chat
    assert journey.screen.chat.state is ChatState.LOADING
    assert journey.sent("want") == [{"v": 1, "event": "want", "chat_id": "c"}]
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(RemainingChatsReady(complete={"c": 1}), messages=[make.message("c", 1, "wanted")])
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.READY)
    assert "wanted" in journey.texts()[0]


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


async def test_an_interrupted_warming_resumes_with_what_is_missing(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[make.message("a", 1, "x")],
    )
    await journey.until(lambda: journey.screen.chat)
    journey.socket.fail()
    hello = await journey.greeted(2)
    assert hello["since"] is None
    assert hello["have"] == {"a": 1}
    journey.deliver(FirstChatReady(chat_id="a", complete={"a": 1}))
    journey.deliver(RecentChatsReady(total_chats=1, complete={"a": 1}))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={}, total_chats=1))
    await journey.current()


async def test_chats_that_were_only_listed_are_named_to_the_server(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(
        RecentChatsReady(total_chats=2, complete={"a": 1}),
        chats=[make.chat("a", "Alpha"), make.chat("b", "Beta")],
    )
    await journey.until(lambda: len(journey.titles()) == 2)
    journey.socket.fail()
    hello = await journey.greeted(2)
    assert hello["have"] == {"a": 1, "b": 0}


async def test_changes_apply_live_with_deletions(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    journey.deliver(
        Changes(since="100", stamp="101"),
        chats=[tombstone("c"), make.chat("a", "Alpha renamed", 2, last_updated=50)],
        messages=[make.message("a", 60, "live")],
        entries=[],
    )
    await journey.until(lambda: journey.titles() == ["Alpha renamed", "Beta"])
    await journey.until(lambda: "live" in journey.texts()[-1])
    assert journey.screen.chat
    assert journey.screen.chat.title == "Alpha renamed"
    assert journey.sent("ack")[-1]["stamp"] == "101"


async def test_a_missed_push_connects_anew_from_where_the_device_stands(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.deliver(Changes(since="150", stamp="151"), chats=[journey.account.chat("b", "Too early", 9)])
    hello = await journey.greeted(2)
    assert hello["since"] == "100"
    assert "Too early" not in journey.titles()


async def test_the_open_chat_being_deleted_says_so(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.deliver(Changes(since="100", stamp="101"), chats=[tombstone("a")])
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.GONE)


async def test_a_count_that_does_not_add_up_is_not_called_complete(journey: Journey) -> None:
    await journey.sign_in()
    journey.deliver(FirstChatReady(chat_id=None))
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1}, total_chats=1))
    hello = await journey.greeted(2)
    assert hello["since"] is None
    assert "warm" not in journey.device.marks


async def test_an_unreadable_message_is_one_notice_and_refetched_once(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    good = make.message("a", 2, "healed")
    broken = good | {"content": make.message("a", 3, "moved")["content"]}
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[make.message("a", 1, "fine"), broken],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1, MESSAGES: 2}, total_chats=1))
    await journey.current()
    assert journey.screen.chat
    assert [bool(message.fault) for message in journey.screen.chat.messages] == [False, True]
    assert "AQ" not in journey.texts()[1]
    await journey.until(lambda: journey.sent("refetch"))
    (asked,) = journey.sent("refetch")
    assert asked["collection"] == "messages"
    assert asked["record_id"] == "a-2"
    journey.deliver(Refetched(collection=MESSAGES, record_id="a-2"), messages=[good])
    await journey.until(lambda: journey.screen.chat and not journey.screen.chat.messages[1].fault)
    assert "healed" in journey.texts()[1]


async def test_a_record_that_stays_unreadable_is_not_asked_for_again(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    broken = make.message("a", 2, "x") | {"content": make.message("a", 3, "moved")["content"]}
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[broken],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1, MESSAGES: 1}, total_chats=1))
    await journey.until(lambda: journey.sent("refetch"))
    journey.deliver(Refetched(collection=MESSAGES, record_id="a-2"), messages=[broken])
    journey.engine.post(OpenChat("a"))
    journey.deliver(Pong())
    await journey.until(journey.device.sockets[-1]._frames.empty)
    await journey.current()
    assert len(journey.sent("refetch")) == 1


@pytest.mark.parametrize("boundary", range(6))
async def test_the_socket_closing_at_any_event_boundary_costs_only_time(journey: Journey, boundary: int) -> None:
    await journey.sign_in()
    deliver, left = journey.deliver, [boundary]

    def limited(event: ServerEvent, **rows: list[dict[str, Any]]) -> None:
        if left[0]:
            left[0] -= 1
            deliver(event, **rows)

    journey.deliver = limited  # type: ignore[method-assign]
    journey.warm()
    journey.deliver = deliver  # type: ignore[method-assign]
    journey.socket.fail()
    hello = await journey.greeted(2)
    if boundary == 5:
        assert hello["since"] == "100"
        journey.deliver(UpToDate(stamp="100"))
    else:
        assert hello["since"] is None
        journey.warm()
    await journey.current()
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]


@pytest.mark.parametrize("error", [MalformedFrame("The server sent nonsense."), OverflowError("lost")])
async def test_a_frame_that_cannot_be_read_is_told_and_connects_anew(journey: Journey, error: Exception) -> None:
    await journey.sign_in()
    journey.socket.fail(error)
    await journey.greeted(2)
    assert any(str(error) in screen.status.sentence for screen in journey.page.screens)


async def test_a_newer_protocol_asks_for_a_reload(journey: Journey) -> None:
    await journey.sign_in()
    journey.socket.fail(WrongVersion("version 2"))
    await journey.until(lambda: "Reload" in journey.screen.status.sentence)


async def test_records_that_break_the_registry_are_counted_for_the_person(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    event = Changes(seq=6, since="100", stamp="101")
    journey.socket._frames.put_nowait(replace(Frame(event, {}), refused=2))
    await journey.until(lambda: "2 items" in journey.screen.status.sentence)


async def test_a_wrong_password_says_so_and_the_form_stays(journey: Journey) -> None:
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.engine.post(SignIn(EMAIL, "wrong"))
    await journey.until(lambda: journey.screen.notice)
    assert journey.screen.phase is Phase.SIGNED_OUT
    assert "wrong" in journey.screen.notice
    assert journey.screen.email == EMAIL
    assert journey.device.key_store.kept is None


async def test_a_server_that_is_down_at_sign_in_is_told(journey: Journey) -> None:
    journey.device.api.refusal = Unreachable("The server does not answer.")
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    await journey.until(lambda: journey.screen.notice == "The server does not answer.")


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


async def test_signing_out_works_while_the_server_is_away(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.api.refusal = Unreachable("away")
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)
    assert journey.device.disks == {}
    assert "signed out on this device" in journey.screen.notice


async def test_another_tab_signing_out_signs_this_one_out(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.engine.post(TabMessage(tab_messages.write(tab_messages.SignedOut(account=journey.account.id))))
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert journey.device.disks == {}
    assert journey.device.api.signed_out == 0


async def test_another_account_in_another_tab_ends_this_visit_but_the_same_does_not(journey: Journey) -> None:
    await journey.sign_in()
    journey.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account=journey.account.id, at=2**50))))
    journey.engine.post(ShowSettings(True))
    await journey.until(lambda: journey.screen.settings_open)
    journey.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account="other", at=2**50))))
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)


async def test_an_ended_session_signs_out_and_explains(journey: Journey) -> None:
    await journey.sign_in()
    journey.device.refuse_connections = SocketClosed(SessionEnd.REVOKED)
    journey.socket.fail()
    await journey.until(lambda: "session has ended" in journey.screen.notice)
    assert journey.device.disks == {}


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


async def test_settings_are_grouped_and_follow_changes(journey: Journey) -> None:
    await journey.sign_in()
    journey.engine.post(ShowSettings(True))
    await journey.until(lambda: journey.screen.settings_open)
    assert not journey.screen.settings_ready
    journey.warm()
    await journey.until(lambda: journey.screen.settings_ready)
    (mail,) = journey.screen.settings
    assert (mail.name, mail.entries[0].name, mail.entries[0].value) == ("Mail", "Signature", "Yours")
    await journey.current()
    change = journey.account.setting("mail", "e1", "Signature", "Cheers", 2)
    journey.deliver(Changes(since="100", stamp="101"), entries=[change])
    await journey.until(lambda: journey.screen.settings[0].entries[0].value == "Cheers")
    journey.engine.post(ShowSettings(False))
    await journey.until(lambda: not journey.screen.settings_open)
    assert journey.screen.settings == ()


async def test_older_messages_come_page_by_page_and_the_list_is_a_step_back(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 40)
    journey.engine.post(ShowOlder())
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 60)
    assert journey.screen.chat
    assert not journey.screen.chat.has_older
    assert "message 0" in journey.texts()[0]
    journey.engine.post(CloseChat())
    await journey.until(lambda: journey.screen.chat is None)


async def test_a_wipe_that_leaves_something_is_told_and_not_marked(journey: Journey) -> None:
    await journey.sign_in()

    async def held(account: str | None = None) -> list[str]:
        return ["hearth:account-1"]

    journey.device.wipe_stores = held  # type: ignore[method-assign]
    journey.engine.post(SignOut())
    await journey.until(lambda: "Close Hearth's other tabs" in journey.screen.notice)
    assert "signed-out" not in journey.device.marks
    assert journey.device.key_store.kept is None


async def test_events_that_come_twice_and_out_of_order_change_nothing(journey: Journey) -> None:
    await journey.sign_in()
    frames: list[tuple[ServerEvent, dict[Collection, Any] | None]] = []
    real = FakeSocket.deliver

    def collect(event: ServerEvent, records: dict[Collection, Any] | None = None) -> None:
        frames.append((event, records))

    journey.socket.deliver = collect  # type: ignore[method-assign]
    journey.warm()
    for event, records in [*reversed(frames), *frames]:
        real(journey.socket, event, records)
    await journey.current()
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]
    assert journey.device.marks.count("warm") == 1


async def test_a_change_in_several_frames_reaches_the_open_chat_with_the_last(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    renamed = make.chat("a", "Alpha", version=2)
    journey.deliver(Changes(since="100", stamp="100", batch=1, of=2), chats=[renamed])
    journey.deliver(Changes(since="100", stamp="101", batch=2, of=2), messages=[make.message("a", 99, "the last word")])
    await journey.until(lambda: "the last word" in journey.texts()[-1], "the message of the second frame")


async def test_a_chat_from_beyond_the_warming_is_asked_for_before_it_is_shown(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    far = make.chat("far", "Far back", last_updated=50)
    journey.deliver(Changes(since="100", stamp="101"), chats=[far], messages=[make.message("far", 9, "the newest")])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    # What came before is not here: it must not look as if the chat had but one message, after a reload neither.
    journey.load()
    await journey.greeted(2)
    journey.engine.post(OpenChat("far"))
    await journey.until(lambda: journey.sent("want"), "want")
    assert journey.screen.chat
    assert journey.screen.chat.state is ChatState.LOADING
    whole = [make.message("far", n, f"word {n}") for n in range(1, 9)]
    journey.deliver(UpToDate(stamp="101"))
    await journey.current()
    journey.deliver(Changes(since="101", stamp="101", complete={"far": 1}), chats=[far], messages=whole)
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 9, "all of it")
    assert "the newest" in journey.texts()[-1]


async def test_what_could_not_be_asked_for_is_asked_for_with_the_next_connection(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    far = journey.account.chat("far", "Far back", last_updated=50)
    journey.deliver(Changes(since="100", stamp="101"), chats=[far])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    journey.socket.fail()
    journey.engine.post(OpenChat("far"))
    await journey.greeted(2)
    journey.deliver(UpToDate(stamp="101"))
    await journey.until(lambda: journey.sent("want"), "want")
    assert journey.sent("want")[0]["chat_id"] == "far"


async def test_a_chat_is_read_once_and_its_page_is_full_before_anything_is_written_down(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.until(lambda: journey.sent("ack"))
    done: list[str] = []
    store = journey.device.stores[-1]
    read, write = store.messages, store.apply

    async def messages(*asked: Any, **named: Any) -> Any:
        done.append("read")
        return await read(*asked, **named)

    async def apply(batch: Batch) -> None:
        done.append(f"write, {len(journey.screen.chat.messages) if journey.screen.chat else 0} shown")
        await write(batch)

    monkeypatch.setattr(store, "messages", messages)
    monkeypatch.setattr(store, "apply", apply)
    journey.engine.post(OpenChat("b"))
    journey.engine.post(OpenChat("a"))
    await journey.until(lambda: len(done) >= 4)
    assert done == ["read", "read", "write, 40 shown", "write, 40 shown"]
    sizes = [len(each.chat.messages) for each in journey.page.screens if each.chat and each.chat.id == "a"]
    assert sizes[-2:] == [12, 40]


async def test_a_chat_that_is_fetched_in_several_frames_is_partial_until_the_last(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    make = journey.account
    part = Refetched(collection=CHATS, record_id="far", batch=1, of=2)
    journey.deliver(part, chats=[make.chat("far", "Far back")], messages=[make.message("far", 1, "one")])
    await journey.until(lambda: "Far back" in journey.titles(), "the chat")
    store = journey.device.stores[-1]
    assert (await store.sync_state()).partial == {"far"}
    journey.deliver(replace(part, batch=2, complete={"far": 1}), messages=[make.message("far", 2, "two")])
    journey.engine.post(OpenChat("far"))
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 2, "all of it")
    assert (await store.sync_state()).partial == set()


def now_ms(journey: Journey) -> int:
    return round(journey.device.today.timestamp() * 1000)


async def test_after_midnight_the_list_the_open_chat_and_the_search_are_dated_anew(journey: Journey) -> None:
    await journey.sign_in()
    make, today = journey.account, now_ms(journey)
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha", last_updated=today)],
        messages=[make.message("a", n, f"message {n}", created_at=today) for n in range(30)],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    journey.deliver(SettingsAndMemoriesReady())
    journey.deliver(WarmingComplete(stamp="5", sent={CHATS: 1, MESSAGES: 30}, total_chats=1))
    await journey.current()
    journey.engine.post(Search("message on:today"))
    await journey.until(lambda: journey.screen.search.groups)
    assert journey.screen.groups[0].label == "Today"
    journey.device.today += timedelta(hours=12)
    journey.engine.post(ClockChanged())
    await journey.until(lambda: journey.screen.groups[0].label == "Yesterday")
    await journey.until(lambda: not journey.screen.search.groups, "nothing of today")
    assert journey.screen.chat
    assert {message.day for message in journey.screen.chat.messages} == {"Yesterday"}
    assert len(journey.screen.chat.messages) == 30


async def test_a_clock_that_differs_from_the_servers_is_told_until_it_is_set(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.until(lambda: journey.sent("ping"))
    journey.deliver(Pong(time=now_ms(journey) - 3 * 24 * 3600 * 1000))
    said = "Up to date. This device's clock is 3 days ahead of the server's: dates and times may be wrong."
    await journey.until(lambda: journey.screen.status.sentence == said)
    journey.device.today -= timedelta(days=3)
    journey.engine.post(ClockChanged())
    await journey.until(lambda: len(journey.sent("ping")) == 2)
    journey.deliver(Pong(time=now_ms(journey) + 60_000))
    await journey.current()


async def test_each_connection_asks_for_the_servers_time_once(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.deliver(Changes(since="100", stamp="101"))
    await journey.until(lambda: [frame["stamp"] for frame in journey.sent("ack")] == ["100", "101"])
    assert len(journey.sent("ping")) == 1
    journey.socket.fail()
    await journey.greeted(2)
    assert not journey.sent("ping")
    journey.deliver(UpToDate(stamp="101"))
    await journey.until(lambda: journey.sent("ping"))


async def test_a_browser_that_refuses_the_cookie_is_told_so_and_the_form_stays(journey: Journey) -> None:
    journey.device.api.takes_cookies = False
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    before = len(journey.page.screens)
    cleared = journey.page.cleared
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    await journey.until(lambda: "cookie" in journey.screen.notice)
    assert {screen.phase for screen in journey.page.screens[before:]} == {Phase.SIGNING_IN, Phase.SIGNED_OUT}
    assert journey.page.cleared == cleared
    assert journey.device.key_store.kept is None
    assert not journey.device.sockets
    journey.device.api.takes_cookies = True
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    await journey.greeted()


@pytest.mark.parametrize(("email", "password"), [(EMAIL, f"{PASSWORD}\ud83d"), (f"\ud83d{EMAIL}", PASSWORD)])
async def test_half_a_character_in_the_form_gets_a_sentence(journey: Journey, email: str, password: str) -> None:
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.engine.post(SignIn(email, password))
    await journey.until(lambda: "no character" in journey.screen.notice)
    assert journey.screen.phase is Phase.SIGNED_OUT
    journey.engine.post(SignIn(f"\ufeff{EMAIL}\u200b", PASSWORD))
    await journey.greeted()
