"""Frames: what goes out is what the wire module would write, cut where it has to be."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.protocol.codec import write_server_frame
from hearth.core.protocol.server_events import Changes, Pong, RecentChatsReady
from hearth.core.records.schema import Collection
from server_mock.protocol.packing import Load, Rendered, Unit, frame_text, pack, render, render_all
from tests.contracts import records

CHATS, MESSAGES, SETTINGS = Collection


def message(number: int, chars: int = 20) -> Rendered:
    return Rendered(MESSAGES, str(number), "m" * chars)


def chat_unit(chat_id: str, *sizes: int) -> Unit:
    return Unit([message(at, size) for at, size in enumerate(sizes)], {chat_id: 1}, chat_id)


def shape(loads: list[Load]) -> list[list[int]]:
    return [[len(record.text) for unit in load.units for record in unit.records] for load in loads]


def test_a_frame_is_what_the_wire_module_writes() -> None:
    chats = [records.chat("chat-1", 1, pinned=None), records.chat("chat-2", 2, pinned=None)]
    messages = [records.message("chat-1", number, 1, interrupted=None) for number in range(3)]
    unit = Unit([*render_all(CHATS, chats), *render_all(MESSAGES, messages)], {"chat-1": 5})
    load = pack([unit])[0]
    event = Changes(since="a", stamp="b", seq=4, counts=load.counts(), complete=load.complete())
    expected = write_server_frame(event, {CHATS: chats, MESSAGES: messages})
    assert frame_text(event, load) == expected
    assert frame_text(Pong(seq=1)) == write_server_frame(Pong(seq=1))
    empty = RecentChatsReady(total_chats=0, seq=1)
    assert frame_text(empty, Load()) == write_server_frame(empty)


def test_a_record_has_the_fields_of_the_registry_and_no_other() -> None:
    row: dict[str, Any] = {**records.chat("chat-1", 1), "hashed_user_id": "secret"}
    assert json.loads(render(CHATS, row).text) == records.chat("chat-1", 1, pinned=None)


def test_a_record_can_be_altered_on_its_way_out() -> None:
    load = pack([chat_unit("a", 5)])[0]
    text = frame_text(Pong(seq=1), load, lambda record: f'"{record.id}"')
    assert json.loads(text)["records"] == {"messages": ["0"]}


def test_units_are_packed_in_their_order() -> None:
    assert shape(pack([chat_unit("a", 10), chat_unit("b", 10), chat_unit("c", 10)], limit=25)) == [[10, 10], [10]]
    assert shape(pack([], limit=25)) == [[]]
    assert shape(pack([Unit((), {"a": 1})], limit=25)) == [[]]


def test_a_long_unit_is_cut_and_complete_with_its_last_piece() -> None:
    loads = pack([chat_unit("a", 10, 10, 10, 10, 10)], limit=25)
    assert shape(loads) == [[10, 10], [10, 10], [10]]
    assert [load.complete() for load in loads] == [{}, {}, {"a": 1}]
    assert all(unit.chat_id == "a" for load in loads for unit in load.units)


def test_a_record_longer_than_a_frame_travels_alone() -> None:
    assert shape(pack([chat_unit("a", 5, 100, 5)], limit=25)) == [[5], [100], [5]]


@given(st.lists(st.lists(st.integers(1, 60), max_size=6), max_size=8), st.integers(2, 80))
def test_nothing_is_lost_and_no_frame_is_too_long(sizes: list[list[int]], limit: int) -> None:
    units = [chat_unit(str(number), *each) for number, each in enumerate(sizes)]
    loads = pack(units, limit)
    assert [size for load in shape(loads) for size in load] == [size for each in sizes for size in each]
    assert {chat for load in loads for chat in load.complete()} == {str(number) for number in range(len(sizes))}
    for load in loads:
        held = [record for unit in load.units for record in unit.records]
        assert load.chars == sum(len(record.text) + 1 for record in held)
        assert load.chars <= limit or len(held) == 1
