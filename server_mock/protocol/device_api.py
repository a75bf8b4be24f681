"""The routes of the "Devices" list: the account's devices, what this one calls itself, and the end of others."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.records.envelope import has_sealed_form
from server_mock.protocol.api import delete_cookie, open_session_of, token_of
from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.devices import Devices
from server_mock.protocol.http_util import NO_STORE, ApiError, answering, read_json, text_of
from server_mock.protocol.services import Services

MAX_ID_CHARS = 64
MAX_NAME_CHARS = 1_000
"""The longest name, sealed."""

NO_DEVICE = "There is no such device in this account, or it is signed out already."
NOT_SEALED = 'The field "name" must be a sealed value.'


class DeviceApi:
    """The handlers. Whoever asks is signed in, and names the account, since the tabs of a browser share the cookie."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self._services = services
        self._devices = Devices(services.sessions, hub)

    def routes(self) -> list[Route]:
        """The routes under `/api/devices`."""
        return [
            Route("/api/devices", answering(self.list), methods=["GET"]),
            Route("/api/devices/name", answering(self.name), methods=["POST"]),
            Route("/api/devices/end", answering(self.end), methods=["POST"]),
            Route("/api/devices/wiped", answering(self.wiped), methods=["POST"]),
        ]

    async def list(self, request: Request) -> Response:
        """The devices of the account."""
        own = open_session_of(request, self._services, of=request.query_params.get("account"))
        now_s = self._services.clocks.wall_s()
        answer = {"devices": self._devices.listed(own, now_s), "now": round(now_s * 1000)}
        return JSONResponse(answer, headers=NO_STORE)

    async def name(self, request: Request) -> Response:
        """Note what this device calls itself; `device` is its id, to which the sealed name is bound."""
        body = await read_json(request)
        own = open_session_of(request, self._services, of=text_of(body, "account", MAX_ID_CHARS))
        device, name = text_of(body, "device", MAX_ID_CHARS), text_of(body, "name", MAX_NAME_CHARS)
        if device != own.device:
            raise ApiError(409, "another-device", NO_DEVICE)
        if not has_sealed_form(name):
            raise ApiError(400, "bad-field", NOT_SEALED)
        self._services.sessions.name(own.device, own.user_id, name)
        return Response(status_code=204, headers=NO_STORE)

    async def end(self, request: Request) -> Response:
        """Sign out another device of the account, or with `others` all of them; answers once the disk has it."""
        body = await read_json(request)
        own = open_session_of(request, self._services, of=text_of(body, "account", MAX_ID_CHARS))
        if body.get("others") is True:
            await self._devices.end_others(own)
        else:
            sessions = self._devices.open_of(own, text_of(body, "device", MAX_ID_CHARS))
            if not sessions:
                raise ApiError(404, "no-device", NO_DEVICE)
            await self._devices.end(sessions)
        await self._services.sessions.written()
        return Response(status_code=204, headers=NO_STORE)

    async def wiped(self, request: Request) -> Response:
        """A device whose session was revoked has deleted what it stored of the account, or with no account of all.

        Nothing else is told or changed; a session that is open stays so.
        """
        body = await read_json(request)
        account = body.get("account")
        if not (account is None or isinstance(account, str)):
            raise ApiError(400, "bad-field", 'The field "account" must be text or null.')
        session = self._services.sessions.revoked(token_of(request))
        response = Response(status_code=204, headers=NO_STORE)
        if session is not None and account in (None, session.user_id):
            self._services.sessions.wiped(session)
            await self._services.sessions.written()
            delete_cookie(response, request, self._services)
        return response
