"""Queries as FTS5 expressions: every word is quoted, so that nothing that is typed is taken for an operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hearth.core.search.query import PLAIN, Query, Term

SHORT = 2
"""Letters of a word that counts more when it stands for itself: "C" and "Go" begin too many others."""


def quoted(term: Term) -> str:
    """A term as an FTS5 expression, in any of its spellings; a star where the last word may go on."""
    short = len(term.words) == 1 and len(term.words[0]) <= SHORT
    phrase = _begun(term.text, term.prefix) if short else _phrase(term.text, term.prefix)
    if term.variants is PLAIN:
        return phrase
    if signs := term.variants.signs:
        needed = [phrase] if len(term.words) > 1 else []
        return f"({' AND '.join([*needed, *(_begun(sign, term.prefix) for sign in signs)])})"
    return " OR ".join([phrase, *(_phrase(each.text, each.prefix) for each in term.variants.also)])


def _begun(text: str, prefix: bool) -> str:
    """What begins with a text, of which what is exactly that counts twice: most words of two letters begin others."""
    return f"({_phrase(text, True)} OR {_phrase(text, False)})" if prefix else _phrase(text, False)


def _phrase(text: str, prefix: bool) -> str:
    escaped = text.replace('"', '""')
    return f'"{escaped}"*' if prefix else f'"{escaped}"'


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
