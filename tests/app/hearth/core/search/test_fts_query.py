"""Queries as FTS5 expressions: whatever is typed, SQLite takes it, and it finds what it should."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.search.fts_query import any_of, expression, quoted
from hearth.core.search.normalize import fold
from hearth.core.search.query import Query, Term, parse

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def found(text: str, typed: str) -> bool:
    base = sqlite3.connect(":memory:")
    try:
        base.execute("create virtual table docs using fts5(body)")
        base.execute("insert into docs values (?)", (fold(text),))
        wanted = expression(parse(typed, NOW))
        return bool(base.execute("select 1 from docs where docs match ?", (wanted,)).fetchone())
    finally:
        base.close()


@pytest.mark.parametrize(
    ("text", "typed", "hit"),
    [
        ("Berliner Budget", "budget berlin", True),
        ("Berliner Budget", "budget paris", False),
        ("annual report", '"annual report"', True),
        ("report annual", '"annual report"', False),
        ("annual report", "annual -report", False),
        ("annual OR NEAR(report)", "OR NEAR(", True),
        ("a wellknown fact", "well-known", True),
        ("C code", "C++", False),
    ],
)
def test_what_a_query_finds(text: str, typed: str, hit: bool) -> None:
    assert found(text, typed) is hit


@given(st.text(max_size=40))
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    query = parse(typed, NOW)
    if query.terms:
        found("some text", typed)
    else:
        assert expression(query) == ""


def test_a_quotation_mark_closes_nothing() -> None:
    assert quoted(Term(('a"b',), prefix=False)) == '"a""b"'


def test_short_words_count_more_when_they_stand_for_themselves() -> None:
    assert quoted(Term(("go",))) == '("go"* OR "go")'
    assert quoted(Term(("gone",))) == '"gone"*'


def test_in_place_of_a_term_any_of_its_meanings_will_do() -> None:
    one, two, three = (Term((word,), prefix=False) for word in ("one", "two", "three"))
    query = Query(terms=(one,), without=(three,))
    assert any_of([one, two]) == '("one" OR "two")'
    assert expression(query, [[one, two]]) == '(("one" OR "two")) NOT ("three")'
    assert expression(Query(without=(three,))) == ""
