"""Where links may lead, and the bare addresses of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.text.links import MAX_ADDRESS, is_safe_address, link, linked
from hearth.core.vdom import text_of


@pytest.mark.parametrize("url", ["https://a.example", "HTTP://a.example/x?y#z", "mailto:a@b.example"])
def test_where_a_link_may_lead(url: str) -> None:
    assert is_safe_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "javascript:alert(1)",
        " https://a",
        "https://a b",
        "data:text/html,x",
        "//a.example",
        "https://a\n",
        f"https://{'a' * MAX_ADDRESS}",
    ],
)
def test_where_no_link_may_lead(url: str) -> None:
    assert not is_safe_address(url)


def test_a_link_tells_the_other_side_nothing() -> None:
    tag, attributes, *children = link("https://a.example", "A", kind="embed")
    assert (tag, children) == ("a", ["A"])
    assert attributes == {
        "href": "https://a.example",
        "rel": "noopener noreferrer nofollow",
        "target": "_blank",
        "class": "embed",
    }


def test_addresses_in_a_text_become_links_and_the_rest_stays() -> None:
    before, first, between, second, after = linked("see https://a.example, and http://b.example/x.")
    assert (before, between, after) == ("see ", ", and ", ".")
    assert [each[1]["href"] for each in (first, second) if not isinstance(each, str) and each[1]] == [
        "https://a.example",
        "http://b.example/x",
    ]


@given(st.text(alphabet="ahtps:/. x()\n", max_size=60))
def test_no_character_of_a_text_is_lost(text: str) -> None:
    assert text_of(*linked(text)) == text
