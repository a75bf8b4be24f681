"""Filters mean what a model of them says."""

from __future__ import annotations

import operator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from server_mock.directus.schema import Row
from tests.server_mock.directus_probe import row
from tests.server_mock.directus_standin.asking import Asking
from tests.server_mock.directus_standin.test_app import RELAXED

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
