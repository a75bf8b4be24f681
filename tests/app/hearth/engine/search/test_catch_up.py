"""What the index still has to read: what is new, changed, deleted or hidden."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.engine.storage.memory_store import MemoryStore
from hearth.ports.storage import Batch
from tests.app.hearth.engine.search.desk import CHATS, MESSAGES, Desk
from tests.contracts.records import tombstone


async def test_what_changed_while_the_page_was_closed_is_read_and_nothing_else(desk: Desk) -> None:
    await desk.load()
    await desk.indexer.stop()
    await desk.store.apply(Batch({MESSAGES: [desk.made.message("a", 2, "a bigger stove", version=2)]}))
    await desk.load()
    assert desk.keyring.messages == 1
    assert await desk.find("bigger") == ["a-2"]
    assert await desk.find("kettle") == ["a-1"]


async def test_what_is_not_kept_yet_is_not_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.keeps = False
    await desk.load()
    assert (await desk.store.search_index.marks()).keys() == {"a", "b"}
    read, page = [], desk.indexer._search_index.page

    async def counted(chat: str, *rest: Any) -> Any:
        read.append(chat)
        return await page(chat, *rest)

    monkeypatch.setattr(desk.indexer._search_index, "page", counted)
    for number in (2, 3):
        await desk.store_rows(messages=[desk.made.message("b", number, f"Paid at last {number}")])
    assert read == ["b", "b"]
    assert await desk.find("paid") == ["b-3", "b-2"]
    desk.keeps = True
    await desk.store_rows(messages=[desk.made.message("a", 3, "and a spoon")])
    assert await desk.store.search_index.marks() == {}
    await desk.load()
    assert desk.keyring.messages == 0


async def test_live_changes_are_followed(desk: Desk) -> None:
    await desk.load()
    await desk.store_rows(messages=[desk.made.message("b", 2, "Paid at last")])
    assert await desk.find("paid") == ["b-2"]
    await desk.store_rows(messages=[desk.made.message("b", 2, "Refunded", version=2)])
    assert await desk.find("refunded") == ["b-2"]
    assert await desk.find("paid") == []
    await desk.store_rows(messages=[desk.made.message("b", 2, "", version=3, deleted_at=9)])
    assert await desk.find("refunded") == []
    await desk.store_rows(chats=[desk.made.chat("b", "Duties", version=2)])
    assert await desk.find("duties") == ["Duties"]
    assert await desk.find("taxes") == []
    await desk.store_rows(settings_and_memories=[desk.made.setting("app", "s", "Week starts on", "Sunday", 2)])
    assert await desk.find("sunday") == ["Week starts on"]


async def test_a_deleted_chat_is_found_no_more_and_not_kept(desk: Desk) -> None:
    await desk.load()
    await desk.store_rows(chats=[tombstone("a", 2)])
    assert await desk.find("kettle") == []
    assert await desk.find("graz") == []
    await desk.load()
    assert await desk.find("kettle") == []
    assert await desk.find("form") == ["b-1"]
    assert await desk.store.search_index.marks() == {}
    assert b"kettle" not in await desk.keyring.open_kept("1", await desk.store.search_index.read("1"))


async def test_hidden_apps_and_entries_are_not_found(desk: Desk) -> None:
    await desk.load()
    for hidden in ("app", "s"):
        desk.indexer.hide(frozenset({hidden}))
        await desk.settled()
        assert await desk.find("monday") == []
        desk.indexer.hide(frozenset())
        await desk.settled()
        assert await desk.find("monday") == ["Week starts on"]


async def test_a_message_that_does_not_open_is_read_again_when_its_copy_is_replaced(desk: Desk) -> None:
    good = desk.made.message("a", 3, "whole again")
    await MemoryStore(desk.disk).apply(
        Batch({MESSAGES: [{**good, "content": desk.made.message("a", 4, "x")["content"]}]})
    )
    await desk.load()
    assert await desk.find("whole") == []
    await desk.store.apply(Batch({MESSAGES: [good]}, replace=True))
    desk.indexer.changed({"a"})
    await desk.settled()
    assert await desk.find("whole") == ["a-3"]


async def test_many_messages_are_indexed_in_steps_newest_chats_first() -> None:
    desk = Desk()
    made = desk.made
    store = MemoryStore(desk.disk)
    chats = [made.chat(f"c{at}", f"Chat {at}", last_updated=at) for at in range(12)]
    rows = [made.message(f"c{at}", number, f"word{at} number{number}") for at in range(12) for number in range(150)]
    await store.apply(Batch({CHATS: chats, MESSAGES: rows}, cursor="1"))
    await desk.load()
    assert await desk.find("word7 number149") == ["c7-149"]
    order = [each for part in desk.indexer.index.parts for each in part.chats]
    assert sorted(order) == sorted(row["id"] for row in chats)
    assert [each.done for each in desk.progress[:4]] == [0, 1, 2, 3]
    await desk.indexer.stop()
