"""The open connections of all devices: counted, and ended with their session."""

from __future__ import annotations

import asyncio
import logging

from server_mock.protocol.device_connection import Connection
from server_mock.protocol.sessions import Session

_log = logging.getLogger(__name__)


class Hub:
    """The open connections; beyond `max_connections` no more are taken."""

    def __init__(self, max_connections: int = 2_000) -> None:
        self._connections: set[Connection] = set()
        self._max_connections = max_connections
        self._takes = True

    @property
    def full(self) -> bool:
        """Whether no more connections are taken."""
        return not self._takes or len(self._connections) >= self._max_connections

    async def serve(self, connection: Connection) -> None:
        """Serve a connection, known to the hub for as long as that takes."""
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    def counted(self) -> dict[str, int]:
        """How many connections there are of each kind."""
        polled = sum(each.polled for each in self._connections)
        return {"websocket": len(self._connections) - polled, "polled": polled}

    def find(self, session: Session, name: str) -> Connection | None:
        """The connection of a session that has this id."""
        own = (each for each in self._connections if each.session.key == session.key)
        return next((each for each in own if name and each.name == name), None)

    def is_online(self, device: str, user_id: str) -> bool:
        """Whether a device of an account is connected."""
        return any((each.session.device, each.session.user_id) == (device, user_id) for each in self._connections)

    async def restart(self, within_s: float) -> None:
        """Take no more connections, and have each device come again, once what it wrote is answered or after a time."""
        self._takes = False
        tasks = {asyncio.create_task(each.restart()) for each in self._connections}
        late = (await asyncio.wait(tasks, timeout=within_s))[1] if tasks else ()
        for each in late:
            each.cancel()
        if late:
            _log.warning("%d devices were not told in time that the server stops.", len(late))

    async def end_session(self, session: Session) -> None:
        """End every connection of a session."""
        ending = [each.end_session() for each in self._connections if each.session.key == session.key]
        await asyncio.gather(*ending, return_exceptions=True)
