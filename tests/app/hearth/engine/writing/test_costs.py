"""What a message costs the device that sends it, counted: drawings, transactions, what is opened and sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from hearth.core.view.message import Delivery
from hearth.core.view.screen import Screen
from hearth.engine.intents.writing import DeleteMessage, EditMessage, SendMessage, TypeDraft
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.app.hearth.engine.writing.live import Live, last, texts
from tests.peers import Browser


@contextmanager
def counted(browser: Browser) -> Iterator[Counter[str]]:
    """Counts what a browser's engine does meanwhile: transactions by name, drawings, records opened, values sealed."""
    counts: Counter[str] = Counter()
    page, open_records, seal_field = browser.page, CryptographyKeyring.open_records, CryptographyKeyring.seal_field
    before = page.screen

    def draw(screen: Screen) -> None:
        nonlocal before
        counts["drawings"] += 1
        counts["drawings of the list"] += screen.groups is not before.groups
        counts["drawings of the chat"] += screen.chat is not before.chat
        before = screen
        page.__class__.draw(page, screen)

    async def opening(self: CryptographyKeyring, collection: Any, records: Any) -> Any:
        counts["opened"] += len(records)
        return await open_records(self, collection, records)

    async def sealing(self: CryptographyKeyring, *args: Any) -> str | None:
        counts["sealed"] += 1
        return await seal_field(self, *args)

    browser.device.on_step = lambda step: counts.update([step]) if step.startswith("before ") else None
    with (
        mock.patch.object(page, "draw", draw),
        mock.patch.object(CryptographyKeyring, "open_records", opening),
        mock.patch.object(CryptographyKeyring, "seal_field", sealing),
    ):
        yield counts
    browser.device.on_step = lambda _step: None


def transactions(counts: Counter[str]) -> dict[str, int]:
    return {name.removeprefix("before "): count for name, count in counts.items() if name.startswith("before ")}


def is_as_read(there: Live, browser: Browser) -> bool:
    """Whether the open chat is confirmed just as it is read from the store."""
    session = browser.engine.current.session
    assert session is not None
    assert session.parts.controller.chat is not None
    page = there.run(session.parts.repository.open_page(session.parts.controller.chat.id, browser.device.now(), 200))
    return bool(session.parts.controller.chat == page)


@pytest.mark.parametrize("messages", [2, 60])
def test_a_message_costs_the_same_in_a_short_chat_and_in_a_long_one(there: Live, messages: int) -> None:
    one = there.signed_in()
    chat = there.open(one)
    for number in range(messages - 2):
        there.do(one, SendMessage(chat, f"message {number}"), wait=0.2)
    there.wait(60)
    with counted(one) as counts:
        there.do(one, SendMessage(chat, "one more"), wait=10)
    assert (texts(one)[-1], last(one).delivery) == ("one more", Delivery.DONE)
    assert is_as_read(there, one)
    # Kept before it is shown; the write, before it is sent; what is written, with what leaves the outbox.
    assert transactions(counts) == {"apply": 3, "chat": 1, "entries": 1}
    assert counts["drawings of the list"] == 1, "what the answer confirms stands there already"
    assert counts["drawings of the chat"] == 2, "when it is kept, and when it is written"
    assert counts["drawings"] <= 5
    assert counts["opened"] <= 5, "the chat, the manifest and its shard, and the message for the search"
    assert counts["sealed"] == 3, "the message, the manifest and its shard"


def test_a_message_that_was_a_draft_costs_two_readings_of_it_more(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    there.do(one, TypeDraft(chat, "one more"), wait=10)
    with counted(one) as counts:
        there.do(one, SendMessage(chat, "one more"), wait=10)
    assert transactions(counts) == {"apply": 3, "chat": 1, "entries": 1, "messages_from": 2}
    assert counts["drawings of the list"] <= 2
    assert (counts["drawings of the chat"], counts["sealed"]) == (2, 3)


def test_what_is_edited_and_deleted_is_not_read_again_either(there: Live) -> None:
    one = there.signed_in()
    chat = there.open(one)
    there.do(one, SendMessage(chat, "tpyo"), wait=10)
    message = last(one).id
    with counted(one) as counts:
        there.do(one, EditMessage(chat, message, "typo"), wait=10)
    assert (last(one).text, last(one).edited, last(one).delivery) == ("typo", True, Delivery.DONE)
    assert "messages" not in transactions(counts)
    assert is_as_read(there, one)
    with counted(one) as counts:
        there.do(one, DeleteMessage(chat, message), wait=10)
    assert "typo" not in texts(one)
    assert "messages" not in transactions(counts)
    assert is_as_read(there, one)
