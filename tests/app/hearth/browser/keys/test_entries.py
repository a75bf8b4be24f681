"""Entries in session and local storage: whose they are, which all tabs find, which a sign-out takes."""

from __future__ import annotations

import pytest

from hearth.browser import storage_names
from hearth.browser.keys.entries import Entries, fields_of, lock_name, shared_key, stored_name
from hearth.browser.native import StorageRefused
from tests.app.hearth.browser.in_memory import Machine, MemoryStorage


@pytest.fixture
def session() -> MemoryStorage:
    return MemoryStorage(Machine(), {})


@pytest.fixture
def local() -> MemoryStorage:
    return MemoryStorage(Machine(), {})


@pytest.fixture
def entries(session: MemoryStorage, local: MemoryStorage) -> Entries:
    return Entries(session, local)


def entry(account: str, share: str) -> str:
    return f'{{"account":"{account}","keyId":"AAAAAAAAAAA=","half":"{share}"}}'


def test_keys_and_notes_are_told_apart_by_name_and_place(entries: Entries) -> None:
    entries.put_key("a", entry("a", "1"), stay=False)
    entries.put_key("b", entry("b", "2"), stay=True)
    entries.put_note("c", entry("c", "3"), None)
    assert [(each.account, each.share, entries.is_for_all(each)) for each in entries.kept_keys()] == [
        ("a", "1", False),
        ("b", "2", True),
    ]
    assert [each.account for each in entries.notes()] == ["c"]
    assert entries.shares() == {"1", "2", "3"}
    assert (entries.stays("a"), entries.stays("b")) == (False, True)


def test_what_is_another_applications_is_neither_read_nor_removed(entries: Entries, local: MemoryStorage) -> None:
    others = {"hearth.keyring": "x", "theme": "y", "hearth.lockedout:a": "z"}
    local.held |= {"theme": "y", "hearthstone": "1"}
    assert entries.kept_keys() == []
    assert entries.forget() == 0
    assert local.held == {"theme": "y", "hearthstone": "1"}
    local.held |= others
    assert entries.kept_keys() == entries.notes() == []


def test_the_mark_of_a_wipe_outlives_what_it_wipes(entries: Entries, local: MemoryStorage) -> None:
    entries.put_key("a", entry("a", "1"), stay=True)
    entries.begin_wipe("a")
    assert entries.forget() == 0
    assert local.held == {storage_names.WIPING: "a"}
    assert entries.wiping == "a"
    entries.end_wipe()
    assert entries.wiping is None


def test_that_chats_are_stored_is_noted_beside_the_key_and_goes_with_it(
    entries: Entries, session: MemoryStorage, local: MemoryStorage
) -> None:
    entries.note_stored("a")
    assert not entries.had_stored("a"), "there is no key to lie beside"
    entries.put_key("a", entry("a", "1"), stay=False)
    entries.note_stored("a")
    assert entries.had_stored("a")
    assert stored_name("a") in session.held
    assert local.held == {}
    entries.forget("a")
    assert not entries.had_stored("a")


def test_an_entry_that_another_tab_has_replaced_is_seen(entries: Entries, local: MemoryStorage) -> None:
    entries.put_key("a", entry("a", "1"), stay=True)
    (found,) = entries.kept_keys()
    assert found.is_still_there()
    local.held[shared_key("a")] = entry("a", "2")
    assert not found.is_still_there()


def test_a_full_storage_refuses_keys_and_lets_marks_go(entries: Entries, session: MemoryStorage) -> None:
    session.full = True
    with pytest.raises(StorageRefused):
        entries.put_key("a", entry("a", "1"), stay=False)
    session.full = False
    entries.put_key("a", entry("a", "1"), stay=False)
    session.full = True
    entries.note_stored("a")
    assert not entries.had_stored("a")


def test_without_any_storage_nothing_is_kept_and_nothing_fails() -> None:
    entries = Entries(None, None)
    assert (entries.kept_keys(), entries.notes(), entries.shares()) == ([], [], set())
    assert (entries.wiping, entries.stays("a"), entries.had_stored("a"), entries.forget()) == (None, False, False, 0)
    entries.begin_wipe("a")
    entries.end_wipe()
    entries.note_stored("a")
    for stay in (True, False):
        with pytest.raises(StorageRefused):
            entries.put_key("a", "{}", stay)
    with pytest.raises(StorageRefused):
        entries.take_over("a", "{}", None)


def test_what_another_tab_hands_over_takes_the_place_of_a_note(entries: Entries, session: MemoryStorage) -> None:
    session.held[lock_name("a")] = "{}"
    entries.take_over("a", entry("a", "1"), None)
    assert list(session.held) == [storage_names.KEY]
    entries.take_over("b", None, entry("b", "2"))
    assert lock_name("b") in session.held


@pytest.mark.parametrize("text", ["", "x", "[1]", "7", "null", '"text"', "{"])
def test_what_is_no_object_has_no_fields(text: str) -> None:
    assert fields_of(text) == {}
