"""The devices in words: by the device's own clock, whatever the server's shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hearth.core.account.devices import AccountDevice
from hearth.core.view.account import DeviceItem
from hearth.core.view.devices_text import SIGNING_OUT, UNNAMED, WAITS, device_items

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
HOUR = 3_600_000


def shown(device: AccountDevice, *, ending: bool = False, server_ms: int = NOW_MS) -> DeviceItem:
    (item,) = device_items([device], {"1": "Firefox on Linux"}, frozenset({"1"} if ending else ()), server_ms, NOW)
    return item


def test_this_device_is_marked_and_is_not_signed_out_here() -> None:
    item = shown(AccountDevice("1", True, True, begun_at=NOW_MS - HOUR))
    assert item == DeviceItem("1", "Firefox on Linux", "This device. Signed in since today, 11:00.", True, False)


def test_another_device_can_be_signed_out() -> None:
    item = shown(AccountDevice("1", False, True, begun_at=NOW_MS - 30 * HOUR))
    assert (item.about, item.can_end) == ("Online now. Signed in since yesterday, 06:00.", True)


def test_when_a_device_was_here_last_is_no_more_exact_than_it_is_known() -> None:
    begun = NOW_MS - 24 * 40 * HOUR
    said = [shown(AccountDevice("1", False, False, None, begun, NOW_MS - ago)).about for ago in (0, HOUR, 2 * HOUR)]
    assert [each.partition(". ")[2] for each in said] == [
        "Last seen within the last hour.",
        "Last seen within the last hour.",
        "Last seen today, 10:00.",
    ]
    assert said[0].startswith("Signed in since Wednesday, 6 May, 12:00. ")


def test_a_clock_that_differs_from_the_servers_does_not_matter() -> None:
    behind = NOW_MS - 5 * HOUR
    assert "today, 11:00" in shown(AccountDevice("1", True, True, None, behind - HOUR), server_ms=behind).about


def test_a_device_that_was_signed_out_says_how_far_its_wipe_is() -> None:
    waits = shown(AccountDevice("1", False, False, ended_at=NOW_MS - HOUR))
    assert (waits.about, waits.can_end) == (WAITS, False)
    done = shown(AccountDevice("1", False, False, ended_at=NOW_MS - HOUR, wiped_at=NOW_MS - HOUR))
    assert done.about == "Signed out. It reported that it has deleted what it stored: today, 11:00."
    assert not done.can_end


def test_while_it_is_being_signed_out_it_says_so() -> None:
    item = shown(AccountDevice("1", False, True), ending=True)
    assert (item.about, item.can_end) == (SIGNING_OUT, False)


def test_a_device_without_a_name_and_one_of_an_earlier_version() -> None:
    (item,) = device_items([AccountDevice("2", False, False)], {}, frozenset(), NOW_MS, NOW)
    assert (item.name, item.about) == (UNNAMED, "")


def test_a_name_takes_one_line() -> None:
    name = "Fire\nfox" + chr(0x202E)
    (item,) = device_items([AccountDevice("2", False, False)], {"2": name}, frozenset(), NOW_MS, NOW + timedelta())
    assert item.name == "Fire fox"
