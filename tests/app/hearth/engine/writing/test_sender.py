"""Sending: in order, once, whatever breaks off in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.view.message import Delivery
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import (
    RenameChat,
    SendMessage,
)
from server_mock.protocol import packing
from server_mock.protocol.change_log import UserState
from server_mock.protocol.record_writer import RecordWriter, Result
from server_mock.protocol.write_rules import Owner, Records
from tests.app.hearth.engine.writing.live import Live, items, last, screen, texts


def test_without_a_network_it_waits_and_goes_out_by_itself(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    one.go_offline()
    there.wait()
    there.do(one, SendMessage(chat, "first"), SendMessage(chat, "second"))
    assert texts(one)[-2:] == ["first", "second"]
    assert last(one).delivery is Delivery.WAITING
    assert screen(one).status.sentence.endswith("2 changes wait to be sent.")
    assert screen(one).unsent == 2
    there.reload(one)
    there.do(one, OpenChat(chat))
    assert texts(one)[-2:] == ["first", "second"], "a reload keeps what waits"
    assert "first" not in texts(two)
    one.device.network.heal()
    there.until(lambda: screen(one).unsent == 0)
    there.wait()
    for browser in (one, two):
        assert texts(browser)[-2:] == ["first", "second"]
        assert last(browser).delivery is Delivery.DONE


def test_two_devices_that_write_at_once_both_come_through(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    for number in range(6):
        one.do(SendMessage(chat, f"one {number}"))
        two.do(SendMessage(chat, f"two {number}"))
    there.wait(10)
    assert sorted(texts(one)[2:]) == sorted([f"{who} {n}" for who in ("one", "two") for n in range(6)])
    assert texts(one) == texts(two)
    assert [text for text in texts(one) if text.startswith("one")] == [f"one {n}" for n in range(6)]


def texts_of_all(there: Live) -> str:
    """Everything on the server's disk, as text: nothing of it may be readable."""
    return str([there.stored(name) for name in ("chats", "messages", "settings_and_memories")])


def test_a_server_that_dies_in_the_middle_loses_and_doubles_nothing(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    for number in range(5):
        there.do(one, SendMessage(chat, f"message {number}"), wait=0)
        there.run(there.world.die())
        there.wait(5)
    there.until(lambda: screen(one).unsent == 0 and screen(one).status.sentence == "Up to date")
    there.until(lambda: screen(two).status.sentence == "Up to date")
    assert texts(one)[-5:] == [f"message {number}" for number in range(5)]
    assert texts(two) == texts(one)


def test_a_write_under_way_is_not_sent_twice_when_changes_come_in_parts(
    there: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[list[dict[str, Any]]] = []
    write = RecordWriter.write

    async def noting(
        self: RecordWriter, owner: Owner, state: UserState, records: Records, *more: Any, **named: Any
    ) -> Result:
        written.append([dict(row) for rows in records.values() for row in rows])
        return await write(self, owner, state, records, *more, **named)

    one = there.signed_in()
    chats = [item.id for item in items(one)]
    monkeypatch.setattr(packing.pack, "__defaults__", (1,))  # every record comes in a frame of its own
    monkeypatch.setattr(RecordWriter, "write", noting)
    one.device.network.delays_s = [0.5]
    there.run(there.world.change(rename_chat={"chat_id": chats[1], "title": "Another title"}))
    there.do(one, RenameChat(chats[0], "A title"), wait=20)
    assert len(written) == 2, "it was refused once: the server had another change"
    assert screen(one).status.sentence == "Up to date"
    assert all(row["sealed"] == one.disk.entries[row["id"]]["sealed"] for row in written[-1] if "sealed" in row)
