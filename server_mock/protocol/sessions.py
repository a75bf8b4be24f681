"""Sessions: 32 random bytes in a cookie, of which only the SHA-256 is kept in memory and on the disk.

All of them are in memory, so that no request of a device costs one to Directus; `SessionStore` writes them through to
the disk. A session that was revoked, or whose time is over, is remembered for a while: the device is told which of
the two it is, since it deletes what it stores after the one and only locks itself after the other.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from hashlib import sha256

from hearth.core.protocol.server_events import SessionEnd
from server_mock.protocol.session_store import SessionStore, StoredSession, row_id

STAY_S = 30 * 24 * 3600
"""How long a session lasts with «Stay signed in»; also the cookie's Max-Age."""

VISIT_S = 24 * 3600
"""How long it lasts without; the cookie ends with the browser."""

REMEMBERED_S = 30 * 24 * 3600
"""How long after its time a session is remembered, so that its device hears why it has ended."""

MAX_SESSIONS = 10_000

SEEN_S = 3600.0
"""How exactly it is known when a device was here last: it is written down so often at most."""

MAX_REPLACED = 1_000
"""How many tokens that a sign-in has replaced are remembered: their last requests come within seconds."""

WRITE_S = 2.0
"""How long a sign-in waits for its session to be on the disk; after that it is written later."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in device; moments are in seconds since 1970, `key` is the hash of the token.

    `device` is the id that a browser keeps from one sign-in to the next of the same account, as long as its cookie
    lasts; `name` what the device calls itself, sealed. `ended_at` is when another device ended the session, `wiped_at`
    when this one had deleted what it stored.
    """

    key: str
    user_id: str
    hashed_email: str
    expires_at: float
    revoked: bool = False
    device: str = ""
    name: str | None = field(default=None, repr=False)
    begun_at: float | None = None
    seen_at: float | None = None
    ended_at: float | None = None
    wiped_at: float | None = None


class Sessions:
    """The sessions that are open and those that have ended lately; beyond `max_sessions` some are forgotten.

    Without a `store` they last as long as the process.
    """

    def __init__(
        self,
        now_s: Callable[[], float],
        store: SessionStore | None = None,
        max_sessions: int = MAX_SESSIONS,
    ) -> None:
        self._now_s = now_s
        self._store = store
        self._max_sessions = max_sessions
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._replaced: OrderedDict[str, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    async def load(self) -> None:
        """Read what an earlier process wrote. Raises `DirectusError`."""
        if self._store is None:
            return
        for row in await self._store.load():
            self._sessions[row.token_hash] = _from_store(row)
        self.forget_old()

    def adopt(self, sessions: Iterable[Session]) -> None:
        """Take over sessions that another server began, unless they are known."""
        for session in sessions:
            if session.key not in self._sessions:
                self._put(replace(session, device=session.device or row_id(session.key)))

    def begin(self, user_id: str, hashed_email: str, *, stay: bool, before: str | None = None) -> str:
        """Open a session: the token for the cookie. `before` is the token that the browser had until now."""
        token, now = secrets.token_urlsafe(32), self._now_s()
        known = self._of(before)
        same = known if known is not None and known.user_id == user_id else None
        self._put(
            Session(
                _key(token),
                user_id,
                hashed_email,
                expires_at=now + (STAY_S if stay else VISIT_S),
                device=same.device if same else row_id(_key(token)),
                name=same.name if same else None,
                begun_at=now,
                seen_at=now,
            )
        )
        if known is not None:
            self._replaced[known.key] = None
            if len(self._replaced) > MAX_REPLACED:
                self._replaced.popitem(last=False)
        if len(self._sessions) > self._max_sessions:
            self.forget_old()
        return token

    def is_replaced(self, token: str | None) -> bool:
        """Whether the browser that shows this token has signed in since: its cookie holds another one, or will soon."""
        return token is not None and _key(token) in self._replaced

    async def written(self, within_s: float = WRITE_S) -> bool:
        """Wait until the disk has every session as it is now; whether it has within that time."""
        return self._store is None or await self._store.written(within_s)

    def find(self, token: str | None) -> Session | None:
        """The session of a token, if it is open."""
        session = self._of(token)
        return session if session is not None and self.is_open(session) else None

    def is_open(self, session: Session) -> bool:
        """Whether a session goes on."""
        return self._end_of(self._sessions.get(session.key)) is None

    def end_of(self, token: str | None) -> SessionEnd:
        """Why a token opens no session (any longer)."""
        return self._end_of(self._of(token)) or SessionEnd.UNKNOWN

    def end_of_session(self, session: Session) -> SessionEnd:
        """Why a session is not open any longer."""
        return self._end_of(self._sessions.get(session.key)) or SessionEnd.UNKNOWN

    def end(self, session: Session, *, elsewhere: bool = False) -> None:
        """Revoke a session, `elsewhere` if another device does it; nothing happens when it has ended."""
        current = self._sessions.get(session.key)
        if current is not None and self.is_open(current):
            self._put(replace(current, revoked=True, ended_at=self._now_s() if elsewhere else None))

    def end_keys(self, user_id: str, keys: Iterable[str]) -> list[Session]:
        """Revoke the sessions of an account that have these keys; those that were open."""
        wanted = set(keys)
        ending = [each for each in self.of_user(user_id) if each.key in wanted]
        for session in ending:
            self.end(session, elsewhere=True)
        return ending

    def of_user(self, user_id: str) -> list[Session]:
        """The open sessions of an account."""
        return [each for each in self.known_of(user_id) if self.is_open(each)]

    def known_of(self, user_id: str) -> list[Session]:
        """The sessions of an account, those that have ended, too."""
        return [each for each in self._sessions.values() if each.user_id == user_id]

    def users(self) -> set[str]:
        """The accounts that are signed in somewhere."""
        return {each.user_id for each in self._sessions.values() if self.is_open(each)}

    def current(self, session: Session) -> Session:
        """A session as it is now."""
        return self._sessions.get(session.key, session)

    def readdress(self, user_id: str, hashed_email: str) -> None:
        """The account's address is another one by now."""
        for each in self.of_user(user_id):
            if each.hashed_email != hashed_email:
                self._put(replace(each, hashed_email=hashed_email))

    def revoked(self, token: str | None) -> Session | None:
        """The session of a token, if it was revoked."""
        session = self._of(token)
        return session if session is not None and session.revoked else None

    def seen(self, session: Session) -> None:
        """Its device is here; written down once an hour."""
        current, now = self._sessions.get(session.key), self._now_s()
        if current is not None and self.is_open(current) and now - (current.seen_at or 0.0) >= SEEN_S:
            self._put(replace(current, seen_at=now))

    def name(self, device: str, user_id: str, name: str) -> None:
        """Note what a device of an account calls itself."""
        for each in self.known_of(user_id):
            if each.device == device and self.is_open(each):
                self._put(replace(each, name=name))

    def wiped(self, session: Session) -> None:
        """Its device has deleted what it stored: note it at every session of that device which has ended."""
        for each in self.known_of(session.user_id):
            if each.device == session.device and each.revoked and each.wiped_at is None:
                self._put(replace(each, wiped_at=self._now_s()))

    def expire(self, session: Session) -> None:
        """Bring forward the end of a session's time to this moment."""
        current = self._sessions.get(session.key)
        if current is not None and self.is_open(current):
            self._put(replace(current, expires_at=self._now_s()))

    def forget(self, session: Session) -> None:
        """Know nothing of a session any longer, here and on the disk."""
        if self._sessions.pop(session.key, None) is not None and self._store is not None:
            self._store.delete(row_id(session.key))

    async def close(self) -> None:
        """Let what is being written reach the disk."""
        if self._store is not None:
            await self._store.close()

    def _of(self, token: str | None) -> Session | None:
        return self._sessions.get(_key(token)) if token else None

    def _end_of(self, session: Session | None) -> SessionEnd | None:
        if session is None:
            return SessionEnd.UNKNOWN
        if session.revoked:
            return SessionEnd.REVOKED
        return SessionEnd.EXPIRED if session.expires_at <= self._now_s() else None

    def _put(self, session: Session) -> None:
        self._sessions[session.key] = session
        if self._store is not None:
            self._store.save(_to_store(session))

    def forget_old(self) -> None:
        """Forget what is long over; then, while there are too many, what has ended, then those that end first."""
        over = [each for each in self._sessions.values() if each.expires_at + REMEMBERED_S <= self._now_s()]
        for session in over:
            self.forget(session)
        if len(self._sessions) <= self._max_sessions:
            return
        oldest_first = sorted(self._sessions.values(), key=lambda each: (self.is_open(each), each.expires_at))
        for session in oldest_first[: len(self._sessions) - self._max_sessions]:
            self.forget(session)


def _key(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _to_store(session: Session) -> StoredSession:
    return StoredSession(
        id=row_id(session.key),
        token_hash=session.key,
        user_id=session.user_id,
        hashed_email=session.hashed_email,
        expires_at=round(session.expires_at * 1000),
        revoked=session.revoked,
        device=session.device,
        name=session.name,
        **{name: in_ms(getattr(session, name)) for name in _MOMENTS},
    )


def _from_store(row: StoredSession) -> Session:
    return Session(
        row.token_hash,
        row.user_id,
        row.hashed_email,
        row.expires_at / 1000,
        row.revoked,
        row.device or row.id,
        row.name,
        **{name: _in_s(getattr(row, name)) for name in _MOMENTS},
    )


_MOMENTS = ("begun_at", "seen_at", "ended_at", "wiped_at")


def in_ms(moment: float | None) -> int | None:
    """A moment in milliseconds, as the disk and devices have it."""
    return None if moment is None else round(moment * 1000)


def _in_s(moment: int | None) -> float | None:
    return None if moment is None else moment / 1000
