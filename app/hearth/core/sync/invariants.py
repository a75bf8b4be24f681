"""What holds of every cell of the sync session's table, and so of every history: the tests hold each cell to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hearth.core.sync.table import AGAIN, CONNECTED, STOP, WARMING, Action, Signal, State, Step

_CARRIERS: Final = (
    Signal.FIRST_CHAT_READY,
    Signal.RECENT_CHATS_READY,
    Signal.SETTINGS_AND_MEMORIES_READY,
    Signal.REMAINING_CHATS_READY,
    Signal.CHANGES_PART,
    Signal.CHANGES,
    Signal.REFETCHED,
    Signal.ANSWERED,
    Signal.OLDER_CHATS_READY,
)
"""The frames that carry records."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """What holds of every cell, and so, as the machine is nothing but its table, of every history."""

    says: str
    holds: Callable[[State, Signal, Step], bool]


_CURSOR: Final = {Action.FINISH, Action.APPLY}
_ANSWERS: Final = (Signal.REFETCHED, Signal.OLDER_CHATS_READY, Signal.ANSWERED)
"""What the device has asked for beside the sync, or written."""
_WRITES: Final = {Action.STORE, Action.SHOW_FIRST, Action.APPLY_PART, Action.ANSWER, *_CURSOR}

INVARIANTS: Final = (
    Invariant(
        "A cursor is saved, and the device called up to date, only on the way to CURRENT.",
        lambda _state, _signal, step: step.state is State.CURRENT or not {*_CURSOR, Action.CONFIRM} & {*step.actions},
    ),
    Invariant(
        "Who comes to CURRENT is told so, and only a server's frame leads there.",
        lambda state, signal, step: (
            step.state is not State.CURRENT
            or (step == Step(state) and state is State.CURRENT)
            or (signal in _ANSWERS and state is State.CURRENT)
            or (
                Action.CONFIRM in step.actions
                and signal in (Signal.UP_TO_DATE, Signal.CHANGES, Signal.WARMING_COMPLETE)
            )
        ),
    ),
    Invariant(
        "Records are stored or shown only while connected, and only out of a frame that carries records.",
        lambda state, signal, step: (
            not _WRITES & {*step.actions} or (state in CONNECTED and signal in (*_CARRIERS, Signal.WARMING_COMPLETE))
        ),
    ),
    Invariant(
        "A frame that carries records is stored, or else the connection is given up: none is passed over.",
        lambda state, signal, step: (
            state not in CONNECTED
            or signal not in _CARRIERS
            or bool({Action.STORE, Action.APPLY, Action.APPLY_PART, Action.ANSWER} & {*step.actions})
            or step == AGAIN
        ),
    ),
    Invariant(
        "WAITING always has a retry scheduled, and leaves it only by that retry, a refusal or a stop.",
        lambda state, signal, step: (
            (step.state is not State.WAITING or state is State.WAITING or Action.RETRY_LATER in step.actions)
            and (
                state is not State.WAITING
                or signal in (Signal.RETRY_DUE, Signal.REFUSED, Signal.STOP)
                or step == Step(state)
            )
        ),
    ),
    Invariant(
        "Nothing but START leaves OFF and ENDED (STOP leads to OFF).",
        lambda state, signal, step: (
            state not in (State.OFF, State.ENDED) or signal in (Signal.START, Signal.STOP) or step == Step(state)
        ),
    ),
    Invariant(
        "Who leaves the connection closes it, and a connection is opened only where there is none.",
        lambda state, _signal, step: (
            (state not in CONNECTED or step.state in CONNECTED or Action.DISCONNECT in step.actions)
            and (
                Action.CONNECT not in step.actions
                or state in (State.OFF, State.WAITING, State.ENDED)
                or step.actions == (Action.DISCONNECT, Action.CONNECT)
            )
        ),
    ),
    Invariant(
        "The session ends on the server's word alone, and STOP ends everything from anywhere.",
        lambda _state, signal, step: (
            (Action.END_SESSION not in step.actions or signal is Signal.REFUSED)
            and (Action.ASK_RELOAD not in step.actions or signal is Signal.VERSION)
            and (signal is not Signal.STOP or step == STOP)
        ),
    ),
    Invariant(
        "A part of changes leads to CHANGING alone, and who is there is told no more of being up to date.",
        lambda _state, _signal, step: (
            Action.APPLY_PART not in step.actions
            or (step.state is State.CHANGING and not {*_CURSOR, Action.CONFIRM} & {*step.actions})
        ),
    ),
    Invariant(
        "A warming never goes back: each phase stays, goes on to a later one, or loses the connection.",
        lambda state, _signal, step: (
            state not in WARMING or step.state not in WARMING or WARMING.index(step.state) >= WARMING.index(state)
        ),
    ),
)
"""What the tests hold against every cell of the table."""
