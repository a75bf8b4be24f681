"""The index as a whole: a chat is whole in one shard, kept shards are taken over, and doubled ones are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hearth.core.search.documents import Doc
from hearth.core.search.query import Kind
from hearth.engine.search import index as indexes
from hearth.engine.search.index import Index
from hearth.engine.search.shard import Shard


def doc(chat: str, ref: str, body: str = "word", at: int = 1) -> Doc:
    return Doc(Kind.MESSAGE, chat, ref, "", body, at=at, version=1)


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index()
    yield made
    made.close()


def test_a_chat_stays_in_its_shard_and_full_ones_take_no_other(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "SLICE_DOCS", 2)
    index.put("a", [doc("a", "1"), doc("a", "2")])
    index.put("b", [doc("b", "1", at=9)])
    index.put("a", [doc("a", "3")])
    assert [sorted(part.chats) for part in index.parts] == [["b"], ["a"]], "the newest first"
    assert index.versions("a") == {"1": 1, "2": 1, "3": 1}
    assert all(part.changed for part in index.parts)


def test_a_shard_that_is_left_empty_is_let_go_of_and_its_name_used_again(index: Index) -> None:
    index.put("a", [doc("a", "1"), doc("a", "2")])
    while index.drop_some("a", 1):
        assert index.chats == {"a"}
    assert not index.drop_some("a", 1)
    assert index.chats == set()
    assert index.remove_empty() == ["1"]
    assert index.parts == []


def test_a_kept_shard_is_taken_over_with_its_chats(index: Index) -> None:
    index.put("a", [doc("a", "1")])
    content = index.parts[0].slice.content()
    other = Index()
    assert other.adopt("7", content)
    assert (other.chats, other.versions("a"), other.parts[0].changed) == ({"a"}, {"1": 1}, False)
    assert not other.adopt("7", content), "its name is taken"
    other.close()


def test_two_shards_with_the_same_chat_are_both_of_no_use(index: Index) -> None:
    index.put("a", [doc("a", "1")])
    content = index.parts[0].slice.content()
    other = Index()
    assert other.adopt("1", content)
    assert not other.adopt("2", content)
    assert (other.parts, other.chats) == ([], set())
    other.close()


def test_what_is_no_shard_is_not_taken_over(index: Index) -> None:
    assert not index.adopt("1", b"nonsense")
    assert index.parts == []


def test_the_words_of_a_shard_are_listed_in_pieces_and_anew_after_a_change(index: Index) -> None:
    index.put("a", [doc("a", "1", "alpha")])
    part = index.parts[0]
    while part.prepare():
        pass
    assert "alpha" in part.vocabulary
    index.put("a", [doc("a", "2", "beta")])
    assert "beta" in part.vocabulary


def test_titles_and_entries_have_shards_of_their_own(index: Index) -> None:
    index.put_titles([Doc(Kind.CHAT, "a", "", "Travels", "")], [])
    index.put_titles([], ["a"])
    assert index.titles.slice.size == 0
    entries = Shard()
    index.replace_entries(entries)
    assert index.entries.slice is entries
    assert [part.name for part in index.all_parts()] == ["titles", "entries"]


def test_taking_out_what_is_not_in_does_nothing(index: Index) -> None:
    index.drop("a", ["1"])
    assert (index.versions("a"), index.part_of("a")) == ({}, None)
