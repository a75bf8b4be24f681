"""The sync session as a table: states by signals, every cell specified.

    OFF ─start─► CONNECTING ─opened─► GREETING ─┬─ first_chat_ready ─► FIRST ► RECENT ► SETTINGS ► REMAINING ─┐
        ▲             ▲                         ├─ up_to_date, changes ─────────────► CURRENT ◄─ warming_complete
        │             │                         └─ changes in parts ► CHANGING ─ the last one ─┘
        │             ├── retry due ── WAITING ◄── lost, stalled, busy, a frame out of turn: from anywhere
        │             └── superseded by a better connection: from anywhere
        └─ stop, from anywhere         ENDED ◄── refused (the session is over), version (the page is too old)

`hearth.core.sync.invariants` names what holds of every cell, and so of every history. The picture and the table in
docs/architecture.md are made from this module by `make docs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


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

WARMING: Final = (State.FIRST, State.RECENT, State.SETTINGS, State.REMAINING)
SYNCING: Final = (State.GREETING, *WARMING, State.CHANGING)
"""Where the server owes the device a frame: if none comes, the sync has stalled."""
CONNECTED: Final = (*SYNCING, State.CURRENT)

AGAIN = Step(State.WAITING, (Action.DISCONNECT, Action.RETRY_LATER))
_ANEW = Step(State.CONNECTING, (Action.DISCONNECT, Action.CONNECT))
_END = Step(State.ENDED, (Action.DISCONNECT, Action.END_SESSION))
_RELOAD = Step(State.ENDED, (Action.DISCONNECT, Action.ASK_RELOAD))
STOP = Step(State.OFF, (Action.DISCONNECT,))


def _idle(state: State, **moves: Step) -> Row:
    """A row that stays where it is for every signal that is not named: nothing is connected to speak."""
    row = dict.fromkeys(Signal, Step(state)) | {Signal.STOP: STOP}
    return row | {Signal[name]: step for name, step in moves.items()}


def _connected(state: State, **moves: Step) -> Row:
    """A row that connects anew for every signal that is not named: it came out of turn."""
    row = dict.fromkeys(Signal, AGAIN) | {
        Signal.STOP: STOP,
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
        LOST=AGAIN,
        STALLED=AGAIN,
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
