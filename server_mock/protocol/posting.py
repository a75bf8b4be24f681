"""The route for a frame that is too long for its connection: posted over HTTP, taken as if it had come over that.

It asks for what the connection asks for: the cookie of the session that opened it, and this origin. Its answer,
`written` or `refused`, comes over the connection, where it has its place among the changes.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.errors import FrameTooLarge, ProtocolError
from hearth.core.protocol.codec import MAX_DEVICE_FRAME_CHARS
from server_mock.protocol.api import open_session_of
from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.http_util import (
    NO_CONNECTION,
    NO_STORE,
    ApiError,
    answering,
    read_body,
    refuse_unnamed_origin,
)
from server_mock.protocol.services import Services
from server_mock.protocol.transport import Disconnected

JSON = "application/json"

MAX_AT_ONCE = 8
"""So many frames are read at a time, of all devices: each is held in memory as a whole."""

NOT_TEXT = "A frame must be text."
BUSY = "Too much is being sent at the moment. Try again in a little while."


class Posting:
    """The handler."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._hub = hub
        self._posts = 0

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("/api/write", answering(self.write), methods=["POST"])]

    @property
    def most_chars(self) -> int:
        """The longest frame that is taken: the longest record, beside as much as a connection takes."""
        return self._services.records.max_record_chars + MAX_DEVICE_FRAME_CHARS

    async def write(self, request: Request) -> Response:
        """Take a frame of a connection; it is answered there."""
        refuse_unnamed_origin(request)
        session = open_session_of(request, self._services)
        connection = self._hub.find(session, request.query_params.get("connection", ""))
        if connection is None:
            raise ApiError(404, "no-connection", NO_CONNECTION)
        if self._posts >= MAX_AT_ONCE:
            raise ApiError(429, "busy", BUSY, {"Retry-After": "1"})
        self._posts += 1
        try:
            await connection.take_posted(await self._text(request), self.most_chars)
        except FrameTooLarge as error:
            raise ApiError(413, "too-large", str(error)) from None
        except ProtocolError as error:
            raise ApiError(400, "bad-frame", str(error)) from None
        except Disconnected:
            raise ApiError(404, "no-connection", NO_CONNECTION) from None
        finally:
            self._posts -= 1
        return JSONResponse({}, headers=NO_STORE)

    async def _text(self, request: Request) -> str:
        """The frame; one that a device makes is ASCII."""
        try:
            return (await read_body(request, JSON, self.most_chars + 1)).decode().removesuffix("\n")
        except UnicodeDecodeError:
            raise ApiError(400, "bad-frame", NOT_TEXT) from None
