"""What routes about an account that is signed in have in common: they name it, and a change asks for a proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from hearth.core.records.ways import TYPED
from server_mock.directus.schema import Row
from server_mock.protocol.accounts import UserEntry, proved
from server_mock.protocol.api import address_of, open_session_of, too_many
from server_mock.protocol.http_util import ApiError, read_json, refuse_unnamed_origin, text_of
from server_mock.protocol.services import Services
from server_mock.protocol.sessions import Session
from server_mock.protocol.ways import MAX_LOOKUP_HASH_CHARS, Way

WRONG_PROOF = "This is not your password or your recovery key."
GONE = "There is no such account any longer."


class AccountApi:
    """The base of their handlers."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def _body(self, request: Request) -> tuple[dict[str, Any], Session]:
        refuse_unnamed_origin(request)
        body = await read_json(request)
        account = body.get("account")
        named = account if isinstance(account, str) else ""
        return body, open_session_of(request, self._services, of=named)

    async def _row(self, session: Session) -> Row:
        row = await self._services.client.read("users", session.user_id)
        if row is None:
            raise ApiError(404, "gone", GONE)
        return row

    def _proved(self, request: Request, session: Session, entry: UserEntry, body: Mapping[str, Any]) -> Way:
        """The way that the request proves. Raises `ApiError`; a wrong proof counts as a failed sign-in."""
        limits, address = self._services.limits, address_of(request)
        shown = text_of(dict(body), "proof", MAX_LOOKUP_HASH_CHARS)
        wait_s = limits.wait_s(session.hashed_email, address)
        if wait_s:
            raise too_many(wait_s)
        way = proved(entry, shown)
        if way is None or way.kind not in TYPED:
            limits.fail(session.hashed_email, address)
            raise ApiError(403, "wrong-proof", WRONG_PROOF)
        return way
