"""Trees of plain values: walked in order, however deep, and read as a person would copy them."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from hearth.core.vdom import Node, element, text_of, walk

TREE = element("p", {"dir": "auto"}, "a", element("strong", None, "b", element("em", None, "c")), "d")
nodes = st.recursive(
    st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3).map(lambda each: element("p", None, *each)),
    max_leaves=8,
)


def test_nodes_come_in_the_order_of_the_document() -> None:
    assert [node if isinstance(node, str) else node[0] for node in walk(TREE, "e")] == [
        "p",
        "a",
        "strong",
        "b",
        "em",
        "c",
        "d",
        "e",
    ]
    assert text_of(TREE, "e") == "abcde"


def test_a_tree_deeper_than_pythons_stack_is_walked() -> None:
    node: Node = "deep"
    for _ in range(20_000):
        node = element("p", None, node)
    assert text_of(node) == "deep"


@given(nodes)
def test_json_has_all_of_its_text(node: Node) -> None:
    def read(value: object) -> str:
        return value if isinstance(value, str) else "".join(map(read, value[2:]))  # type: ignore[index]

    assert read(json.loads(json.dumps(node))) == text_of(node)
