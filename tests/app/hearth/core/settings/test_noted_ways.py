"""The ways into the account among the preferences: noted as a whole, kept beside all else."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.schema import MAX_ID_CHARS
from hearth.core.records.ways import MAX_WAYS
from hearth.core.settings import preferences
from hearth.core.settings.preferences import defaults, fulfilled, read, wish_ways, write

ids = st.text("abcdef0123456789-", min_size=1, max_size=MAX_ID_CHARS)
ways = st.frozensets(ids, min_size=1, max_size=MAX_WAYS)


@given(ways)
def test_what_was_noted_is_read_again(noted: frozenset[str]) -> None:
    after = fulfilled(defaults(), wish_ways(noted))
    assert after.ways == noted
    assert read(write(after)) == after


@given(ways, ways)
def test_the_later_list_takes_the_place_of_the_earlier_one(first: frozenset[str], second: frozenset[str]) -> None:
    after = fulfilled(fulfilled(defaults(), wish_ways(first)), wish_ways(second))
    assert after.ways == second
    assert preferences.open_wishes(after, wish_ways(second)) == {}


def test_another_setting_leaves_the_list_and_the_list_leaves_other_settings() -> None:
    noted = fulfilled(defaults(), wish_ways(["a", "b"]))
    dark = fulfilled(noted, {"theme": "dark"})
    assert (dark.ways, dark.of("theme")) == (frozenset("ab"), "dark")
    assert fulfilled(dark, wish_ways(["a"])).of("theme") == "dark"


def test_what_is_no_list_is_none() -> None:
    for value in (None, 5, ["a"], "x" * 10_000, {"a": 1}):
        text = write(defaults()).replace('"hidden":[]', f'"hidden":[],"ways":{json.dumps(value)}')
        assert read(text).ways == frozenset()
    assert write(defaults()).count("ways") == 0
