"""What Hearth relies on in Directus' REST dialect, checked on the stand-in or on a real server.

With DIRECTUS_URL and DIRECTUS_TOKEN set, the same checks run there, in collections of their own that are
deleted at the end. Where SQLite and PostgreSQL differ, either is accepted.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server_mock.directus.schema import COLLECTIONS, Field, FieldType, field_body
from tests.server_mock.directus_probe import FIELDS, Collection, Directus, row, row_id

MISSING = row_id(999)

FORBIDDEN = (403, "FORBIDDEN")
INVALID_QUERY = (400, "INVALID_QUERY")
INVALID_PAYLOAD = (400, "INVALID_PAYLOAD")
FAILED_VALIDATION = (400, "FAILED_VALIDATION")


def error(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of an error answer, having checked its shape."""
    body = answer.json()
    assert set(body) == {"errors"}
    for described in body["errors"]:
        assert isinstance(described["message"], str)
        assert isinstance(described["extensions"]["code"], str)
    return answer.status_code, body["errors"][0]["extensions"]["code"]


def data(answer: httpx.Response) -> Any:
    """Return the data of a good answer."""
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.fixture
def five(collection: Collection) -> Collection:
    """A collection that holds rows 0 to 4; row 4 has nulls where it may."""
    rows = [row(n) for n in range(4)] + [row(4, body=None, flag=None, tags=None)]
    assert collection.post(rows).status_code == 200
    return collection


class TestAdmission:
    @pytest.mark.parametrize("method", ["GET", "SEARCH", "POST", "PATCH", "DELETE"])
    def test_without_a_token_everything_is_forbidden(self, collection: Collection, method: str) -> None:
        body = {"SEARCH": {"query": {}}, "POST": row(0), "PATCH": {"keys": [MISSING], "data": {"number": 1}}}
        answer = collection.directus.call(method, collection.path, body.get(method, [MISSING]), token=None)
        assert error(answer) == FORBIDDEN

    @pytest.mark.parametrize("path", ["/items/{}", "/items/{}/x", "/collections/{}", "/nowhere"])
    def test_a_wrong_token_is_refused_wherever_it_goes(self, collection: Collection, path: str) -> None:
        answer = collection.directus.call("GET", path.format(collection.name), token="not-the-token")
        assert error(answer) == (401, "INVALID_CREDENTIALS")

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "/nowhere"), ("GET", "/items"), ("PUT", "/items/{}/x"), ("POST", "/items/{}/x"),
         ("SEARCH", "/items/{}/x"), ("GET", "/items/{}/x/y")],
    )  # fmt: skip
    @pytest.mark.parametrize("token", ["", None])
    def test_an_unknown_route(self, collection: Collection, method: str, path: str, token: str | None) -> None:
        answer = collection.directus.call(method, path.format(collection.name), token=token)
        assert error(answer) == (404, "ROUTE_NOT_FOUND")

    @pytest.mark.parametrize("method", ["GET", "SEARCH", "POST", "PATCH", "DELETE"])
    def test_a_missing_collection(self, directus: Directus, method: str) -> None:
        path = f"/items/{directus.prefix}_nothing"
        assert error(directus.call(method, path, {} if method != "GET" else None)) == FORBIDDEN

    def test_bad_json_is_told_before_a_wrong_token(self, collection: Collection) -> None:
        answer = collection.directus.call("POST", collection.path, content=b"{", token="not-the-token")
        assert error(answer) == INVALID_PAYLOAD


class TestOneItem:
    def test_it_reads_as_it_was_written(self, five: Collection) -> None:
        written = row(1)
        read = data(five.get(row_id=row_id(1)))
        read["moment"] = int(read["moment"])  # PostgreSQL sends bigInteger as text
        assert read == written

    def test_a_missing_one_is_forbidden(self, five: Collection) -> None:
        assert error(five.get(row_id=MISSING)) == FORBIDDEN

    def test_an_id_that_is_no_uuid_is_forbidden(self, five: Collection) -> None:
        assert error(five.get(row_id="no-uuid")) == FORBIDDEN
        assert error(five.get(row_id="a%2Fb")) == FORBIDDEN

    def test_fields(self, five: Collection) -> None:
        assert data(five.get("fields=number,id", row_id(2))) == {"number": 2, "id": row_id(2)}

    def test_an_unknown_field_is_forbidden(self, five: Collection) -> None:
        assert error(five.get("fields=id,nothing", row_id(2))) == FORBIDDEN

    def test_nulls_are_null(self, five: Collection) -> None:
        read = data(five.get("fields=body,flag,tags", row_id(4)))
        assert read == {"body": None, "flag": None, "tags": None}


class TestCreate:
    def test_one_is_answered_as_it_stands(self, collection: Collection) -> None:
        created = data(collection.post(row(1)))
        created["moment"] = int(created["moment"])
        assert created == row(1)

    def test_a_list_is_answered_as_a_list_in_any_order(self, collection: Collection) -> None:
        created = data(collection.post([row(n) for n in (3, 1, 2)]))
        assert sorted(r["name"] for r in created) == ["row 001", "row 002", "row 003"]

    def test_an_empty_list(self, collection: Collection) -> None:
        assert data(collection.post([])) == []

    def test_fields_of_the_answer(self, collection: Collection) -> None:
        assert data(collection.post([row(1)], "fields=id")) == [{"id": row_id(1)}]
        assert data(collection.post(row(2), "fields=id")) == {"id": row_id(2)}

    def test_more_rows_than_the_default_limit_are_answered(self, collection: Collection) -> None:
        assert len(data(collection.post([row(n) for n in range(120)], "fields=id"))) == 120

    def test_a_taken_key(self, five: Collection) -> None:
        assert error(five.post(row(1))) == (400, "RECORD_NOT_UNIQUE")

    def test_a_list_is_all_or_nothing(self, five: Collection) -> None:
        assert error(five.post([row(10), row(1), row(11)])) == (400, "RECORD_NOT_UNIQUE")
        assert five.names() == [f"row 00{n}" for n in range(5)]

    def test_a_key_twice_in_one_list(self, collection: Collection) -> None:
        assert error(collection.post([row(1), row(1)])) == (400, "RECORD_NOT_UNIQUE")
        assert collection.names() == []

    def test_a_list_with_an_incomplete_row_is_nothing(self, collection: Collection) -> None:
        assert error(collection.post([row(1), {"id": row_id(2)}])) == FAILED_VALIDATION
        assert collection.names() == []

    @pytest.mark.parametrize("missing", ["id", "name", "number", "moment"])
    def test_a_missing_required_value(self, collection: Collection, missing: str) -> None:
        incomplete = row(1)
        del incomplete[missing]
        assert error(collection.post(incomplete)) == FAILED_VALIDATION

    def test_every_missing_value_is_told(self, collection: Collection) -> None:
        told = collection.post({"id": row_id(1), "name": "x"}).json()["errors"]
        assert [e["extensions"]["field"] for e in told] == ["number", "moment"]
        assert {e["extensions"]["type"] for e in told} == {"required"}

    def test_null_where_null_is_no_value(self, collection: Collection) -> None:
        answer = collection.post(row(1, name=None))
        assert error(answer) == FAILED_VALIDATION
        assert answer.json()["errors"][0]["extensions"]["type"] == "nnull"

    def test_what_may_be_null_may_be_absent(self, collection: Collection) -> None:
        bare = {name: row(1)[name] for name in ("id", "name", "number", "moment")}
        created = data(collection.post(bare))
        assert (created["body"], created["flag"], created["tags"]) == (None, None, None)

    def test_unknown_fields_are_dropped(self, collection: Collection) -> None:
        assert "nothing" not in data(collection.post(row(1, nothing="here")))

    @pytest.mark.parametrize("content", [b"{", b'"text"', b"[1,", b"{'a': 1}", b'{"a": NaN}', b"\xff"])
    def test_bad_json(self, collection: Collection, content: bytes) -> None:
        answer = collection.directus.call("POST", collection.path, content=content)
        assert error(answer) == INVALID_PAYLOAD

    def test_a_body_that_does_not_say_it_is_json_is_not_read(self, collection: Collection) -> None:
        content = json.dumps(row(1)).encode()
        answer = collection.directus.call("POST", collection.path, content=content, content_type="text/plain")
        assert error(answer) == FAILED_VALIDATION

    def test_a_body_over_1_mb(self, collection: Collection) -> None:
        assert error(collection.post(row(1, body="x" * (1024 * 1024)))) == INVALID_PAYLOAD

    def test_a_body_just_under_1_mb(self, collection: Collection) -> None:
        length = 1024 * 1024 - len(json.dumps(row(1, body="")))
        answer = collection.post(row(1, body="x" * length), "fields=body")
        assert len(data(answer)["body"]) == length

    @pytest.mark.parametrize("text", ["", "ünï 😀 \u202e", "'; DROP TABLE x; --", "a\nb\t\\", '"', "%_%", "null"])
    def test_text_comes_back_as_it_was(self, collection: Collection, text: str) -> None:
        collection.post(row(1, name=text, body=text))
        read = data(collection.get("fields=name,body", row_id(1)))
        assert read == {"name": text, "body": text}

    def test_large_moments(self, collection: Collection) -> None:
        created = data(collection.post(row(1, moment=2**53 - 1)))
        assert int(created["moment"]) == 2**53 - 1

    @pytest.mark.parametrize(
        ("values", "sqlite", "postgresql"),
        [
            ({"id": "no-uuid"}, 200, (403, "FORBIDDEN")),
            ({"name": "x" * 256}, 200, (400, "VALUE_TOO_LONG")),
            ({"number": 2**31}, 200, (400, "VALUE_OUT_OF_RANGE")),
            ({"number": 1_700_000_000_000}, 200, (400, "VALUE_OUT_OF_RANGE")),
        ],
    )
    def test_what_only_sqlite_takes(
        self, collection: Collection, values: dict[str, Any], sqlite: int, postgresql: tuple[int, str]
    ) -> None:
        answer = collection.post(row(1, **values))
        assert answer.status_code == sqlite or error(answer) == postgresql

    @pytest.mark.parametrize("values", [{"name": "x" * 255}, {"number": 2**31 - 1}, {"number": 1.0}, {"flag": 1}])
    def test_what_both_take(self, collection: Collection, values: dict[str, Any]) -> None:
        assert data(collection.post(row(1, **values)))[next(iter(values))] == next(iter(values.values()))

    def test_nothing_is_written_when_the_query_of_the_url_is_bad(self, collection: Collection) -> None:
        assert error(collection.post(row(1), "limit=x")) == INVALID_QUERY
        assert collection.names() == []

    def test_a_row_is_written_though_a_field_of_the_answer_is_unknown(self, collection: Collection) -> None:
        assert collection.post(row(1), "fields=nothing").status_code == 204
        assert collection.names() == ["row 001"]

    def test_nested_json(self, collection: Collection) -> None:
        tags = {"a": [1, 2.5, None, True, {"b": "ü"}], "c": {}}
        assert data(collection.post(row(1, tags=tags)))["tags"] == tags


class TestUpdate:
    def test_one(self, five: Collection) -> None:
        assert data(five.patch({"number": 50}, row_id(1), "fields=id,number")) == {
            "id": row_id(1),
            "number": 50,
        }
        assert data(five.get("fields=name,number", row_id(1))) == {"name": "row 001", "number": 50}

    def test_a_missing_one_is_204_and_nothing_happens(self, five: Collection) -> None:
        answer = five.patch({"number": 50}, MISSING)
        assert (answer.status_code, answer.content) == (204, b"")
        assert len(five.names()) == 5

    def test_to_null(self, five: Collection) -> None:
        assert data(five.patch({"body": None, "flag": None}, row_id(1)))["body"] is None

    def test_to_null_where_null_is_no_value(self, five: Collection) -> None:
        assert error(five.patch({"name": None}, row_id(1))) == FAILED_VALIDATION

    def test_the_key_stays(self, five: Collection) -> None:
        assert data(five.patch({"id": row_id(70), "number": 7}, row_id(1)))["id"] == row_id(1)
        assert error(five.get(row_id=row_id(70))) == FORBIDDEN

    @pytest.mark.parametrize("body", [{}, {"nothing": 1}])
    def test_of_nothing(self, five: Collection, body: dict[str, Any]) -> None:
        assert data(five.patch(body, row_id(1), "fields=id")) == {"id": row_id(1)}

    def test_many_by_keys(self, five: Collection) -> None:
        answer = five.patch({"keys": [row_id(1), row_id(3)], "data": {"number": 9}}, params="fields=id,number")
        changed = [{"id": row_id(1), "number": 9}, {"id": row_id(3), "number": 9}]
        assert sorted(data(answer), key=lambda r: str(r["id"])) == changed
        assert five.names(filter={"number": {"_eq": 9}}, sort=["id"]) == ["row 001", "row 003"]

    def test_many_by_keys_some_of_which_are_missing(self, five: Collection) -> None:
        answer = five.patch({"keys": [MISSING, row_id(3)], "data": {"number": 9}}, params="fields=id")
        assert data(answer) == [{"id": row_id(3)}]

    def test_many_by_no_keys(self, five: Collection) -> None:
        assert data(five.patch({"keys": [], "data": {"number": 9}})) == []

    def test_many_by_query(self, five: Collection) -> None:
        body = {"query": {"filter": {"number": {"_gte": 3}}}, "data": {"body": "changed"}}
        assert sorted(r["number"] for r in data(five.patch(body, params="fields=number"))) == [3, 4]
        assert five.names(filter={"body": {"_eq": "changed"}}, sort=["id"]) == ["row 003", "row 004"]

    def test_many_by_query_that_finds_nothing(self, five: Collection) -> None:
        body = {"query": {"filter": {"number": {"_gt": 300}}}, "data": {"body": "changed"}}
        assert data(five.patch(body)) == []

    def test_many_by_query_stops_at_the_default_limit(self, collection: Collection) -> None:
        collection.post([row(n) for n in range(120)], "fields=id")
        all_of_them = {"filter": {"number": {"_gte": 0}}}
        assert len(data(collection.patch({"query": all_of_them, "data": {"body": "a"}}, params="fields=id"))) == 100
        unlimited = {"query": {**all_of_them, "limit": -1}, "data": {"body": "b"}}
        assert len(data(collection.patch(unlimited, params="fields=id"))) == 120

    def test_many_each_with_its_own_values(self, five: Collection) -> None:
        answer = five.patch([{"id": row_id(1), "number": 11}, {"id": row_id(2), "number": 12}], params="fields=number")
        assert sorted(r["number"] for r in data(answer)) == [11, 12]

    @pytest.mark.parametrize(
        "body",
        [
            {"data": {"number": 1}},
            {"keys": [row_id(1)], "query": {}, "data": {"number": 1}},
            {"keys": [row_id(1)]},
            {"keys": "text", "data": {"number": 1}},
            {"query": {}, "data": 5},
            {"keys": [row_id(1)], "data": {"number": 1}, "more": 1},
        ],
    )
    def test_many_with_a_bad_body(self, five: Collection, body: dict[str, Any]) -> None:
        assert error(five.patch(body)) == INVALID_PAYLOAD


class TestDelete:
    def test_one(self, five: Collection) -> None:
        answer = five.delete(row_id(1))
        assert (answer.status_code, answer.content) == (204, b"")
        assert five.names() == ["row 000", "row 002", "row 003", "row 004"]

    def test_a_missing_one_is_204_and_nothing_happens(self, five: Collection) -> None:
        assert five.delete(MISSING).status_code == 204
        assert len(five.names()) == 5

    @pytest.mark.parametrize(
        "body",
        [
            [row_id(1), row_id(2), MISSING],
            {"keys": [row_id(1), row_id(2)]},
            {"query": {"filter": {"number": {"_in": [1, 2]}}}},
        ],
    )
    def test_many(self, five: Collection, body: Any) -> None:
        assert five.delete(body=body).status_code == 204
        assert five.names() == ["row 000", "row 003", "row 004"]

    def test_none(self, five: Collection) -> None:
        assert five.delete(body=[]).status_code == 204
        assert len(five.names()) == 5

    @pytest.mark.parametrize("body", [None, {}, {"keys": [], "query": {}}, {"data": {}, "keys": []}])
    def test_with_a_bad_body(self, five: Collection, body: Any) -> None:
        assert error(five.delete(body=body)) == INVALID_PAYLOAD
        assert len(five.names()) == 5


class TestLimits:
    def test_a_hundred_unless_given(self, collection: Collection) -> None:
        collection.post([row(n) for n in range(120)], "fields=id")
        assert len(collection.names()) == 100
        assert len(data(collection.get("fields=id"))) == 100
        assert len(collection.names(limit=-1)) == 120
        assert len(collection.names(limit=110)) == 110

    def test_none(self, five: Collection) -> None:
        assert five.names(limit=0) == []

    def test_by_key_unless_sorted(self, collection: Collection) -> None:
        collection.post([row(n) for n in (4, 2, 3)])
        assert collection.names() == ["row 002", "row 003", "row 004"]

    @pytest.mark.parametrize("limit", [2, "2", 2.0])
    def test_numbers_and_their_text(self, five: Collection, limit: Any) -> None:
        assert five.names(limit=limit) == ["row 000", "row 001"]

    @pytest.mark.parametrize(
        "query",
        [{"limit": -2}, {"limit": "abc"}, {"limit": 1.5}, {"offset": -1}, {"offset": "abc"}, {"page": -1},
         {"page": "abc"}, {"meta": "nothing"}, {"sort": [""]}, {"fields": 5}],
    )  # fmt: skip
    def test_bad_ones(self, five: Collection, query: dict[str, Any]) -> None:
        assert error(five.search(**query)) == INVALID_QUERY

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"offset": 3}, [3, 4]),
            ({"offset": 1, "limit": 2}, [1, 2]),
            ({"offset": 2, "limit": -1}, [2, 3, 4]),
            ({"offset": 9}, []),
            ({"page": 1, "limit": 2}, [0, 1]),
            ({"page": 2, "limit": 2}, [2, 3]),
            ({"page": 3, "limit": 2}, [4]),
            ({"page": 9, "limit": 2}, []),
            ({"page": 0, "limit": 2}, [0, 1]),
            ({"page": 2, "limit": 2, "offset": 1}, [2, 3]),
            ({"page": 2, "limit": -1}, [0, 1, 2, 3, 4]),
        ],
    )
    def test_pages_and_offsets(self, five: Collection, query: dict[str, Any], found: list[int]) -> None:
        assert five.names(**query) == [f"row 00{n}" for n in found]
        params = "&".join(f"{name}={value}" for name, value in query.items())
        assert [r["name"] for r in data(five.get(f"fields=name&{params}"))] == [f"row 00{n}" for n in found]


class TestSort:
    def test_by_several_fields(self, collection: Collection) -> None:
        collection.post([row(0, number=2), row(1, number=1), row(2, number=2), row(3, number=1)])
        assert collection.names(sort=["-number", "name"]) == ["row 000", "row 002", "row 001", "row 003"]
        assert collection.names(sort="number,-name") == ["row 003", "row 001", "row 002", "row 000"]
        sorted_by_url = data(collection.get("fields=name&sort=number,-name"))
        assert [r["name"] for r in sorted_by_url] == ["row 003", "row 001", "row 002", "row 000"]

    def test_moments(self, collection: Collection) -> None:
        collection.post([row(n, moment=m) for n, m in enumerate([5, 40, 300, 1_700_000_000_000])])
        assert collection.names(sort=["-moment"], limit=3) == ["row 003", "row 002", "row 001"]

    def test_nulls_are_at_one_end(self, five: Collection) -> None:
        names = five.names(sort=["-body"])
        assert "row 004" in (names[0], names[-1])  # first on PostgreSQL, last on SQLite
        names.remove("row 004")
        assert names == ["row 003", "row 002", "row 001", "row 000"]

    @pytest.mark.parametrize("sort", [["nothing"], "-nothing", ["name", "-nothing"]])
    def test_by_an_unknown_field_is_forbidden(self, five: Collection, sort: Any) -> None:
        assert error(five.search(sort=sort)) == FORBIDDEN


class TestFields:
    @pytest.mark.parametrize(
        ("fields", "names"),
        [
            (["name", "id"], ["name", "id"]),
            ("name,id", ["name", "id"]),
            (["name,number", "id"], ["name", "number", "id"]),
            (["name", "name"], ["name"]),
            (["*"], list(FIELDS)),
            ("", list(FIELDS)),
        ],
    )
    def test_which_are_answered(self, five: Collection, fields: Any, names: list[str]) -> None:
        assert list(data(five.search(fields=fields, limit=1))[0]) == names

    def test_by_url(self, five: Collection) -> None:
        assert list(data(five.get("fields=name,id&limit=1"))[0]) == ["name", "id"]
        assert list(data(five.get("fields[]=name&fields[]=id&limit=1"))[0]) == ["name", "id"]

    def test_an_unknown_one_is_forbidden(self, five: Collection) -> None:
        assert error(five.search(fields=["name", "nothing"])) == FORBIDDEN
        assert error(five.search(fields=["name", "nothing"], limit=0)) == FORBIDDEN


class TestMeta:
    def test_counts(self, five: Collection) -> None:
        answer = five.search(meta="*", limit=1, filter={"number": {"_gte": 3}})
        assert len(data(answer)) == 1
        counts = {name: int(count) for name, count in answer.json()["meta"].items()}
        assert counts == {"total_count": 5, "filter_count": 2}

    @pytest.mark.parametrize(
        ("params", "names"),
        [
            ("meta=*", {"total_count", "filter_count"}),
            ("meta=filter_count", {"filter_count"}),
            ("meta=total_count,filter_count", {"total_count", "filter_count"}),
            ("meta[]=total_count", {"total_count"}),
        ],
    )
    def test_those_that_are_asked_for(self, five: Collection, params: str, names: set[str]) -> None:
        assert set(five.get(params).json()["meta"]) == names

    def test_none_unless_asked_for(self, five: Collection) -> None:
        assert set(five.search().json()) == {"data"}


class TestFilters:
    @pytest.mark.parametrize(
        ("test", "found"),
        [
            ({"number": {"_eq": 2}}, [2]),
            ({"number": {"_eq": "2"}}, [2]),
            ({"number": 2}, [2]),
            ({"number": {"_neq": 2}}, [0, 1, 3, 4]),
            ({"number": {"_gt": 2}}, [3, 4]),
            ({"number": {"_gte": 2}}, [2, 3, 4]),
            ({"number": {"_lt": 2}}, [0, 1]),
            ({"number": {"_lte": 2}}, [0, 1, 2]),
            ({"number": {"_gt": 0, "_lt": 3}}, [1, 2]),
            ({"number": {"_in": [0, 3, 70]}}, [0, 3]),
            ({"number": {"_in": ["0", "3"]}}, [0, 3]),
            ({"number": {"_in": "0,3"}}, [0, 3]),
            ({"number": {"_nin": [0, 3]}}, [1, 2, 4]),
            ({"number": {"_between": [1, 3]}}, [1, 2, 3]),
            ({"number": {"_nbetween": [1, 3]}}, [0, 4]),
            ({"number": {}}, [0, 1, 2, 3, 4]),
            ({"moment": {"_gt": 1_700_000_000_002}}, [3, 4]),
            ({"moment": {"_eq": "1700000000002"}}, [2]),
            ({"name": {"_eq": "row 001"}}, [1]),
            ({"name": {"_neq": "row 001"}}, [0, 2, 3, 4]),
            ({"name": {"_in": ["row 001", "row 004", "'"]}}, [1, 4]),
            ({"name": {"_in": "row 001,row 004"}}, [1, 4]),
            ({"name": {"_in": ""}}, []),
            ({"name": {"_nnull": True}}, [0, 1, 2, 3, 4]),
            ({"name": {"_empty": True}}, []),
            ({"body": {"_null": True}}, [4]),
            ({"body": {"_null": "true"}}, [4]),
            ({"body": {"_null": False}}, [0, 1, 2, 3]),
            ({"body": {"_nnull": True}}, [0, 1, 2, 3]),
            ({"body": {"_eq": None}}, [4]),
            ({"body": {"_neq": "the body of 1"}}, [0, 2, 3]),
            ({"body": {"_nin": ["the body of 1"]}}, [0, 2, 3]),
            ({"flag": {"_eq": True}}, [1, 3]),
            ({"flag": {"_eq": "true"}}, [1, 3]),
            ({"flag": {"_eq": False}}, [0, 2]),
            ({"flag": {"_neq": True}}, [0, 2]),
            ({"flag": {"_null": True}}, [4]),
            ({"tags": {"_null": True}}, [4]),
            ({"tags": {"_nnull": True}}, [0, 1, 2, 3]),
            ({"id": {"_eq": row_id(3)}}, [3]),
            ({"id": {"_in": [row_id(3), row_id(1), MISSING]}}, [1, 3]),
            ({"id": {"_neq": row_id(3)}}, [0, 1, 2, 4]),
            ({"number": {"_gte": 1}, "flag": {"_eq": True}}, [1, 3]),
            ({"_and": [{"number": {"_gte": 1}}, {"number": {"_lte": 2}}]}, [1, 2]),
            ({"_or": [{"number": 0}, {"name": {"_eq": "row 004"}}]}, [0, 4]),
            ({"_or": [{"number": 0}, {"number": 4}], "body": {"_nnull": True}}, [0]),
            ({"_and": [{"_or": [{"number": 0}, {"number": 1}]}, {"flag": {"_eq": True}}]}, [1]),
            ({"_or": [{"_and": [{"number": 0}, {"flag": True}]}, {"number": 4}]}, [4]),
            ({"number": {"_or": [{"_eq": 1}, {"_gt": 3}]}}, [1, 4]),
            ({"_and": []}, [0, 1, 2, 3, 4]),
            ({"_or": []}, [0, 1, 2, 3, 4]),
            ({"_or": [{}, {"number": 1}]}, [0, 1, 2, 3, 4]),
            ({"_and": [{}, {"number": 1}]}, [1]),
            ({"_and": [{"_or": []}, {"number": 1}]}, [1]),
            ({}, [0, 1, 2, 3, 4]),
        ],
    )
    def test_what_they_find(self, five: Collection, test: dict[str, Any], found: list[int]) -> None:
        names = [f"row 00{n}" for n in found]
        assert five.names(filter=test) == names
        by_url = five.get(f"fields=name&filter={httpx.QueryParams({'f': json.dumps(test)})!s}".replace("=f=", "="))
        assert [r["name"] for r in data(by_url)] == names

    @pytest.mark.parametrize(
        ("params", "found"),
        [
            ("filter[number][_eq]=2", [2]),
            ("filter[number]=2", [2]),
            ("filter[number][_gt]=0&filter[number][_lt]=3", [1, 2]),
            ("filter[number][_gte]=1&filter[flag][_eq]=true", [1, 3]),
            ("filter[number][_in]=0,3", [0, 3]),
            ("filter[number][_in][]=0&filter[number][_in][]=3", [0, 3]),
            ("filter[number][_in][0]=0&filter[number][_in][1]=3", [0, 3]),
            ("filter[name][_in]=", []),
            ("filter[body][_null]=true", [4]),
            ("filter[body][_nnull]=true", [0, 1, 2, 3]),
            ("filter[_or][0][number][_eq]=0&filter[_or][1][number][_eq]=4", [0, 4]),
            ("filter[_and][0][number][_gt]=0&filter[_and][1][number][_lt]=2", [1]),
            ("filter%5Bnumber%5D%5B_eq%5D=2", [2]),
            ("filter=", [0, 1, 2, 3, 4]),
        ],
    )
    def test_in_brackets(self, five: Collection, params: str, found: list[int]) -> None:
        names = [r["name"] for r in data(five.get(f"fields=name&{params}"))]
        assert names == [f"row 00{n}" for n in found]

    @pytest.mark.parametrize(
        "test",
        [
            {"number": {"_nothing": 1}},
            {"number": {"_in": []}},
            {"number": {"_eq": "x"}},
            {"number": {"_in": ["x"]}},
            {"number": {"_gt": "x"}},
            {"number": None},
            {"number": {"_eq": 2**53}},
            {"name": {"_gt": "row 001"}},
            {"name": {"_lte": "row 001"}},
            {"name": {"_between": ["a", "b"]}},
            {"body": {"_lt": "x"}},
            {"id": {"_gt": MISSING}},
            {"flag": {"_gt": True}},
            {"tags": {"_eq": "tag"}},
            {"name": {"_eq": ""}},
            {"name": {"_eq": ["row 001"]}},
            {"name": {"_eq": {"a": 1}}},
            {"body": {"_null": "x"}},
            {"_eq": 1},
            {"_not": {"number": 1}},
            {"_and": {"number": 1}},
            "text",
        ],
    )
    def test_bad_ones(self, five: Collection, test: Any) -> None:
        assert error(five.search(filter=test)) == INVALID_QUERY

    def test_bad_json_in_a_url(self, five: Collection) -> None:
        assert error(five.get("filter={x")) == INVALID_QUERY

    @pytest.mark.parametrize(
        "test",
        [{"nothing": {"_eq": 1}}, {"nothing": 1}, {"_or": [{"number": 1}, {"nothing": 1}]},
         {"number": {"nothing": {"_eq": 1}}}, [{"number": 1}], {"1=1) OR (1": {"_eq": 1}}, {'name" OR "a': {"_eq": 1}}],
    )  # fmt: skip
    def test_an_unknown_field_is_forbidden(self, five: Collection, test: Any) -> None:
        assert error(five.search(filter=test)) == FORBIDDEN

    @pytest.mark.parametrize("text", ["' OR '1'='1", "row 001' --", '" OR ""="', "\\", "; DELETE FROM x"])
    def test_values_are_values(self, five: Collection, text: str) -> None:
        assert five.names(filter={"name": {"_eq": text}}) == []
        assert five.names(filter={"name": {"_in": [text]}}) == []
        assert len(five.names()) == 5


class TestSearch:
    def test_hundreds_of_ids_at_once(self, collection: Collection) -> None:
        collection.post([row(n) for n in range(400)], "fields=id")
        wanted = [row_id(n) for n in range(0, 400, 2)] + [str(uuid4()) for _ in range(600)]
        assert len(collection.names(filter={"id": {"_in": wanted}}, limit=-1)) == 200

    def test_a_long_url_still_works(self, five: Collection) -> None:
        ids = ",".join([row_id(1)] + [str(uuid4()) for _ in range(379)])
        assert [r["name"] for r in data(five.get(f"fields=name&filter[id][_in]={ids}"))] == ["row 001"]

    @pytest.mark.parametrize("body", [None, {}, {"query": {}}])
    def test_everything(self, five: Collection, body: Any) -> None:
        assert len(data(five.directus.call("SEARCH", five.path, body))) == 5

    def test_without_a_query_of_its_own_the_urls_counts(self, five: Collection) -> None:
        assert data(five.directus.call("SEARCH", f"{five.path}?fields=number&limit=1", {})) == [{"number": 0}]

    def test_its_query_counts_and_not_the_urls(self, five: Collection) -> None:
        answer = five.directus.call("SEARCH", f"{five.path}?fields=number", {"query": {"fields": ["name"]}})
        assert data(answer)[0] == {"name": "row 000"}

    def test_by_keys(self, five: Collection) -> None:
        body = {"keys": [row_id(3), MISSING, row_id(1)]}
        found = data(five.directus.call("SEARCH", f"{five.path}?fields=number", body))
        assert sorted(r["number"] for r in found) == [1, 3]

    @pytest.mark.parametrize("body", [[1], {"nothing": 1}, {"query": {}, "data": {}}])
    def test_with_a_bad_body(self, five: Collection, body: Any) -> None:
        assert error(five.directus.call("SEARCH", five.path, body)) == INVALID_PAYLOAD

    def test_unknown_parameters_are_ignored(self, five: Collection) -> None:
        assert five.names(nothing=1, limit=1) == ["row 000"]


class TestCollections:
    def test_one_is_told_of(self, collection: Collection) -> None:
        told = data(collection.directus.call("GET", f"/collections/{collection.name}"))
        assert told["collection"] == collection.name

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_a_missing_one_is_forbidden(self, directus: Directus, method: str) -> None:
        assert error(directus.call(method, f"/collections/{directus.prefix}_nothing")) == FORBIDDEN

    def test_a_second_one_of_the_same_name(self, collection: Collection) -> None:
        body = {"collection": collection.name, "schema": {}, "meta": {}, "fields": []}
        assert error(collection.directus.call("POST", "/collections", body)) == INVALID_PAYLOAD

    @pytest.mark.parametrize(
        "body",
        [
            {"schema": {}, "meta": {}, "fields": []},
            {"collection": "directus_of_ours", "schema": {}, "meta": {}, "fields": []},
            {
                "collection": "hearth_test_bad_type",
                "schema": {},
                "meta": {},
                "fields": [{"field": "id", "type": "no type", "schema": {"is_primary_key": True}, "meta": {}}],
            },
        ],
    )
    def test_bad_ones(self, directus: Directus, body: dict[str, Any]) -> None:
        assert error(directus.call("POST", "/collections", body)) == INVALID_PAYLOAD

    def test_without_a_token(self, directus: Directus) -> None:
        assert error(directus.call("POST", "/collections", {}, token=None)) == FORBIDDEN

    def test_hearths_own_can_be_made(self, directus: Directus) -> None:
        for name, fields in COLLECTIONS.items():
            made = directus.make(name, fields)
            assert data(directus.call("GET", f"/items/{made}?fields={','.join(fields)}")) == []
            directus.drop(made)
            assert error(directus.call("GET", f"/items/{made}")) == FORBIDDEN

    def test_a_field_is_added_and_null_in_rows_that_are_there(self, directus: Directus) -> None:
        name = directus.make("widened", COLLECTIONS["users"])
        item, body = f"/items/{name}", {"field": "later", "type": "text", "schema": {"is_nullable": True}, "meta": {}}
        made: dict[str, Any] = {
            each: "" for each, its in COLLECTIONS["users"].items() if its.type in ("string", "text")
        }
        made |= {"id": row_id(1), "lookup_hashes": [], "iterations": 1, "created_at": 1}
        assert directus.call("POST", item, made).status_code == 200
        told = data(directus.call("POST", f"/fields/{name}", body))
        assert (told["collection"], told["field"], told["type"]) == (name, "later", "text")
        assert data(directus.call("GET", f"{item}?fields=later")) == [{"later": None}]
        directus.call("PATCH", f"{item}/{row_id(1)}", {"later": "text"})
        assert data(directus.call("GET", f"{item}/{row_id(1)}?fields=later")) == {"later": "text"}
        assert error(directus.call("POST", f"/fields/{name}", body)) == INVALID_PAYLOAD
        directus.drop(name)

    def test_a_field_is_made_unique_unless_a_value_comes_twice(self, directus: Directus) -> None:
        fields = {"id": Field(FieldType.UUID), "name": Field(FieldType.STRING, indexed=True)}
        name = directus.make("unique", fields)
        item, field = f"/items/{name}", f"/fields/{name}/name"
        assert data(directus.call("GET", field))["schema"]["is_unique"] is False
        directus.call("POST", item, [{"id": row_id(1), "name": "a"}, {"id": row_id(2), "name": "a"}])
        body = field_body("name", Field(FieldType.STRING, indexed=True, unique=True))
        assert directus.call("PATCH", field, body).status_code >= 400
        assert data(directus.call("GET", field))["schema"]["is_unique"] is False
        directus.call("DELETE", f"{item}/{row_id(2)}")
        told = data(directus.call("PATCH", field, body))
        assert (told["collection"], told["field"]) == (name, "name")
        assert data(directus.call("GET", field))["schema"]["is_unique"] is True
        assert directus.call("PATCH", field, body).status_code == 200, "done once more, it changes nothing"
        again = directus.call("POST", item, {"id": row_id(3), "name": "a"})
        assert error(again) == (400, "RECORD_NOT_UNIQUE")
        assert [each["name"] for each in data(directus.call("GET", item))] == ["a"]
        directus.drop(name)

    def test_a_field_of_a_missing_collection_is_forbidden(self, directus: Directus) -> None:
        body = {"field": "later", "type": "text", "schema": {"is_nullable": True}, "meta": {}}
        assert error(directus.call("POST", f"/fields/{directus.prefix}_nothing", body)) == FORBIDDEN

    def test_a_boolean_without_a_cast_is_one_or_true(self, directus: Directus) -> None:
        name = f"{directus.prefix}_uncast"
        field = {"field": "flag", "type": "boolean", "schema": {"is_nullable": True}, "meta": {}}
        key = {"field": "id", "type": "uuid", "schema": {"is_primary_key": True}, "meta": {}}
        body = {"collection": name, "schema": {}, "meta": {"accountability": None}, "fields": [key, field]}
        assert directus.call("POST", "/collections", body).status_code == 200
        created = data(directus.call("POST", f"/items/{name}", {"id": row_id(1), "flag": True}))
        assert json.dumps(created["flag"]) in ("1", "true")  # SQLite, PostgreSQL
        directus.drop(name)


def test_the_servers_own_limit_of_rows_is_told(directus: Directus) -> None:
    told = data(directus.call("GET", "/server/info"))["queryLimit"]["max"]
    assert isinstance(told, int)
    assert told == -1 or told > 0
