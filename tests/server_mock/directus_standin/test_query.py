"""A read's query: numbers as JavaScript reads them, names that are there, and nothing that would be a lie."""

from __future__ import annotations

from typing import Any

import pytest

from server_mock.directus.schema import Field, FieldType
from server_mock.directus_standin.collection import Collection
from server_mock.directus_standin.errors import DialectError
from server_mock.directus_standin.query import DEFAULT_LIMIT, parse_query

CHATS = Collection(
    "chats", {"id": Field(FieldType.UUID), "at": Field(FieldType.BIG_INTEGER), "t": Field(FieldType.TEXT)}
)


def code_of(raw: dict[str, Any]) -> str:
    with pytest.raises(DialectError) as caught:
        parse_query(CHATS, raw)
    return str(caught.value.errors[0]["extensions"]["code"])


def test_without_anything_it_is_the_first_hundred_rows_with_all_fields() -> None:
    query = parse_query(CHATS, {})
    assert (query.limit, query.offset, query.fields, query.meta) == (DEFAULT_LIMIT, 0, ("id", "at", "t"), None)
    assert query.order_by == '"id"'


@pytest.mark.parametrize(("value", "limit"), [("2", 2), (2.0, 2), (True, 1), ("", 0), (-1, -1), ("-1", -1)])
def test_numbers_are_read_as_javascript_reads_them(value: object, limit: int) -> None:
    assert parse_query(CHATS, {"limit": value}).limit == limit


@pytest.mark.parametrize("value", [-2, "x", 1.5, float("inf"), "1e999", [1], 2**53])
def test_what_is_no_limit_is_refused(value: object) -> None:
    assert code_of({"limit": value}) == "INVALID_QUERY"


def test_pages_are_counted_from_one() -> None:
    assert parse_query(CHATS, {"limit": 10, "page": 3}).offset == 20
    assert parse_query(CHATS, {"limit": 10, "page": "1"}).offset == 0
    assert parse_query(CHATS, {"limit": -1, "page": 3, "offset": 5}).offset == 5


def test_sorting_and_fields() -> None:
    query = parse_query(CHATS, {"sort": "-at, t", "fields": ["t,id", "t"]})
    assert (query.order_by, query.fields) == ('"at" DESC, "t"', ("t", "id"))
    assert parse_query(CHATS, {"fields": "*"}).fields == ("id", "at", "t")


@pytest.mark.parametrize("raw", [{"sort": "nothing"}, {"fields": "nothing"}, {"fields": ["id", "nothing"]}])
def test_fields_that_are_not_there_are_forbidden(raw: dict[str, Any]) -> None:
    assert code_of(raw) == "FORBIDDEN"


@pytest.mark.parametrize(
    "raw",
    [
        {"search": "x"},
        {"aggregate": {"count": "*"}},
        {"sort": "at,,t"},
        {"fields": "id,"},
        {"meta": "all"},
        {"sort": 3},
    ],
)
def test_what_would_be_ignored_is_refused(raw: dict[str, Any]) -> None:
    assert code_of(raw) == "INVALID_QUERY"


@pytest.mark.parametrize(
    ("meta", "parsed"), [("", None), ("*", ("total_count", "filter_count")), ("filter_count", ("filter_count",))]
)
def test_meta(meta: str, parsed: tuple[str, ...] | None) -> None:
    assert parse_query(CHATS, {"meta": meta}).meta == parsed
