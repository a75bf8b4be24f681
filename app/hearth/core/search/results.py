"""What a search shows, as frozen values: results grouped by kind, each with where it leads and what is marked in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hearth.core.search.query import Kind
from hearth.core.search.snippet import Piece

LABELS = {
    Kind.CHAT: ("chat", "chats"),
    Kind.SETTING: ("setting", "settings"),
    Kind.MEMORY: ("memory or app setting", "memories and app settings"),
    Kind.FILE: ("file", "files"),
    Kind.MESSAGE: ("message", "messages"),
}
"""How one result of a kind is called, and several."""

HEADINGS = {
    Kind.CHAT: "Chats",
    Kind.SETTING: "Settings",
    Kind.MEMORY: "Settings and memories of apps",
    Kind.FILE: "Files",
    Kind.MESSAGE: "Messages",
}


class Found(StrEnum):
    """How what is shown was found."""

    EXACTLY = "exactly"
    INSIDE = "inside"
    NEARLY = "nearly"
    PARTLY = "partly"


@dataclass(frozen=True, slots=True)
class Result:
    """One line. A chat or message leads to `chat` (at `message`), an entry to `entry`, a setting to `setting`.

    With `choice`, choosing the result applies that choice of the setting.
    """

    kind: Kind
    key: str
    title: tuple[Piece, ...]
    text: tuple[Piece, ...] = ()
    detail: str = ""
    when: str = ""
    chat: str = ""
    message: str = ""
    at: int = 0
    entry: str = ""
    setting: str = ""
    choice: str = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind, best first; `more` when there are others that are not shown."""

    kind: Kind
    items: tuple[Result, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class SearchView:
    """What stands in place of the chat list while something is searched for."""

    text: str = ""
    open: bool = False
    searching: bool = False
    groups: tuple[Group, ...] = ()
    found: Found = Found.EXACTLY
    instead: str = ""
    """What was searched for instead, when nothing matched what was typed."""
    hints: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()
    progress: tuple[int, int] | None = None
    """Chats that are indexed, of all, while that is not done."""

    @property
    def count(self) -> int:
        """How many results are shown."""
        return sum(len(group.items) for group in self.groups)

    @property
    def asked(self) -> bool:
        """Whether something is searched for."""
        return bool(self.text.strip())


def sentence(view: SearchView) -> str:
    """What is said of the results: how many of what, and how they were found."""
    if not view.asked or view.searching:
        return ""
    if not view.count:
        return "Nothing found."
    counted = ", ".join(_counted(group) for group in view.groups)
    prefix = {
        Found.EXACTLY: "",
        Found.INSIDE: "",
        Found.NEARLY: f"Nothing matches exactly. Showing what is spelt alike: {view.instead}. ",
        Found.PARTLY: "Nothing has all of these words. Showing what has some of them. ",
    }[view.found]
    return f"{prefix}Found {counted}."


def _counted(group: Group) -> str:
    count = len(group.items)
    one, many = LABELS[group.kind]
    return f"{'more than ' if group.more else ''}{count} {one if count == 1 and not group.more else many}"


def indexing(progress: tuple[int, int] | None) -> str:
    """How far the index is, while it is not complete."""
    if progress is None:
        return ""
    done, total = progress
    return (
        f"Still reading your chats for search: {done} of {total}." if total else "Still reading your chats for search."
    )


def group_results(results: Iterable[Result], more: frozenset[Kind] = frozenset()) -> tuple[Group, ...]:
    """Results by kind, kinds in their order, results in theirs."""
    listed: dict[Kind, list[Result]] = {}
    for result in results:
        listed.setdefault(result.kind, []).append(result)
    return tuple(Group(kind, tuple(listed[kind]), kind in more) for kind in Kind if kind in listed)
