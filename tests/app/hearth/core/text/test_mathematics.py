"""Mathematics stays as it was written; amounts of money and escaped brackets are none."""

from __future__ import annotations

import pytest

from hearth.core.text.markdown import render
from hearth.core.vdom import text_of, walk


def emphasised(text: str) -> bool:
    return any(node[0] in ("em", "strong") for node in walk(*render(text)) if not isinstance(node, str))


@pytest.mark.parametrize(
    "text",
    [
        r"\(a_1 * b_2 * c\)",
        r"$x_1 * y_2 * z$",
        r"$$\sum_{i} * a_i * b$$",
        r"\[a * b * c = d\]",
        r"\begin{align}a_1*b*c\end{align}",
    ],
)
def test_nothing_in_it_is_taken_for_emphasis_and_no_backslash_is_lost(text: str) -> None:
    assert text_of(*render(f"so {text} holds")) == f"so {text} holds"
    assert not emphasised(f"so {text} holds")


@pytest.mark.parametrize("text", [r"from $5 *or* $6", r"$ x *or* y$", r"$5 and *then* 6$ more", r"`$`*a*`$`"])
def test_what_is_none_is_read_as_text(text: str) -> None:
    assert emphasised(text)


def test_brackets_that_are_escaped_are_brackets() -> None:
    assert text_of(*render(r"as in \[1\]")) == "as in [1]"


def test_lines_of_its_own_are_no_list() -> None:
    nodes = render("$$\n- a\n- b\n$$")
    assert text_of(*nodes) == "$$\n- a\n- b\n$$"
    assert not any(node[0] == "ul" for node in walk(*nodes) if not isinstance(node, str))


def test_it_does_not_reach_over_a_blank_line() -> None:
    tags = [node[0] for node in walk(*render("$$\n\n- a\n$$")) if not isinstance(node, str)]
    assert "ul" in tags
