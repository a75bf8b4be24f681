"""The engine: sign-in and sign-out, what it says where something fails, and what other tabs and storage do to it."""

from __future__ import annotations

import pytest

from hearth.core.errors import Unreachable
from hearth.core.protocol.server_events import (
    SessionEnd,
)
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.screen import Phase
from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.intents.chats import ShowSettings
from hearth.engine.queue_items import TabMessage
from hearth.engine.storage.memory_store import Disk
from hearth.ports.network import SocketClosed
from tests.account import EMAIL, PASSWORD
from tests.app.hearth.engine.journey import Journey


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


async def test_a_wipe_that_leaves_something_is_told_and_not_marked(journey: Journey) -> None:
    await journey.sign_in()

    async def held(account: str | None = None) -> list[str]:
        return ["hearth:account-1"]

    journey.device.wipe_stores = held  # type: ignore[method-assign]
    journey.engine.post(SignOut())
    await journey.until(lambda: "Close Hearth's other tabs" in journey.screen.notice)
    assert "signed-out" not in journey.device.marks
    assert journey.device.key_store.kept is None


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
