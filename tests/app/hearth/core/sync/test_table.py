"""The sync table: every cell is there, and says what it should."""

from __future__ import annotations

from hearth.core.sync.table import CONNECTED, SYNCING, TABLE, Action, Signal, State, Step


def test_every_cell_is_specified() -> None:
    assert set(TABLE) == set(State)
    for row in TABLE.values():
        assert set(row) == set(Signal)


def test_a_connection_that_makes_way_for_a_better_one_is_made_anew_at_once() -> None:
    for state in State:
        anew = Step(State.CONNECTING, (Action.DISCONNECT, Action.CONNECT))
        assert TABLE[state][Signal.SUPERSEDED] == (anew if state in CONNECTED else Step(state))


def test_only_who_is_up_to_date_is_owed_no_frame() -> None:
    assert {*CONNECTED} - {*SYNCING} == {State.CURRENT}


CELLS = [(state, signal, step) for state, row in TABLE.items() for signal, step in row.items()]


def test_every_state_is_reached_and_every_action_taken() -> None:
    assert {step.state for _state, _signal, step in CELLS} == set(State)
    assert {action for _state, _signal, step in CELLS for action in step.actions} == set(Action)
