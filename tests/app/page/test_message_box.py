"""What the message box holds after the engine put a text into it, and what a press of "Send" sends."""

from __future__ import annotations

import pytest

from app.page.message_box import MessageBox, put_in
from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES
from hearth.core.view.open_chat import Composer


def opened(text: str = "", revision: int = 1) -> MessageBox:
    box = MessageBox()
    assert box.bind("c")
    assert box.take(Composer("c", text, revision), "") == text
    return box


def sent(text: str, revision: int = 2) -> Composer:
    """What the engine says when it has what was sent."""
    return Composer("c", "", revision, replaces=text)


@pytest.mark.parametrize(
    ("held", "replaced", "text", "now"),
    [
        ("sent", "sent", "", ""),
        ("sent and more", "sent", "", " and more"),
        ("another", "sent", "", "another"),
        ("", "", "a draft", "a draft"),
        ("typed", "", "a draft ", "a draft typed"),
        ("mine", "mine", "theirs", "theirs"),
    ],
)
def test_what_was_typed_meanwhile_is_kept(held: str, replaced: str, text: str, now: str) -> None:
    assert put_in(held, replaced, text) == now


class TestOpening:
    def test_another_chat_has_a_box_of_its_own(self) -> None:
        box = opened("one")
        assert not box.bind("c")
        assert box.bind("d")
        assert box.take(Composer("c", "of the other chat", 7), "") == ""
        assert box.take(Composer("d", "two", 1), "") == "two"

    def test_what_was_typed_before_the_draft_came_stays_behind_it(self) -> None:
        box = MessageBox()
        box.bind("c")
        assert box.take(Composer("c", "draft ", 1), "typed") == "draft typed"

    def test_what_was_typed_before_the_draft_came_is_not_there_twice(self) -> None:
        box = MessageBox()
        box.bind("c")
        assert box.take(Composer("c", "typ", 1), "typed") == "typed"


class TestRevisions:
    def test_the_same_revision_leaves_the_box_alone(self) -> None:
        box = opened("one")
        assert box.take(Composer("c", "one", 1, offer="theirs"), "one, two") == "one, two"

    def test_a_draft_never_overwrites_what_somebody_types(self) -> None:
        box = opened("one")
        assert box.take(Composer("c", "theirs", 2, replaces="one"), "something else") == "something else"
        assert box.take(Composer("c", "theirs", 3, replaces="one"), "one!") == "theirs!"

    def test_without_word_of_what_it_replaces_a_text_takes_the_place_of_all(self) -> None:
        assert opened("one").take(Composer("c", "theirs", 2), "one, two") == "theirs"

    def test_an_engine_that_begins_anew_takes_nothing_out_of_the_box(self) -> None:
        box = opened("one", revision=5)
        assert box.take(Composer("c", "", 0), "one, two") == "one, two"
        assert box.press("one, two") == "one, two"
        assert box.take(sent("one, two", 1), "one, two") == ""


class TestSending:
    @pytest.mark.parametrize("known", [True, False])
    def test_what_was_sent_goes_when_the_engine_has_it(self, known: bool) -> None:
        box = opened()
        assert box.press("hello") == "hello"
        answer = sent("hello") if known else Composer("c", "", 2)
        assert box.take(answer, "hello, and") == ", and"
        assert box.press(", and") == ", and"

    @pytest.mark.parametrize("text", ["", " ", "\n\t \n", "x" * (DEFAULT_TEXT_BYTES + 1)])
    def test_nothing_blank_and_nothing_too_long_is_sent(self, text: str) -> None:
        assert opened().press(text) == ""

    def test_what_the_server_takes_counts(self) -> None:
        box = opened()
        box.most = 5
        assert (box.press("123456"), bool(box.too_long("123456"))) == ("", True)
        assert (bool(box.too_long("12345")), box.press("12345")) == (False, "12345")

    def test_a_press_that_is_repeated_sends_once(self) -> None:
        box = opened()
        box.press("hello")
        assert box.press("hello") == ""
        assert box.take(sent("hello"), "hello") == ""
        assert not box.due()

    def test_a_press_while_something_is_sent_is_done_afterwards(self) -> None:
        box = opened()
        box.press("one")
        assert box.press("onetwo") == ""
        assert not box.due()
        assert box.take(sent("one"), "onetwo") == "two"
        assert box.due()
        assert box.press("two") == "two"
        assert not box.due()

    def test_what_could_not_be_sent_stays_and_can_be_sent_again(self) -> None:
        box = opened()
        box.press("hello")
        box.press("hello, world")
        assert box.take(Composer("c", "", 1, problem="The disk is full."), "hello, world") == "hello, world"
        assert not box.due()
        assert box.press("hello, world") == "hello, world"

    def test_a_draft_that_comes_while_something_is_sent_does_not_end_that(self) -> None:
        box = opened()
        box.press("hello")
        assert box.take(Composer("c", "theirs", 2, replaces="other"), "hello") == "hello"
        assert box.press("hello") == ""
        assert box.take(sent("hello", 3), "hello") == ""

    def test_the_draft_leaves_out_what_is_being_sent(self) -> None:
        box = opened()
        assert box.typed("hello") == "hello"
        box.press("hello")
        assert box.typed("hello, and") == ", and"
        assert box.typed("hell") == "hell"
