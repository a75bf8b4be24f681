"""The stand-in's data file: it outlives a restart, and what is no such file is left alone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import httpx
import pytest

from server_mock.directus.schema import COLLECTIONS, Row
from server_mock.directus_standin.app import DataFileError, StandIn
from server_mock.directus_standin.dialect import Dialect, Request
from server_mock.directus_standin.query import parse_query
from server_mock.directus_standin.store import Store
from tests.server_mock.conftest import TOKEN
from tests.server_mock.directus_probe import FIELDS, row, row_id
from tests.server_mock.directus_standin.asking import Asking


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
