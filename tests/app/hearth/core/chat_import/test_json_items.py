"""A large JSON file in pieces: the members of its array, whatever the pieces, and in which way a wrong one is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.chat_import.json_items import (
    MAX_DEPTH,
    BadJson,
    DamagedJson,
    ItemTooLong,
    JsonItems,
    NotJson,
    TooDeep,
    is_too_deep,
)

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def read(text: str, step: int = 7, most: int = 10_000_000) -> list[Any]:
    items = JsonItems(most)
    found: list[Any] = []
    for at in range(0, len(text), step):
        found += items.feed(text[at : at + step])
    return [*found, *items.end()]


@settings(deadline=None)
@given(st.lists(values, max_size=6), st.integers(1, 60), st.sampled_from([None, 2]), st.booleans())
def test_the_members_are_the_arrays_own_whatever_the_pieces(
    members: list[Any], step: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(members, indent=indent, ensure_ascii=ascii_only)
    assert read(text, step) == members


@given(st.dictionaries(st.text(max_size=8), values, max_size=4), st.integers(1, 60))
def test_an_object_is_the_one_value(value: dict[str, Any], step: int) -> None:
    assert read(json.dumps(value), step) == [value]


def test_members_come_as_soon_as_they_are_whole() -> None:
    items = JsonItems()
    begin = json.dumps([{"text": "x" * 5_000}])[:-1]
    assert [each["text"][:1] for each in items.feed(f"{begin}, " + '{"a": ')] == ["x"]
    assert items.is_array
    assert list(items.feed("1}]")) == []
    assert list(items.end()) == [{"a": 1}]


def test_a_byte_order_mark_does_not_matter() -> None:
    assert read("\ufeff [1] ") == [1]


@pytest.mark.parametrize("text", ["", " \n", "hello", '"text"', "12", "<html>", "PK\x03\x04", "null"])
def test_what_is_no_json_of_chats_is_told_as_that(text: str) -> None:
    with pytest.raises(NotJson):
        read(text)


@pytest.mark.parametrize(
    "text", ["[", "[1", "[1,", "[1,]", "[1 2]", "[,]", '[{"a"}]', '{"a": 1', '[{"a": 1}] x', "[}", '["unterminated]']
)
@pytest.mark.parametrize("step", [1, 100])
def test_what_is_damaged_is_told_as_that(text: str, step: int) -> None:
    with pytest.raises(DamagedJson):
        read(text, step)


def test_what_is_broken_is_told_long_before_the_end_of_the_file() -> None:
    with pytest.raises(DamagedJson):
        list(JsonItems().feed('[{"a": 1, b: 2}, ' + '{"a": 1}, ' * 1_000))


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 5_000, 300_000])
@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_what_is_nested_too_deep_is_never_parsed(depth: int, opening: str) -> None:
    with pytest.raises(TooDeep):
        read("[" + opening * depth, 65_536)


def test_depth_counts_brackets_and_not_what_texts_say() -> None:
    assert read(json.dumps([["[" * 5_000, {"a": '{"' * 3_000}]]), 50_000)
    assert not is_too_deep('["' + "[" * 5_000)
    fits = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert not is_too_deep(fits * 3)
    assert is_too_deep(f"[{fits}]")
    assert is_too_deep("[" * (MAX_DEPTH + 1))
    assert len(read(f"[{fits}]", 50)) == 1


def test_a_member_that_does_not_end_is_given_up() -> None:
    with pytest.raises(ItemTooLong):
        read('["' + "x" * 50_000, 1_000, most=20_000)


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from('[]{}",:\\ 1ea\n'), max_size=60), st.integers(1, 20))
def test_whatever_comes_is_read_or_refused(text: str, step: int) -> None:
    try:
        found = read(text, step)
    except BadJson:
        assert not is_json_of_chats(text)
    else:
        value = json.loads(text)
        assert found == (value if isinstance(value, list) else [value])


def is_json_of_chats(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list | dict)
    except ValueError:
        return False
