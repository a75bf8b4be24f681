"""Rules between paragraphs: nothing vanishes, and what would fill up too much is left as text."""

from __future__ import annotations

import pytest

from hearth.core.text.block_rules import MAX_FILLED
from hearth.core.text.markdown import render
from hearth.core.vdom import text_of, walk


def tags(text: str) -> list[str]:
    return [node[0] for node in walk(*render(text)) if not isinstance(node, str)]


@pytest.mark.parametrize("text", ["#", "+", "7.", ">", "> >", "- -"])
def test_what_has_nothing_in_it_is_text(text: str) -> None:
    assert tags(text) == ["p"]
    assert text_of(*render(text)) == text


def test_a_definition_that_nothing_uses_is_shown() -> None:
    assert text_of(*render("[a]: https://a.example")) == "[a]: https://a.example"
    assert "[b]: https://b.example" in text_of(*render("[a]\n\n[a]: https://a.example\n[b]: https://b.example"))


def test_cells_beyond_the_header_are_kept_in_the_last_one() -> None:
    text = text_of(*render("| a | b |\n| - | - |\n| 1 | 2 | 3 | 4 |"))
    assert "2 | 3 | 4" in text


def test_rows_that_would_fill_up_too_many_cells_are_text() -> None:
    columns = 500
    header = "|" + "a|" * columns + "\n|" + "-|" * columns + "\n"
    rows = MAX_FILLED // (columns - 1)
    cells = tags(header + "|x|\n" * (rows + 3)).count("td")
    assert cells == rows * columns
    assert text_of(*render(header + "|x|\n" * (rows + 3))).count("x") == rows + 3


def test_what_lies_too_deep_is_shown_as_it_was_written() -> None:
    text = "> " * 200 + "deep"
    assert "deep" in text_of(*render(text))
