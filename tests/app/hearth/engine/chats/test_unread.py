"""What is unread: news from elsewhere are counted until the chat is opened, and the counts outlive a reload."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from hearth.core.errors import StorageError
from hearth.core.protocol.server_events import Changes, RemainingChatsReady
from hearth.core.records.schema import DRAFT, Collection
from hearth.engine.chats.unread import NEWS_MS, UnreadCounts
from hearth.ports.records import Frame
from hearth.testing.cpython_cipher import CryptographyKeyring
from tests.account import MadeAccount
from tests.contracts.records import message

ACCOUNT = MadeAccount()


class Values:
    """Sealed values that are kept by name."""

    def __init__(self) -> None:
        self.sealed: dict[str, Any] = {}
        self.full = False

    async def read(self, name: str) -> Any | None:
        return self.sealed.get(name)

    async def keep(self, name: str, sealed: Any, *_more: Any) -> None:
        if self.full:
            raise StorageError("full")
        self.sealed[name] = sealed


class Counted:
    """Counts over values that outlive them."""

    def __init__(self, values: Values | None = None, leader: bool = True) -> None:
        self.values = values or Values()
        self.leader = leader
        store = cast(Any, SimpleNamespace(search_index=self.values, kept_values=self.values))
        self.counts = UnreadCounts(store, keyring_of_account(), self.values.keep, lambda: self.leader)

    async def arrives(self, *rows: dict[str, Any], read: str | None = None) -> bool:
        return await self.counts.arrived(Frame(Changes(since="1", stamp="2"), {Collection.MESSAGES: list(rows)}), read)


def keyring_of_account() -> CryptographyKeyring:
    return CryptographyKeyring(ACCOUNT.cipher, ACCOUNT.id, ACCOUNT.master)


async def test_messages_from_elsewhere_are_counted_by_chat_and_kept() -> None:
    counted = Counted()
    assert await counted.arrives(message("a", 1), message("a", 2), message("b", 1))
    assert counted.counts.counts == {"a": 2, "b": 1}
    again = Counted(counted.values)
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
    assert follower.values.sealed == {}
    full = Counted()
    full.values.full = True
    assert await full.arrives(message("a", 1))
    assert full.counts.counts == {"a": 1}


async def test_what_does_not_open_counts_as_read() -> None:
    counted = Counted()
    await counted.arrives(message("a", 1))
    counted.values.sealed["unread"] = b"nonsense"
    await counted.counts.load()
    assert counted.counts.counts == {}
