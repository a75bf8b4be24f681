"""The state of one sync session, and the signal that a server's event stands for.

The machine holds the state and nothing else; what is to be done comes back as actions, which the driver
(`hearth.engine.sync.driver`) carries out in order. Frames out of turn never corrupt anything: what they carry is
dropped, the connection is made anew, and `hello` says what the device already has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hearth.core.protocol.server_events import Changes, ErrorCode, EventName, ServerError, ServerEvent
from hearth.core.sync.table import CONNECTED, TABLE, Signal, State, Step

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
