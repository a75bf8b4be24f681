"""What the stand-in does not speak is refused, whatever part of a request it is in."""

from __future__ import annotations

from typing import Any

import pytest

from server_mock.directus.schema import Row, creation_body
from tests.server_mock.directus_probe import FIELDS, row, row_id
from tests.server_mock.directus_standin.asking import Asking


class TestWhatItDoesNotSpeak:
    """Where a real Directus would do something, to ignore it silently would be to lie."""

    @pytest.mark.parametrize(
        "query",
        [
            {"aggregate": {"count": "*"}},
            {"groupBy": ["name"]},
            {"search": "row"},
            {"deep": {"name": {"_limit": 1}}},
            {"alias": {"a": "name"}},
            {"version": "draft"},
            {"export": "csv"},
            {"filter": {"name": {"_contains": "row"}}},
            {"filter": {"number": {"_gt": None}}},
            {"filter": {"number": {"_in": [1, None]}}},
            {"filter": {"number": {"_between": [1]}}},
            {"filter": {"number": {"_eq": 1.5}}},
            {"filter": {"number": {"_eq": 2**40}}},
            {"filter": {"number": {"_eq": -(2**60)}}},
            {"filter": {"flag": {"_eq": 2}}},
            {"filter": {"id": {"_eq": "no-uuid"}}},
            {"filter": {"id": {"_in": [row_id(1), row_id(1).replace("0", "A")]}}},
            {"filter": {"name": {"_eq": "\ud800"}}},
            {"filter": {"name": {"_eq": "a\x00b"}}},
            {"filter": {"_or": [{"number": 1}] * 501}},
        ],
    )
    def test_in_queries(self, asking: Asking, query: dict[str, Any]) -> None:
        answer = asking.ask("SEARCH", "/items/rows", {"query": query})
        assert answer.status == 400
        assert answer.body["errors"][0]["extensions"]["code"] == "INVALID_QUERY"

    def test_a_filter_that_is_nested_without_end(self, asking: Asking) -> None:
        nested: Any = {"number": 1}
        for _ in range(200):
            nested = {"_and": [nested]}
        assert asking.ask("SEARCH", "/items/rows", {"query": {"filter": nested}}).status == 400
        deeper = b'{"query": {"filter": ' + b'{"_and": [' * 9000 + b"]}" * 9000 + b"}}"
        assert asking.ask("SEARCH", "/items/rows", content=deeper).status == 400

    @pytest.mark.parametrize("params", ["filter" + "[a]" * 50 + "=1", "&".join(["a=1"] * 3000), "sort=name&sort[x]=1"])
    def test_in_urls(self, asking: Asking, params: str) -> None:
        assert asking.ask("GET", f"/items/rows?{params}").status == 400

    @pytest.mark.parametrize(
        "values",
        [
            {"name": 5},
            {"name": {"a": 1}},
            {"body": True},
            {"number": True},
            {"number": "five"},
            {"number": 1.5},
            {"number": float("1e300")},
            {"moment": 2**53},
            {"moment": -(2**70)},
            {"moment": "9" * 30},
            {"flag": "true"},
            {"flag": 2},
            {"tags": "not JSON"},
            {"body": "\ud800"},
            {"body": "a\x00b"},
        ],
    )
    def test_in_rows(self, asking: Asking, values: Row) -> None:
        assert asking.ask("POST", "/items/rows", row(1, **values)).status == 400
        asking.ask("POST", "/items/rows", row(1))
        assert asking.ask("PATCH", f"/items/rows/{row_id(1)}", values).status == 400
        assert asking.ask("GET", f"/items/rows/{row_id(1)}").body == {"data": row(1)}

    @pytest.mark.parametrize(
        "change",
        [
            {"collection": "a b"},
            {"collection": 'x"; DROP TABLE collections; --'},
            {"collection": "rows"},
            {"collection": "ROWS"},
            {"schema": None},
            {"fields": None},
            {"fields": []},
            {"fields": [5]},
            {"fields": [{"field": "id", "type": "integer", "schema": {"is_primary_key": True}}]},
            {"fields": [{"field": "key", "type": "uuid", "schema": {"is_primary_key": True}}]},
            {"fields": [{"field": "id", "type": "uuid", "schema": 5}]},
            {"fields": [*creation_body("x", FIELDS)["fields"], {"field": "name", "type": "text"}]},
            {"fields": [*creation_body("x", FIELDS)["fields"], {"field": "NAME", "type": "text"}]},
            {"fields": [*creation_body("x", FIELDS)["fields"], {"field": 'a" TEXT, "b', "type": "text"}]},
        ],
    )
    def test_in_collections(self, asking: Asking, change: dict[str, Any]) -> None:
        answer = asking.ask("POST", "/collections", {**creation_body("made", FIELDS), **change})
        assert answer.status == 400
        assert answer.body["errors"][0]["extensions"]["code"] == "INVALID_PAYLOAD"
        assert not asking.store.has_collection("made")
