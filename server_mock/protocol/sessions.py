"""Sessions: 32 random bytes in a cookie, of which only the SHA-256 is kept here or written down."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

_log = logging.getLogger(__name__)

STAY_S = 30 * 24 * 3600
"""How long a session lasts with «Stay signed in»; also the cookie's Max-Age."""

VISIT_S = 24 * 3600
"""How long it lasts without; the cookie ends with the browser."""

MAX_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in device; `expires_at` is in seconds since 1970."""

    key: str
    user_id: str
    hashed_email: str
    expires_at: float


class Sessions:
    """The sessions that are open; beyond `max_sessions` the oldest ends.

    With a `path` they outlive the process: the file holds hashes and user ids, and is its owner's alone.
    """

    def __init__(
        self,
        now_s: Callable[[], float],
        path: Path | None = None,
        max_sessions: int = MAX_SESSIONS,
    ) -> None:
        self._now_s = now_s
        self._path = path
        self._max_sessions = max_sessions
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        if path is not None and path.exists():
            self._load(path)

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, user_id: str, hashed_email: str, *, stay: bool) -> str:
        """Open a session: the token for the cookie."""
        token = secrets.token_urlsafe(32)
        key = _key(token)
        expires_at = self._now_s() + (STAY_S if stay else VISIT_S)
        self._sessions[key] = Session(key, user_id, hashed_email, expires_at)
        while len(self._sessions) > self._max_sessions:
            self._sessions.popitem(last=False)
        self._save()
        return token

    def find(self, token: str | None) -> Session | None:
        """The session of a token, if it is open."""
        if not token:
            return None
        session = self._sessions.get(_key(token))
        return session if session is not None and self.is_open(session) else None

    def is_open(self, session: Session) -> bool:
        """Whether a session goes on."""
        if session.key not in self._sessions:
            return False
        if session.expires_at <= self._now_s():
            self.end(session)
            return False
        return True

    def end(self, session: Session) -> None:
        """End a session; nothing happens when it has ended."""
        if self._sessions.pop(session.key, None) is not None:
            self._save()

    def _load(self, path: Path) -> None:
        """Read what an earlier process wrote; a file that cannot be read means signing in again, no more."""
        try:
            for entry in json.loads(path.read_text()):
                session = Session(**entry)
                self._sessions[session.key] = session
        except (OSError, ValueError, TypeError):
            self._sessions.clear()

    def _save(self) -> None:
        if self._path is None:
            return
        text = json.dumps([asdict(session) for session in self._sessions.values()])
        try:
            write_private(self._path, text.encode())
        except OSError as error:
            _log.warning("The sessions cannot be written down: %s", error.strerror)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    draft.replace(path)


def _key(token: str) -> str:
    return sha256(token.encode()).hexdigest()
