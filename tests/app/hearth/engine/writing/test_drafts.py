"""Drafts: kept, emptied when they are sent, and brought to the other devices."""

from __future__ import annotations

from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    SendMessage,
    TakeDraft,
    TypeDraft,
)
from tests.app.hearth.engine.writing.live import Live, items, opened, screen, texts


class TestDrafts:
    def test_what_is_typed_survives_and_comes_to_the_other_device(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(one, TypeDraft(chat, "half a"), wait=0.1)
        there.do(one, TypeDraft(chat, "half a thought"), wait=6)
        assert items(one)[0].draft == "half a thought"
        assert items(two)[0].draft == "half a thought"
        there.do(two, OpenChat(chat))
        assert screen(two).composer.text == "half a thought"
        there.reload(one)
        there.do(one, OpenChat(chat))
        assert screen(one).composer.text == "half a thought"
        assert items(one)[0].draft == "half a thought"
        assert all(each.role != "draft" for each in opened(one).messages)

    def test_sending_empties_it_everywhere(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(one, TypeDraft(chat, "typed"), wait=6)
        before = screen(one).composer.revision
        there.do(one, SendMessage(chat, "typed"), wait=6)
        assert (screen(one).composer.text, screen(one).composer.revision > before) == ("", True)
        assert (items(one)[0].draft, items(two)[0].draft) == ("", "")
        assert texts(one)[-1] == "typed"

    def test_a_draft_from_elsewhere_is_offered_while_this_one_is_edited(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(two, OpenChat(chat))
        two.go_offline()
        there.do(two, TypeDraft(chat, "typed on two"))
        there.do(one, TypeDraft(chat, "typed on one"), wait=6)
        two.device.network.heal()
        there.until(lambda: screen(two).composer.offer != "")
        assert screen(two).composer.offer == "typed on one"
        assert screen(two).composer.text != "typed on one"
        there.do(two, TakeDraft(chat, take=True))
        assert (screen(two).composer.text, screen(two).composer.offer) == ("typed on one", "")

    def test_an_offer_goes_when_its_draft_is_sent(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = there.open(one)
        there.do(two, OpenChat(chat), TypeDraft(chat, "typed on two"))
        there.do(one, TypeDraft(chat, "typed on one"), wait=6)
        assert screen(two).composer.offer == "typed on one"
        there.do(one, SendMessage(chat, "typed on one"), wait=6)
        assert texts(two)[-1] == "typed on one"
        assert screen(two).composer.offer == ""

    def test_the_draft_in_a_chats_own_field_gives_way_to_a_newer_one(self, there: Live) -> None:
        one, two = there.signed_in(), there.signed_in()
        chat = next(each.id for each in items(one) if each.draft)
        there.do(one, OpenChat(chat))
        there.do(two, OpenChat(chat))
        assert screen(two).composer.text
        there.do(one, TypeDraft(chat, "newer"), wait=6)
        assert (screen(two).composer.text, screen(two).composer.offer) == ("newer", "")
        there.do(one, SendMessage(chat, "newer"), wait=6)
        assert (screen(two).composer.text, screen(two).composer.offer) == ("", "")

    def test_one_that_is_too_long_to_be_sent_stays_on_the_device(self, there: Live) -> None:
        one = there.signed_in()
        chat = there.open(one)
        there.do(one, TypeDraft(chat, "ä" * 400_000), SendMessage(chat, "ä" * 400_000), wait=6)
        assert "too long" in screen(one).composer.problem
        assert [row["role"] for row in there.stored() if row["chat_id"] == chat].count("draft") == 0
        there.reload(one)
        there.do(one, OpenChat(chat))
        assert screen(one).composer.text == "ä" * 400_000
        there.do(one, TypeDraft(chat, "short"), wait=6)
        assert [row["role"] for row in there.stored() if row["chat_id"] == chat].count("draft") == 1

    def test_many_keystrokes_are_few_writes(self, there: Live) -> None:
        one = there.signed_in()
        chat = there.open(one)
        there.world.services.client.log.reset()
        for number in range(40):
            there.do(one, TypeDraft(chat, "x" * number), wait=0.25)
        there.wait(6)
        entries = there.world.services.client.log.entries()
        writes = [each for each in entries if each["collection"] == "messages" and each["method"] in ("POST", "PATCH")]
        assert 3 <= len(writes) <= 8, "at most one in two seconds"
