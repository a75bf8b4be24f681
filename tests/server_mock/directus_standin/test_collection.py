"""Values of a collection: what PostgreSQL would refuse is refused, and what is stored comes back as it was sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_mock.directus.schema import Field, FieldType
from server_mock.directus_standin.collection import Collection, fits, quoted, storable
from server_mock.directus_standin.errors import DialectError

THINGS = Collection(
    "things",
    {
        "id": Field(FieldType.UUID),
        "n": Field(FieldType.INTEGER, nullable=True),
        "big": Field(FieldType.BIG_INTEGER, nullable=True),
        "s": Field(FieldType.STRING, nullable=True),
        "b": Field(FieldType.BOOLEAN, nullable=True),
        "j": Field(FieldType.JSON, nullable=True),
    },
)
ID = "0" * 8 + "-0000-0000-0000-" + "0" * 12


def code_of(row: object, *, whole: bool = False) -> str:
    with pytest.raises(DialectError) as caught:
        THINGS.stored(row, whole=whole)
    return str(caught.value.errors[0]["extensions"]["code"])


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"n": 2**31}, "VALUE_OUT_OF_RANGE"),
        ({"big": 2**53}, "VALUE_OUT_OF_RANGE"),
        ({"s": "a" * 256}, "VALUE_TOO_LONG"),
        ({"s": "a\x00"}, "INVALID_PAYLOAD"),
        ({"s": "\ud83d"}, "INVALID_PAYLOAD"),
        ({"s": 5}, "INVALID_PAYLOAD"),
        ({"n": True}, "INVALID_PAYLOAD"),
        ({"n": 1.5}, "INVALID_PAYLOAD"),
        ({"b": "yes"}, "INVALID_PAYLOAD"),
        ({"j": "{"}, "INVALID_PAYLOAD"),
        ({"id": "x"}, "FORBIDDEN"),
        ({"id": None}, "FAILED_VALIDATION"),
    ],
)
def test_what_postgresql_would_refuse(row: dict[str, Any], code: str) -> None:
    assert code_of(row) == code


@pytest.mark.parametrize("row", [{}, None, [], "text"])
def test_a_new_row_needs_its_required_fields(row: object) -> None:
    assert code_of(row, whole=True) == "FAILED_VALIDATION"


def test_what_it_does_not_know_is_left_out_and_numbers_may_come_as_text() -> None:
    assert THINGS.stored({"id": ID, "other": 1, "n": "-7", "big": 3.0}, whole=True) == {"id": ID, "n": -7, "big": 3}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(json_values.filter(lambda value: value is not None and not isinstance(value, str)))
def test_json_comes_back_as_it_was(value: Any) -> None:
    stored = THINGS.stored({"j": value}, whole=False)
    assert THINGS.shown(("j",), [(stored["j"],)]) == [{"j": value}]


def test_what_was_made_without_a_cast_comes_back_as_it_lies() -> None:
    uncast = Collection("things", THINGS.fields, frozenset({"b"}))
    assert uncast.shown(("b",), [(1,)]) == [{"b": 1}]
    assert THINGS.shown(("b", "s"), [(1, "1"), (None, None)]) == [{"b": True, "s": "1"}, {"b": None, "s": None}]


def test_names_bounds_and_texts() -> None:
    assert quoted('a"b') == '"a""b"'
    assert THINGS.table == '"items_things"'
    assert [fits(FieldType.INTEGER, each) for each in (2**31 - 1, -(2**31 - 1), 2**31, 0.5)] == [
        True,
        True,
        False,
        False,
    ]
    assert [storable(text) for text in ("ä😀", "\x00", "\udc00")] == [True, False, False]
