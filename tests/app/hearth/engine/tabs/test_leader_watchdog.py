"""When a leader has been silent for too long."""

from __future__ import annotations

import pytest

from hearth.engine.tabs.leader_watchdog import HUNG_S, SIGN_OF_LIFE_S, LeaderWatchdog


def asked(watchdog: LeaderWatchdog, times: list[float]) -> list[bool]:
    return [watchdog.asked(at) for at in times]


def test_a_leader_that_answers_is_never_taken_for_hung() -> None:
    watchdog = LeaderWatchdog()
    for at in range(0, 100, 5):
        assert not watchdog.asked(float(at))
        watchdog.answered()


@pytest.mark.parametrize(("silence", "hung"), [(HUNG_S - 0.1, False), (HUNG_S, True), (HUNG_S + 1, True)])
def test_it_is_hung_after_so_long_a_silence(silence: float, hung: bool) -> None:
    times = [SIGN_OF_LIFE_S * number for number in range(int(silence // SIGN_OF_LIFE_S) + 1)]
    watchdog = LeaderWatchdog()
    assert not any(asked(watchdog, [at for at in times if at < HUNG_S]))
    assert watchdog.asked(silence) is hung


def test_who_did_not_ask_for_a_while_begins_anew() -> None:
    watchdog = LeaderWatchdog()
    assert not watchdog.asked(0.0)
    assert not watchdog.asked(3 * SIGN_OF_LIFE_S), "the leader may have slept with this tab"
    assert not watchdog.asked(4 * SIGN_OF_LIFE_S)
    assert not watchdog.asked(6 * SIGN_OF_LIFE_S + 0.1), "asked too rarely: anew once more"
