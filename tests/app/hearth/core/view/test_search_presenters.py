"""Documents as lines of results: titles, snippets, authors and dates; what has gone meanwhile is left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hearth.core.records.contents import Chat
from hearth.core.search.documents import Doc
from hearth.core.search.query import Kind, parse
from hearth.core.search.results import Result
from hearth.core.search.settings_search import Offer
from hearth.core.settings.schema import BY_NAME, THEME
from hearth.core.view.presenters import UNTITLED
from hearth.core.view.search_presenters import date_of, offered, present

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
AT = round(NOW.timestamp() * 1000)
CHATS = {"c": Chat("c", "Travels", AT, 1)}


def line(doc: Doc, typed: str = "alpha") -> Result:
    (made,) = present([doc], parse(typed, NOW).terms, CHATS, NOW)
    return made


def text(pieces: tuple[tuple[str, bool], ...]) -> str:
    return "".join(f"[{piece}]" if hit else piece for piece, hit in pieces)


def test_a_message_leads_to_its_place_and_names_its_author() -> None:
    made = line(Doc(Kind.MESSAGE, "c", "m", "", "an alpha word", at=AT, role="assistant"))
    assert (text(made.title), text(made.text), made.detail) == ("Travels", "an [alpha] word", "Assistant")
    assert (made.chat, made.message, made.at) == ("c", "m", AT)


def test_a_chat_shows_its_draft_only_where_that_was_found() -> None:
    made = line(Doc(Kind.CHAT, "c", "", "Alpha", "to be written", at=AT))
    assert (text(made.title), made.text, made.detail) == ("[Alpha]", (), "")
    made = line(Doc(Kind.CHAT, "c", "", "", "an alpha draft", at=AT))
    assert (text(made.title), text(made.text), made.detail) == (UNTITLED, "an [alpha] draft", "Draft")


def test_a_file_without_a_name_has_one_and_names_its_chat() -> None:
    made = line(Doc(Kind.FILE, "c", "m", "", "beta", at=AT, part=1))
    assert (text(made.title), made.text, made.detail) == ("Unnamed file", (), "Travels")


def test_an_entry_names_its_app_and_needs_no_chat() -> None:
    made = line(Doc(Kind.MEMORY, "mail", "e", "", "alpha\nbeta\nMail"))
    assert (text(made.title), made.detail, made.entry) == ("Unnamed", "Mail", "e")


def test_what_has_gone_meanwhile_is_left_out() -> None:
    assert present([Doc(Kind.MESSAGE, "gone", "m", "", "alpha", at=AT)], (), CHATS, NOW) == []


def test_choices_say_whether_they_are_chosen() -> None:
    theme = BY_NAME[THEME]
    place, dark = offered([Offer(theme), Offer(theme, theme.choices[2])], {THEME: "dark"})
    assert (text(place.title), place.chosen, place.choice) == ("Theme", False, "")
    assert (text(dark.title), dark.chosen, dark.choice) == ("Theme: Dark", True, "dark")
    assert place.key != dark.key


@pytest.mark.parametrize(
    ("moment", "year"), [(datetime(2025, 3, 1, tzinfo=UTC), True), (datetime(2026, 3, 1, tzinfo=UTC), False)]
)
def test_another_year_is_named(moment: datetime, year: bool) -> None:
    assert date_of(round(moment.timestamp() * 1000), NOW).endswith("2025") is year
