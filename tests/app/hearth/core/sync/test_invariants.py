"""The invariants of the sync table: every cell keeps them, and each refuses what it is there for."""

from __future__ import annotations

import pytest

from hearth.core.sync.invariants import INVARIANTS, Invariant
from hearth.core.sync.table import Action, Signal, State, Step
from tests.app.hearth.core.sync.test_table import CELLS


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
