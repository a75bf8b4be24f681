"""What the person does in the search."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Search:
    """Something was typed into the search field."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchMore:
    """More results are wanted."""


@dataclass(frozen=True, slots=True)
class EndSearch:
    """The search was left."""


@dataclass(frozen=True, slots=True)
class RememberSearch:
    """A result was chosen: what was searched for is worth remembering."""


@dataclass(frozen=True, slots=True)
class ForgetSearches:
    """Recent searches are to be forgotten."""


SearchIntent = Search | SearchMore | EndSearch | RememberSearch | ForgetSearches
"""What does not wait in the queue: a search reads what is in memory, and the next keystroke ends it."""
