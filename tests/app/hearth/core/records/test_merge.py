from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.merge import ChatMerge, Head, head_of, merge_chat, newest, wins
from hearth.core.records.schema import Collection
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.storage import Batch
from tests.contracts.records import chat, entry, message, tombstone

CHATS, MESSAGES, ENTRIES = Collection
Copy = tuple[Collection, dict[str, Any]]


@pytest.mark.parametrize(
    ("stored", "incoming", "replace", "expected"),
    [
        (None, 0, False, True),
        (None, 0, True, True),
        (0, 0, False, False),
        (0, 0, True, True),
        (3, 2, False, False),
        (3, 2, True, False),
        (3, 4, False, True),
        (3, 4, True, True),
    ],
)
def test_the_higher_version_wins(stored: int | None, incoming: int, replace: bool, expected: bool) -> None:
    assert wins(stored, incoming, replace=replace) is expected


def test_a_copy_of_the_same_version_replaces_only_when_that_is_asked_for() -> None:
    assert wins(1, 1) is False
    assert merge_chat(Head(1), Head(1)).put is False
    assert merge_chat(Head(1), Head(1), replace=True).put is True


KEPT, KEPT_DELETED = ChatMerge(False, False, False), ChatMerge(False, False, True)
PUT, DELETED = ChatMerge(True, False, False), ChatMerge(True, True, True)


@pytest.mark.parametrize(
    ("stored", "incoming", "expected"),
    [
        (None, None, KEPT),
        (None, Head(0), PUT),
        (None, Head(0, deleted=True), DELETED),
        (Head(2), None, KEPT),
        (Head(2, deleted=True), None, KEPT_DELETED),
        (Head(2), Head(1), KEPT),
        (Head(2), Head(1, deleted=True), KEPT),
        (Head(2), Head(3), PUT),
        (Head(2), Head(3, deleted=True), DELETED),
        (Head(2, deleted=True), Head(1), KEPT_DELETED),
        (Head(2, deleted=True), Head(2), KEPT_DELETED),
        (Head(0, deleted=True), Head(0), KEPT_DELETED),
    ],
)
def test_what_becomes_of_a_chat(stored: Head | None, incoming: Head | None, expected: ChatMerge) -> None:
    assert merge_chat(stored, incoming) == expected


def test_the_head_of_a_record_is_its_version_and_whether_it_is_deleted() -> None:
    assert head_of(chat("a", 3)) == Head(3, deleted=False)
    assert head_of(tombstone("a", 4)) == Head(4, deleted=True)
    assert head_of(message("a", 1, deleted_at=0)).deleted


def test_of_several_copies_in_a_batch_the_newest_counts_and_the_first_of_one_version() -> None:
    assert newest([]) == []
    assert newest([("a", 1), ("b", 5), ("a", 2), ("a", 2), ("b", 4), ("c", 0)]) == [1, 2, 5]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4))))
def test_what_counts_in_a_batch_is_what_applying_its_copies_one_by_one_leaves(copies: list[tuple[str, int]]) -> None:
    left: dict[str, tuple[int, int]] = {}
    for position, (key, version) in enumerate(copies):
        if wins(left[key][1] if key in left else None, version):
            left[key] = (position, version)
    assert newest(copies) == sorted(position for position, _version in left.values())


@dataclass
class Account:
    """Copies of an account's records, some several times, in batches; and what a device ends with."""

    batches: list[list[Copy]]
    chats: dict[str, dict[str, Any]]
    messages: dict[str, dict[str, dict[str, Any]]]
    entries: dict[str, dict[str, Any]]


def _versions(draw: st.DrawFn) -> range:
    return range(1, 1 + draw(st.integers(1, 3)))


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """A version is one content, and deletion is final; copies travel in any order, some several times."""
    copies: list[Copy] = []
    account = Account([], {}, {}, {})
    for name in ("a", "b"):
        rows = [chat(name, version, title=f"{name}{version}") for version in _versions(draw)]
        if draw(st.booleans()):
            rows.append(tombstone(name, len(rows) + 1))
        account.chats[name] = rows[-1]
        own = account.messages.setdefault(name, {})
        copies += [(CHATS, row) for row in rows]
        for number in range(draw(st.integers(0, 2))):
            said = [message(name, number, version, content=f"{number}{version}") for version in _versions(draw)]
            copies += [(MESSAGES, row) for row in said]
            if account.chats[name]["deleted_at"] is None:
                own[said[-1]["id"]] = said[-1]
    for version in _versions(draw):
        account.entries["e"] = entry("e", version, sealed=str(version))
        copies.append((ENTRIES, account.entries["e"]))
    again = draw(st.lists(st.sampled_from(copies), max_size=6))
    shuffled = draw(st.permutations(copies + again))
    while shuffled:
        size = draw(st.integers(1, len(shuffled)))
        account.batches.append(shuffled[:size])
        shuffled = shuffled[size:]
    return account


def _batch(copies: list[Copy], replace: bool = False) -> Batch:
    names = {name for name, _row in copies}
    return Batch({name: [row for each, row in copies if each is name] for name in names}, replace=replace)


def _state(disk: Disk) -> object:
    return disk.chats, {name: own for name, own in disk.messages.items() if own}, disk.entries


@given(accounts(), st.booleans(), st.booleans())
def test_any_order_of_batches_any_number_of_times_ends_in_the_same_state(
    account: Account, twice: bool, replace: bool
) -> None:
    store = MemoryStore(disk := Disk())
    for copies in account.batches:
        for _ in range(1 + twice):
            store.write(_batch(copies, replace))
    assert _state(disk) == (
        account.chats,
        {name: own for name, own in account.messages.items() if own},
        account.entries,
    )


@given(accounts())
def test_no_batch_takes_a_record_back_to_an_earlier_version(account: Account) -> None:
    store = MemoryStore(disk := Disk())
    seen: dict[str, int] = {}
    for copies in account.batches:
        store.write(_batch(copies, replace=True))
        for row in [
            *disk.chats.values(),
            *disk.entries.values(),
            *(m for own in disk.messages.values() for m in own.values()),
        ]:
            assert row["version"] >= seen.get(row["id"], 0)
            seen[row["id"]] = row["version"]
        for name, row in disk.chats.items():
            assert row["deleted_at"] is None or not disk.messages.get(name)


@given(accounts())
def test_a_damaged_copy_is_replaced_by_one_of_its_version_that_was_fetched_again(account: Account) -> None:
    store = MemoryStore(disk := Disk())
    final: list[Copy] = [(CHATS, row) for row in account.chats.values()]
    final += [(MESSAGES, row) for own in account.messages.values() for row in own.values()]
    final += [(ENTRIES, row) for row in account.entries.values()]
    damage = {CHATS: "title", MESSAGES: "content", ENTRIES: "sealed"}
    store.write(_batch([(name, {**row, damage[name]: "damaged"}) for name, row in final]))
    for copies in account.batches:
        store.write(_batch(copies, replace=True))
    assert _state(disk) == (
        account.chats,
        {name: own for name, own in account.messages.items() if own},
        account.entries,
    )


def test_a_message_with_the_id_of_another_chat_s_message_is_its_own_record() -> None:
    store = MemoryStore(disk := Disk())
    rows = [message("a", 1, 2, id="same"), message("b", 1, 1, id="same")]
    store.write(_batch([(MESSAGES, row) for row in rows]))
    assert [disk.messages[name]["same"]["version"] for name in ("a", "b")] == [2, 1]
