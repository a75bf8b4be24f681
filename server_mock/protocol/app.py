"""The composition: one Starlette application of the API, both transports, the control routes and the page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from hearth.core.protocol.server_events import SessionEnd
from server_mock.protocol.account_deletion import AccountDeletionApi
from server_mock.protocol.api import Api, DemoAccount, session_of
from server_mock.protocol.assistant import AssistantApi
from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.device_api import DeviceApi
from server_mock.protocol.device_connection import IDLE_S, Connection
from server_mock.protocol.health import HealthApi
from server_mock.protocol.http_util import same_origin
from server_mock.protocol.metrics_api import CountingRequests, MetricsApi
from server_mock.protocol.passkeys_api import PasskeysApi
from server_mock.protocol.polling import Polling
from server_mock.protocol.posting import Posting
from server_mock.protocol.services import Services
from server_mock.protocol.sign_up import SignUp, SignUpApi
from server_mock.protocol.static import SecurityHeaders
from server_mock.protocol.transport import WebSocketTransport
from server_mock.protocol.ways_api import WaysApi

DRAIN_S = 5.0
"""How long the server works on what it has taken once it is to stop; ten seconds are common before it is killed."""


def make_app(
    services: Services,
    *,
    page: ASGIApp | None = None,
    demo: DemoAccount | None = None,
    sign_up: SignUp = SignUp.OPEN,
    control: Sequence[BaseRoute] = (),
    metrics_token: str | None = None,
    idle_s: float = IDLE_S,
) -> ASGIApp:
    """The server as an ASGI application. `page` answers everything that has no route of its own.

    With `metrics_token` it tells its metrics to who has that.

    The application owns the services from its start: they are closed when it shuts down.
    """
    hub = Hub()
    services.metrics.connections = hub.counted
    services.before_stop.append(lambda: hub.restart(DRAIN_S))

    async def connect(socket: WebSocket) -> None:
        session = session_of(socket, services, of=socket.query_params.get("account"))
        # A page's WebSocket always names its origin; nobody else has a reason to come here.
        if isinstance(session, SessionEnd) or hub.full or not same_origin(socket):
            # Before it is accepted: the handshake is answered with 403.
            await socket.close()
            return
        if services.faults.refuses_websocket():
            await socket.close()
            return
        if services.faults.silences_websocket():
            await _say_nothing(socket)
            return
        named = socket.query_params.get("connection", "")
        await hub.serve(Connection(WebSocketTransport(socket), session, services, idle_s, named))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        own = [asyncio.create_task(each.run()) for each in (services.watch, services.purge)]
        try:
            yield
        finally:
            for each in own:
                each.cancel()
            await asyncio.gather(*own, return_exceptions=True)
            await services.close()

    routes: list[BaseRoute] = [
        *Api(services, hub, demo).routes(),
        *DeviceApi(services, hub).routes(),
        *AccountDeletionApi(services).routes(),
        *SignUpApi(services, sign_up).routes(),
        *WaysApi(services, hub).routes(),
        *PasskeysApi(services).routes(),
        *Polling(services, hub, idle_s).routes(),
        *AssistantApi(services).routes(),
        *Posting(services, hub).routes(),
        *HealthApi(services).routes(),
        WebSocketRoute("/ws", connect),
        *control,
    ]
    if metrics_token:
        routes += MetricsApi(services.metrics, metrics_token).routes()
    own = tuple(routes)
    if page is not None:
        routes.append(Mount("/", page))
    return SecurityHeaders(CountingRequests(Starlette(routes=routes, lifespan=lifespan), services.metrics, own))


async def _say_nothing(socket: WebSocket) -> None:
    """What some proxies do: open a WebSocket, and let nothing through."""
    await socket.accept()
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
