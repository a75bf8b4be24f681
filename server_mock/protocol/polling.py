"""The routes of polled connections, for devices whose WebSocket does not get through a proxy.

A polled connection is served by the same code as a WebSocket and asks for the same: the cookie of an open session, and
this origin. Every request is checked; the id of a connection is worth nothing without the session that opened it.
"""

from __future__ import annotations

import asyncio
import json
import logging

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.protocol.codec import MAX_DEVICE_FRAME_CHARS
from server_mock.protocol.api import open_session_of
from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.device_connection import Connection
from server_mock.protocol.http_util import (
    LINES,
    NO_CONNECTION,
    NO_STORE,
    ApiError,
    answering,
    number_of,
    object_of,
    read_body,
    read_json,
    refuse_unnamed_origin,
    text_of,
)
from server_mock.protocol.polled_transport import OutOfOrder, PolledTransport, TooManyPosts
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import Session
from server_mock.protocol.transport import CLOSE_INTERNAL, CLOSE_NORMAL, CLOSE_POLICY, CLOSE_RESTART, Disconnected

_log = logging.getLogger(__name__)

"""One JSON text on each line: the first says which frames follow."""

MAX_SEND_BYTES = 4 * MAX_DEVICE_FRAME_CHARS
"""As much as a WebSocket's message may have."""

MAX_ID_CHARS = 200
MAX_OF_SESSION = 4
"""Polled connections of one session; one more ends the oldest, which nobody may ask for any longer."""

OUT_OF_ORDER = "This number does not follow on what came before."
CROWDED = "Too many devices are connected at the moment. Try again in a little while."


class Polling:
    """The handlers, and the polled connections by their id."""

    def __init__(self, services: Services, hub: Hub, idle_s: float) -> None:
        self._services = services
        self._hub = hub
        self._idle_s = idle_s
        self._connections: dict[str, tuple[Session, PolledTransport]] = {}
        services.on_stop.append(self._restart)

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/api/poll/open", answering(self.open), methods=["POST"]),
            Route("/api/poll/send", answering(self.send), methods=["POST"]),
            Route("/api/poll", answering(self.poll), methods=["POST"]),
            Route("/api/poll/close", answering(self.close), methods=["POST"]),
        ]

    async def open(self, request: Request) -> Response:
        """Open a connection for an account: its id."""
        refuse_unnamed_origin(request)
        body = await read_json(request)
        session = open_session_of(request, self._services, of=text_of(body, "account", MAX_ID_CHARS))
        if self._hub.full:
            raise ApiError(503, "crowded", CROWDED, {"Retry-After": "5"})
        own = [transport for of, transport in self._connections.values() if of.key == session.key]
        for oldest in own[: len(own) - MAX_OF_SESSION + 1]:
            oldest.end(CLOSE_POLICY)
            oldest.drop()
        transport = PolledTransport(self._gone)
        self._connections[transport.id] = (session, transport)
        self._services.polled.start(self._serve(transport, session))
        return JSONResponse({"connection": transport.id}, headers=NO_STORE)

    async def send(self, request: Request) -> Response:
        """Take frames of the device, each once whatever is repeated: how many it has sent by now."""
        refuse_unnamed_origin(request)
        session = open_session_of(request, self._services)
        head, *lines = (await read_body(request, LINES, MAX_SEND_BYTES)).removesuffix(b"\n").split(b"\n")
        body = object_of(head)
        transport = self._find(body, session)
        try:
            received = await transport.take(number_of(body, "first"), [_text(line) for line in lines])
        except OutOfOrder:
            raise ApiError(409, "out-of-order", OUT_OF_ORDER) from None
        except TooManyPosts:
            raise ApiError(429, "busy", "Wait for the answer before you send more.", {"Retry-After": "1"}) from None
        except Disconnected:
            raise ApiError(404, "no-connection", NO_CONNECTION) from None
        return JSONResponse({"received": received}, headers=NO_STORE)

    async def poll(self, request: Request) -> Response:
        """Answer the frames after those that have arrived, as soon as there is one."""
        refuse_unnamed_origin(request)
        body = await read_json(request)
        session = open_session_of(request, self._services)
        try:
            polled = await self._find(body, session).poll(number_of(body, "after"))
        except OutOfOrder:
            raise ApiError(409, "out-of-order", OUT_OF_ORDER) from None
        head = json.dumps({"cursor": polled.cursor, "closed": polled.closed})
        return Response("\n".join([head, *polled.frames]), media_type=LINES, headers=NO_STORE)

    async def close(self, request: Request) -> Response:
        """The device leaves."""
        refuse_unnamed_origin(request)
        body = await read_json(request)
        self._find(body, open_session_of(request, self._services)).drop()
        return Response(status_code=204, headers=NO_STORE)

    def _find(self, body: dict[str, object], session: Session) -> PolledTransport:
        of, transport = self._connections.get(text_of(body, "connection", MAX_ID_CHARS), (None, None))
        if of is None or transport is None or of.key != session.key:
            raise ApiError(404, "no-connection", NO_CONNECTION)
        return transport

    async def _serve(self, transport: PolledTransport, session: Session) -> None:
        code = CLOSE_NORMAL
        try:
            await self._hub.serve(Connection(transport, session, self._services, self._idle_s, transport.id))
        except asyncio.CancelledError:
            code = CLOSE_RESTART
            raise
        except Exception:  # noqa: BLE001 - the connection ends here, and the log says why
            _log.exception("A polled connection could not be served.")
            code = CLOSE_INTERNAL
        finally:
            transport.end(code)

    def _gone(self, transport: PolledTransport) -> None:
        self._connections.pop(transport.id, None)

    def _restart(self) -> None:
        """The server stops: answer the polls that wait."""
        for _session, transport in self._connections.values():
            transport.end(CLOSE_RESTART)


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None
