"""The kept index in memory: marks are settled by their token alone, and pages name what is there and what changed."""

from __future__ import annotations

from typing import Any, cast

from hearth.core.records.schema import Collection
from hearth.engine.search.memory_index import MemorySearchIndex, StoredIndex
from hearth.ports.storage import Position
from tests.contracts.records import chat, message, tombstone


def over(*rows: dict[str, Any]) -> MemorySearchIndex:
    def of(chat_id: str) -> list[dict[str, Any]]:
        return [row for row in rows if row["chat_id"] == chat_id]

    return MemorySearchIndex(StoredIndex(), of, lambda found: found)


async def test_a_mark_that_was_set_again_is_not_settled_by_the_earlier_token() -> None:
    index = over()
    index.kept.mark({Collection.MESSAGES: [message("a", 1)], Collection.CHATS: [tombstone("b"), chat("c")]})
    before = await index.marks()
    assert set(before) == {"a", "b"}
    index.kept.mark({Collection.MESSAGES: [message("a", 2)]})
    await index.settle(before)
    assert set(await index.marks()) == {"a"}


async def test_what_is_kept_is_read_and_forgotten_by_name() -> None:
    index = over()
    for name in ("1", "2", "3"):
        await index.keep(name, name.encode(), {})
    assert (await index.names(), await index.read("1"), await index.read("9")) == (["1", "2", "3"], b"1", None)
    await index.forget(["2", "9"])
    assert await index.names() == ["1", "3"]
    index.kept.drop({"a"})
    assert await index.names() == []


async def test_pages_go_on_where_the_one_before_ended() -> None:
    rows = [message("a", n) for n in (3, 1, 2)]
    rows.append(message("a", 4, deleted_at=9))
    index = over(*rows)
    first = await index.page("a", {"a-1": 1}, None, 2)
    assert (first.live, [row["id"] for row in cast(list[dict[str, Any]], first.records)]) == (("a-1", "a-2"), ["a-2"])
    assert first.next == Position(2, "a-2")
    second = await index.page("a", {}, first.next, 3)
    assert (second.live, second.next) == (("a-3",), None)
