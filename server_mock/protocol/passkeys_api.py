"""Signing in with a passkey: a challenge for anybody, then a ticket for what was signed.

The ticket says whose passkey it was; `POST /api/sign-in` takes it beside the lookup hash that the passkey's secret
derives to. Whoever has no passkey here is answered alike, whether the account, the passkey or the signature is wrong.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.passkeys import base64url
from hearth.core.records.ways import WayKind
from server_mock.protocol.accounts import UserEntry, entry_of
from server_mock.protocol.api import address_of, too_many
from server_mock.protocol.http_util import NO_STORE, ApiError, answering, read_json, refuse_unnamed_origin
from server_mock.protocol.passkeys import Assertion, count_of, issue_ticket, read_assertion
from server_mock.protocol.services import Services
from server_mock.protocol.ways import Way, columns, counted, ways_of

REJECTED = (
    "This passkey opens no account here: it was removed, or belongs to an account that is gone. "
    "Sign in with your password."
)


class PasskeysApi:
    """The handlers; neither asks for a session."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/api/passkeys/challenge", answering(self.challenge), methods=["POST"]),
            Route("/api/passkeys/verify", answering(self.verify), methods=["POST"]),
        ]

    async def challenge(self, request: Request) -> Response:
        """Something to sign, once and soon: to sign in, or to add a passkey."""
        refuse_unnamed_origin(request)
        await read_json(request)
        return JSONResponse({"challenge": base64url(self._services.challenges.issue())}, headers=NO_STORE)

    async def verify(self, request: Request) -> Response:
        """For a signature: the salt of its passkey, and a ticket with which to sign in."""
        refuse_unnamed_origin(request)
        assertion = read_assertion((await read_json(request)).get("credential"))
        services, key, address = self._services, f"passkey {assertion.account}", address_of(request)
        wait_s = services.limits.wait_s(key, address)
        if wait_s:
            raise too_many(wait_s)
        entry = await services.accounts.find_by_id(assertion.account)
        way = _way_of(entry, assertion)
        count = count_of(assertion, way, request.headers["origin"], services.challenges)
        if count is None or way is None or entry is None:
            services.limits.fail(key, address)
            raise ApiError(401, "rejected", REJECTED)
        services.limits.succeed(key)
        if count != way.sign_count:
            await self._note(entry, way, count)
        ticket = issue_ticket(services.tickets, entry.hashed_email, way.id)
        return JSONResponse({"salt": way.salt, "ticket": ticket}, headers=NO_STORE)

    async def _note(self, entry: UserEntry, way: Way, count: int) -> None:
        """Write down how often the passkey was used. Raises `DirectusError`."""
        services = self._services
        async with services.states.of(entry.id).lock:
            row = await services.accounts.read(entry.hashed_email)
            if row is None:
                return
            changed = {"ways": columns(counted(ways_of(row), way.id, count))["ways"]}
            await services.client.update("users", row["id"], changed)
            services.accounts.keep(entry_of({**row, **changed}))


def _way_of(entry: UserEntry | None, assertion: Assertion) -> Way | None:
    ways = entry.ways if entry else ()
    fits = (way for way in ways if way.kind == WayKind.PASSKEY and way.credential == assertion.credential)
    return next(fits, None)
