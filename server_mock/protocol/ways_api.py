"""The ways into an account that is signed in: listed, proved, replaced, added and removed.

Every change asks for a proof: what the password or the recovery key sends, the session alone is not enough. A change
is one request to Directus, so that a server that dies leaves the ways as they were or as they are to be. With a new
password all other sessions end; which ones is written down in the same request, and done at the next start if this
process dies first.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.records.envelope import normalise_email
from hearth.core.records.ways import MAX_WAYS, WayKind, looks_like_email
from server_mock.directus.client import DirectusClient, DirectusConflict, DirectusError
from server_mock.directus.schema import Row
from server_mock.protocol.account_api import AccountApi
from server_mock.protocol.accounts import entry_of, hash_email
from server_mock.protocol.api import MAX_EMAIL_CHARS, address_of, open_session_of, too_many
from server_mock.protocol.connection_registry import Hub
from server_mock.protocol.http_util import NO_STORE, ApiError, answering, text_of
from server_mock.protocol.passkeys import registered
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import Session, Sessions
from server_mock.protocol.sign_up import NO_ADDRESS
from server_mock.protocol.ways import Way, columns, read_name, read_way, with_way

MAX_ENDING = 200
"""How many sessions are written down as ending: beyond that they end in this process alone."""

KNOWN = "This passkey opens your account already."
NOBODY = "-"
"""Stands in the list of sessions that end where none does."""

ADDRESS_TAKEN = "There is an account of this address already. Your address was not changed."
NO_WAY = "There is no such passkey any longer."
STAYS = "A password or a recovery key cannot be removed: a new one takes its place."
MAX_ID_CHARS = 64

TOO_MANY = f"An account may have {MAX_WAYS} ways in. Remove one first."


class WaysApi(AccountApi):
    """The handlers; each asks for a session, and for the account that the device means."""

    def __init__(self, services: Services, hub: Hub) -> None:
        super().__init__(services)
        self._hub = hub

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/api/ways", answering(self.ways), methods=["GET"]),
            Route("/api/ways", answering(self.put), methods=["POST"]),
            Route("/api/ways/proof", answering(self.proof), methods=["POST"]),
            Route("/api/ways/remove", answering(self.remove), methods=["POST"]),
            Route("/api/ways/name", answering(self.rename), methods=["POST"]),
            Route("/api/account/address", answering(self.address), methods=["POST"]),
        ]

    async def ways(self, request: Request) -> Response:
        """List the ways, without what opens them."""
        session = open_session_of(request, self._services, of=request.query_params.get("account"))
        entry = entry_of(await self._row(session))
        return JSONResponse({"ways": [way.told() for way in entry.ways]}, headers=NO_STORE)

    async def proof(self, request: Request) -> Response:
        """Say whether what was shown is one of the ways, and give its wrapped master key."""
        body, session = await self._body(request)
        way = self._proved(request, session, entry_of(await self._row(session)), body)
        return JSONResponse({"way": way.id, "wrapped_master_key": way.wrapped_master_key}, headers=NO_STORE)

    async def put(self, request: Request) -> Response:
        """Put a way in the place of the one of its kind, or add a passkey; a new password ends all other sessions."""
        body, session = await self._body(request)
        services = self._services
        new, ends = read_way(body.get("way"), services.clocks.now_ms()), body.get("end_sessions", True)
        if not isinstance(ends, bool):
            raise ApiError(400, "bad-field", 'The field "end_sessions" must be true or false.')
        async with services.states.of(session.user_id).lock:
            row = await self._row(session)
            before = entry_of(row)
            if (new.id, new.hash) not in ((way.id, way.hash) for way in before.ways):
                self._proved(request, session, before, body)
                if new.kind == WayKind.PASSKEY:
                    new = self._with_passkey(request, new, before.ways, body["way"])
                await self._change(session, row, with_way(before.ways, new), ends=ends and new.kind == WayKind.PASSWORD)
            elif row.get("ending"):
                # It was written, and nobody heard the answer.
                await self._end(session.user_id, str(row["ending"]).split())
        return JSONResponse({"way": new.id}, headers=NO_STORE)

    async def remove(self, request: Request) -> Response:
        """Remove a passkey; one that is not there is removed already."""
        body, session = await self._body(request)
        way_id = text_of(body, "way", MAX_ID_CHARS)
        async with self._services.states.of(session.user_id).lock:
            row = await self._row(session)
            before = entry_of(row)
            self._proved(request, session, before, body)
            gone = [way for way in before.ways if way.id == way_id]
            if any(way.kind != WayKind.PASSKEY for way in gone):
                raise ApiError(409, "stays", STAYS)
            if gone:
                await self._change(session, row, tuple(way for way in before.ways if way.id != way_id), ends=False)
        return JSONResponse({"way": way_id}, headers=NO_STORE)

    async def rename(self, request: Request) -> Response:
        """Have a passkey listed by another name, which is sealed. It opens what it opened: no proof is asked for."""
        body, session = await self._body(request)
        way_id, name = text_of(body, "way", MAX_ID_CHARS), read_name(body.get("name"))
        async with self._services.states.of(session.user_id).lock:
            row = await self._row(session)
            before = entry_of(row).ways
            if not any(way.id == way_id and way.kind == WayKind.PASSKEY for way in before):
                raise ApiError(404, "no-way", NO_WAY)
            ways = tuple(replace(way, name=name) if way.id == way_id else way for way in before)
            await self._change(session, row, ways, ends=False)
        return JSONResponse({"way": way_id}, headers=NO_STORE)

    async def address(self, request: Request) -> Response:
        """Have the account belong to another address; as with a new password, all other sessions end."""
        body, session = await self._body(request)
        email = normalise_email(text_of(body, "email", MAX_EMAIL_CHARS))
        if not looks_like_email(email):
            raise ApiError(400, "bad-address", NO_ADDRESS)
        services, hashed_email = self._services, hash_email(email)
        async with services.states.of(session.user_id).lock:
            row = await self._row(session)
            self._proved(request, session, entry_of(row), body)
            if row["hashed_email"] != hashed_email:
                await self._refuse_taken(request, hashed_email)
                await self._write(session, row, {"hashed_email": hashed_email}, ends=True)
            elif row.get("ending"):
                # It was written, and nobody heard the answer.
                await self._end(session.user_id, str(row["ending"]).split())
            services.sessions.readdress(session.user_id, hashed_email)
            await services.sessions.written()
        return JSONResponse({"account": session.user_id}, headers=NO_STORE)

    async def _refuse_taken(self, request: Request, hashed_email: str) -> None:
        """Each try tells whether an address has an account, so that they count as tries to make one do."""
        sign_ups, address = self._services.sign_ups, address_of(request)
        wait_s = sign_ups.wait_s(address)
        if wait_s:
            raise too_many(wait_s)
        sign_ups.count(address)
        if await self._services.accounts.read(hashed_email) is not None:
            raise ApiError(409, "taken", ADDRESS_TAKEN)

    def _with_passkey(self, request: Request, new: Way, before: Sequence[Way], content: Any) -> Way:
        """A new way with the passkey that its device sent. Raises `ApiError`."""
        if len(before) >= MAX_WAYS:
            raise ApiError(409, "too-many", TOO_MANY)
        made = registered(new, content.get("credential"), request.headers["origin"], self._services.challenges)
        if any(way.id == made.id or way.credential == made.credential for way in before):
            raise ApiError(409, "known", KNOWN)
        return made

    async def _change(self, session: Session, row: Row, ways: tuple[Way, ...], *, ends: bool) -> None:
        """Write the ways; then the sessions that end with them end, and nobody signs in with what was before."""
        if len(ways) > MAX_WAYS:
            raise ApiError(409, "too-many", TOO_MANY)
        await self._write(session, row, columns(ways), ends=ends)

    async def _write(self, session: Session, row: Row, changed: Row, *, ends: bool) -> None:
        """Write what changes of an account, and which sessions end with it, in one request; then they end."""
        services = self._services
        others = [each for each in services.sessions.of_user(session.user_id) if each.key != session.key]
        not_yet = str(row.get("ending") or "").split()
        ending = [*not_yet, *(each.key for each in others)][-MAX_ENDING:] if ends else []
        if "hashed_email" in changed:
            ending = ending or [NOBODY]  # so that the next start looks at this account, if this process dies now
        after = {**row, **changed, **({"ending": " ".join(ending)} if ending else {})}
        addresses = {row["hashed_email"], after["hashed_email"]}
        try:
            await services.client.update("users", row["id"], {name: after[name] for name in (*changed, "ending")})
        except DirectusConflict:
            raise ApiError(409, "taken", ADDRESS_TAKEN) from None
        finally:
            for each in addresses:
                services.accounts.forget(each)  # it may have been written, whatever the answer
        services.accounts.keep(entry_of(after))
        if ends:
            others = [each for each in services.sessions.of_user(session.user_id) if each.key != session.key]
            await self._end(session.user_id, [each.key for each in others] or ending)

    async def _end(self, user_id: str, keys: Sequence[str]) -> None:
        """End sessions; once that is on the disk, nothing has to be done again."""
        services = self._services
        for each in services.sessions.end_keys(user_id, keys):
            await self._hub.end_session(each)
        if keys and await services.sessions.written():
            with suppress(DirectusError):  # The next start finds them ended.
                await services.client.update("users", user_id, {"ending": None})


async def finish_endings(client: DirectusClient, sessions: Sessions) -> None:
    """End the sessions that a change was ending when an earlier process died; the others learn a new address.

    Raises `DirectusError`.
    """
    pending = await client.search("users", filter={"ending": {"_nnull": True}}, fields=("id", "hashed_email", "ending"))
    for row in pending:
        sessions.readdress(row["id"], row["hashed_email"])
        sessions.end_keys(row["id"], str(row["ending"]).split())
    if pending and await sessions.written():
        for row in pending:
            await client.update("users", row["id"], {"ending": None})
