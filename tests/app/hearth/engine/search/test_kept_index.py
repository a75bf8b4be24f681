"""What is kept of the index: sealed, taken over by the next page, and built anew where it is of no use."""

from __future__ import annotations

from tests.app.hearth.engine.search.desk import Desk
from tests.contracts.records import tombstone


async def test_a_reload_opens_no_message_again(desk: Desk) -> None:
    await desk.load()
    assert desk.keyring.messages == 3
    await desk.load()
    assert desk.keyring.messages == 0
    assert await desk.find("stove") == ["a-2"]
    assert await desk.store.search_index.marks() == {}


async def test_the_last_chat_deleted_leaves_no_slice(desk: Desk) -> None:
    await desk.load()
    await desk.store_rows(chats=[tombstone("a", 2), tombstone("b", 2)])
    assert await desk.store.search_index.names() == []
    assert await desk.store.search_index.marks() == {}


async def test_a_damaged_slice_is_built_anew(desk: Desk) -> None:
    await desk.load()
    sealed = desk.disk.kept.sealed["1"]
    desk.disk.kept.sealed["1"] = sealed[:-1] + bytes([sealed[-1] ^ 1])
    await desk.load()
    assert desk.keyring.messages == 3
    assert await desk.find("kettle") == ["a-1"]
    await desk.load()
    assert desk.keyring.messages == 0


async def test_a_slice_of_another_layout_is_built_anew(desk: Desk) -> None:
    await desk.load()
    content = await desk.keyring.open_kept("1", desk.disk.kept.sealed["1"])
    other = content[:60] + (999).to_bytes(4, "big") + content[64:]  # user_version in the header of SQLite's format
    desk.disk.kept.sealed["1"] = await desk.keyring.seal_kept("1", other)
    await desk.load()
    assert desk.keyring.messages == 3


async def test_what_is_kept_is_sealed(desk: Desk) -> None:
    await desk.load()
    kept = b"".join(desk.disk.kept.sealed.values()).lower()
    assert len(kept) > 10_000
    assert b"kettle" not in kept
    assert b"sqlite" not in kept


async def test_a_page_that_may_not_keep_writes_nothing(desk: Desk) -> None:
    desk.keeps = False
    marks = dict(desk.disk.kept.marks)
    await desk.load()
    assert await desk.find("kettle") == ["a-1"]
    assert (desk.disk.kept.sealed, desk.disk.kept.marks) == ({}, marks)
    desk.keeps = True
    desk.indexer.changed(set())
    await desk.settled()
    assert set(desk.disk.kept.sealed) == {"1"}
