"""`GET /metrics` for who has the token, and the counting of requests by the names of the server's own routes."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server_mock.protocol.http_util import NO_STORE, ApiError, answering
from server_mock.protocol.metrics import CONTENT_TYPE, Metrics

PATH = "/metrics"
LEAST_TOKEN_CHARS = 16
NO_TOKEN = "The metrics ask for their token."  # noqa: S105 - a sentence
OTHER = "page"
"""How requests are told that no route of the server's own has: those for the page, and those for nothing."""


class MetricsApi:
    """The handler; `token` is what it asks for."""

    def __init__(self, metrics: Metrics, token: str) -> None:
        self._metrics = metrics
        self._token = token

    def routes(self) -> list[Route]:
        """The route."""
        return [Route(PATH, answering(self.metrics), methods=["GET"])]

    async def metrics(self, request: Request) -> Response:
        """Tell the metrics, to who shows the token."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.strip().encode(), self._token.encode()):
            raise ApiError(401, "no-token", NO_TOKEN, {"WWW-Authenticate": "Bearer"})
        return PlainTextResponse(self._metrics.text(), headers=NO_STORE, media_type=CONTENT_TYPE)


class CountingRequests:
    """Counts the answers of an application by route and status."""

    def __init__(self, app: ASGIApp, metrics: Metrics, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._metrics = metrics
        self._paths = {route.path for route in routes if isinstance(route, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = scope["path"] if scope["path"] in self._paths else OTHER

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.requests.add(route, str(message["status"]))
            await send(message)

        await self._app(scope, receive, counted)
