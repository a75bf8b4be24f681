"""The larger elements of a message: code with its language, tables in a box; all of them on the allow-list."""

from __future__ import annotations

import pytest

from hearth.core.text.elements import ATTRIBUTES, CODE_BLOCK_ELEMENTS, ELEMENTS, code_block, table_box
from hearth.core.vdom import text_of, walk


@pytest.mark.parametrize(
    ("info", "language"),
    [("python", "python"), (" c++ title", "c++"), ("", ""), ("<script>", ""), ("a" * 30, "a" * 24), ("F#", "F#")],
)
def test_a_code_block_names_its_language(info: str, language: str) -> None:
    head, scroller = code_block(info, "x\n")[2:]
    assert not isinstance(head, str)
    assert not isinstance(scroller, str)
    assert head[1]
    assert head[1]["data-language"] == language
    assert scroller[1]
    assert scroller[1]["aria-label"] == (f"Code, {language}" if language else "Code")


def test_nothing_but_the_code_is_copied_along() -> None:
    block = code_block("python", "x = 1\n\n")
    assert text_of(block) == "x = 1\n"
    assert sum(not isinstance(node, str) for node in walk(block)) == CODE_BLOCK_ELEMENTS


def test_everything_is_on_the_lists() -> None:
    for node in walk(code_block("x", "y"), table_box(("table", None, ("tr", None, ("td", None, "a"))))):
        if not isinstance(node, str):
            assert node[0] in ELEMENTS
            assert set(node[1] or ()) <= ATTRIBUTES


def test_a_table_can_be_scrolled_by_keyboard() -> None:
    box = table_box(("table", None, "x"))
    assert box[1]
    assert box[1]["tabindex"] == "0"
    assert text_of(box) == "x"
