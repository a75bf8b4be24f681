"""Looks once a minute whether accounts were changed or deleted at Directus by somebody else than this server.

An entry that changed is read anew by the next sign-in. The sessions of an account that is deleted are revoked within
two minutes, since an account counts as deleted when two looks in a row do not find it. Where most accounts are gone at
once, other data is there by mistake, or a backup is being restored: then no session is ended, and the log says so. The
sessions of a disabled account expire at the first look.

The requests go over a client of their own, so that no reload and no warming waits for one or is counted with them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.directus.schema import Row
from server_mock.protocol.account_disabling import is_disabled
from server_mock.protocol.accounts import Accounts, entry_of
from server_mock.protocol.change_log import UserStates
from server_mock.protocol.sessions import Sessions

_log = logging.getLogger(__name__)

CHECK_S = 60.0
AT_ONCE = 500
"""Accounts of one request."""

MANY = 4
"""Of so many accounts or more, most that are gone at once are no deletions."""

MOST_GONE = "%d of %d accounts that are signed in are gone from Directus at once; no session is ended for that."


class AccountWatch:
    """Compares what the server remembers of accounts with what Directus has."""

    def __init__(self, client: DirectusClient, accounts: Accounts, sessions: Sessions, states: UserStates) -> None:
        self._client = client
        self._accounts = accounts
        self._sessions = sessions
        self._states = states
        self._missing: set[str] = set()
        """The accounts that the last look did not find."""

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                await self.check()
            except DirectusError as error:
                _log.warning("The accounts could not be compared with Directus: %s", error)

    async def check(self) -> None:
        """Look once. Raises `DirectusError`."""
        remembered = self._accounts.remembered()
        signed_in = self._sessions.users()
        by_email = await self._rows("hashed_email", remembered)
        by_id = {row["id"]: row for row in await self._rows("id", signed_in)}
        found = {row["hashed_email"]: row for row in by_email}
        for hashed_email, entry in remembered.items():
            row = found.get(hashed_email)
            there = None if row is None else replace(entry_of(row), last_opened=None)
            if there != (None if entry is None else replace(entry, last_opened=None)):
                self._accounts.forget_if(hashed_email, entry)
        for row in by_id.values():
            self._sessions.readdress(row["id"], row["hashed_email"])
            if is_disabled(row):
                self._expire(row["id"])
        self._end_deleted(signed_in - by_id.keys(), len(signed_in))

    def _end_deleted(self, gone: set[str], watched: int) -> None:
        twice, self._missing = gone & self._missing, gone
        if watched >= MANY and len(gone) * 2 > watched:
            _log.warning(MOST_GONE, len(gone), watched)
            return
        for user_id in twice:
            self.end(user_id)

    def end(self, user_id: str) -> None:
        """Revoke every session of an account, and wake its connections, which end with them."""
        for session in self._sessions.of_user(user_id):
            self._sessions.end(session)
        self._states.of(user_id).wake()

    def _expire(self, user_id: str) -> None:
        """Let the sessions of an account expire: its devices lock themselves, and delete nothing."""
        for session in self._sessions.of_user(user_id):
            self._sessions.expire(session)
        self._states.of(user_id).wake()

    async def _rows(self, field: str, values: Iterable[str]) -> list[Row]:
        asked, found = sorted(values), list[Row]()
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            found += await self._client.search("users", filter={field: {"_in": some}}, limit=len(some))
        return found
