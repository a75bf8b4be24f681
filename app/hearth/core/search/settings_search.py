"""Finds Hearth's own settings and their choices: "dark" finds Appearance, Theme, Dark."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.core.search.normalize import fold, words_of
from hearth.core.search.query import Query, Term
from hearth.core.settings.schema import CATALOGUE, Choice, Setting

MAX_OFFERS = 4


@dataclass(frozen=True, slots=True)
class Offer:
    """A setting that was found; with a choice, that choice."""

    setting: Setting
    choice: Choice | None = None


def offers(query: Query) -> list[Offer]:
    """The settings and choices that all words of a query speak of, those that a choice's own name begins with first."""
    if not query.terms:
        return []
    ranked: list[tuple[int, int, Offer]] = []
    for setting in CATALOGUE:
        own = _words(setting.section, setting.label, setting.words)
        named = _words(setting.section, setting.label)
        for choice in setting.choices:
            label, others = _words(choice.label), _words(choice.words)
            at_choice = [term for term in query.terms if _speaks(term, label + others)]
            if (
                at_choice
                and all(_speaks(term, own + label + others) for term in query.terms)
                and not _excluded(query, own + label)
            ):
                exact = all(_speaks(term, label) for term in at_choice)
                ranked.append((0 if exact else 2, len(ranked), Offer(setting, choice)))
        if all(_speaks(term, own) for term in query.terms) and not _excluded(query, own):
            exact = all(_speaks(term, named) for term in query.terms)
            ranked.append((1 if exact else 3, len(ranked), Offer(setting)))
            # A word that is only begun names the setting; a whole one asks for its choices.
            whole = all(term.words[-1] in own for term in query.terms)
            ranked += [
                (4, len(ranked) + at, Offer(setting, choice))
                for at, choice in enumerate(setting.choices if whole else ())
                if not _excluded(query, own + _words(choice.label))
            ]
    kept: dict[tuple[str, str], Offer] = {}
    for _, _, offer in sorted(ranked, key=lambda each: each[:2]):
        kept.setdefault((offer.setting.name, offer.choice.value if offer.choice else ""), offer)
    return list(kept.values())[:MAX_OFFERS]


def _words(*texts: str) -> tuple[str, ...]:
    return words_of(fold(" ".join(texts)))


def _speaks(term: Term, words: tuple[str, ...]) -> bool:
    return any(_stands_in(each, words) for each in (term, *term.variants.also))


def _stands_in(term: Term, words: tuple[str, ...]) -> bool:
    *whole, last = term.words
    for at in range(len(words) - len(whole)):
        found = words[at + len(whole)]
        if words[at : at + len(whole)] == tuple(whole) and (found.startswith(last) if term.prefix else found == last):
            return True
    return False


def _excluded(query: Query, words: tuple[str, ...]) -> bool:
    return any(_speaks(term, words) for term in query.without)
