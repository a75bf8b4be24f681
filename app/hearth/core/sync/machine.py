"""The sync session as a table: states by signals, every cell specified.

    OFF ─start─► CONNECTING ─opened─► GREETING ─┬─ first_chat_ready ─► FIRST ► RECENT ► SETTINGS ► REMAINING ─┐
        ▲             ▲                         ├─ up_to_date, changes ─────────────► CURRENT ◄─ warming_complete
        │             │                         └─ changes in parts ► CHANGING ─ the last one ─┘
        │             ├── retry due ── WAITING ◄── lost, stalled, busy, a frame out of turn: from anywhere
        │             └── superseded by a better connection: from anywhere
        └─ stop, from anywhere         ENDED ◄── refused (the session is over), version (the page is too old)

The machine holds the state and nothing else; what is to be done comes back as actions, which the driver
(`hearth.engine.engine`) carries out in order. Frames out of turn never corrupt anything: what they carry is dropped,
the connection is made anew, and `hello` says what the device already has.

`INVARIANTS` names what holds of every cell, and so of every history. The picture and the table in
docs/architecture.md are made from this module by `make docs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hearth.core.protocol.server_events import Changes, ErrorCode, EventName, ServerError, ServerEvent


class State(StrEnum):
    """Where the sync stands; the warming states are named after the last event that came."""

    OFF = "off"
    CONNECTING = "connecting"
    GREETING = "greeting"
    FIRST = "first"
    RECENT = "recent"
    SETTINGS = "settings"
    REMAINING = "remaining"
    CHANGING = "changing"
    """Of changes that take several frames a part is here."""
    CURRENT = "current"
    WAITING = "waiting"
    ENDED = "ended"


class Signal(StrEnum):
    """What can happen to the session."""

    START = "start"
    OPENED = "opened"
    LOST = "lost"
    STALLED = "stalled"
    SUPERSEDED = "superseded"
    """The connection was given up for a better one, which opens now."""
    RETRY_DUE = "retry-due"
    REFUSED = "refused"
    STOP = "stop"
    FIRST_CHAT_READY = "first_chat_ready"
    RECENT_CHATS_READY = "recent_chats_ready"
    SETTINGS_AND_MEMORIES_READY = "settings_and_memories_ready"
    REMAINING_CHATS_READY = "remaining_chats_ready"
    WARMING_COMPLETE = "warming_complete"
    UP_TO_DATE = "up_to_date"
    CHANGES_PART = "changes-part"
    CHANGES = "changes"
    REFETCHED = "refetched"
    ANSWERED = "answered"
    """A write was written, or refused."""
    OLDER_CHATS_READY = "older_chats_ready"
    PONG = "pong"
    BUSY = "busy"
    BAD_FRAME = "bad-frame"
    VERSION = "version"


class Action(StrEnum):
    """What the driver has to do."""

    CONNECT = "connect"
    GREET = "greet"
    SHOW_FIRST = "show-first"
    """Decrypt and show the first chat, unless the person chose one already; storing it can wait that long."""
    STORE = "store"
    """Store the event's records, and what they complete."""
    FINISH = "finish"
    """Check the counts, save the cursor, acknowledge."""
    APPLY = "apply"
    """Store changes and their cursor together, if they follow on the device's own."""
    APPLY_PART = "apply-part"
    """Store changes, if they follow on the device's cursor, which stays: they end with a later frame."""
    ANSWER = "answer"
    """Take the answer to a write: its mutations leave the outbox, or are made again."""
    CONFIRM = "confirm"
    """What is shown is what the server has."""
    DISCONNECT = "disconnect"
    RETRY_LATER = "retry-later"
    END_SESSION = "end-session"
    """The server does not know the session: sign the person out, and say why."""
    ASK_RELOAD = "ask-reload"
    """The server speaks a newer protocol: a reload brings the page that does."""


@dataclass(frozen=True, slots=True)
class Step:
    """One cell of the table: the next state, and what to do on the way."""

    state: State
    actions: tuple[Action, ...] = ()


Row = Mapping[Signal, Step]

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

WARMING: Final = (State.FIRST, State.RECENT, State.SETTINGS, State.REMAINING)
SYNCING: Final = (State.GREETING, *WARMING, State.CHANGING)
"""Where the server owes the device a frame: if none comes, the sync has stalled."""
CONNECTED: Final = (*SYNCING, State.CURRENT)

_AGAIN = Step(State.WAITING, (Action.DISCONNECT, Action.RETRY_LATER))
_ANEW = Step(State.CONNECTING, (Action.DISCONNECT, Action.CONNECT))
_END = Step(State.ENDED, (Action.DISCONNECT, Action.END_SESSION))
_RELOAD = Step(State.ENDED, (Action.DISCONNECT, Action.ASK_RELOAD))
_STOP = Step(State.OFF, (Action.DISCONNECT,))


def _idle(state: State, **moves: Step) -> Row:
    """A row that stays where it is for every signal that is not named: nothing is connected to speak."""
    row = dict.fromkeys(Signal, Step(state)) | {Signal.STOP: _STOP}
    return row | {Signal[name]: step for name, step in moves.items()}


def _connected(state: State, **moves: Step) -> Row:
    """A row that connects anew for every signal that is not named: it came out of turn."""
    row = dict.fromkeys(Signal, _AGAIN) | {
        Signal.STOP: _STOP,
        Signal.SUPERSEDED: _ANEW,
        Signal.REFUSED: _END,
        Signal.VERSION: _RELOAD,
        Signal.REFETCHED: Step(state, (Action.STORE,)),
        Signal.ANSWERED: Step(state, (Action.ANSWER,)),
        Signal.OLDER_CHATS_READY: Step(state, (Action.STORE,)),
        Signal.PONG: Step(state),
        Signal.RETRY_DUE: Step(state),
        Signal.START: Step(state),
    }
    return row | {Signal[name]: step for name, step in moves.items()}


_STORE = (Action.STORE,)
_CURRENT = Step(State.CURRENT, (Action.CONFIRM,))
_PART = Step(State.CHANGING, (Action.APPLY_PART,))
_APPLIED = Step(State.CURRENT, (Action.APPLY, Action.CONFIRM))
_FINISHED = Step(State.CURRENT, (Action.FINISH, Action.CONFIRM))

TABLE: Final[Mapping[State, Row]] = {
    State.OFF: _idle(State.OFF, START=Step(State.CONNECTING, (Action.CONNECT,))),
    State.CONNECTING: _idle(
        State.CONNECTING,
        OPENED=Step(State.GREETING, (Action.GREET,)),
        LOST=_AGAIN,
        STALLED=_AGAIN,
        REFUSED=_END,
    ),
    State.GREETING: _connected(
        State.GREETING,
        FIRST_CHAT_READY=Step(State.FIRST, (Action.SHOW_FIRST, Action.STORE)),
        UP_TO_DATE=_CURRENT,
        CHANGES_PART=_PART,
        CHANGES=_APPLIED,
    ),
    State.FIRST: _connected(
        State.FIRST,
        FIRST_CHAT_READY=Step(State.FIRST, (Action.SHOW_FIRST, Action.STORE)),
        RECENT_CHATS_READY=Step(State.RECENT, _STORE),
    ),
    State.RECENT: _connected(
        State.RECENT,
        RECENT_CHATS_READY=Step(State.RECENT, _STORE),
        SETTINGS_AND_MEMORIES_READY=Step(State.SETTINGS, _STORE),
    ),
    State.SETTINGS: _connected(
        State.SETTINGS,
        SETTINGS_AND_MEMORIES_READY=Step(State.SETTINGS, _STORE),
        REMAINING_CHATS_READY=Step(State.REMAINING, _STORE),
        WARMING_COMPLETE=_FINISHED,
    ),
    State.REMAINING: _connected(
        State.REMAINING,
        REMAINING_CHATS_READY=Step(State.REMAINING, _STORE),
        WARMING_COMPLETE=_FINISHED,
    ),
    State.CHANGING: _connected(State.CHANGING, CHANGES_PART=_PART, CHANGES=_APPLIED),
    State.CURRENT: _connected(State.CURRENT, CHANGES_PART=_PART, CHANGES=_APPLIED, UP_TO_DATE=_CURRENT),
    State.WAITING: _idle(State.WAITING, RETRY_DUE=Step(State.CONNECTING, (Action.CONNECT,)), REFUSED=_END),
    State.ENDED: _idle(State.ENDED, START=Step(State.CONNECTING, (Action.CONNECT,))),
}


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
            or step == _AGAIN
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
            and (signal is not Signal.STOP or step == _STOP)
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

_NAMED_OTHERWISE: Final = {
    EventName.WRITTEN: Signal.ANSWERED,
    EventName.REFUSED: Signal.ANSWERED,
    EventName.CHATS_READ: Signal.BAD_FRAME,
}
"""What was read and is not to be stored is asked for over a connection of its own: on this one nobody did."""

_OF_EVENT: Final[Mapping[EventName, Signal]] = {
    name: _NAMED_OTHERWISE.get(name) or Signal(name.value) for name in EventName if name is not EventName.ERROR
}
_OF_ERROR: Final[Mapping[ErrorCode, Signal]] = {
    ErrorCode.BUSY: Signal.BUSY,
    ErrorCode.BAD_FRAME: Signal.BAD_FRAME,
    ErrorCode.VERSION: Signal.VERSION,
    ErrorCode.SESSION: Signal.REFUSED,
}


def signal_of(event: ServerEvent) -> Signal:
    """The signal that a server's event stands for."""
    if isinstance(event, Changes) and event.batch < event.of:
        return Signal.CHANGES_PART
    return _OF_ERROR[event.code] if isinstance(event, ServerError) else _OF_EVENT[event.name]


class SyncMachine:
    """The session's state; `step` is its only way to change."""

    def __init__(self) -> None:
        self.state = State.OFF

    @property
    def current(self) -> bool:
        """Whether the device is up to date, as far as the server has told."""
        return self.state is State.CURRENT

    @property
    def connected(self) -> bool:
        """Whether the server hears what is sent now."""
        return self.state in CONNECTED

    def step(self, signal: Signal) -> Step:
        """Take a signal: the cell of the table, whose state is now the machine's."""
        step = TABLE[self.state][signal]
        self.state = step.state
        return step


def backoff_s(attempt: int, jitter: float, first_s: float = 0.5, most_s: float = 30.0) -> float:
    """Seconds to wait before try `attempt` (from 0): doubling, with full jitter (`jitter` from 0 to 1).

    Full jitter spreads the devices of a restarted server best: AWS Architecture Blog, "Exponential Backoff
    And Jitter". A tenth of the span is kept as a floor so that no try follows at once.
    """
    span = min(most_s, first_s * float(2 ** min(attempt, 16)))
    return span * (0.1 + 0.9 * jitter)
