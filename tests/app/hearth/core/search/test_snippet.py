"""What is marked in a snippet: the words that were looked for, however they are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hearth.core.search.query import LITERAL, Term, parse
from hearth.core.search.snippet import WIDTH, marked, snippet

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def shown(text: str, typed: str) -> str:
    """The snippet with brackets around what is marked."""
    return "".join(f"[{piece}]" if hit else piece for piece, hit in snippet(text, parse(typed, NOW).terms))


@pytest.mark.parametrize(
    ("text", "typed", "found"),
    [
        ("our annual report", "report", "our annual [report]"),
        ("Straße nach München", "munchen", "Straße nach [München]"),
        ("on v3.14.2-rc1 now", "3.14.2", "on v[3.14.2]-rc1 now"),
        ("on v3.14.2-rc1 now", "v3.14.2", "on [v3.14.2]-rc1 now"),
        ("on 3.14.2 now", "v3.14.2", "on [3.14.2] now"),
        ("13.14.2 or 3.14.2", "3.14.2", "13.14.2 or [3.14.2]"),
        ("A C compiler, a C++ compiler", "C++", "A C compiler, a [C++] compiler"),
        ("Modern C++17 code", "c++", "Modern [C++]17 code"),
        ("C# beside C and F#", "c#", "[C#] beside C and F#"),
        ("the net and .NET", ".net", "the net and [.NET]"),
        ("a well-known fact", "wellknown", "a [well-known] fact"),
        ("a well-known fact", "known", "a well-[known] fact"),
        ("a wellknown fact", "well-known", "a [wellknown] fact"),
        ("O\u2019Leary\u2019s pub", "olearys", "[O\u2019Leary\u2019s] pub"),
        ("see PR#1234", "pr1234", "see [PR#1234]"),
        ("closes #123 and 123", "#123", "closes [#123] and 123"),
        ("AT&T at the table", "at&t", "[AT&T] at the table"),
        ("so get_user_id does", "userid", "so get_[user_id] does"),
        ("it is _really_ so", "so", "it is really [so]"),
        ("paid 1,250,000 yen", "1250000", "paid [1,250,000] yen"),
        ("call (555) 123-4567 now", "5551234567", "call ([555) 123-4567] now"),
        ("on 2026-06-15", "15.06.2026", "on [2026-06-15]"),
        ("明日の会議は東京", "会議", "明日の[会議]は東京"),
        ("We did it! 🎉🥳", "🥳", "We did it! 🎉[🥳]"),
        ("# Heading\n\n> quoted > text", "text", "Heading quoted > [text]"),
    ],
)
def test_the_right_words_are_marked(text: str, typed: str, found: str) -> None:
    assert shown(text, typed) == found


def test_a_word_that_contains_what_was_typed_is_marked_only_in_one_piece() -> None:
    term = Term(("wellknown",), prefix=False, variants=LITERAL)
    assert marked("a well-known fact", (term,)) == (("a well-known fact", False),)
    assert marked("a wellknown fact", (term,))[1] == ("wellknown", True)


def test_a_snippet_begins_shortly_before_what_was_found_and_is_not_longer_than_a_line() -> None:
    pieces = snippet("before " * 100 + "kettle " + "after " * 100, parse("kettle", NOW).terms)
    assert ("kettle", True) in pieces
    assert pieces[0][0].startswith("\u2026 ")
    assert sum(len(text) for text, _ in pieces) <= WIDTH + 4


def test_nothing_is_marked_where_nothing_is_found() -> None:
    assert marked("nothing here", parse("kettle", NOW).terms) == (("nothing here", False),)
    assert marked("nothing here", ()) == (("nothing here", False),)
