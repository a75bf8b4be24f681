"""The status line has a sentence for every state."""

from __future__ import annotations

import pytest

from hearth.core.sync.status import BLOCKED, status_of, with_note, with_transport
from hearth.core.sync.table import WARMING, State
from hearth.core.view.screen import Status, Tone


@pytest.mark.parametrize("state", [state for state in State if state is not State.OFF])
@pytest.mark.parametrize("total", [None, 0, 1, 100])
@pytest.mark.parametrize("trouble", ["", "It broke."])
@pytest.mark.parametrize("warmed", [True, False])
def test_every_state_has_a_sentence(state: State, total: int | None, trouble: str, warmed: bool) -> None:
    status = status_of(state, 0, total, trouble, warmed)
    assert status.sentence.strip()
    if trouble and state not in WARMING:
        assert trouble in status.sentence


def test_progress_is_told_while_warming_and_never_beyond_the_whole() -> None:
    status = status_of(State.REMAINING, 37, 100)
    assert status.sentence == "Signed in. 37 of 100 chats on this device"
    assert status.progress == (37, 100)
    assert status_of(State.REMAINING, 120, 100).progress == (100, 100)
    assert status_of(State.REMAINING, 0, 1).sentence.endswith("0 of 1 chat on this device")


def test_the_quiet_end_and_the_offline_tone() -> None:
    assert status_of(State.CURRENT, 100, 100).sentence == "Up to date"
    assert status_of(State.WAITING, 100, 100).sentence.startswith("Offline")
    assert status_of(State.WAITING, 100, 100).tone is Tone.OFFLINE


LOOKING = "Signed in. Looking for your chats…"
BROKE = "It broke."


@pytest.mark.parametrize(
    ("state", "total", "trouble", "warmed", "status"),
    [
        (State.OFF, None, BROKE, True, Status()),
        (State.CONNECTING, None, "", True, Status("Connecting…", Tone.WORKING)),
        (State.GREETING, None, BROKE, True, Status(BROKE, Tone.WARNING)),
        (State.CONNECTING, None, "", False, Status(LOOKING, Tone.WORKING, (0, 0))),
        (State.GREETING, None, BROKE, False, Status(BROKE, Tone.WORKING, (0, 0))),
        (State.FIRST, None, BROKE, False, Status(LOOKING, Tone.WORKING, (0, 0))),
        (State.CHANGING, None, "", True, Status("Fetching what has changed…", Tone.WORKING)),
        (State.CHANGING, None, BROKE, True, Status(BROKE, Tone.WARNING)),
        (State.CURRENT, None, "", True, Status("Up to date")),
        (State.CURRENT, None, BROKE, True, Status(BROKE, Tone.WARNING)),
        (State.WAITING, None, BROKE, True, Status("Offline. It broke.", Tone.OFFLINE)),
        (State.ENDED, None, BROKE, True, Status(BROKE, Tone.WARNING)),
        (State.ENDED, None, "", True, Status("The connection has ended. Reload the page.", Tone.WARNING)),
    ],
)
def test_what_a_state_says(state: State, total: int | None, trouble: str, warmed: bool, status: Status) -> None:
    assert status_of(state, 0, total, trouble, warmed) == status


def test_a_device_has_been_warmed_unless_something_else_is_said() -> None:
    assert status_of(State.CONNECTING, 0, None) == Status("Connecting…", Tone.WORKING)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status("Up to date"), Status("Up to date. Full.", Tone.WARNING)),
        (Status("Connecting…", Tone.WORKING), Status("Connecting… Full.", Tone.WORKING)),
        (Status("It broke.", Tone.OFFLINE), Status("It broke. Full.", Tone.OFFLINE)),
        (Status(LOOKING, Tone.WORKING, (0, 0)), Status(f"{LOOKING} Full.", Tone.WORKING, (0, 0))),
        (Status("1 of 2", Tone.WORKING, (1, 2)), Status("1 of 2", Tone.WORKING, (1, 2))),
        (Status("0 of 1", Tone.WORKING, (0, 1)), Status("0 of 1", Tone.WORKING, (0, 1))),
        (Status(), Status()),
    ],
)
def test_what_is_unusual_about_storage_is_said_beside_it(before: Status, after: Status) -> None:
    assert with_note(before, "Full.") == after
    assert with_note(before, "") == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Status("Up to date"), Status(f"Up to date. {BLOCKED}")),
        (Status("Looking…", Tone.WORKING, (0, 0)), Status(f"Looking… {BLOCKED}", Tone.WORKING, (0, 0))),
        (Status("1 of 2", Tone.WORKING, (1, 2)), Status("1 of 2", Tone.WORKING, (1, 2))),
        (Status(), Status()),
    ],
)
def test_a_connection_over_http_is_said_beside_it(before: Status, after: Status) -> None:
    assert with_transport(before, polled=True) == after
    assert with_transport(before, polled=False) == before
    assert BLOCKED.endswith(".")
