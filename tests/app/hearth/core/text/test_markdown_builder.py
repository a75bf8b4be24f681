"""The tree of a message: bounded in elements, depth and addresses, and the rest of the source is named."""

from __future__ import annotations

import pytest

from hearth.core.text.markdown import render, render_fully
from hearth.core.text.markdown_builder import MAX_DEPTH, MAX_ELEMENTS
from hearth.core.vdom import Node, text_of, walk


def depth(node: Node) -> int:
    if isinstance(node, str):
        return 0
    return 1 + max(map(depth, node[2:]), default=0)


def tags(text: str) -> list[str]:
    return [node[0] for node in walk(*render_fully(text)[0]) if not isinstance(node, str)]


def test_a_messages_headings_stand_below_those_of_the_page() -> None:
    assert tags("# a\n\n## b\n\n###### c") == ["h3", "h4", "h5"]


def test_sides_and_heads_of_a_table() -> None:
    cells = [node for node in walk(*render_fully("| a | b |\n| :-: | -: |\n| 1 | 2 |")[0]) if not isinstance(node, str)]
    assert [node[1] for node in cells if node[0] == "th"] == [
        {"dir": "auto", "scope": "col", "class": "center"},
        {"dir": "auto", "scope": "col", "class": "right"},
    ]


def test_a_list_begins_where_it_was_begun() -> None:
    (listed,) = [node for node in walk(*render_fully("7. a\n8. b")[0]) if not isinstance(node, str) and node[0] == "ol"]
    assert listed[1]
    assert listed[1]["start"] == "7"


def test_quotes_within_quotes_end_at_some_depth_and_lose_nothing() -> None:
    nodes, _ = render_fully("> " * 3 * MAX_DEPTH + "deep")
    assert max(map(depth, nodes)) <= MAX_DEPTH + 5
    assert "deep" in text_of(*nodes)


@pytest.mark.parametrize("before", [33, 34, 35])
def test_wherever_the_room_ends_no_text_is_lost(before: int) -> None:
    """A table of nearly as many elements as there may be, after so many paragraphs that the room ends at each part."""
    columns, rows = 160, 123
    table = "|h" + "|" * columns + "\n" + "|-" * columns + "|\n" + ("|x" + "|" * columns + "\n") * rows
    nodes = render("p\n\n" * before + table)
    assert sum(not isinstance(node, str) for node in walk(*nodes)) <= MAX_ELEMENTS + rows
    assert text_of(*nodes).count("x") == rows
    assert text_of(*nodes).count("p") >= before
