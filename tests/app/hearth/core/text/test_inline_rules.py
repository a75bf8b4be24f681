"""Rules inside of a paragraph: backslashes of paths and commands stay, addresses are links, `<br>` breaks in tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.text.inline_rules import literal_runs
from hearth.core.text.markdown import render
from hearth.core.vdom import text_of, walk


def tags(text: str) -> list[str]:
    return [node[0] for node in walk(*render(text)) if not isinstance(node, str)]


@pytest.mark.parametrize(
    "text",
    [
        r"C:\temp\_x",
        r"..\_temp\*",
        r"%TEMP%\_x",
        r"$env:TEMP\_x",
        r"C:\Program Files\_x_",
        r"\\server\share",
        r"\alpha",
        r"\d+",
    ],
)
def test_backslashes_of_paths_and_commands_are_text(text: str) -> None:
    assert text_of(*render(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"), [(r"\*not\*", "*not*"), (r"1\. not a list", "1. not a list"), (r"a\_b", "a_b")]
)
def test_what_a_backslash_escapes_is_shown_without_it(text: str, shown: str) -> None:
    assert text_of(*render(text)) == shown
    assert "em" not in tags(text)


def test_an_address_is_read_before_anything_in_it_is_emphasis() -> None:
    (paragraph,) = render("https://a.example/_x_/*y*")
    assert not isinstance(paragraph, str)
    assert tags("https://a.example/_x_/*y*") == ["p", "a"]


def test_a_break_breaks_in_a_table_and_is_text_elsewhere() -> None:
    assert "br" in tags("| a |\n| - |\n| b<br>c |")
    assert text_of(*render("b<br>c")) == "b<br>c"


@given(st.text(alphabet="aC:\\_* .~\n", max_size=40))
def test_runs_name_backslashes_and_where_their_run_ends(source: str) -> None:
    for at, end in literal_runs(source).items():
        assert source[at] == "\\"
        assert at < end <= len(source)
        assert not any(map(str.isspace, source[at:end]))
