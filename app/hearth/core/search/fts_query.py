"""Queries as FTS5 expressions: every word is quoted, so that nothing that is typed is taken for an operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hearth.core.search.query import Query, Term


def quoted(term: Term) -> str:
    """A term as an FTS5 string, with a star when its last word may go on."""
    text = term.text.replace('"', '""')
    return f'"{text}"*' if term.prefix else f'"{text}"'


def any_of(terms: Iterable[Term]) -> str:
    """An expression for any one of these terms."""
    return "(" + " OR ".join(map(quoted, terms)) + ")"


def expression(query: Query, meanings: Sequence[Sequence[Term]] | None = None) -> str:
    """The expression that a document has to match; empty when the query has no words to look for.

    `meanings` puts, in place of each term, terms any one of which will do.
    """
    wanted = [any_of(each) for each in (meanings if meanings is not None else [(term,) for term in query.terms])]
    if not wanted:
        return ""
    text = " AND ".join(wanted)
    return f"({text}) NOT {any_of(query.without)}" if query.without else text
