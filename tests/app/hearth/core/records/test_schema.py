"""The registry of fields refuses whatever is not listed, or not of its kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.core.records.schema import SPECS, Collection, check_record, emptied, empty_record, specs_json
from tests.contracts.records import chat, entry, message

GOOD = {
    Collection.CHATS: chat("a"),
    Collection.MESSAGES: message("a", 1),
    Collection.SETTINGS_AND_MEMORIES: entry("e"),
}


BAD: tuple[Any, ...] = (True, -1, 1.5, 2**53, "", "plain text that nobody sealed, long enough to pass for it", {}, [])


def hostile() -> list[tuple[Collection, Any]]:
    """Records that must be refused: the browser's kernel is held to the same list."""
    cases: list[tuple[Collection, Any]] = [(each, bad) for each in Collection for bad in (None, 5, "x", [], [1])]
    for collection, good in GOOD.items():
        cases.append((collection, good | {"note": "in the clear"}))
        for name, kind in SPECS[collection].fields.items():
            if name in SPECS[collection].base:
                cases.append((collection, {key: value for key, value in good.items() if key != name}))
            for bad in BAD:
                if kind.value == "id" and isinstance(bad, str) and bad:
                    continue
                cases.append((collection, good | {name: bad}))
            if kind.value not in ("number-or-null", "sealed-or-null"):
                cases.append((collection, good | {name: None}))
    return cases


@pytest.mark.parametrize("collection", Collection)
def test_a_complete_record_fits(collection: Collection) -> None:
    assert check_record(collection, GOOD[collection]) is None


@pytest.mark.parametrize(("collection", "record"), hostile())
def test_a_record_that_breaks_the_registry_is_refused(collection: Collection, record: Any) -> None:
    assert check_record(collection, record)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("version", 0, -1),
        ("version", 2**53 - 1, 2**53),
        ("id", "x" * 64, "x" * 65),
        ("id", "x", ""),
        ("title", "AX" + "x" * 50, "AX" + "x" * 49),
        ("title", "Af" + "x" * 50, "Ag" + "x" * 50),
    ],
)
def test_each_kind_reaches_as_far_as_it_says_and_no_further(name: str, good: Any, bad: Any) -> None:
    assert check_record(Collection.CHATS, {**chat("a"), name: good}) is None
    assert check_record(Collection.CHATS, {**chat("a"), name: bad}) is not None


def test_the_kernel_is_told_the_whole_registry() -> None:
    told = json.loads(specs_json())
    assert {name: each["wrapsKey"] for name, each in told["collections"].items()} == {
        "chats": True,
        "messages": False,
        "settings_and_memories": True,
    }
    for collection, spec in SPECS.items():
        each = told["collections"][collection]
        assert each["fields"] == spec.fields
        assert each["sealed"] == list(spec.sealed)
        assert set(each["tagged"]) == set(spec.base) - {"changed_at", "deleted_at"}
    assert (told["maxId"], told["minSealed"], told["roles"]) == (64, 52, ["user", "assistant", "system", "draft"])


@pytest.mark.parametrize("collection", Collection)
def test_what_a_first_version_is_made_from_has_every_field_of_the_first_layout(collection: Collection) -> None:
    record = empty_record(collection, id="a", version=1)
    assert record.keys() == SPECS[collection].base.keys()
    assert (record["id"], record["version"], record["changed_at"], record["deleted_at"]) == ("a", 1, 0, None)


def test_a_deleted_record_keeps_nothing_that_is_sealed() -> None:
    assert emptied(Collection.CHATS).keys() == {"title", "draft", "pinned", "wrapped_key"}
    assert emptied(Collection.MESSAGES).keys() == {"content", "files", "embeds", "interrupted"}
    assert emptied(Collection.SETTINGS_AND_MEMORIES).keys() == {"sealed", "wrapped_key"}
