"""Sessions on the disk, a collection of Directus: read once at the start, then written through, never read again.

What the disk is to hold and does not yet waits here; one task writes it, all that is new in one request. What Directus
does not take is tried again later, as long as the server runs. The client is one of its own: the request log of the
protocol's client tells what warming and writing cost, and a sign-in alone costs a request here.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from functools import partial

from server_mock.directus.client import DirectusClient, DirectusConflict, DirectusError, DirectusRefused
from server_mock.directus.schema import Row

_log = logging.getLogger(__name__)

COLLECTION = "sessions"

PAGE_ROWS = 1_000
"""Rows of one request at the start; a Directus whose own limit is lower gives fewer, and is asked more often."""

AT_ONCE = 50
"""Rows of one request that writes: some 100 KB at most, whatever Directus takes."""

AGAIN_S = 30.0
"""How long after a failure what is not on the disk is tried again."""

CLOSE_S = 1.0
"""How long writes under way may take when the server stops."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A row of `sessions`: moments in milliseconds since 1970, of the token only its SHA-256 as hex text.

    What may be null is so in the rows of earlier versions.
    """

    id: str
    token_hash: str
    user_id: str
    hashed_email: str
    expires_at: int
    revoked: bool
    device: str | None = None
    name: str | None = field(default=None, repr=False)
    begun_at: int | None = None
    seen_at: int | None = None
    ended_at: int | None = None
    wiped_at: int | None = None


class SessionStore:
    """The one way of the sessions to Directus."""

    def __init__(self, client: DirectusClient, pause: Callable[[], Awaitable[object]] | None = None) -> None:
        """`pause` is what comes between a failure and the next try: `AGAIN_S` seconds."""
        self._client = client
        self._pause = pause or partial(asyncio.sleep, AGAIN_S)
        self._wanted: dict[str, StoredSession | None] = {}
        """What the disk is to hold by id; None: nothing."""
        self._there: set[str] = set()
        """The ids of the rows that the disk has."""
        self._writing: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        """Set once everything that is wanted has been written, or was tried in vain."""
        self._tried.set()

    async def load(self) -> list[StoredSession]:
        """Every session that the disk has, those that end first, first. Raises `DirectusError`."""
        sessions: list[StoredSession] = []
        while rows := await self._client.search(
            COLLECTION, sort=("expires_at", "id"), limit=PAGE_ROWS, offset=len(sessions)
        ):
            sessions.extend(map(_session_of, rows))
        self._there.update(each.id for each in sessions)
        return sessions

    def save(self, session: StoredSession) -> None:
        """Write a session, new or changed."""
        self._want(session.id, session)

    def delete(self, session_id: str) -> None:
        """Delete a session."""
        self._want(session_id, None)

    async def written(self, within_s: float) -> bool:
        """Wait until all is written, or has failed, for so long at most; whether it is written."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._tried.wait()
        return self._writing is None or self._writing.done()

    async def close(self) -> None:
        """Let what is under way reach the disk, try once more what has failed, for `CLOSE_S` at most, and stop."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._tried.wait()
                await self._write_all(self._wanted)
        except (DirectusError, TimeoutError):
            _log.warning("Some sessions were not written down before the server stopped.")
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    def _want(self, session_id: str, session: StoredSession | None) -> None:
        self._wanted[session_id] = session
        if self._writing is None or self._writing.done():
            self._tried.clear()
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        """Write until there is nothing left; after a failure there is a pause, and nobody waits for the next try."""
        while self._wanted:
            wanted, self._wanted = self._wanted, {}
            try:
                await self._write_all(wanted)
            except DirectusError as error:
                _log.warning("Sessions could not be written down: %s", error)
                self._wanted = {**wanted, **self._wanted}
                self._tried.set()
                await self._pause()
        self._tried.set()

    async def _write_all(self, wanted: dict[str, StoredSession | None]) -> None:
        sessions = [each for each in wanted.values() if each is not None]
        for start in range(0, len(sessions), AT_ONCE):
            some = sessions[start : start + AT_ONCE]
            await self._create([each for each in some if each.id not in self._there])
            await self._update([each for each in some if each.id in self._there])
            self._there.update(each.id for each in some)
        for session_id in [each for each in wanted if wanted[each] is None and each in self._there]:
            await self._client.delete(COLLECTION, session_id)
            self._there.discard(session_id)

    async def _update(self, sessions: list[StoredSession]) -> None:
        """Change rows; those that somebody has deleted at Directus are written anew."""
        try:
            await self._client.update_each(COLLECTION, [asdict(each) for each in sessions])
        except DirectusRefused:
            there = set(await self._client.there_of(COLLECTION, [each.id for each in sessions]))
            if len(there) == len(sessions):
                raise
            self._there.difference_update(each.id for each in sessions if each.id not in there)
            await self._create([each for each in sessions if each.id not in there])
            await self._client.update_each(COLLECTION, [asdict(each) for each in sessions if each.id in there])

    async def _create(self, sessions: list[StoredSession]) -> None:
        """Insert rows; one that is there already was written by a request whose answer was lost."""
        try:
            await self._client.create(COLLECTION, [asdict(each) for each in sessions])
        except DirectusConflict:
            for each in sessions:
                with suppress(DirectusConflict):
                    await self._client.create(COLLECTION, [asdict(each)])
                self._there.add(each.id)
            await self._client.update_each(COLLECTION, [asdict(each) for each in sessions])


def _session_of(row: Row) -> StoredSession:
    return StoredSession(**{each.name: row[each.name] for each in fields(StoredSession)})


def row_id(token_hash: str) -> str:
    """The id of a session's row, made of the hash of its token: to write one again makes no second row."""
    return str(uuid.UUID(token_hash[:32]))
