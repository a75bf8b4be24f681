"""The query language: what is typed always means something, and never fails."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta, timezone

import pytest

from hearth.core.search.fts_query import expression
from hearth.core.search.query import MAX_TERMS, Kind, Query, Term, parse

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def ms(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp() * 1000)


def words(query: Query) -> list[tuple[str, ...]]:
    return [term.words for term in query.terms]


@pytest.mark.parametrize(
    ("text", "terms", "without"),
    [
        ("budget berlin", [("budget",), ("berlin",)], []),
        ('"annual report" q3', [("annual", "report"), ("q3",)], []),
        ("plan -draft", [("plan",)], [("draft",)]),
        ('plan -"first draft"', [("plan",)], [("first", "draft")]),
        ("well-known re-do", [("well", "known"), ("re", "do")], []),
        ("„Straße“ «naïve»", [("strasse",), ("naive",)], []),
        ("日本語", [("日", "本", "語")], []),
        ("http://a.example/x?y=1", [("http", "a", "example", "x", "y", "1")], []),
        ("a a A á", [("a",)], []),
        ("+49 30 901820 office", [("49", "30", "901820"), ("office",)], []),
        ("030 901820", [("030", "901820")], []),
        ("(555) 123-4567", [("555", "123", "4567")], []),
        ("01.02.2026 12 34 567", [("01", "02", "2026"), ("12",), ("34",), ("567",)], []),
        ("2024 2025 2026", [("2024",), ("2025",), ("2026",)], []),
        ("plan -c++ -.net -#tag -.5", [("plan",), ("5",)], [("c",), ("net",), ("tag",)]),
        ("-", [], []),
        ("- word", [("word",)], []),
        ('"', [], []),
        ("  \t\n ", [], []),
        ("!!! ??? ()", [], []),
    ],
)
def test_what_is_looked_for(text: str, terms: list[tuple[str, ...]], without: list[tuple[str, ...]]) -> None:
    query = parse(text, NOW)
    assert words(query) == terms
    assert [term.words for term in query.without] == without


def test_a_word_may_go_on_and_a_closed_phrase_may_not() -> None:
    assert parse("meet", NOW).terms == (Term(("meet",), prefix=True),)
    assert parse('"meet"', NOW).terms == (Term(("meet",), prefix=False),)
    assert parse('"annual rep', NOW).terms == (Term(("annual", "rep"), prefix=True),)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("from:me", {"role": "user"}),
        ("From:Assistant", {"role": "assistant"}),
        ("has:file", {"has_file": True}),
        ("in:title", {"kinds": frozenset({Kind.CHAT})}),
        ("in:title in:files", {"kinds": frozenset({Kind.CHAT, Kind.FILE})}),
        ("before:2026-05", {"before": ms(2026, 5, 1)}),
        ("before:2026", {"before": ms(2026, 1, 1)}),
        ("before:today", {"before": ms(2026, 6, 15)}),
        ("after:yesterday", {"after": ms(2026, 6, 14)}),
        ("since:2026-05-17", {"after": ms(2026, 5, 17)}),
        ("on:2025-12", {"after": ms(2025, 12, 1), "before": ms(2026, 1, 1)}),
        ("on:2025/12/31", {"after": ms(2025, 12, 31), "before": ms(2026, 1, 1)}),
        ("app:Kalender", {"app": "kalender"}),
        ('app:"Meine Straße"', {"app": "meine strasse"}),
    ],
)
def test_filters(text: str, parts: dict[str, object]) -> None:
    assert parse(text, NOW) == Query(**parts)  # type: ignore[arg-type]


def test_days_begin_where_the_person_is() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert parse("before:2026-05", there).before == ms(2026, 5, 1) - 9 * 3600 * 1000


@pytest.mark.parametrize(
    "text", ["from:mars", "has:wings", "in:between", "before:someday", "after:2026-13", "on:2026-02-30", "before:0000"]
)
def test_a_filter_with_an_unknown_value_is_text_and_says_so(text: str) -> None:
    query = parse(text, NOW)
    assert query.hints
    assert query.terms
    assert not query.filtered


def test_what_only_looks_like_a_filter_is_text() -> None:
    assert parse("note:that 10:30 from: me", NOW).hints == ()
    assert words(parse("note:that 10:30", NOW)) == [("note", "that"), ("10", "30")]


def test_a_filter_decides_which_kinds_can_be_found() -> None:
    def kinds(text: str) -> set[str]:
        query = parse(text, NOW)
        return {kind.value for kind in Kind if query.wants(kind)}

    assert kinds("x") == {"chat", "setting", "memory", "file", "message"}
    assert kinds("from:me") == {"file", "message"}
    assert kinds("app:mail") == {"memory"}
    assert kinds("before:2026") == {"chat", "file", "message"}
    assert kinds("in:settings") == {"setting", "memory"}


def test_whatever_is_typed_becomes_an_expression_that_sqlite_takes() -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE t USING fts5 (a, b)")
    chance = random.Random(7)
    pieces = [
        '"',
        "'",
        "-",
        "(",
        ")",
        "*",
        "^",
        ":",
        "+",
        "{",
        "}",
        "NEAR(",
        "AND",
        "OR",
        "NOT",
        "a",
        "é",
        "日",
        "🎉",
        " ",
    ]
    pieces += ["c++", "#1", ".net", "at&t", "well-known", "v1.2", "+49 30 123456", "1,000", "2026-06-15", "'", "_"]
    pieces += ["\x00", "\ud83d", "in:", "from:me", "before:", "\u202e", "\n", "ß", "؟", "\u0301", "\ue000", "\ue0001f"]
    texts = ["".join(chance.choices(pieces, k=chance.randint(1, 24))) for _ in range(2_000)]
    for text in [*texts, "x" * 10_240, '"' * 10_240, "a " * 5_120, "-a " * 3_400, "(" * 10_240]:
        query = parse(text, NOW)
        assert len(query.terms) + len(query.without) <= MAX_TERMS
        asked = expression(query)
        if asked:
            db.execute("SELECT count(*) FROM t WHERE t MATCH ?", (asked,)).fetchall()
