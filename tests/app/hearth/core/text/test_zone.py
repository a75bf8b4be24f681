"""A zone made of offsets tells the same as Python's own zones, around every change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hearth.core.records.contents import Chat
from hearth.core.search.query import parse
from hearth.core.text.formatting import clock, local
from hearth.core.text.zone import Zone
from hearth.core.view.presenters import group_chats, message_from
from tests.zones import zone_of

ZONES = (
    "Europe/Berlin",
    "Asia/Kolkata",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Pacific/Auckland",
    "Africa/Casablanca",
    "America/Argentina/Tucuman",
    "Pacific/Apia",
    "Africa/Monrovia",
    "UTC",
)


def asked(name: str) -> tuple[Zone, list[int]]:
    """A zone, and the moments that it was asked about."""
    real, moments = ZoneInfo(name), list[int]()

    def offset_at(moment: int) -> int:
        moments.append(moment)
        offset = datetime.fromtimestamp(moment, real).utcoffset()
        assert offset is not None
        return int(offset.total_seconds())

    return Zone(offset_at), moments


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


def moments_of_note(real: ZoneInfo, first: int, last: int) -> list[datetime]:
    """Every fourth day of some years, and each half hour around a change."""
    day, moments = datetime(first, 1, 1, tzinfo=UTC), []
    while day.year <= last:
        if day.astimezone(real).utcoffset() != (day + timedelta(days=1)).astimezone(real).utcoffset():
            moments += [day + timedelta(minutes=30 * step) for step in range(-48, 97)]
        elif day.day % 4 == 0:
            moments.append(day)
        day += timedelta(days=1)
    return moments


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("years", [(1971, 1972), (2003, 2005), (2011, 2011), (2025, 2027)])
def test_moments_are_as_in_the_zone_database(name: str, years: tuple[int, int]) -> None:
    zone, real = zone_of(name), ZoneInfo(name)
    for moment in moments_of_note(real, *years):
        here, there = moment.astimezone(zone), moment.astimezone(real)
        assert (here.replace(tzinfo=None), here.fold) == (there.replace(tzinfo=None), there.fold)
        assert here.utcoffset() == there.utcoffset()
        assert here.timestamp() == moment.timestamp()
        for fold in (0, 1):
            wall = moment.replace(tzinfo=None, fold=fold)
            assert wall.replace(tzinfo=zone).timestamp() == wall.replace(tzinfo=real).timestamp()


def test_a_year_costs_few_questions_and_is_asked_about_once() -> None:
    zone, moments = asked("Europe/Berlin")
    for month in range(1, 13):
        local(utc(2026, month, 15), zone)
    first = len(moments)
    assert first < 400
    for day in range(1, 28):
        local(utc(2026, 7, day), zone)
    assert len(moments) == first


@pytest.mark.parametrize("moment", [0, 2**53 - 1, -(2**60), 10**18, utc(9999, 12, 31, 23, 59)])
def test_every_moment_is_some_day(moment: int) -> None:
    assert 1 <= local(moment, zone_of("Pacific/Auckland")).year <= 9999


def message_at(at: int, now: datetime) -> tuple[str, str]:
    clear = {"id": "m", "role": "user", "version": 1, "created_at": at}
    message = message_from({"clear": clear, "texts": {"content": "x"}, "faults": {}}, now)
    return message.when, message.day


class TestOtherSeasons:
    """What the page says in November of messages from before the change, and in April of those from winter."""

    def test_messages_have_the_hour_and_the_day_that_they_were_written_at(self) -> None:
        november = datetime(2026, 11, 20, 12, tzinfo=zone_of("Europe/Berlin"))
        assert message_at(utc(2026, 7, 1, 10), november) == ("12:00", "Wednesday, 1 July")
        assert message_at(utc(2026, 7, 1, 22, 30), november) == ("00:30", "Thursday, 2 July")
        assert message_at(utc(2026, 10, 25, 0, 59), november) == ("02:59", "Sunday, 25 October")
        assert message_at(utc(2026, 10, 25, 1), november) == ("02:00", "Sunday, 25 October")
        april = datetime(2026, 4, 20, 12, tzinfo=zone_of("Europe/Berlin"))
        assert message_at(utc(2026, 3, 29, 0, 59), april) == ("01:59", "Sunday, 29 March")
        assert message_at(utc(2026, 3, 29, 1), april) == ("03:00", "Sunday, 29 March")
        assert message_at(utc(2026, 1, 10, 23, 15), april) == ("00:15", "Sunday, 11 January")

    def test_half_hours_and_the_other_hemisphere(self) -> None:
        july = datetime(2026, 7, 20, 12, tzinfo=zone_of("Asia/Kolkata"))
        assert message_at(utc(2026, 1, 10, 18, 30), july) == ("00:00", "Sunday, 11 January")
        july = datetime(2026, 7, 20, 12, tzinfo=zone_of("Australia/Lord_Howe"))
        assert message_at(utc(2026, 1, 10, 13), july) == ("00:00", "Sunday, 11 January")
        assert message_at(utc(2026, 6, 10, 13, 30), july) == ("00:00", "Thursday, 11 June")
        july = datetime(2026, 7, 20, 12, tzinfo=zone_of("Pacific/Auckland"))
        assert message_at(utc(2026, 1, 10, 11, 30), july) == ("00:30", "Sunday, 11 January")

    @pytest.mark.parametrize(
        ("name", "now", "value", "begin", "end"),
        [
            ("Europe/Berlin", (2026, 11, 20), "2026-07-01", utc(2026, 6, 30, 22), utc(2026, 7, 1, 22)),
            ("Europe/Berlin", (2026, 7, 20), "2026-10-25", utc(2026, 10, 24, 22), utc(2026, 10, 25, 23)),
            ("Europe/Berlin", (2026, 7, 20), "2026-03", utc(2026, 2, 28, 23), utc(2026, 3, 31, 22)),
            ("Australia/Lord_Howe", (2026, 7, 20), "2026-01-10", utc(2026, 1, 9, 13), utc(2026, 1, 10, 13)),
            # Santiago's clocks go from midnight to one: the day begins with the change.
            ("America/Santiago", (2026, 7, 20), "2026-09-06", utc(2026, 9, 6, 4), utc(2026, 9, 7, 3)),
        ],
    )
    def test_days_of_a_search(self, name: str, now: tuple[int, int, int], value: str, begin: int, end: int) -> None:
        query = parse(f"on:{value}", datetime(*now, 12, tzinfo=zone_of(name)))
        assert (query.after, query.before) == (begin, end)

    def test_the_list_groups_by_the_day_there(self) -> None:
        now = datetime(2026, 10, 26, 9, tzinfo=zone_of("Europe/Berlin"))
        (group,) = group_chats([Chat("c", "Title", utc(2026, 10, 24, 22, 30), 1)], now)
        assert (group.label, group.items[0].when) == ("Yesterday", "Sun")


def test_a_clock_that_is_put_back_shows_an_hour_twice() -> None:
    zone = zone_of("Europe/Berlin")
    first, second = (local(utc(2026, 10, 25, hour, 30), zone) for hour in (0, 1))
    assert (clock(first), clock(second)) == ("02:30", "02:30")
    assert (first.fold, second.fold) == (0, 1)
