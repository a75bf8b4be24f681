"""Hearth finds what the labelled set says, and misses what it is known to miss."""

from __future__ import annotations

import pytest

from hearth.engine.search.index import Index
from tests.search.labelled import found, index, labelled, outcomes


@pytest.fixture(scope="module")
def made() -> Index:
    return index()


async def test_everything_that_is_expected_is_found_and_nothing_that_is_excluded(made: Index) -> None:
    told = await outcomes(made)
    assert len(told) >= 60
    assert [(each.query, each.missed, each.wrong) for each in told if each.missed or each.wrong] == []


@pytest.mark.parametrize("miss", labelled()["misses"], ids=lambda miss: miss["query"])
async def test_what_is_known_to_be_missed_is_explained(made: Index, miss: dict[str, object]) -> None:
    """Who makes one of these found moves it among the queries."""
    assert miss["why"]
    assert not set(miss["missed"]) & await found(made, str(miss["query"]))  # type: ignore[call-overload]


def test_the_set_has_many_languages_and_kinds() -> None:
    prefixes = {message["id"].split("-")[0] for message in labelled()["messages"]}
    assert {"en", "de", "fr", "ar", "he", "zh", "ja", "ru", "tr", "ko", "th", "hi", "code", "file"} <= prefixes
