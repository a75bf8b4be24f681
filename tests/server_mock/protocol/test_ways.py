"""The ways that a row of `users` holds: rows of before, rows of later, and what is written back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.ways import MAX_WAYS, WayKind
from server_mock.protocol.ways import Way, columns, ways_of, with_way

OLD: dict[str, Any] = {
    "lookup_hashes": ["a" * 64, "b" * 64],
    "salt": "salt",
    "iterations": 600_000,
    "wrapped_master_key": "wrapped",
    "created_at": 5,
}


def way(number: int, kind: str = "recovery") -> Way:
    return Way(f"id-{number}", kind, f"salt-{number}", 600_000, f"{number:064}", f"wrapped-{number}", number)


WAYS = st.lists(st.builds(way, st.integers(0, 20), st.sampled_from(["password", "recovery"])), unique_by=lambda w: w.id)


def test_a_row_of_before_is_passwords_with_the_rows_own_salt_and_key() -> None:
    first, second = ways_of(OLD)
    assert (first.kind, first.salt, first.iterations, first.wrapped_master_key) == (
        WayKind.PASSWORD,
        "salt",
        600_000,
        "wrapped",
    )
    assert (first.hash, second.hash) == ("a" * 64, "b" * 64)
    assert first.id != second.id
    assert ways_of({**OLD, "ways": None}) == (first, second)


def test_a_way_whose_hash_is_not_listed_opens_nothing() -> None:
    """An operator, or a test, takes a hash out of the list: the way is gone with it."""
    row = {**OLD, **columns([way(1, "password"), way(2)])}
    assert [each.id for each in ways_of(row)] == ["id-1", "id-2"]
    row["lookup_hashes"] = row["lookup_hashes"][:1]
    assert [each.id for each in ways_of(row)] == ["id-1"]


def test_what_a_later_server_stored_is_no_way_of_this_one() -> None:
    row = {**OLD, "ways": [{**asdict(way(1)), "hash": "a" * 64, "later": 1}, "text", None]}
    assert [each.kind for each in ways_of(row)] == [WayKind.PASSWORD, WayKind.PASSWORD]


def test_so_many_ways_count_and_no_more() -> None:
    assert len(ways_of({**OLD, "lookup_hashes": [f"{number:064}" for number in range(20)]})) == MAX_WAYS


@given(WAYS, st.builds(way, st.integers(21, 30), st.sampled_from(["password", "recovery"])))
def test_a_new_way_takes_the_place_of_its_kind(ways: list[Way], new: Way) -> None:
    after = with_way(ways, new)
    assert [each for each in after if each.kind == new.kind] == [new]
    assert [each for each in after if each.kind != new.kind] == [each for each in ways if each.kind != new.kind]


@given(WAYS)
def test_what_is_written_is_read_again_and_the_row_follows_the_password(ways: list[Way]) -> None:
    ways = list({each.hash: each for each in ways}.values())[:MAX_WAYS]
    row = {**OLD, **columns(ways)}
    assert ways_of(row) == tuple(ways)
    own = next((each for each in ways if each.kind == WayKind.PASSWORD), None)
    assert row["wrapped_master_key"] == (own.wrapped_master_key if own else "wrapped")
    assert row["salt"] == (own.salt if own else "salt")
