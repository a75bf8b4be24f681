"""The stand-in beyond the dialect: its data file, its threads, what it refuses, and that nothing breaks it."""

from __future__ import annotations

import asyncio
import json
import operator
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server_mock.directus.schema import COLLECTIONS, FieldType, Row, creation_body, is_uuid
from server_mock.directus_standin.app import DataFileError, StandIn
from server_mock.directus_standin.collection import Collection
from server_mock.directus_standin.dialect import Answer, Dialect, Request
from server_mock.directus_standin.errors import DialectError
from server_mock.directus_standin.query import parse_query
from server_mock.directus_standin.store import Store
from tests.server_mock.conftest import TOKEN
from tests.server_mock.directus_probe import FIELDS, row, row_id


class Asking:
    """A dialect with a collection ``rows`` of ``FIELDS``, asked without HTTP."""

    def __init__(self, path: Path | None = None) -> None:
        self.store = Store(path)
        self.dialect = Dialect(self.store, TOKEN)
        self.store.create_collection(Collection("rows", FIELDS))

    def ask(self, method: str, path: str, body: Any = None, *, content: bytes = b"") -> Answer:
        path, _, query_string = path.partition("?")
        if body is not None:
            content = json.dumps(body).encode()
        segments = tuple(path.strip("/").split("/"))
        return self.dialect.answer(Request(method, segments, query_string.encode(), TOKEN, content))

    def names(self, **query: Any) -> list[str]:
        answer = self.ask("SEARCH", "/items/rows", {"query": {"fields": ["name"], **query}})
        assert answer.status == 200, answer.body
        return [found["name"] for found in answer.body["data"]]


@pytest.fixture
def asking() -> Iterator[Asking]:
    asking = Asking()
    yield asking
    asking.store.close()


def chat(number: int) -> Row:
    return {
        "id": row_id(number),
        "hashed_user_id": "u",
        "last_updated": number,
        "created_at": number,
        "version": 1,
        "changed_at": number,
    }


class TestDataFile:
    def test_rows_and_collections_outlive_it(self, tmp_path: Path) -> None:
        path = tmp_path / "hearth.db"
        first = Asking(path)
        first.ask("POST", "/items/rows", [row(1), row(2)])
        first.store.close()
        second = Store(path)
        assert second.collection("rows").fields == FIELDS
        assert second.count(second.collection("rows")) == 2
        assert all(second.has_collection(name) for name in COLLECTIONS)
        second.close()

    def test_every_kind_of_write_reaches_it(self, tmp_path: Path) -> None:
        path = tmp_path / "hearth.db"
        first = Asking(path)
        first.ask("POST", "/items/rows", [row(n) for n in range(4)])
        first.ask("PATCH", f"/items/rows/{row_id(0)}", {"number": 70})
        first.ask("PATCH", "/items/rows", [{"id": row_id(1), "number": 71}, {"id": row_id(2), "number": 72}])
        first.ask("DELETE", f"/items/rows/{row_id(3)}")
        first.ask("DELETE", "/collections/users")
        first.store.close()
        second = Store(path)
        rows = second.read(second.collection("rows"), parse_query(second.collection("rows"), {}))[0]
        assert [found["number"] for found in rows] == [70, 71, 72]
        assert not second.has_collection("users")
        second.close()

    def test_a_write_that_fails_leaves_nothing(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "hearth.db")
        chats = store.collection("chats")
        store.insert(chats, [chat(1)])

        def fail_half_way() -> None:
            with store._database.writing() as connection:
                connection.execute("DELETE FROM items_chats")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail_half_way()
        assert store.count(chats) == 1
        store.close()

    def test_a_field_that_was_added_is_there_after_a_restart(self, tmp_path: Path) -> None:
        path = tmp_path / "hearth.db"
        asking = Asking(path)
        asking.ask("POST", "/items/rows", row(1))
        body = {"field": "later", "type": "json", "schema": {"is_indexed": True}, "meta": {"special": ["cast-json"]}}
        assert asking.ask("POST", "/fields/rows", body).status == 200
        asking.ask("PATCH", f"/items/rows/{row_id(1)}", {"later": ["a"]})
        asking.store.close()
        again = Dialect(Store(path), TOKEN)
        request = Request("GET", ("items", "rows", row_id(1)), b"fields=later", TOKEN, b"")
        assert again.answer(request).body == {"data": {"later": ["a"]}}

    def test_a_field_that_may_not_be_null_cannot_be_added(self, asking: Asking) -> None:
        for schema in ({"is_nullable": False}, {"is_primary_key": True}):
            answer = asking.ask(
                "POST", "/fields/rows", {"field": "later", "type": "text", "schema": schema, "meta": {}}
            )
            assert answer.body["errors"][0]["extensions"]["code"] == "INVALID_PAYLOAD"
        assert asking.ask("GET", "/items/rows?fields=later").status == 403

    def test_an_empty_file_is_a_new_one(self, tmp_path: Path) -> None:
        path = tmp_path / "hearth.db"
        path.touch()
        StandIn(TOKEN, data_file=path).close()
        assert path.stat().st_size > 0

    @pytest.mark.parametrize("content", [b"this is no database, but some text" * 99, b"\x00" * 5000])
    def test_what_is_no_database(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "notes.txt"
        path.write_bytes(content)
        with pytest.raises(DataFileError, match=r"notes\.txt.*not a database"):
            StandIn(TOKEN, data_file=path)
        assert path.read_bytes() == content

    def test_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(DataFileError, match="cannot be used"):
            StandIn(TOKEN, data_file=tmp_path)

    def test_a_file_in_a_folder_that_does_not_exist(self, tmp_path: Path) -> None:
        with pytest.raises(DataFileError, match="cannot be used"):
            StandIn(TOKEN, data_file=tmp_path / "nowhere" / "hearth.db")

    def test_somebody_elses_database_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "photos.db"
        with sqlite3.connect(path) as theirs:
            theirs.execute("CREATE TABLE photos (id)")
        theirs.close()
        before = path.read_bytes()
        with pytest.raises(DataFileError, match="not one that Hearth made"):
            StandIn(TOKEN, data_file=path)
        assert path.read_bytes() == before

    def test_one_of_a_newer_hearth(self, tmp_path: Path) -> None:
        path = tmp_path / "hearth.db"
        StandIn(TOKEN, data_file=path).close()
        with sqlite3.connect(path) as newer:
            newer.execute("PRAGMA user_version = 99")
        newer.close()
        with pytest.raises(DataFileError, match="made by a newer Hearth"):
            StandIn(TOKEN, data_file=path)

    def test_a_failing_database_is_a_500(self, tmp_path: Path) -> None:
        path = tmp_path / "hearth.db"
        stand_in = StandIn(TOKEN, data_file=path)
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE items_chats")
        other.close()
        answer = asyncio.run(_request(stand_in, "GET", "/items/chats"))
        assert answer.status_code == 500
        assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        stand_in.close()


async def _request(stand_in: StandIn, method: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(stand_in), base_url="http://x") as http:
        return await http.request(method, path, headers={"Authorization": f"Bearer {TOKEN}"})


class TestThreads:
    def test_reads_of_a_file_do_not_wait_for_a_write(self, tmp_path: Path) -> None:
        store = Store(tmp_path / "hearth.db")
        chats = store.collection("chats")
        store.insert(chats, [chat(1)])
        counted = []
        with store._database.writing() as connection:
            connection.execute("DELETE FROM items_chats")
            reader = threading.Thread(target=lambda: counted.append(store.count(chats)))
            reader.start()
            reader.join(timeout=5)
        assert counted == [1]
        assert store.count(chats) == 0
        store.close()

    @pytest.mark.parametrize("name", [None, "hearth.db"])
    def test_many_at_once_lose_nothing(self, tmp_path: Path, name: str | None) -> None:
        store = Store(tmp_path / name if name else None)
        chats = store.collection("chats")
        failures: list[BaseException] = []

        def work(worker: int) -> None:
            try:
                for number in range(20):
                    store.insert(chats, [chat(worker * 1000 + 2 * number), chat(worker * 1000 + 2 * number + 1)])
                    assert store.count(chats) % 2 == 0
            except BaseException as error:
                failures.append(error)
                raise

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert store.count(chats) == 240
        store.close()


class TestSeeding:
    def test_rows_are_there_at_once(self) -> None:
        stand_in = StandIn(TOKEN)
        stand_in.seed("chats", [chat(n) for n in range(12_000)])
        assert stand_in.count("chats") == 12_000
        stand_in.close()

    @pytest.mark.parametrize(
        ("bad", "code"),
        [
            ({"version": None}, "FAILED_VALIDATION"),
            ({"id": row_id(1)}, "RECORD_NOT_UNIQUE"),
            ({"id": "no-uuid"}, "FORBIDDEN"),
            ({"title": 5}, "INVALID_PAYLOAD"),
        ],
    )
    def test_all_or_none(self, bad: Row, code: str) -> None:
        stand_in = StandIn(TOKEN)
        with pytest.raises(DialectError) as raised:
            stand_in.seed("chats", [chat(1), chat(2), {**chat(3), **bad}])
        assert raised.value.errors[0]["extensions"]["code"] == code
        assert stand_in.count("chats") == 0
        stand_in.close()


class TestLimits:
    def test_pages_beyond_any_row(self, asking: Asking) -> None:
        asking.ask("POST", "/items/rows", row(1))
        largest = 2**53 - 1
        assert asking.names(page=largest, limit=largest) == []
        assert asking.names(offset=largest, limit=largest) == []


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


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(
    [*FIELDS, "_and", "_or", "_eq", "_in", "_gt", "_null", "_between", "_empty", "filter", "sort", "limit", "page",
     "offset", "fields", "meta", "keys", "query", "data", "nothing", "*", "-name", "[]", "[0]", "]", "[", "%5B", "'"]
)  # fmt: skip
SHAPED = st.recursive(
    JSON_VALUES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
RELAXED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class TestNothingBreaksIt:
    @RELAXED
    @given(query=st.dictionaries(WORDS, SHAPED, max_size=5))
    def test_whatever_is_searched_for(self, asking: Asking, query: dict[str, Any]) -> None:
        assert asking.ask("SEARCH", "/items/rows", {"query": query}).status in (200, 400, 403)

    @RELAXED
    @given(
        method=st.sampled_from(["POST", "PATCH", "DELETE", "SEARCH"]),
        path=st.sampled_from(["/items/rows", f"/items/rows/{row_id(1)}", "/collections"]),
        body=SHAPED,
    )
    def test_whatever_is_sent(self, asking: Asking, method: str, path: str, body: Any) -> None:
        assert asking.ask(method, path, body).status in (200, 204, 400, 403, 404)

    @RELAXED
    @given(changes=st.dictionaries(st.sampled_from(list(FIELDS)), JSON_VALUES, max_size=4))
    def test_whatever_is_written(self, asking: Asking, changes: Row) -> None:
        asking.ask("DELETE", f"/items/rows/{row_id(1)}")
        written = {**row(1), **changes}
        answer = asking.ask("POST", "/items/rows", written)
        assert answer.status in (200, 400, 403)
        if answer.status == 200:
            # What is accepted comes back as it was sent; only text can be read as what it says.
            for name, value in answer.body["data"].items():
                if FIELDS[name].type is FieldType.JSON and isinstance(written[name], str):
                    assert value == json.loads(written[name])
                elif isinstance(value, int) and isinstance(written[name], str):
                    assert value == int(written[name])
                else:
                    assert value == written[name]

    @RELAXED
    @given(params=st.lists(st.tuples(WORDS, WORDS, WORDS | st.text(max_size=5)), max_size=4))
    def test_whatever_is_in_the_url(self, asking: Asking, params: list[tuple[str, str, str]]) -> None:
        for encode in (str, quote):
            query = "&".join(f"{a}[{encode(b)}]={encode(c)}" for a, b, c in params).encode(errors="replace").decode()
            assert asking.ask("GET", f"/items/rows?{query}").status in (200, 400, 403)

    @RELAXED
    @given(content=st.binary(max_size=40))
    def test_whatever_bytes_come(self, asking: Asking, content: bytes) -> None:
        assert asking.ask("POST", "/items/rows", content=content).status == 400


COMPARE = {
    "_eq": operator.eq,
    "_neq": operator.ne,
    "_lt": operator.lt,
    "_lte": operator.le,
    "_gt": operator.gt,
    "_gte": operator.ge,
}
NUMBERS = st.integers(0, 5)
LEAVES = st.one_of(
    st.builds(lambda op, n: {"number": {op: n}}, st.sampled_from(sorted(COMPARE)), NUMBERS),
    st.builds(lambda op, ns: {"number": {op: ns}}, st.sampled_from(["_in", "_nin"]), st.lists(NUMBERS, min_size=1)),
    st.builds(lambda op, yes: {"body": {op: yes}}, st.sampled_from(["_null", "_nnull"]), st.booleans()),
    st.builds(lambda yes: {"flag": {"_eq": yes}}, st.booleans()),
)
FILTERS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda op, parts: {op: parts}, st.sampled_from(["_and", "_or"]), st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=6,
)
MODEL = [row(n, body=None if n % 3 == 0 else "text") for n in range(6)]


def holds(test: dict[str, Any], model: Row) -> bool:
    """Say what a filter means, in Python."""
    (key, value) = next(iter(test.items()))
    if key == "_and":
        return all(holds(part, model) for part in value)
    if key == "_or":
        return any(holds(part, model) for part in value)
    (name, its) = next(iter(value.items()))
    match name:
        case "_in" | "_nin":
            return (model[key] in its) is (name == "_in")
        case "_null" | "_nnull":
            return (model[key] is None) is (its is (name == "_null"))
    return bool(COMPARE[name](model[key], its))


class TestFiltersMeanWhatTheySay:
    @RELAXED
    @given(test=FILTERS)
    def test_as_a_model_of_them_does(self, asking: Asking, test: dict[str, Any]) -> None:
        if not asking.names():
            asking.ask("POST", "/items/rows", MODEL)
        assert asking.names(filter=test) == [model["name"] for model in MODEL if holds(test, model)]


class TestSchema:
    @pytest.mark.parametrize("name", COLLECTIONS)
    def test_a_body_that_makes_a_collection(self, name: str) -> None:
        body = creation_body(name, COLLECTIONS[name])
        assert body["meta"] == {"accountability": None}
        (key,) = [field for field in body["fields"] if field["schema"]["is_primary_key"]]
        assert (key["field"], key["type"], key["schema"]["is_nullable"]) == ("id", "uuid", False)
        assert all(isinstance(field["meta"], dict) for field in body["fields"])
        json.dumps(body)

    def test_moments_are_wide_enough(self) -> None:
        for fields in COLLECTIONS.values():
            for name, field in fields.items():
                if name.endswith("_at") or name == "last_updated":
                    assert field.type is FieldType.BIG_INTEGER

    @pytest.mark.parametrize(
        ("text", "yes"),
        [
            (row_id(1), True),
            (row_id(1) + "\n", False),
            ("A" + row_id(1)[1:], False),
            (row_id(1)[1:], False),
            ("", False),
        ],
    )
    def test_uuids(self, text: str, yes: bool) -> None:
        assert is_uuid(text) is yes
