"""Deletes an account, in an order in which a server that dies leaves nothing that can be signed into.

    1  the row of `users` loses its ways in, and notes that it is being deleted: one request; then nobody signs in
    2  every session is revoked, so that every device wipes itself
    3  the account's records are deleted
    4  the row of `users` goes last, and with it the address is free again

A server that dies on the way goes on with it at its next start.
"""

from __future__ import annotations

import logging
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hearth.core.records.schema import Collection
from server_mock.directus.client import DirectusClient, DirectusRefused
from server_mock.directus.schema import Row
from server_mock.protocol.account_api import AccountApi
from server_mock.protocol.accounts import entry_of
from server_mock.protocol.api import delete_cookie
from server_mock.protocol.http_util import NO_STORE, answering
from server_mock.protocol.sessions import Sessions
from server_mock.protocol.ways import sha256_hex

_log = logging.getLogger(__name__)

CLOSED: dict[str, Any] = {"lookup_hashes": [], "ways": [], "ending": None, "wrapped_master_key": ""}
"""What the row holds once nobody can sign in."""


class AccountDeletionApi(AccountApi):
    """The handler; it asks for a session and for a proof, like every change of the ways in."""

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("/api/account/delete", answering(self.delete), methods=["POST"])]

    async def delete(self, request: Request) -> Response:
        """Delete the account, and end all of its sessions, this one, too."""
        body, session = await self._body(request)
        services = self._services
        async with services.states.of(session.user_id).lock:
            row = await self._row(session)
            self._proved(request, session, entry_of(row), body)
            try:
                await close_account(services.client, row, services.clocks.now_ms())
            finally:
                services.accounts.forget(row["hashed_email"])  # it may have been written all the same
            services.warmings.drop(session.user_id)
            services.watch.end(session.user_id)
            await services.sessions.written()
            await remove_account(services.client, row["id"])
            services.accounts.forget(row["hashed_email"])
        response = Response(status_code=204, headers=NO_STORE)
        delete_cookie(response, request, services)
        return response


async def close_account(client: DirectusClient, row: Row, now_ms: int) -> None:
    """Have nobody sign in any more, and note that the account is to go. Raises `DirectusError`."""
    await client.update("users", row["id"], {**CLOSED, "deleting": now_ms})


async def remove_account(client: DirectusClient, user_id: str) -> None:
    """Delete everything of an account that is closed, its row last. Raises `DirectusError`."""
    mine = {"hashed_user_id": {"_eq": sha256_hex(user_id)}}
    for collection in Collection:
        rows = await client.search(collection.value, filter=mine, fields=("id",))
        await client.delete_many(collection.value, [row["id"] for row in rows])
    await client.delete("users", user_id)


async def finish_deletions(client: DirectusClient, sessions: Sessions) -> None:
    """Go on with what an earlier process was deleting when it died. Raises `DirectusError`."""
    for row in await client.search("users", filter={"deleting": {"_nnull": True}}, fields=("id",)):
        for session in sessions.of_user(row["id"]):
            sessions.end(session)
        if await sessions.written():
            try:
                await remove_account(client, row["id"])
            except DirectusRefused as error:
                _log.warning("A closed account could not be deleted, and stays closed: %s", error)
