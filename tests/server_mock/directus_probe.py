"""Plain requests to a Directus, real or stand-in: what the conformance suite asks its questions with."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx

from server_mock.directus.schema import PRIMARY_KEY, Field, Fields, FieldType, Row, creation_body

#: A collection with a field of every type that Hearth uses.
FIELDS: Fields = {
    PRIMARY_KEY: Field(FieldType.UUID),
    "name": Field(FieldType.STRING, indexed=True),
    "body": Field(FieldType.TEXT, nullable=True),
    "number": Field(FieldType.INTEGER),
    "moment": Field(FieldType.BIG_INTEGER, indexed=True),
    "flag": Field(FieldType.BOOLEAN, nullable=True),
    "tags": Field(FieldType.JSON, nullable=True),
}


class Directus:
    """Plain requests to a Directus, with nothing of the client under test in between."""

    def __init__(self, http: httpx.AsyncClient, runner: asyncio.Runner, token: str) -> None:
        self._http = http
        self._runner = runner
        self._token = token
        self.prefix = f"hearth_test_{uuid4().hex[:8]}"

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        token: str | None = "",
        content_type: str = "application/json",
    ) -> httpx.Response:
        """Make a request; ``token`` "" is the right one, None is none."""
        headers = {} if token is None else {"Authorization": f"Bearer {token or self._token}"}
        if body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            headers["Content-Type"] = content_type
        return self._runner.run(self._http.request(method, path, content=content, headers=headers))

    def make(self, name: str, fields: Fields = FIELDS) -> str:
        """Make a throw-away collection; return its name."""
        collection = f"{self.prefix}_{name}"
        answer = self.call("POST", "/collections", creation_body(collection, fields))
        assert answer.status_code == 200, answer.text
        return collection

    def drop(self, collection: str) -> None:
        assert self.call("DELETE", f"/collections/{collection}").status_code == 204


class Collection:
    """A throw-away collection of ``FIELDS``."""

    def __init__(self, directus: Directus, name: str) -> None:
        self.directus = directus
        self.name = name
        self.path = f"/items/{name}"

    def get(self, params: str = "", row_id: str = "") -> httpx.Response:
        path = f"{self.path}/{row_id}" if row_id else self.path
        return self.directus.call("GET", f"{path}?{params}" if params else path)

    def search(self, **query: Any) -> httpx.Response:
        return self.directus.call("SEARCH", self.path, {"query": query})

    def post(self, body: Any, params: str = "") -> httpx.Response:
        return self.directus.call("POST", f"{self.path}?{params}", body)

    def patch(self, body: Any, row_id: str = "", params: str = "") -> httpx.Response:
        path = f"{self.path}/{row_id}" if row_id else self.path
        return self.directus.call("PATCH", f"{path}?{params}", body)

    def delete(self, row_id: str = "", body: Any = None) -> httpx.Response:
        return self.directus.call("DELETE", f"{self.path}/{row_id}" if row_id else self.path, body)

    def names(self, **query: Any) -> list[str]:
        """Search; return the names of the rows that were found."""
        answer = self.search(fields=["name"], **query)
        assert answer.status_code == 200, answer.text
        return [row["name"] for row in answer.json()["data"]]

    def clear(self) -> None:
        rows = self.search(limit=-1, fields=["id"]).json()["data"]
        if rows:
            assert self.delete(body=[row["id"] for row in rows]).status_code == 204


def row(number: int, /, **values: Any) -> Row:
    """Return a row of ``FIELDS`` whose id and name sort by ``number``."""
    return {
        "id": row_id(number),
        "name": f"row {number:03}",
        "body": f"the body of {number}",
        "number": number,
        "moment": 1_700_000_000_000 + number,
        "flag": bool(number % 2),
        "tags": ["tag", number],
        **values,
    }


def row_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"
