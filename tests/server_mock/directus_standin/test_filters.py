"""Filters mean what a model of them says."""

from __future__ import annotations

import json
import operator
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_mock.directus.schema import Row
from server_mock.directus_standin.collection import Collection
from server_mock.directus_standin.dialect import Answer, Dialect, Request
from server_mock.directus_standin.store import Store
from tests.server_mock.conftest import TOKEN
from tests.server_mock.directus_probe import FIELDS, row
from tests.server_mock.directus_standin.test_app import RELAXED


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
