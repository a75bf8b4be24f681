"""The devices of an account as its "Devices" list tells them: one for each browser, whatever sessions it had.

A device is listed while one of its sessions is open. One that another device signed out stays listed until it has
reported that it has deleted what it stored, and a day longer; at the latest until its session is forgotten.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.sessions import Session, Sessions, in_ms

MOST_LISTED = 100
"""Devices of a list, this one first, then those that were here last."""

WIPED_LISTED_S = 24 * 3600
"""How long after its wipe a device that was signed out elsewhere is still listed."""


class Devices:
    """The devices of each account, and their end."""

    def __init__(self, sessions: Sessions, hub: Hub) -> None:
        self._sessions = sessions
        self._hub = hub

    def listed(self, own: Session, now_s: float) -> list[dict[str, Any]]:
        """The devices of the account whose session asks; moments in milliseconds since 1970."""
        shown = [each for each in self._latest(own.user_id) if self._is_listed(each, now_s)]
        shown.sort(key=lambda each: (each.device != own.device, -(each.seen_at or 0.0)))
        return [self._told(each, own) for each in shown[:MOST_LISTED]]

    def open_of(self, own: Session, device: str) -> list[Session]:
        """The open sessions of another device of the account whose session asks."""
        return [each for each in self._others(own) if each.device == device]

    async def end(self, sessions: Iterable[Session]) -> None:
        """End these sessions at once, as another device of the account wishes."""
        await self._end(list(sessions), elsewhere=True)

    async def end_others(self, own: Session) -> None:
        """End the sessions of every other device of the account."""
        await self.end(self._others(own))

    async def leave(self, own: Session) -> None:
        """A device signs itself out: all of its sessions end."""
        same = [each for each in self._sessions.of_user(own.user_id) if each.device == own.device]
        await self._end(same, elsewhere=False)

    async def _end(self, sessions: list[Session], *, elsewhere: bool) -> None:
        # None of them does anything more, however long a connection takes to hear of it.
        for each in sessions:
            self._sessions.end(each, elsewhere=elsewhere)
        await asyncio.gather(*(self._hub.end_session(each) for each in sessions))

    def _others(self, own: Session) -> list[Session]:
        return [each for each in self._sessions.of_user(own.user_id) if each.device != own.device]

    def _latest(self, user_id: str) -> list[Session]:
        """One session of each device: an open one before one that has ended, the later one before the earlier."""
        latest: dict[str, Session] = {}
        known = self._sessions.known_of(user_id)
        for each in sorted(known, key=lambda each: (self._sessions.is_open(each), each.begun_at or 0.0)):
            latest[each.device] = each
        return list(latest.values())

    def _is_listed(self, session: Session, now_s: float) -> bool:
        if self._sessions.is_open(session):
            return True
        if session.ended_at is None:
            return False
        return session.wiped_at is None or session.wiped_at + WIPED_LISTED_S > now_s

    def _told(self, session: Session, own: Session) -> dict[str, Any]:
        return {
            "id": session.device,
            "name": session.name,
            "begun_at": in_ms(session.begun_at),
            "seen_at": in_ms(session.seen_at),
            "current": session.device == own.device,
            "online": self._sessions.is_open(session) and self._hub.is_online(session.device, session.user_id),
            "ended_at": in_ms(session.ended_at),
            "wiped_at": in_ms(session.wiped_at),
        }
