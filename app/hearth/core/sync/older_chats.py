"""Which of an account's chats a device lists: the last updated ones, down to a place, and how many lie beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple


class ChatPlace(NamedTuple):
    """A chat's place in the list, which goes from the last updated chat to the oldest; ties go by the id."""

    last_updated: int
    id: str

    def comes_after(self, other: ChatPlace) -> bool:
        """Whether it stands further down the list than another place."""
        return (-self.last_updated, self.id) > (-other.last_updated, other.id)


@dataclass(frozen=True, slots=True)
class OlderChats:
    """The device lists every chat down to `to`; the server has `count` beyond, of which some may be listed, too.

    Those are here for another reason: one was opened last, others were fetched by themselves.
    """

    to: ChatPlace | None = None
    count: int = 0

    def is_beyond(self, place: ChatPlace | None) -> bool:
        """Whether a place lies beyond the list; None is no place at all."""
        return place is not None and self.to is not None and place.comes_after(self.to)

    def not_listed(self, listed: Iterable[ChatPlace]) -> int:
        """How many of the account's chats are not listed here."""
        return max(0, self.count - sum(map(self.is_beyond, listed)))

    def moved(self, before: ChatPlace | None, after: ChatPlace | None) -> OlderChats:
        """A chat went from one place to another: None is where one was before it was made, and after it was deleted."""
        return replace(self, count=max(0, self.count + self.is_beyond(after) - self.is_beyond(before)))

    def expects(self, place: ChatPlace) -> bool:
        """Whether a chat of that place has to be here."""
        return self.count == 0 or not self.is_beyond(place)


def as_stored(older: OlderChats) -> list[int | str]:
    """What a store keeps."""
    return [older.count, *(older.to or ())]


def from_stored(kept: Sequence[Any] | None) -> OlderChats | None:
    """What a store has kept, if it has."""
    if kept is None:
        return None
    count, *to = kept
    return OlderChats(ChatPlace(*to) if to else None, count)


def further(known: OlderChats | None, told: OlderChats, listed: Iterable[ChatPlace]) -> OlderChats:
    """What a device lists that knew one thing and is told another by a warming: the list stays as far as it goes."""
    if known is None or known.to is None or told.to is None or not known.to.comes_after(told.to):
        return told
    between = sum(told.is_beyond(each) and not known.is_beyond(each) for each in listed)
    return OlderChats(known.to, max(0, told.count - between))
