"""The state of a sync session: whole histories of signals, and the signals that events stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.protocol.server_events import Changes, ErrorCode, Pong, ServerError
from hearth.core.sync.machine import SyncMachine, signal_of
from hearth.core.sync.table import WARMING, Action, Signal, State, Step

signals = st.sampled_from(Signal)


def walk(*path: Signal) -> SyncMachine:
    machine = SyncMachine()
    for signal in path:
        machine.step(signal)
    return machine


WARM = [
    Signal.START,
    Signal.OPENED,
    Signal.FIRST_CHAT_READY,
    Signal.RECENT_CHATS_READY,
    Signal.SETTINGS_AND_MEMORIES_READY,
    Signal.REMAINING_CHATS_READY,
    Signal.REMAINING_CHATS_READY,
    Signal.WARMING_COMPLETE,
]


def test_a_warming_goes_through_its_phases_in_order() -> None:
    machine = SyncMachine()
    states = []
    for signal in WARM:
        machine.step(signal)
        states.append(machine.state)
    assert states == [State.CONNECTING, State.GREETING, *WARMING, State.REMAINING, State.CURRENT]


@pytest.mark.parametrize("at", range(2, len(WARM)))
def test_an_event_that_overtakes_another_connects_anew(at: int) -> None:
    for signal in set(WARM[2:]) - {WARM[at - 1], WARM[at]}:
        machine = walk(*WARM[:at])
        if signal is Signal.WARMING_COMPLETE and machine.state in (State.SETTINGS, State.REMAINING):
            continue
        assert machine.step(signal).actions == (Action.DISCONNECT, Action.RETRY_LATER), (
            machine.state,
            signal,
        )


def test_changes_are_confirmed_with_their_last_frame() -> None:
    part, last = (Changes(since="1", stamp="2", batch=batch, of=2) for batch in (1, 2))
    assert (signal_of(part), signal_of(last)) == (Signal.CHANGES_PART, Signal.CHANGES)
    for before in ([], [Signal.UP_TO_DATE], [Signal.CHANGES_PART]):
        machine = walk(Signal.START, Signal.OPENED, *before)
        assert machine.step(signal_of(part)) == Step(State.CHANGING, (Action.APPLY_PART,))
        assert machine.step(signal_of(last)) == Step(State.CURRENT, (Action.APPLY, Action.CONFIRM))


@given(st.lists(signals))
def test_from_anywhere_an_undisturbed_warming_ends_current(history: list[Signal]) -> None:
    machine = walk(*history, Signal.STOP)
    for signal in WARM:
        machine.step(signal)
    assert machine.state is State.CURRENT


def test_every_server_event_is_a_signal() -> None:
    for code, signal in [
        (ErrorCode.BUSY, Signal.BUSY),
        (ErrorCode.SESSION, Signal.REFUSED),
        (ErrorCode.VERSION, Signal.VERSION),
        (ErrorCode.BAD_FRAME, Signal.BAD_FRAME),
    ]:
        assert signal_of(ServerError(code=code, message="x")) is signal
    assert signal_of(Pong()) is Signal.PONG


def test_who_is_up_to_date_is_connected_and_who_waits_is_neither() -> None:
    machine = walk(*WARM)
    assert (machine.current, machine.connected) == (True, True)
    assert (walk(*WARM[:3]).current, walk(*WARM[:3]).connected) == (False, True)
    machine.step(Signal.LOST)
    assert (machine.current, machine.connected) == (False, False)
    assert (SyncMachine().current, SyncMachine().connected) == (False, False)
