"""The writes of one connection: slowed down, handed to the account's writer, and answered in the order of the journal.

The answer to a write stands where the change itself stands among the account's changes, so that it moves the device's
cursor from the change before it. What was refused, or was written before, is answered after the changes up to then.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from hearth.core.protocol.device_events import Write
from hearth.core.protocol.server_events import Refused, ServerEvent, Written
from server_mock.protocol.change_log import Change, UserState
from server_mock.protocol.packing import Load, in_parts, pack
from server_mock.protocol.record_writer import Answer, Rejection
from server_mock.protocol.services import Services
from server_mock.protocol.write_rules import Owner

WRITE_S, WRITE_BURST_S = 0.05, 5.0
"""An account may write twenty times a second for long, and a hundred times at once."""

Waiting = tuple[Write, Answer | Rejection]
Reply = tuple[ServerEvent, Load | None]


class DeviceWrites:
    """Takes a connection's writes; `wake` tells its pump that there is something to answer."""

    def __init__(self, services: Services, state: UserState, user_id: str, wake: asyncio.Event) -> None:
        self._records = services.records
        self._refusals = services.metrics.refusals
        self._stamps = services.stamps
        self._state = state
        self._owner = Owner.of(user_id)
        self._wake = wake
        self._waiting: deque[Waiting] = deque()
        self._told: set[int] = set()

    async def write(self, frame: Write) -> None:
        """Write; the answer waits for the pump. Raises `DirectusError`."""
        await self._slow_down()
        result = await self._records.write(
            self._owner, self._state, frame.records, frame.mutations, by=self, follows=frame.follows
        )
        if isinstance(result, Rejection):
            self._refusals.add(result.reason.value)
        answers: Sequence[Answer | Rejection] = [result] if isinstance(result, Rejection) else result
        self._waiting.extend((frame, each) for each in answers)
        self._wake.set()

    def answer_in_place_of(self, change: Change, since: int) -> Written | None:
        """The answer that a change is on this connection, where it was made; None elsewhere."""
        if change.by is not self:
            return None
        self._told.add(change.stamp)
        return self._written(change.mutations, since, change.stamp, change.stamp)

    def take_waiting(self) -> list[Waiting]:
        """What is to be answered once every change up to now is sent; from here on it is the caller's."""
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def replies(self, taken: Sequence[Waiting], position: int) -> list[Reply]:
        """The answers to what was taken, for a device that stands at `position`."""
        found: list[Reply] = []
        for frame, result in taken:
            if isinstance(result, Rejection):
                found += _refused(frame, result)
            elif result.repeated or result.stamp not in self._told:
                found.append((self._written(result.mutations, position, position, result.stamp), None))
            else:
                self._told.discard(result.stamp)
        return found

    def _written(self, mutations: Sequence[str], since: int, stamp: int, changed_at: int) -> Written:
        text = self._stamps.text
        return Written(mutations=mutations, since=text(since), stamp=text(stamp), changed_at=changed_at)

    async def _slow_down(self) -> None:
        """Whoever writes faster than a person can waits, with everything that the connection sends meanwhile."""
        now = asyncio.get_running_loop().time()
        self._state.writes_from = max(self._state.writes_from, now) + WRITE_S
        if self._state.writes_from - now > WRITE_BURST_S:
            await asyncio.sleep(self._state.writes_from - now - WRITE_BURST_S)


def _refused(frame: Write, rejection: Rejection) -> list[Reply]:
    event = Refused(mutations=frame.mutations, reason=rejection.reason, message=rejection.sentence, ids=rejection.ids)
    return [*in_parts(event, pack(rejection.units))]
