"""A server that keeps no more of an account: the page says so at the message, whose text stays, to be sent later."""

from __future__ import annotations

from hearth.core.view.message import Delivery
from hearth.engine.intents.writing import DeleteChat, SendMessage, TryAgain
from server_mock.protocol.quotas import Quotas
from tests.app.hearth.engine.writing.live import last, live, screen, texts


def test_a_message_that_is_refused_is_kept_with_the_servers_sentence_and_goes_once_there_is_room() -> None:
    with live() as there:
        there.world.quotas = Quotas(records=4 * (1 + 2) + 1)
        there.run(there.world.die())
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(one, SendMessage(chat, "fits"))
        there.do(one, SendMessage(chat, "does not fit"), wait=10)
        assert (last(one).delivery, last(one).text) == (Delivery.FAILED, "does not fit")
        assert "Delete something to make room" in last(one).problem
        assert screen(one).status.sentence.startswith("Up to date")

        other = next(item.id for group in screen(one).groups for item in group.items if item.id != chat)
        there.do(one, DeleteChat(other), wait=20)
        there.do(one, TryAgain(last(one).mutation or ""), wait=10)
        assert last(one).delivery is Delivery.DONE
        there.open(two)
        there.until(lambda: texts(two)[-1] == "does not fit")
