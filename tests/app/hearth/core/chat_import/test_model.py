"""What is read of a file of chats: values that are none, times in their order, code, links."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.chat_import.model import (
    FIRST_MS,
    ImportedChat,
    ImportedMessage,
    Source,
    fenced,
    in_order,
    link,
    mapping,
    objects,
    plain,
    seconds,
    span,
)

NOW = 1_750_000_000_000
times = st.none() | st.integers(0, 2 * NOW)


def chat(*at: int | None, created: int | None = None, updated: int | None = None) -> ImportedChat:
    messages = [ImportedMessage(str(n), "user", each, "text") for n, each in enumerate(at)]
    return ImportedChat(Source.CLAUDE, "c", "title", created, updated, messages)


@given(st.lists(times, max_size=8), times, times)
def test_every_message_is_later_than_the_one_before_it(
    at: list[int | None], created: int | None, updated: int | None
) -> None:
    read = chat(*at, created=created, updated=updated)
    timed = in_order(read, NOW)
    assert [each.message for each in timed] == read.messages
    found = [each.at for each in timed]
    assert all(before < after for before, after in itertools.pairwise(found))
    begun, last = span(read, timed, NOW)
    assert FIRST_MS <= begun <= last or not timed
    assert not timed or (begun <= found[0] and last >= found[-1])


def test_times_that_are_known_and_rise_are_kept() -> None:
    assert [each.at for each in in_order(chat(10, None, 30, 20), NOW)] == [10, 11, 30, 31]


def test_what_comes_before_the_first_known_time_stands_just_before_it() -> None:
    assert [each.at for each in in_order(chat(None, None, 50, created=60), NOW)] == [48, 49, 50]


@pytest.mark.parametrize(("value", "ms"), [(1.5, 1500), (0, None), (True, None), ("1", None), (1e12, None), (-1, None)])
def test_seconds(value: object, ms: int | None) -> None:
    assert seconds(value) == ms


def test_what_is_no_text_no_object_and_no_list_is_none() -> None:
    assert [plain(each) for each in ("a", "\ud83d", None, 3)] == ["a", "\ufffd", "", ""]
    assert mapping([1]) == {}
    assert objects([{"a": 1}, 2, None]) == [{"a": 1}]
    assert objects({"a": 1}) == []


@pytest.mark.parametrize("content", ["x", "```", "a\n````\nb", "~~~"])
def test_a_fence_is_longer_than_any_in_the_code(content: str) -> None:
    first, *inner, last = fenced(content, "c++ `x`").splitlines()
    assert first == f"{last}c++x"
    assert "\n".join(inner) == content
    assert last not in content


@pytest.mark.parametrize(
    ("title", "url", "markdown"),
    [
        ("A [b]\nc", "https://a.example/x", "[A b c](https://a.example/x)"),
        ("", "https://a.example", "[https://a.example](https://a.example)"),
        ("A", "javascript:alert(1)", "A"),
        ("A", "https://a.example/(x)", "A"),
    ],
)
def test_links(title: str, url: str, markdown: str) -> None:
    assert link(title, url) == markdown


def test_a_message_of_white_space_is_empty_unless_it_has_a_file() -> None:
    assert ImportedMessage("m", "user", None, " \n").is_empty
    assert not ImportedMessage("m", "user", None, "", files=[{"name": "a"}]).is_empty
