"""The stand-in beyond the dialect: what it refuses, and that nothing breaks it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server_mock.directus.schema import FieldType, Row
from tests.server_mock.directus_probe import FIELDS, row, row_id
from tests.server_mock.directus_standin.asking import Asking

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
