"""The stand-in's dialect, asked without HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from server_mock.directus_standin.collection import Collection
from server_mock.directus_standin.dialect import Answer, Dialect, Request
from server_mock.directus_standin.store import Store
from tests.server_mock.conftest import TOKEN
from tests.server_mock.directus_probe import FIELDS


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
