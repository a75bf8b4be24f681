"""The HTTP API: challenge, sign-in, session, sign-out, and the demo account in demo mode.

Bodies are JSON objects of at most `MAX_BODY_BYTES`; an error is `{"error": {"code", "message"}}`, its message
a sentence fit to be shown. The session cookie is SameSite=Strict, and a foreign `Origin` is refused besides.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.protocol.server_events import SessionEnd
from hearth.core.records.ways import TYPED, WayKind
from server_mock.protocol.accounts import UserEntry, hash_email, proved
from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.device_connection import SESSION_OVER
from server_mock.protocol.devices import Devices
from server_mock.protocol.http_util import (
    NO_STORE,
    UNAVAILABLE,
    ApiError,
    answering,
    read_json,
    refuse_bad_json,
    text_of,
)
from server_mock.protocol.passkeys import read_ticket
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import STAY_S, Session
from server_mock.protocol.ways import MAX_LOOKUP_HASH_CHARS
from server_mock.wait_text import wait_text

MAX_EMAIL_CHARS = 320
"""RFC 3696, erratum 1690: 64 for the local part, 255 for the domain, and the @."""
MAX_TICKET_CHARS = 1_000
AT_ONCE = 64
"""Sign-ins that are worked on at the same time; the others wait."""
MAX_WAITING = 2_000

COOKIE = "hearth_session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""Over https: the prefix keeps other hosts of the domain from setting it (RFC 6265bis, 4.1.3.2)."""


REJECTED = "The e-mail address or the password is wrong."
PASSKEY_REJECTED = "Your passkey did not open your account, or it took too long. Try again, or use your password."
CROWDED = "Too many people are signing in at the moment. Try again in a little while."


def session_of(connection: HTTPConnection, services: Services, of: str | None = None) -> Session | SessionEnd:
    """The session that a request's cookie names, or why there is none; with `of`, only if it is this account's.

    The tabs of a browser share the cookie: one that still shows the account before must not get this one's data. That
    account's session was revoked when somebody else signed in.
    """
    token = token_of(connection)
    session = services.sessions.find(token)
    if session is None:
        return services.sessions.end_of(token)
    return session if of is None or session.user_id == of else SessionEnd.REVOKED


def open_session_of(connection: HTTPConnection, services: Services, of: str | None = None) -> Session:
    """The open session that a request's cookie names. Raises `ApiError`, whose code says why there is none."""
    found = session_of(connection, services, of)
    if isinstance(found, SessionEnd):
        raise ApiError(401, found.value, SESSION_OVER[found])
    return found


def token_of(connection: HTTPConnection) -> str | None:
    """The token that a request's cookie holds."""
    return connection.cookies.get(cookie_name(connection))


def cookie_name(connection: HTTPConnection) -> str:
    """The name of the session cookie, by whether the connection is encrypted."""
    return SECURE_COOKIE if is_secure(connection) else COOKIE


def delete_cookie(response: Response, request: Request, services: Services) -> None:
    """Have the browser remove the cookie of the session that has ended, unless it has signed in since.

    Another tab may have signed in while the request was under way: the cookie that this answer would remove is then the
    new session's.
    """
    if services.sessions.is_replaced(token_of(request)):
        return
    response.delete_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="strict")


def is_secure(connection: HTTPConnection) -> bool:
    """Whether the connection is encrypted."""
    return connection.scope["scheme"] in ("https", "wss")


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """What the sign-in page shows in demo mode."""

    email: str
    password: str


class Api:
    """The handlers; `demo` is None when there is nothing to show."""

    def __init__(self, services: Services, hub: Hub, demo: DemoAccount | None) -> None:
        self._services = services
        self._devices = Devices(services.sessions, hub)
        self._demo = demo
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    def routes(self) -> list[Route]:
        """The routes under `/api`."""
        return [
            Route("/api/challenge", answering(self.challenge), methods=["POST"]),
            Route("/api/sign-in", answering(self.sign_in), methods=["POST"]),
            Route("/api/sign-out", answering(self.sign_out), methods=["POST"]),
            Route("/api/session", answering(self.session), methods=["GET"]),
            Route("/api/demo", answering(self.demo), methods=["GET"]),
        ]

    async def challenge(self, request: Request) -> Response:
        """Answer the salt and the iterations for an address, of the kind of way that is asked for."""
        self._fail_if_asked()
        body = await read_json(request)
        email = text_of(body, "email", MAX_EMAIL_CHARS)
        kind = body.get("kind", WayKind.PASSWORD)
        if kind not in TYPED:
            raise ApiError(400, "bad-field", f'The field "kind" must be one of {", ".join(TYPED)}.')
        async with self._turn():
            salt, iterations = await self._services.accounts.challenge(email, kind)
        return JSONResponse({"salt": salt, "iterations": iterations}, headers=NO_STORE)

    async def sign_in(self, request: Request) -> Response:
        """Open a session for who knows the password, or has used a passkey, and begin to warm."""
        self._fail_if_asked()
        body = await read_json(request)
        lookup_hash = text_of(body, "lookup_hash", MAX_LOOKUP_HASH_CHARS)
        stay = body.get("stay", False)
        if not isinstance(stay, bool):
            raise ApiError(400, "bad-field", 'The field "stay" must be true or false.')
        if "ticket" in body:
            user = await self._verified_by_ticket(request, text_of(body, "ticket", MAX_TICKET_CHARS), lookup_hash)
        else:
            user = await self._verified(request, text_of(body, "email", MAX_EMAIL_CHARS), lookup_hash)
        way = proved(user, lookup_hash)
        if way is None or not self._services.accounts.still_proves(user.hashed_email, lookup_hash):
            raise ApiError(401, "rejected", REJECTED)  # the ways changed at this very moment
        token = await self._begin(request, user, stay=stay)
        answer = {"account": user.id, "wrapped_master_key": way.wrapped_master_key}
        response = JSONResponse(answer, headers=NO_STORE)
        response.set_cookie(
            cookie_name(request),
            token,
            max_age=STAY_S if stay else None,
            path="/",
            secure=is_secure(request),
            httponly=True,
            samesite="strict",
        )
        return response

    async def _verified(self, request: Request, email: str, lookup_hash: str) -> UserEntry:
        """Whose secret it is that somebody shows. Raises `ApiError`."""
        services, hashed_email = self._services, hash_email(email)
        address = address_of(request)
        wait_s = services.limits.wait_s(hashed_email, address)
        if wait_s:
            raise too_many(wait_s)
        async with self._turn():
            user = await services.accounts.verify(email, lookup_hash)
        if user is None:
            services.limits.fail(hashed_email, address)
            raise ApiError(401, "rejected", REJECTED)
        services.limits.succeed(hashed_email)
        return user

    async def _verified_by_ticket(self, request: Request, ticket: str, lookup_hash: str) -> UserEntry:
        """Whose passkey gave a ticket, if its secret is shown beside it. Raises `ApiError`."""
        services, address = self._services, address_of(request)
        found = read_ticket(services.tickets, ticket)
        hashed_email, way_id = found or ("", "")
        wait_s = services.limits.wait_s(hashed_email, address)
        if wait_s:
            raise too_many(wait_s)
        async with self._turn():
            user = await services.accounts.find(hashed_email) if found else None
        way = proved(user, lookup_hash)
        if user is None or way is None or way.id != way_id:
            services.limits.fail(hashed_email, address)
            raise ApiError(401, "rejected", PASSKEY_REJECTED)
        return user

    async def _begin(self, request: Request, user: UserEntry, *, stay: bool) -> str:
        """Begin to warm, and a session: its token."""
        services = self._services
        before = session_of(request, services)
        token = services.sessions.begin(user.id, user.hashed_email, stay=stay, before=token_of(request))
        if isinstance(before, Session) and before.user_id != user.id:
            # The browser's cookie now names somebody else: the person before is signed out.
            await self._end(before)
        if services.warmings.find(user.id) is None:
            services.client.log.reset()
        services.warmings.start(user)
        # The warming goes on meanwhile; a disk that does not answer keeps nobody out.
        await services.sessions.written()
        return token

    async def sign_out(self, request: Request) -> Response:
        """End the session, and close its connections; without one that is done already."""
        await refuse_bad_json(request)
        session = session_of(request, self._services)
        if isinstance(session, Session):
            await self._end(session)
            await self._services.sessions.written()
        response = Response(status_code=204, headers=NO_STORE)
        delete_cookie(response, request, self._services)
        return response

    async def session(self, request: Request) -> Response:
        """Say whether the session is open, and if not, why: a page cannot see why its WebSocket was refused."""
        open_session_of(request, self._services, of=request.query_params.get("account"))
        return Response(status_code=204, headers=NO_STORE)

    async def demo(self, _request: Request) -> Response:
        """The demo account, in demo mode; else nothing (204), which is no error in a browser's console."""
        if self._demo is None:
            return Response(status_code=204, headers=NO_STORE)
        answer = {"email": self._demo.email, "password": self._demo.password}
        return JSONResponse(answer, headers=NO_STORE)

    async def _end(self, session: Session) -> None:
        await self._devices.leave(session)

    def _fail_if_asked(self) -> None:
        status = self._services.faults.take_sign_in_status()
        if status == 429:
            raise too_many(30)
        if status is not None:
            raise ApiError(status, "asked-for", UNAVAILABLE)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._waiting >= MAX_WAITING:
            raise ApiError(503, "crowded", CROWDED, {"Retry-After": "5"})
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()


def address_of(request: Request) -> str:
    """The network address that a request comes from."""
    return request.client.host if request.client else ""


def too_many(wait_s: int) -> ApiError:
    """The answer to who has tried too often."""
    return ApiError(
        429,
        "too-many-attempts",
        f"There were too many attempts to sign in. Try again in {wait_text(wait_s)}.",
        {"Retry-After": str(wait_s)},
    )
