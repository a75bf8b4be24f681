"""One shard: what is put in is found and taken out again without a trace, and its content is a shard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hearth.core.search.documents import Doc
from hearth.core.search.query import Kind
from hearth.engine.search import shard as shards
from hearth.engine.search.shard import Shard, warm_up


def doc(chat: str, ref: str, body: str, at: int = 1, part: int = 0) -> Doc:
    return Doc(Kind.MESSAGE if not part else Kind.FILE, chat, ref, "", body, at=at, part=part, version=3)


@pytest.fixture
def shard() -> Iterator[Shard]:
    made = Shard()
    yield made
    made.close()


def words(shard: Shard) -> set[str]:
    return {word for words in shard.vocabulary() for word in words}


def test_it_knows_what_it_holds(shard: Shard) -> None:
    shard.put([doc("a", "1", "alpha", at=5), doc("a", "1", "inside", part=1), doc("b", "2", "beta", at=7)])
    assert (shard.size, shard.newest) == (3, 7)
    assert shard.chats() == {"a", "b"}
    assert shard.versions("a") == {"1": 3}
    assert {"alpha", "inside", "beta"} <= words(shard)


def test_a_document_that_is_put_in_again_takes_the_place_of_the_earlier_one(shard: Shard) -> None:
    shard.put([doc("a", "1", "before")])
    shard.put([doc("a", "1", "after")])
    assert shard.size == 1
    assert words(shard) == {"after"}


def test_what_is_taken_out_is_not_in_its_content(shard: Shard) -> None:
    shard.put([doc("a", "1", "verysecretword"), doc("a", "2", "other")])
    shard.drop("a", ["1"])
    while shard.merge():
        pass
    assert shard.size == 1
    assert b"verysecretword" not in shard.content()


def test_some_at_a_time_until_nothing_of_a_chat_is_left(shard: Shard) -> None:
    shard.put([doc("a", str(n), "word") for n in range(3)])
    assert shard.drop_some("a", 2)
    assert shard.size == 1
    while shard.drop_some("a", 2):
        pass
    assert (shard.size, shard.chats()) == (0, set())


def test_its_content_makes_it_again(shard: Shard) -> None:
    shard.put([doc("a", "1", "alpha")])
    again = Shard(shard.content())
    assert (again.size, again.chars, again.versions("a"), words(again)) == (1, shard.chars, {"1": 3}, {"alpha"})
    again.close()


@pytest.mark.parametrize("bad", [b"", b"nonsense", b"SQLite format 3\0" + b"\0" * 500])
def test_what_is_no_shard_is_refused(bad: bytes) -> None:
    with pytest.raises(ValueError, match="slice"):
        Shard(bad)


def test_a_part_of_a_shard_is_refused(shard: Shard) -> None:
    shard.put([doc("a", str(n), "word " * 200) for n in range(50)])
    with pytest.raises(ValueError, match="slice"):
        Shard(shard.content()[:-4096])


def test_warming_up_goes_in_pieces_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "_empty", [])
    assert len(list(warm_up())) > 1
    assert list(warm_up()) == []
