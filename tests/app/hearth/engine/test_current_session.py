"""A session that is over: what somebody wished wipes the device, what merely happened locks the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.core.errors import Unreachable
from hearth.core.protocol.server_events import ErrorCode, FirstChatReady, ServerError, SessionEnd, UpToDate
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase, Screen
from hearth.engine.auth.notices import ANOTHER_ACCOUNT, LOCKED, SESSION_OVER, SIGNED_OUT_ELSEWHERE
from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.intents.chats import OpenChat
from hearth.engine.storage.memory_store import Disk
from hearth.ports.keys import LockNote
from hearth.ports.network import SocketClosed
from tests.account import EMAIL, PASSWORD, MadeAccount
from tests.app.hearth.engine.journey import Journey

MERELY_HAPPENED = [SessionEnd.EXPIRED, SessionEnd.UNKNOWN]
GUEST = "guest@hearth.example"


@pytest.fixture
async def journey(opened: Callable[[], Journey]) -> Journey:
    return opened()


async def warmed(journey: Journey) -> None:
    """Sign in and have everything; the person has opened chat b."""
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.engine.post(OpenChat("b"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.title == "Beta")
    journey.page.entry = "b"  # as the page writes it into the tab's history


async def locked(journey: Journey) -> None:
    """Wait for the lock form, complete with the address."""
    await journey.until(lambda: journey.screen.locked and journey.screen.email, "locked")


def tell_over(journey: Journey, reason: SessionEnd | None) -> None:
    """The server says over the open connection that the session is over."""
    journey.deliver(ServerError(code=ErrorCode.SESSION, message="Sign in again.", reason=reason))


def assert_hidden(journey: Journey, disk: Disk) -> None:
    """Nothing readable and no key is left in this tab; what is stored is as it was."""
    screen, key_store = journey.screen, journey.device.key_store
    assert (screen.phase, screen.notice, screen.email) == (Phase.SIGNED_OUT, LOCKED, EMAIL)
    assert (screen.groups, screen.chat, screen.settings, screen.search.text) == ((), None, (), "")
    assert journey.engine.current.session is None
    assert journey.engine.current.master is None
    assert (key_store.kept, key_store.halves) == (None, {key_store.half}), "the key's own half is gone"
    assert journey.device.disks == {journey.account.id: disk}
    assert "signed-out" not in journey.device.marks
    assert journey.page.cleared == 0


async def at_connect(journey: Journey, end: SessionEnd) -> None:
    journey.device.refuse_connections = SocketClosed(end)
    journey.load()
    journey.page.entry = "b"  # a tab's history outlives its page


async def while_connected(journey: Journey, end: SessionEnd) -> None:
    tell_over(journey, end)


async def after_being_offline(journey: Journey, end: SessionEnd) -> None:
    journey.device.refuse_connections = SocketClosed()
    journey.socket.fail()
    await journey.until(lambda: journey.screen.status.sentence.startswith("Offline"))
    assert journey.titles(), "who is offline goes on reading"
    journey.device.refuse_connections = SocketClosed(end)


CAUSES = [at_connect, while_connected, after_being_offline]


@pytest.mark.parametrize("end", MERELY_HAPPENED)
@pytest.mark.parametrize("cause", CAUSES)
async def test_a_session_that_merely_ended_locks_and_the_password_goes_on_where_the_person_was(
    journey: Journey, cause: Callable[[Journey, SessionEnd], object], end: SessionEnd
) -> None:
    await warmed(journey)
    disk = journey.device.disks[journey.account.id]
    await cause(journey, end)  # type: ignore[misc]
    await locked(journey)
    assert_hidden(journey, disk)
    journey.device.refuse_connections = None
    seen = len(journey.page.screens)
    connection = len(journey.device.sockets) + 1
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    hello = await journey.greeted(connection)
    assert hello["since"] == "100", "nothing is warmed anew"
    journey.deliver(UpToDate(stamp="100"))
    await journey.current()
    assert journey.screen.chat
    assert journey.screen.chat.title == "Beta"
    shown = [screen.chat.title for screen in journey.page.screens[seen:] if screen.chat]
    assert set(shown) == {"Beta"}
    assert (journey.screen.locked, journey.device.key_store.note) == (False, None)


@pytest.mark.parametrize("cause", CAUSES)
async def test_a_session_that_somebody_ended_wipes(
    journey: Journey, cause: Callable[[Journey, SessionEnd], object]
) -> None:
    await warmed(journey)
    await cause(journey, SessionEnd.REVOKED)  # type: ignore[misc]
    await journey.until(lambda: journey.screen.notice == SESSION_OVER)
    assert (journey.device.disks, journey.device.key_store.kept, journey.screen.locked) == ({}, None, False)
    assert "signed-out" in journey.device.marks


async def test_a_server_that_gives_no_reason_wipes_nothing(journey: Journey) -> None:
    await warmed(journey)
    tell_over(journey, None)
    await locked(journey)
    assert journey.device.disks


async def test_a_warming_that_a_lock_interrupts_goes_on_with_what_is_missing(journey: Journey) -> None:
    await journey.sign_in()
    make = journey.account
    journey.deliver(
        FirstChatReady(chat_id="a", complete={"a": 1}),
        chats=[make.chat("a", "Alpha")],
        messages=[make.message("a", 1, "one")],
    )
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.state is ChatState.READY)
    tell_over(journey, SessionEnd.UNKNOWN)
    await locked(journey)
    assert_hidden(journey, journey.device.disks[make.id])
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    hello = await journey.greeted(2)
    assert (hello["since"], hello["have"]) == (None, {"a": 1})


async def test_a_reload_of_a_locked_page_shows_the_form_again_and_wipes_nothing(journey: Journey) -> None:
    await warmed(journey)
    disk = journey.device.disks[journey.account.id]
    tell_over(journey, SessionEnd.EXPIRED)
    await locked(journey)
    for _ in range(2):
        journey.device.key_store.halves.add(99)  # what a page left that died while it locked
        journey.load()
        await locked(journey)
        assert [screen.phase for screen in journey.page.screens] == [Phase.SIGNED_OUT]
        await journey.until(lambda: 99 not in journey.device.key_store.halves)
        assert_hidden(journey, disk)
    assert len(journey.device.sockets) == 1


async def test_what_goes_wrong_at_the_lock_form_leaves_it_locked(journey: Journey) -> None:
    await warmed(journey)
    disk = journey.device.disks[journey.account.id]
    tell_over(journey, SessionEnd.EXPIRED)
    await locked(journey)
    journey.engine.post(SignIn(EMAIL, "wrong"))
    await journey.until(lambda: "wrong" in journey.screen.notice)
    assert journey.screen.locked
    journey.device.api.refusal = Unreachable("The server does not answer.")
    journey.engine.post(SignIn(EMAIL, PASSWORD))
    await journey.until(lambda: "does not answer" in journey.screen.notice)
    assert journey.screen.locked
    assert journey.device.disks == {journey.account.id: disk}


async def test_another_account_signs_in_at_the_lock_form_and_meets_nothing_of_the_first(journey: Journey) -> None:
    await warmed(journey)
    tell_over(journey, SessionEnd.EXPIRED)
    await locked(journey)
    guest, api = MadeAccount("guest"), journey.device.api
    api.email, api.lookup_hash, api.account = GUEST, guest.lookup_hash, guest.entry
    stored_when_shown: list[set[str]] = []
    draw = journey.page.draw

    def watching(screen: Screen) -> None:
        draw(screen)
        if journey.titles() or journey.screen.chat:
            stored_when_shown.append(set(journey.device.disks))

    journey.page.draw = watching  # type: ignore[method-assign]
    journey.engine.post(SignIn(GUEST, PASSWORD))
    hello = await journey.greeted(2)
    assert (hello["since"], journey.page.entry) == (None, None)
    assert not journey.device.key_store.had_stored("guest"), "nothing of this one was ever here to be removed"
    await journey.until(lambda: set(journey.device.disks) == {"guest"})
    journey.deliver(FirstChatReady(chat_id="g", complete={"g": 1}), chats=[guest.chat("g", "Guest's")])
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.title == "Guest's")
    assert stored_when_shown
    assert all(stored == {"guest"} for stored in stored_when_shown)
    assert journey.device.key_store.note is None


async def test_what_is_stored_can_be_removed_at_the_lock_form(journey: Journey) -> None:
    await warmed(journey)
    tell_over(journey, SessionEnd.EXPIRED)
    await locked(journey)
    journey.load()
    await locked(journey)
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)
    key_store = journey.device.key_store
    assert (journey.device.disks, key_store.note, key_store.halves) == ({}, None, set())
    assert (journey.screen.locked, journey.screen.email) == (False, "")
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert not journey.screen.locked


async def test_a_begun_wipe_is_finished_although_the_page_was_locked(journey: Journey) -> None:
    await warmed(journey)
    tell_over(journey, SessionEnd.EXPIRED)
    await locked(journey)
    journey.device.key_store.begin_wipe(journey.account.id)
    journey.load()
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert not journey.screen.locked
    await journey.until(lambda: journey.device.disks == {} and journey.device.key_store.note is None)


async def pair(opened: Callable[[], Journey]) -> tuple[Journey, Journey]:
    """A tab that leads a warmed account, and one that follows it and has chat c open."""
    leader = opened()
    await warmed(leader)
    follower = opened()
    await follower.current()
    follower.engine.post(OpenChat("c"))
    await follower.until(lambda: follower.screen.chat and follower.screen.chat.title == "Gamma")
    follower.page.entry = "c"
    return leader, follower


async def test_all_tabs_lock_together_and_go_on_together(opened: Callable[[], Journey]) -> None:
    leader, follower = await pair(opened)
    disk = leader.device.disks[leader.account.id]
    tell_over(leader, SessionEnd.EXPIRED)
    for tab in (leader, follower):
        await locked(tab)
        assert_hidden(tab, disk)
    assert follower.device.sockets == [], "it was told by the other one"
    follower.engine.post(SignIn(EMAIL, PASSWORD))
    hello = await follower.greeted()
    assert hello["since"] == "100"
    follower.deliver(UpToDate(stamp="100"))
    for tab, title in ((leader, "Beta"), (follower, "Gamma")):
        await tab.until(lambda tab=tab, title=title: tab.screen.chat and tab.screen.chat.title == title, title)  # type: ignore[misc]
        await tab.current()
    assert len(leader.device.sockets) == 1, "it follows now"


async def test_removing_at_one_locked_tab_leaves_nothing_in_the_other(opened: Callable[[], Journey]) -> None:
    leader, follower = await pair(opened)
    tell_over(leader, SessionEnd.UNKNOWN)
    await locked(leader)
    await locked(follower)
    leader.engine.post(SignOut())
    await follower.until(lambda: follower.screen.notice == SIGNED_OUT_ELSEWHERE)
    assert not follower.screen.locked
    assert leader.device.disks == {}


async def test_another_account_at_one_locked_tab_is_explained_in_the_other(opened: Callable[[], Journey]) -> None:
    leader, follower = await pair(opened)
    tell_over(leader, SessionEnd.UNKNOWN)
    await locked(leader)
    await locked(follower)
    leader.device.tabs.tell(tab_messages.write(tab_messages.SignedIn(account="guest", at=2**50)))
    await follower.until(lambda: follower.screen.notice == ANOTHER_ACCOUNT)
    assert not follower.screen.locked


async def test_a_tab_that_starts_beside_locked_ones_is_locked_too(opened: Callable[[], Journey]) -> None:
    leader, _ = await pair(opened)
    tell_over(leader, SessionEnd.EXPIRED)
    await locked(leader)
    third = opened()
    third.load()  # its first page had begun before it shared anything with the others
    await locked(third)
    assert third.device.disks


async def test_whether_to_stay_signed_in_is_remembered_for_the_form(journey: Journey) -> None:
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    journey.engine.post(SignIn(f" {EMAIL.upper()} ", PASSWORD, stay=True))
    await journey.greeted()
    tell_over(journey, SessionEnd.EXPIRED)
    await locked(journey)
    assert (journey.screen.email, journey.screen.stay) == (EMAIL, True)
    assert journey.device.key_store.note == LockNote(journey.account.id, EMAIL, stay=True)
    assert EMAIL not in repr(journey.device.key_store.note)
