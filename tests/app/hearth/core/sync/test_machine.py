"""The sync table: every cell is there, and no history of signals breaks its invariants."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.protocol.server_events import Changes, ErrorCode, Pong, ServerError
from hearth.core.sync.backoff import backoff_s
from hearth.core.sync.invariants import INVARIANTS, Invariant
from hearth.core.sync.machine import SyncMachine, signal_of
from hearth.core.sync.table import CONNECTED, SYNCING, TABLE, WARMING, Action, Signal, State, Step

signals = st.sampled_from(Signal)


def test_every_cell_is_specified() -> None:
    assert set(TABLE) == set(State)
    for row in TABLE.values():
        assert set(row) == set(Signal)


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


def test_a_connection_that_makes_way_for_a_better_one_is_made_anew_at_once() -> None:
    for state in State:
        anew = Step(State.CONNECTING, (Action.DISCONNECT, Action.CONNECT))
        assert TABLE[state][Signal.SUPERSEDED] == (anew if state in CONNECTED else Step(state))


def test_only_who_is_up_to_date_is_owed_no_frame() -> None:
    assert {*CONNECTED} - {*SYNCING} == {State.CURRENT}


CELLS = [(state, signal, step) for state, row in TABLE.items() for signal, step in row.items()]


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.says)
def test_every_cell_keeps_the_invariant(invariant: Invariant) -> None:
    assert [(state, signal) for state, signal, step in CELLS if not invariant.holds(state, signal, step)] == []


@pytest.mark.parametrize("invariant", INVARIANTS, ids=lambda invariant: invariant.says)
def test_every_invariant_refuses_something(invariant: Invariant) -> None:
    """One that holds of whatever could stand in a cell would say nothing."""
    actions = [(), *((action,) for action in Action)]
    steps = [Step(state, each) for state in State for each in actions]
    assert not all(invariant.holds(state, signal, step) for state in State for signal in Signal for step in steps)


@pytest.mark.parametrize(
    ("says", "state", "signal", "step"),
    [
        ("Who leaves", State.CURRENT, Signal.LOST, Step(State.WAITING, (Action.RETRY_LATER,))),
        ("Who leaves", State.CURRENT, Signal.SUPERSEDED, Step(State.CONNECTING, (Action.CONNECT,))),
        ("Who comes to CURRENT", State.CURRENT, Signal.PONG, Step(State.CURRENT, (Action.STORE,))),
        ("Who comes to CURRENT", State.FIRST, Signal.PONG, Step(State.CURRENT, (Action.CONFIRM,))),
        ("Records are stored", State.OFF, Signal.FIRST_CHAT_READY, Step(State.OFF, (Action.STORE,))),
        ("A part of changes", State.GREETING, Signal.CHANGES_PART, Step(State.CURRENT, (Action.APPLY_PART,))),
        (
            "A part of changes",
            State.CURRENT,
            Signal.CHANGES_PART,
            Step(State.CHANGING, (Action.APPLY_PART, Action.CONFIRM)),
        ),
        ("Records are stored", State.CURRENT, Signal.PONG, Step(State.CURRENT, (Action.STORE,))),
    ],
)
def test_what_an_invariant_is_there_for_it_refuses(says: str, state: State, signal: Signal, step: Step) -> None:
    (invariant,) = (each for each in INVARIANTS if each.says.startswith(says))
    assert not invariant.holds(state, signal, step)


def test_every_state_is_reached_and_every_action_taken() -> None:
    assert {step.state for _state, _signal, step in CELLS} == set(State)
    assert {action for _state, _signal, step in CELLS for action in step.actions} == set(Action)


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


def test_back_off_grows_is_bounded_and_spread() -> None:
    assert [round(backoff_s(n, 1.0), 2) for n in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert backoff_s(3, 0.0) == pytest.approx(0.4)
    assert backoff_s(10_000, 1.0) == 30
