"""Hearth's own settings are found by their names, their choices, and the words that people use for both."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hearth.core.search.query import parse
from hearth.core.search.settings_search import MAX_OFFERS, offers
from hearth.core.settings.schema import CATALOGUE

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


def found(typed: str) -> list[tuple[str, str]]:
    return [(each.setting.name, each.choice.value if each.choice else "") for each in offers(parse(typed, NOW))]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dark", ("theme", "dark")),
        ("theme dark", ("theme", "dark")),
        ("black", ("theme", "dark")),
        ("theme", ("theme", "")),
        ("text siz", ("text_size", "")),
        ("backup", ("new-recovery-key", "")),
        ("log out", ("sign-out", "")),
    ],
)
def test_what_is_meant_comes_first(typed: str, first: tuple[str, str]) -> None:
    assert found(typed)[0] == first


@pytest.mark.parametrize("typed", ["", "zebra", "theme zebra", "-dark", "theme -appearance"])
def test_what_no_setting_speaks_of_finds_none(typed: str) -> None:
    assert found(typed) == []


def test_a_whole_name_asks_for_its_choices_but_for_the_excluded() -> None:
    assert found("theme")[1:] == [("theme", "system"), ("theme", "light"), ("theme", "dark")]
    assert ("theme", "dark") not in found("theme -dark")
    assert found("them") == [("theme", "")]


@pytest.mark.parametrize("setting", CATALOGUE, ids=lambda each: each.name)
def test_every_setting_is_found_by_its_name(setting: object) -> None:
    label = setting.label  # type: ignore[attr-defined]
    assert setting.name in [name for name, _ in found(label)]  # type: ignore[attr-defined]
    assert len(found(label)) <= MAX_OFFERS
