"""The account's devices: which there are, what they are called, and that one signs another out."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.protocol.server_events import SessionEnd
from hearth_testing.conformance.client import Device, Person
from hearth_testing.conformance.sealed import new_id, now_ms, sealed

FIELDS = {"id", "name", "begun_at", "seen_at", "current", "online", "ended_at", "wiped_at"}
SESSION_OVER = 4401
DAY_MS = 24 * 3_600_000


def listed(device: Device) -> list[dict[str, Any]]:
    """The devices, as one of them is told."""
    answer = device.browser.get("/api/devices", account=device.person.account)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"devices", "now"}
    assert abs(answer.json()["now"] - now_ms()) < DAY_MS
    return list(answer.json()["devices"])


def own_id(device: Device) -> str:
    """The id of a device."""
    (own,) = (each for each in listed(device) if each["current"])
    return str(own["id"])


def ask(asking: Device, path: str, **fields: Any) -> int:
    """POST about the devices of one's own account: the status."""
    return asking.browser.post(f"/api/devices/{path}", {"account": asking.person.account, **fields}).status_code


@pytest.fixture
def two(person: Person) -> tuple[Device, Device]:
    """Two devices of somebody."""
    return person.warmed("one"), person.warmed("other")


def test_they_are_listed_with_ones_own_first(two: tuple[Device, Device]) -> None:
    one, other = two
    for device in two:
        shown = listed(device)
        assert [set(each) for each in shown] == [FIELDS, FIELDS]
        assert [each["current"] for each in shown] == [True, False]
        assert [each["online"] for each in shown] == [True, True]
        assert {each["ended_at"] for each in shown} == {None}
    assert own_id(one) != own_id(other)


def test_a_device_keeps_its_id_as_long_as_its_cookie(person: Person) -> None:
    device = person.warmed()
    before = own_id(device)
    person.sign_in(device.browser)
    assert own_id(device) == before
    assert len(listed(device)) == 1


def test_a_device_says_what_it_is_called_sealed_and_nobody_else_does(two: tuple[Device, Device]) -> None:
    one, other = two
    name = sealed()
    assert ask(one, "name", device=own_id(one), name=name) == 204
    assert [each["name"] for each in listed(other)] == [None, name]
    assert ask(other, "name", device=own_id(one), name=sealed()) == 409
    assert ask(one, "name", device=own_id(one), name="in the clear") == 400
    assert [each["name"] for each in listed(other)] == [None, name]


def test_a_device_signs_another_out_which_reports_its_wipe(two: tuple[Device, Device]) -> None:
    one, other = two
    assert ask(one, "end", device=own_id(other)) == 204
    assert other.close_code() == SESSION_OVER
    assert other.browser.session() == (401, SessionEnd.REVOKED)
    (ended,) = (each for each in listed(one) if not each["current"])
    assert ended["ended_at"] is not None
    assert (ended["wiped_at"], ended["online"]) == (None, False)
    assert ask(other, "wiped") == 204
    (wiped,) = (each for each in listed(one) if not each["current"])
    assert wiped["wiped_at"] is not None
    assert one.quiet() == []


def test_a_device_signs_all_others_out(person: Person) -> None:
    one, *others = (person.warmed(name) for name in ("one", "second", "third"))
    assert ask(one, "end", others=True) == 204
    assert [device.close_code() for device in others] == [SESSION_OVER, SESSION_OVER]
    assert one.browser.session() == (204, "")


def test_a_device_that_is_not_there_is_not_signed_out(two: tuple[Device, Device]) -> None:
    assert ask(two[0], "end", device=new_id()) == 404
    assert [device.quiet() for device in two] == [[], []]
