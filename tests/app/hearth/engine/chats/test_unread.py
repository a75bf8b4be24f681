"""What is unread: news from elsewhere are counted until the chat is opened, and the counts outlive a reload."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import StorageError
from hearth.core.protocol.server_events import Changes, RemainingChatsReady
from hearth.core.records.schema import DRAFT, Collection
from hearth.engine.chats.unread import NEWS_MS, UnreadCounts
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.records import Frame
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount
from tests.contracts.records import message

ACCOUNT = MadeAccount()


class Counted:
    """Counts over a disk."""

    def __init__(self, disk: Disk | None = None, leader: bool = True) -> None:
        self.disk = disk or Disk()
        self.full = False
        self.leader = leader
        store = MemoryStore(self.disk)
        keyring = keyring_of_account()
        keep = store.search_index.keep

        async def kept(name: str, sealed: Any, settles: Any) -> None:
            if self.full:
                raise StorageError("full")
            await keep(name, sealed, settles)

        self.counts = UnreadCounts(store, keyring, kept, lambda: self.leader)

    async def arrives(self, *rows: dict[str, Any], read: str | None = None) -> bool:
        return await self.counts.arrived(Frame(Changes(since="1", stamp="2"), {Collection.MESSAGES: list(rows)}), read)


def keyring_of_account() -> CryptographyKeyring:
    return CryptographyKeyring(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master)


async def test_messages_from_elsewhere_are_counted_by_chat_and_kept() -> None:
    counted = Counted()
    assert await counted.arrives(message("a", 1), message("a", 2), message("b", 1))
    assert counted.counts.counts == {"a": 2, "b": 1}
    again = Counted(counted.disk)
    await again.counts.load()
    assert again.counts.counts == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    "row",
    [
        message("a", 1, version=2),
        message("a", 1, deleted_at=5),
        message("a", 1, role=DRAFT),
        message("a", 1, changed_at=NEWS_MS + 1),
    ],
)
async def test_what_is_no_news_is_not_counted(row: dict[str, Any]) -> None:
    counted = Counted()
    assert not await counted.arrives(row)
    assert counted.counts.counts == {}


async def test_only_changes_bring_news() -> None:
    counted = Counted()
    frame = Frame(RemainingChatsReady(), {Collection.MESSAGES: [message("a", 1)]})
    assert not await counted.counts.arrived(frame, None)


async def test_the_chat_in_front_of_the_person_is_read() -> None:
    counted = Counted()
    assert not await counted.arrives(message("a", 1), read="a")
    await counted.arrives(message("a", 2))
    assert await counted.counts.opened("a")
    assert not await counted.counts.opened("a")
    assert counted.counts.counts == {}


async def test_a_tab_that_follows_keeps_nothing_and_a_full_disk_stops_nobody() -> None:
    follower = Counted(leader=False)
    assert await follower.arrives(message("a", 1))
    assert follower.disk.kept.sealed == {}
    full = Counted()
    full.full = True
    assert await full.arrives(message("a", 1))
    assert full.counts.counts == {"a": 1}


async def test_what_does_not_open_counts_as_read() -> None:
    counted = Counted()
    await counted.arrives(message("a", 1))
    counted.disk.kept.sealed["unread"] = b"nonsense"
    await counted.counts.load()
    assert counted.counts.counts == {}
