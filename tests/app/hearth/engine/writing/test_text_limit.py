"""Long texts: what fits is sent, over HTTP where it is longer than a frame; what does not fit is said, and kept."""

from __future__ import annotations

import pytest

from hearth.core.protocol import codec
from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES, most_text_bytes
from hearth.core.view.message import Delivery
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import EditMessage, SendMessage, TypeDraft
from server_mock.protocol.write_rules import TOO_LONG
from tests.app.hearth.engine.writing.live import Live, last, opened, screen, texts
from tests.peers import LiveExchange, LiveSocket

LONG = "Every word of it. " * 36_000


class Carried:
    """What went over connections, and what was posted beside them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.longest_frame = 0
        self.posts = 0
        self.lost = 0
        """How many of the next posts are lost on their way back."""
        send, post = LiveSocket.send, LiveExchange._post

        def sent(socket: LiveSocket, text: str) -> None:
            self.longest_frame = max(self.longest_frame, len(text))
            send(socket, text)

        async def posted(exchange: LiveExchange, path: str, lines: list[str]) -> object:
            answer = await post(exchange, path, lines)
            if path.startswith("/api/write"):
                self.posts += 1
                if self.lost:
                    self.lost -= 1
                    return type(answer)(500)
            return answer

        monkeypatch.setattr(LiveSocket, "send", sent)
        monkeypatch.setattr(LiveExchange, "_post", posted)


@pytest.fixture
def carried(monkeypatch: pytest.MonkeyPatch) -> Carried:
    return Carried(monkeypatch)


@pytest.mark.parametrize("text", [LONG, "x" * DEFAULT_TEXT_BYTES, '\0"\\🔥é' * 68_000], ids=["words", "most", "odd"])
def test_a_long_message_goes_over_http_and_arrives(there: Live, carried: Carried, text: str) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, text), SendMessage(chat, "and a short one"))
    for browser in (one, two):
        assert texts(browser)[-2:] == [text, "and a short one"]
        assert [each.delivery for each in opened(browser).messages[-2:]] == [Delivery.DONE] * 2
        assert screen(browser).status.sentence == "Up to date"
    assert carried.posts == 1
    assert carried.longest_frame <= codec.POSTED_FROM_CHARS
    assert one.disk.outbox == {}
    there.do(one, EditMessage(chat, opened(one).messages[-2].id, text[::-1]))
    assert texts(two)[-2] == text[::-1]


def test_where_no_websocket_gets_through_it_arrives_too(there: Live, carried: Carried) -> None:
    one = there.signed_in()
    two = there.signed_in()
    one.device.network.refuses_websockets = True
    for socket in one.device.live:
        socket.cut()
    there.until(lambda: "HTTP" in screen(one).status.sentence or one.device.connector._found > 0)
    there.wait(10)
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, LONG))
    there.until(lambda: texts(two)[-1] == LONG)
    assert carried.posts == 1


def test_an_answer_that_is_lost_doubles_nothing(there: Live, carried: Carried) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    carried.lost = 2
    there.do(one, SendMessage(chat, LONG))
    there.until(lambda: screen(one).unsent == 0 and screen(one).status.sentence == "Up to date")
    for browser in (one, two):
        there.until(lambda browser=browser: texts(browser).count(LONG) == 1)  # type: ignore[misc]
    assert len([row for row in there.stored() if row["chat_id"] == chat]) == 3


def test_a_server_that_dies_while_it_is_posted_loses_and_doubles_nothing(there: Live, carried: Carried) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, LONG), wait=0)
    there.run(there.world.die())
    there.until(lambda: screen(one).unsent == 0 and screen(one).status.sentence == "Up to date")
    there.until(lambda: screen(two).status.sentence == "Up to date" and texts(two)[-1] == LONG)
    assert len([row for row in there.stored() if row["chat_id"] == chat]) == 3


class TestTooLong:
    def test_it_is_said_before_it_is_sent_and_kept(self, there: Live) -> None:
        one = there.signed_in()
        chat = there.open(one)
        text = "x" * (DEFAULT_TEXT_BYTES + 1)
        there.do(one, TypeDraft(chat, text), SendMessage(chat, text), wait=6)
        assert screen(one).composer.problem.startswith("This text is too long to be sent: it has 749 KB")
        assert screen(one).unsent == 0
        assert len([row for row in there.stored() if row["chat_id"] == chat]) == 2
        there.reload(one)
        there.do(one, OpenChat(chat))
        assert screen(one).composer.text == text

    def test_an_edit_as_well(self, there: Live) -> None:
        one = there.signed_in()
        chat = there.open(one)
        there.do(one, SendMessage(chat, "short"))
        there.do(one, EditMessage(chat, last(one).id, "x" * (DEFAULT_TEXT_BYTES + 2_000)))
        assert "too long" in screen(one).composer.problem
        assert (last(one).text, screen(one).unsent) == ("short", 0)

    def test_the_server_says_how_long_and_it_is_known_without_a_connection(self, there: Live) -> None:
        there.world.max_payload = 100_000
        there.run(there.world.die())
        most = most_text_bytes(99_500)
        one = there.signed_in()
        assert screen(one).most_text_bytes == most
        chat = there.open(one)
        there.do(one, SendMessage(chat, "x" * (most + 1)))
        assert "at most 73 KB" in screen(one).composer.problem
        there.do(one, SendMessage(chat, "x" * most))
        assert (len(last(one).text), last(one).delivery) == (most, Delivery.DONE)
        assert one.device.network.down is False
        one.device.network.down = True
        there.reload(one)
        assert screen(one).most_text_bytes == most
        there.do(one, OpenChat(chat), SendMessage(chat, "y" * (most + 1)))
        assert "at most 73 KB" in screen(one).composer.problem

    def test_a_disk_that_takes_less_than_the_server_says_gives_it_back_and_holds_up_nothing(self, there: Live) -> None:
        there.world.max_payload = 4_000_000
        there.run(there.world.die())
        one = there.signed_in()
        chat = there.open(one)
        text = "x" * 1_000_000
        there.do(one, SendMessage(chat, text), SendMessage(chat, "short"), wait=10)
        long, short = opened(one).messages[-2:]
        assert (long.delivery, long.text, long.problem) == (Delivery.FAILED, text, TOO_LONG)
        assert (short.delivery, short.text) == (Delivery.DONE, "short")

    def test_a_server_that_takes_more_gets_more(self, there: Live, carried: Carried) -> None:
        there.world.max_payload = 4_000_000
        there.standin._dialect.max_body = 4_000_000
        there.run(there.world.die())
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(two, OpenChat(chat))
        text = "z" * 2_900_000
        there.do(one, TypeDraft(chat, text), wait=6)
        there.do(one, SendMessage(chat, text))
        there.until(lambda: texts(two)[-1] == text and screen(one).unsent == 0)
        assert carried.posts >= 1
        there.reload(two)
        there.do(two, OpenChat(chat))
        assert texts(two)[-1] == text
