"""Writes `last_opened`: in order for each user, and only the latest of what came while a write was under way."""

from __future__ import annotations

import asyncio
import logging

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.protocol.accounts import Accounts, UserEntry
from server_mock.protocol.change_log import UserState
from server_mock.protocol.delta import owned_by
from server_mock.protocol.tasks import Tasks
from server_mock.protocol.warming_cache import Warmings

_log = logging.getLogger(__name__)

CLOSE_S = 1.0
"""How long writes under way may take when the server stops."""


class LastOpened:
    """One writer for each user who has something to write."""

    def __init__(self, client: DirectusClient, accounts: Accounts, warmings: Warmings) -> None:
        self._client = client
        self._accounts = accounts
        self._warmings = warmings
        self._wanted: dict[str, str | None] = {}
        self._writing: set[str] = set()
        self._tasks = Tasks()

    async def opened(self, user: UserEntry, state: UserState, chat_id: str) -> None:
        """Note that the user opened a chat; a chat that is not theirs, or is open already, changes nothing.

        Raises `DirectusError` when it cannot be found out whose the chat is.
        """
        if chat_id == user.last_opened:
            return
        if chat_id not in state.chat_ids:
            row = await self._client.read("chats", chat_id)
            if row is None or not owned_by(row, user.hashed_id) or row["deleted_at"] is not None:
                return
            state.learn_chats([chat_id])
        self.set(user, chat_id)

    def set(self, user: UserEntry, chat_id: str | None) -> None:
        """Write this value, now or after the write that is under way."""
        # At once, so that a device that signs in now gets the right chat first.
        user.last_opened = chat_id
        self._warmings.drop(user.id)
        self._wanted[user.id] = chat_id
        if user.id not in self._writing:
            self._writing.add(user.id)
            self._tasks.start(self._write(user))

    async def settled(self) -> None:
        """Wait until everything is written."""
        await self._tasks.settled()

    async def close(self) -> None:
        """Let what is under way finish, for `CLOSE_S` at most, and cancel the rest."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self.settled()
        except TimeoutError:
            _log.warning("A last opened chat was not written down before the server stopped.")
        await self._tasks.close()

    async def _write(self, user: UserEntry) -> None:
        try:
            while user.id in self._wanted:
                chat_id = self._wanted.pop(user.id)
                await self._client.update("users", user.id, {"last_opened": chat_id})
        except DirectusError as error:
            _log.warning("A last opened chat could not be written down: %s", error)
            # What the cache says is not on the disk: read it anew.
            self._wanted.pop(user.id, None)
            self._accounts.forget(user.hashed_email)
        finally:
            self._writing.discard(user.id)
