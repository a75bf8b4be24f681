"""The status line has a sentence for every state."""

from __future__ import annotations

import pytest

from app.core.status import status_of
from app.core.sync import WARMING, State
from app.core.viewmodel import Tone


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
