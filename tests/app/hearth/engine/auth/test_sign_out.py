"""The way out under fire: a wipe cut short or held up, a server that does not answer, and what memory keeps."""

from __future__ import annotations

import asyncio
import gc
import types
from collections.abc import Callable
from typing import Any

import pytest

from hearth.core.errors import StorageError, Unreachable
from hearth.core.protocol.server_events import (
    ErrorCode,
    FirstChatReady,
    RecentChatsReady,
    ServerError,
    SessionEnd,
    SettingsAndMemoriesReady,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.tabs import messages as tab_messages
from hearth.core.text import markdown
from hearth.core.view.screen import Phase, Screen
from hearth.engine.auth import wipe as wiping
from hearth.engine.auth.notices import ANOTHER_ACCOUNT, SESSION_OVER
from hearth.engine.auth.server_sign_out import ServerSignOut
from hearth.engine.auth.wipe import HALF_GONE, STILL_OPEN
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.intents.chats import OpenChat
from hearth.engine.queue_items import TabMessage
from hearth.engine.session import Session
from hearth.engine.storage.memory_store import Disk
from hearth.ports.network import SocketClosed
from hearth.testing.device import FakeDevice
from tests.account import EMAIL, PASSWORD
from tests.app.hearth.engine.journey import Journey

REVOKED = SessionEnd.REVOKED
MARKER = "Zanzibarquokka"


async def warmed(journey: Journey) -> None:
    """Sign in and have everything."""
    await journey.sign_in()
    journey.warm()
    await journey.current()


async def test_a_wipe_cut_short_is_finished_before_anything_shows_though_a_key_is_there(journey: Journey) -> None:
    await warmed(journey)
    journey.device.key_store.begin_wipe(journey.account.id)
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert [screen.phase for screen in journey.page.screens] == [Phase.SIGNED_OUT]
    assert all(not screen.groups for screen in journey.page.screens)
    assert journey.device.disks == {}
    assert not journey.device.key_store.wiping


async def test_the_note_of_a_wipe_is_there_for_as_long_as_something_is_left(journey: Journey) -> None:
    await warmed(journey)
    seen: list[tuple[str, bool]] = []
    device, real = journey.device, journey.device.wipe_stores

    async def watched(account: str | None = None) -> list[str]:
        seen.append(("wiping", device.key_store.wiping))
        assert device.key_store.kept is None, "the key goes before the ciphertext"
        return await real(account)

    device.wipe_stores = watched  # type: ignore[method-assign]
    end = device.stores[-1].close

    async def closed() -> None:
        seen.append(("closing", device.key_store.wiping))
        await end()

    device.stores[-1].close = closed  # type: ignore[method-assign]
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in device.marks)
    assert seen == [("closing", True), ("wiping", True)]
    assert not device.key_store.wiping


async def test_what_another_tab_holds_is_reported_and_goes_when_that_tab_lets_go(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearth.engine.auth.wipe.WIPE_S", 0.01)
    await warmed(journey)
    device, real, released = journey.device, journey.device.wipe_stores, asyncio.Event()

    async def blocked(account: str | None = None) -> list[str]:
        await released.wait()
        return await real(account)

    device.wipe_stores = blocked  # type: ignore[method-assign]
    journey.engine.post(SignOut())
    await journey.until(lambda: "Close Hearth's other tabs" in journey.screen.notice)
    assert "signed-out" not in device.marks
    assert device.key_store.wiping
    released.set()
    await journey.until(lambda: "signed-out" in device.marks)
    assert "Nothing is left" in journey.screen.notice
    assert device.disks == {}
    assert not device.key_store.wiping


async def test_a_sign_out_that_was_pressed_before_python_came_is_carried_out_first(journey: Journey) -> None:
    await warmed(journey)
    device = journey.device
    device.marks.clear()
    device.key_store.begin_wipe(journey.account.id)
    journey.load(leaving=journey.account.id)
    await journey.until(lambda: "signed-out" in device.marks)
    assert {screen.phase for screen in journey.page.screens} == {Phase.SIGNING_OUT, Phase.SIGNED_OUT}
    assert (device.disks, device.key_store.kept, device.key_store.halves) == ({}, None, set())
    assert (device.key_store.wiping, device.api.signed_out) == (False, 1)
    assert tab_messages.read(device.tabs.told[-1]) == tab_messages.SignedOut(account=journey.account.id)
    assert journey.screen.notice == ""


async def test_a_key_without_its_other_half_is_explained_and_everything_wiped(journey: Journey) -> None:
    await warmed(journey)
    assert len(journey.device.key_store.halves) == 1
    journey.load()
    await journey.until(lambda: journey.screen.groups, "the two halves together")
    journey.device.key_store.halves.clear()
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert journey.screen.notice == HALF_GONE
    assert journey.device.disks == {}
    assert journey.device.key_store.kept is None
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert journey.screen.notice == "", "it is said once"


async def test_a_page_without_a_key_leaves_the_halves_that_others_use_and_a_sign_out_does_not(journey: Journey) -> None:
    key_store = journey.device.key_store
    key_store.halves, key_store.used_elsewhere = {70, 71}, {70}
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert key_store.halves == {70}
    await warmed(journey)
    assert len(key_store.halves) == 2
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)
    assert key_store.halves == set()


async def test_signing_in_removes_the_halves_that_nothing_needs(journey: Journey) -> None:
    key_store = journey.device.key_store
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    key_store.halves = {70, 71}
    await warmed(journey)
    assert key_store.halves == {key_store.half}


async def test_a_half_that_stays_is_reported_and_the_next_start_takes_it(journey: Journey) -> None:
    await warmed(journey)
    key_store = journey.device.key_store
    stays = key_store.half
    assert stays
    key_store.stuck = {stays}
    journey.engine.post(SignOut())
    await journey.until(lambda: journey.screen.notice == STILL_OPEN)
    assert "signed-out" not in journey.device.marks
    assert key_store.wiping
    key_store.stuck = set()
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert (key_store.halves, key_store.wiping) == (set(), False)


async def test_a_visit_that_fails_to_end_is_wiped_all_the_same(journey: Journey) -> None:
    await warmed(journey)

    async def broken() -> None:
        raise StorageError("broken")

    journey.device.stores[-1].close = broken  # type: ignore[method-assign]
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)
    assert journey.device.disks == {}


async def test_a_server_that_never_answers_holds_up_neither_the_wipe_nor_the_page(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hearth.engine.auth.server_sign_out.PATIENCE_S", 0.01)
    monkeypatch.setattr(ServerSignOut.settled, "__defaults__", (0.01,))
    await warmed(journey)

    async def silent() -> None:
        await asyncio.Event().wait()

    journey.device.api.sign_out = silent  # type: ignore[method-assign]
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)
    assert journey.device.disks == {}
    assert "could not be told" in journey.screen.notice
    assert journey.device.key_store.owes_sign_out


async def test_the_server_is_told_at_the_next_start_when_it_could_not_be_told(journey: Journey) -> None:
    await warmed(journey)
    journey.device.api.refusal = Unreachable("away")
    journey.engine.post(SignOut())
    await journey.until(lambda: "could not be told" in journey.screen.notice)
    assert journey.device.key_store.owes_sign_out
    journey.device.api.refusal = None
    journey.load()
    await journey.until(lambda: journey.device.api.signed_out == 1)
    await journey.until(lambda: not journey.device.key_store.owes_sign_out)
    journey.load()
    await journey.sign_in()
    assert journey.device.api.signed_out == 1


async def test_a_sign_out_that_was_not_begun_is_called_off(journey: Journey) -> None:
    await warmed(journey)
    journey.device.key_store.owe_sign_out(True)  # and there the page died
    journey.load()
    await journey.greeted(1)
    assert not journey.device.key_store.owes_sign_out
    assert journey.device.api.signed_out == 0


async def test_signing_in_waits_for_the_answer_to_the_sign_out_before(journey: Journey) -> None:
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.device.key_store.owe_sign_out(True)
    answer, order = asyncio.Event(), []
    real = journey.device.api.sign_in

    async def slow() -> None:
        await answer.wait()
        order.append("sign-out answered")

    async def sign_in(email: str, lookup_hash: str, stay: bool, ticket: str = "") -> Any:
        order.append("sign-in asked")
        return await real(email, lookup_hash, stay, ticket)

    journey.device.api.sign_out = slow  # type: ignore[method-assign]
    journey.device.api.sign_in = sign_in  # type: ignore[method-assign]
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    await journey.until(lambda: journey.screen.phase is Phase.SIGNING_IN)
    answer.set()
    await journey.greeted()
    assert order == ["sign-out answered", "sign-in asked"]


async def test_signing_in_deletes_what_another_account_left(journey: Journey) -> None:
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.device.disks["somebody"] = Disk()
    await journey.sign_in()
    assert set(journey.device.disks) == {journey.account.id}


async def test_what_another_account_left_and_cannot_be_deleted_is_told(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiping, "OTHERS_S", 0.01)
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)

    async def held(account: str) -> list[str]:
        return ["hearth:somebody"]

    journey.device.wipe_others = held  # type: ignore[method-assign]
    await journey.sign_in()
    await journey.until(lambda: "another account left" in journey.screen.status.sentence)


async def test_what_another_tab_stores_again_until_the_server_refuses_it_is_deleted_in_the_end(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiping, "OTHERS_AGAIN_S", 0.001)
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    answers = [["hearth:somebody"], ["hearth:somebody"], []]

    async def held(account: str) -> list[str]:
        return answers.pop(0)

    journey.device.wipe_others = held  # type: ignore[method-assign]
    await journey.sign_in()
    assert answers == []
    assert "another account left" not in journey.screen.status.sentence


async def test_a_tab_whose_storage_another_account_took_does_not_take_theirs(journey: Journey) -> None:
    await warmed(journey)
    del journey.device.disks[journey.account.id]
    journey.device.disks["other"] = Disk()
    assert journey.device.on_gone
    journey.device.on_gone(False)
    await journey.until(lambda: len(journey.device.sockets) == 2)
    assert "other" in journey.device.disks


async def test_a_tab_that_leaves_for_another_account_leaves_that_ones_things_alone(journey: Journey) -> None:
    await warmed(journey)
    journey.device.disks["other"] = Disk()
    other_key = journey.device.key_store.kept
    assert other_key
    journey.device.key_store.kept = ("other", other_key[1])
    journey.engine.post(TabMessage(tab_messages.write(tab_messages.SignedIn(account="other", at=2**50))))
    await journey.until(lambda: journey.screen.notice == ANOTHER_ACCOUNT)
    assert set(journey.device.disks) == {"other"}
    assert journey.device.key_store.kept == ("other", other_key[1])
    assert journey.device.api.signed_out == 0


async def test_storage_taken_away_by_another_account_is_not_entered_as_that_one(journey: Journey) -> None:
    await warmed(journey)
    kept = journey.device.key_store.kept
    assert kept
    journey.device.key_store.kept = ("other", kept[1])
    assert journey.device.on_gone
    journey.device.on_gone(False)
    await journey.until(lambda: journey.screen.notice == ANOTHER_ACCOUNT)
    assert len(journey.device.sockets) == 1


async def test_a_session_that_is_another_accounts_by_now_is_never_read_from(journey: Journey) -> None:
    await warmed(journey)
    journey.device.session_of = "other"
    journey.socket.fail()
    await journey.until(lambda: journey.screen.notice == SESSION_OVER)
    assert len(journey.device.sockets) == 1
    assert journey.device.disks == {}


async def test_a_session_that_ended_because_somebody_else_signed_in_says_so(journey: Journey) -> None:
    await warmed(journey)
    journey.deliver(ServerError(code=ErrorCode.SESSION, message="over", reason=REVOKED))
    await journey.until(lambda: journey.screen.notice == SESSION_OVER)
    told(journey, tab_messages.SignedIn(account=journey.account.id, at=2**50))
    told(journey, tab_messages.SignedIn(account="other", at=2**50))
    await journey.until(lambda: journey.screen.notice == ANOTHER_ACCOUNT)


class ForgetfulPage:
    """A page that keeps what the real one keeps: the last screen, until it is cleared."""

    def __init__(self) -> None:
        self.screen: Screen | None = None

    @property
    def screens(self) -> list[Screen]:
        """The last one."""
        return [self.screen] if self.screen else []

    def showed(self) -> str | None:
        """Nothing: the page is new."""
        return None

    def shows_chat(self) -> bool:
        return False

    def draw(self, screen: Screen) -> None:
        """Keep it."""
        self.screen = screen

    def clear(self) -> None:
        """Keep nothing."""
        self.screen = None
        markdown.forget()

    def hide(self) -> None:
        """Keep nothing."""
        self.clear()


def reachable(root: object) -> list[object]:
    """Everything that can be reached from an object, classes, modules and code left out."""
    seen: dict[int, object] = {}
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, type | types.ModuleType | types.CodeType | types.BuiltinFunctionType):
            continue
        seen[id(each)] = each
        if isinstance(each, types.FunctionType):
            waiting += [cell.cell_contents for cell in each.__closure__ or ()]
            continue
        waiting += gc.get_referents(each)
    return list(seen.values())


def holders() -> list[str]:
    """What in this whole process holds the marker, by its type."""
    gc.collect()
    return [
        type(each).__name__
        for each in gc.get_objects()
        if not isinstance(each, types.FrameType)
        and any(isinstance(part, str) and part.startswith(f"{MARKER} ") for part in gc.get_referents(each))
    ]


@pytest.mark.parametrize("how", ["own will", "session over", "session expired", "another account", "another tab"])
async def test_leaving_drops_keys_and_plaintext_from_memory(
    journey: Journey, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in journey._tasks:
        task.cancel()
    earlier = [
        each for each in gc.get_objects() if isinstance(each, Session | ChatRepository)
    ]  # of other tests, killed midway
    monkeypatch.setattr("tests.app.hearth.engine.journey.FakePage", ForgetfulPage)
    journey.load()
    await journey.sign_in()
    make = journey.account
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "".join((MARKER, " title")))],
        messages=[make.message("a", n, "".join((MARKER, f" {n}"))) for n in range(5)],
    )
    journey.deliver(RecentChatsReady(total_chats=1))
    entry = make.setting("mail", "e1", "".join((MARKER, " name")), "x")
    journey.deliver(SettingsAndMemoriesReady(), entries=[make.app("mail", "Mail"), entry])
    journey.deliver(WarmingComplete(stamp="5", sent=COUNTS, total_chats=1))
    await journey.current()
    journey.engine.post(OpenChat("a"))
    await journey.until(lambda: journey.screen.chat and len(journey.screen.chat.messages) == 5)
    assert holders(), "the marker is found while it is shown"
    leave: dict[str, Callable[[], None]] = {
        "own will": lambda: journey.engine.post(SignOut()),
        "session over": lambda: journey.socket.fail(SocketClosed()),
        "session expired": lambda: journey.socket.fail(SocketClosed(SessionEnd.EXPIRED)),
        "another account": lambda: told(journey, tab_messages.SignedIn(account="other", at=2**50)),
        "another tab": lambda: told(journey, tab_messages.SignedOut(account=make.id)),
    }
    if how == "session over":
        journey.device.refuse_connections = SocketClosed(SessionEnd.REVOKED)
    leave[how]()
    await journey.until(lambda: {"signed-out", "locked"} & set(journey.device.marks))
    assert holders() == []
    kept = reachable(journey.engine)
    assert not [each for each in kept if isinstance(each, Session | ChatRepository)]
    alive = [each for each in gc.get_objects() if isinstance(each, Session | ChatRepository)]
    assert not [each for each in alive if not any(each is other for other in earlier)]


async def test_a_page_that_is_put_away_lets_go_of_everything_at_once(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in journey._tasks:
        task.cancel()
    monkeypatch.setattr("tests.app.hearth.engine.journey.FakePage", ForgetfulPage)
    journey.load()
    await journey.sign_in()
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[journey.account.chat("a", "".join((MARKER, " title")))],
    )
    await journey.until(lambda: journey.screen.chat)
    assert holders()
    journey.engine.put_away()
    journey.page.clear()
    assert journey.socket.closed
    assert journey.device.stores[-1].closed
    assert journey.device.tabs.closed
    assert journey.device.tabs.browser.lines[journey.account.id] == []
    journey.engine.post(OpenChat("a"))
    journey.socket.deliver(RecentChatsReady(seq=2, total_chats=1))
    await asyncio.sleep(0)
    assert journey.page.screens == [], "nothing is drawn any more"
    assert holders() == []
    assert journey.device.disks, "the next load begins from what is stored"
    assert journey.device.key_store.kept


COUNTS = {Collection.CHATS: 1, Collection.MESSAGES: 5, Collection.SETTINGS_AND_MEMORIES: 2}


def told(journey: Journey, said: tab_messages.Said) -> None:
    """Another tab says something."""
    journey.engine.post(TabMessage(tab_messages.write(said)))


async def test_a_farewell_that_nobody_owes_is_settled() -> None:
    device = FakeDevice()
    assert await ServerSignOut(device).settled()
    ServerSignOut(device).say_again(wiped=True)
    assert device.api.wiped == []
    assert device.api.signed_out == 0
