"""People write on two devices: what they typed is on the disk, in the outbox, or in front of them."""

from __future__ import annotations

from hearth.engine.intents.account import SignIn, SignOut, SignOutWhenSent, StaySignedIn
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    SendMessage,
)
from server_mock.protocol.api import COOKIE
from server_mock.protocol.sessions import Session
from tests.app.hearth.engine.writing.live import Live, items, screen
from tests.app.hearth.engine.writing.test_sender import texts_of_all
from tests.server_mock.world import EMAIL, PASSWORD


def test_what_comes_from_elsewhere_is_unread_until_the_chat_is_opened(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one, 1)
    there.open(two, 0)
    there.do(one, SendMessage(chat, "news"), SendMessage(chat, "more news"))
    (item,) = [item for item in items(two) if item.id == chat]
    assert (item.unread, screen(two).unread) == (2, 2)
    assert [each.unread for each in items(one)] == [0] * 4
    there.reload(two)
    assert screen(two).unread == 2
    there.do(two, OpenChat(chat))
    assert screen(two).unread == 0
    there.reload(two)
    assert screen(two).unread == 0


def test_signing_out_with_something_unsent_asks_first(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    one.go_offline()
    there.do(one, SendMessage(chat, "wait for me"))
    there.do(one, SignOut())
    assert (screen(one).leaving, screen(one).unsent) == (True, 1)
    there.do(one, StaySignedIn())
    assert not screen(one).leaving
    there.do(one, SignOut(), SignOutWhenSent())
    assert screen(one).unsent == 1
    one.device.network.heal()
    there.until(lambda: screen(one).phase.value == "signed-out")
    assert "wait for me" not in texts_of_all(there)
    assert len([row for row in there.stored() if row["chat_id"] == chat]) == 3


def test_a_revoked_session_says_how_much_was_lost_and_an_expired_one_keeps_it(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    sessions = there.world.services.sessions
    for way in ("expire", "end"):
        one.go_offline()
        there.do(one, SendMessage(chat, f"before they {way} it"))
        session = sessions.find(one.device.live_api.http.cookies.get(COOKIE))
        assert session is not None

        async def over(way: str = way, session: Session = session) -> None:
            getattr(sessions, way)(session)

        there.run(over())
        one.device.network.heal()
        there.until(lambda: screen(one).phase.value == "signed-out")
        if way == "expire":
            assert "go on where you were" in screen(one).notice
            there.do(one, SignIn(EMAIL, PASSWORD), wait=30)
            there.until(lambda: screen(one).unsent == 0)
            assert len([row for row in there.stored() if row["chat_id"] == chat]) == 3
    assert screen(one).notice.endswith("1 change was not sent and is lost.")
