"""The registry of fields refuses whatever is not listed, or not of its kind."""

from __future__ import annotations

from typing import Any

import pytest

from app.core.model import SPECS, Collection, check_record
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
