"""What the server knows of each user's changes: stamps, one clock, and a journal of the latest ones.

A stamp is an integer of its user's own clock, `max(last + 1, milliseconds since 1970)`. A write takes one and
reaches Directus under the user's lock; a read takes one under the same lock before its first query. So
everything up to a read's stamp is on the disk when it asks, and what comes later has a higher stamp.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hearth.core.dataclass_json import MAX_SAFE_INTEGER
from server_mock.protocol.answered_mutations import AnsweredMutations
from server_mock.protocol.packing import Unit

MAX_JOURNAL_ENTRIES = 256
MAX_JOURNAL_CHARS = 4 * 1024 * 1024
MAX_KNOWN_CHATS = 10_000
MAX_USERS = 10_000


class Stamps:
    """Stamps as the opaque text that devices keep; text made from another `secret` is not accepted.

    So a device that stood at data which is no longer there (another file, another Directus) is warmed again.
    """

    def __init__(self, secret: bytes) -> None:
        self._epoch = hmac.new(secret, b"hearth stamps", hashlib.sha256).hexdigest()[:8]

    def text(self, stamp: int) -> str:
        """The text of a stamp."""
        return f"{self._epoch}-{stamp}"

    def parse(self, text: str) -> int | None:
        """The stamp of a text, or None when it is not one of ours."""
        epoch, _, digits = text.partition("-")
        if epoch != self._epoch or not digits.isascii() or not digits.isdigit() or len(digits) > 16:
            return None
        stamp = int(digits)
        return stamp if stamp <= MAX_SAFE_INTEGER else None


@dataclass(frozen=True, slots=True)
class Change:
    """One write: its stamp, its records, and the device that made it (None: none that is connected).

    `by` is the connection that it came over, if the answer for these `mutations` takes the place of the records there.
    """

    stamp: int
    units: Sequence[Unit]
    origin: str | None = None
    by: object = None
    mutations: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """How much an account keeps: records, and their bytes."""

    records: int = 0
    size_bytes: int = 0

    def __add__(self, more: Usage) -> Usage:
        return Usage(self.records + more.records, self.size_bytes + more.size_bytes)


@dataclass(slots=True)
class UserState:
    """What the server knows of one user's changes, in memory only."""

    now_ms: Callable[[], int]
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    newest: int | None = None
    """No change is newer than this; None when nothing is known, as after a restart."""
    chat_ids: set[str] = field(default_factory=set)
    """Chats that are known to be the user's own."""
    listeners: set[asyncio.Event] = field(default_factory=set)
    answered: AnsweredMutations = field(default_factory=AnsweredMutations)
    usage: Usage | None = None
    """How much the account keeps; None when that is not known."""
    writes_from: float = 0.0
    """When the account's writes so far are paid for: what is ahead of the clock is its burst."""
    _last: int = 0
    _journal: deque[Change] = field(default_factory=deque)
    _journal_chars: int = 0
    _floor: int = 0

    def next_stamp(self) -> int:
        """A stamp higher than every one before. Only under the lock."""
        self._last = max(self._last + 1, self.now_ms())
        return self._last

    def is_future(self, stamp: int) -> bool:
        """Whether a stamp cannot have been given yet."""
        return stamp > max(self._last, self.now_ms())

    async def begin_read(self) -> int:
        """The stamp of a read that begins now: everything up to it is on the disk."""
        async with self.lock:
            stamp = self.next_stamp()
            if self.newest is None:
                self.newest = stamp
            return stamp

    def publish(self, change: Change) -> None:
        """Enter a change that is on the disk into the journal, and wake who listens. Only under the lock."""
        self.newest = change.stamp
        self._journal.append(change)
        self._journal_chars += _chars(change)
        while len(self._journal) > MAX_JOURNAL_ENTRIES or self._journal_chars > MAX_JOURNAL_CHARS:
            gone = self._journal.popleft()
            self._journal_chars -= _chars(gone)
            self._floor = gone.stamp
        self.wake()

    def lose_track(self) -> None:
        """Know nothing of what is on the disk: a write broke off. Whoever follows asks the disk once more."""
        self.newest = None
        self.usage = None
        self._journal.clear()
        self._journal_chars = 0
        self._floor = self._last

    def wake(self) -> None:
        """Wake who listens: something has changed, or a session has ended."""
        for listener in self.listeners:
            listener.set()

    def changes_after(self, stamp: int) -> list[Change] | None:
        """The changes after a stamp, oldest first, or None when the journal does not reach back so far."""
        if stamp < self._floor:
            return None
        return [change for change in self._journal if change.stamp > stamp]

    def learn_chats(self, ids: Sequence[str]) -> None:
        """Note that chats are the user's own."""
        if len(self.chat_ids) > MAX_KNOWN_CHATS:
            self.chat_ids.clear()
        self.chat_ids.update(ids)

    @property
    def idle(self) -> bool:
        """Whether nobody would miss this state."""
        return not self.listeners and not self.lock.locked()


class UserStates:
    """The states of all users; beyond `MAX_USERS` the longest unused idle ones are forgotten."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._states: dict[str, UserState] = {}

    def of(self, user_id: str) -> UserState:
        """The state of a user."""
        state = self._states.pop(user_id, None) or UserState(self._now_ms)
        self._states[user_id] = state
        if len(self._states) > MAX_USERS:
            idle = next((key for key, each in self._states.items() if each.idle and each is not state), None)
            if idle is not None:
                del self._states[idle]
        return state


def _chars(change: Change) -> int:
    return sum(unit.chars for unit in change.units)
