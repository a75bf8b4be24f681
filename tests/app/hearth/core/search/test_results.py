"""What is said of results: how many of what, and how they were found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hearth.core.search.query import Kind
from hearth.core.search.results import HEADINGS, LABELS, Found, Result, SearchView, group_results, indexing, sentence


def result(kind: Kind, key: str = "k") -> Result:
    return Result(kind, key, (("title", False),))


def test_results_are_grouped_in_the_order_of_kinds_and_keep_their_own() -> None:
    found = [result(Kind.MESSAGE, "m1"), result(Kind.CHAT, "c"), result(Kind.MESSAGE, "m2")]
    chats, messages = group_results(found, frozenset({Kind.MESSAGE}))
    assert (chats.kind, chats.more, messages.more) == (Kind.CHAT, False, True)
    assert [each.key for each in messages.items] == ["m1", "m2"]


def test_every_kind_has_its_words() -> None:
    assert set(LABELS) == set(HEADINGS) == set(Kind)


@pytest.mark.parametrize(
    ("progress", "says"),
    [
        (None, ""),
        ((0, 0), "Still reading your chats for search."),
        ((3, 9), "Still reading your chats for search: 3 of 9."),
    ],
)
def test_how_far_the_index_is(progress: tuple[int, int] | None, says: str) -> None:
    assert indexing(progress) == says


def test_counts_are_said_in_words_that_fit() -> None:
    groups = group_results(
        [result(Kind.CHAT), result(Kind.MESSAGE, "1"), result(Kind.MESSAGE, "2")], frozenset({Kind.CHAT})
    )
    view = replace(SearchView(), text="x", groups=groups)
    assert sentence(view) == "Found more than 1 chats, 2 messages."
    assert sentence(replace(view, groups=())) == "Nothing found."
    assert sentence(replace(view, searching=True)) == sentence(replace(view, text=" ")) == ""


@pytest.mark.parametrize(
    ("found", "begins"),
    [
        (Found.NEARLY, "Nothing matches exactly. Showing what is spelt alike: beta."),
        (Found.PARTLY, "Nothing has all of these words."),
        (Found.INSIDE, "Found 1 chat."),
    ],
)
def test_how_it_was_found_is_said(found: Found, begins: str) -> None:
    view = replace(SearchView(), text="x", groups=group_results([result(Kind.CHAT)]), found=found, instead="beta")
    assert sentence(view).startswith(begins)
