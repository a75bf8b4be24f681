"""The control routes, for tests: the Directus log, changes as if from elsewhere, faults, a reset, the accounts.

Only with `--control`. They hand out passwords and break things on purpose: never beside real data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.protocol.api import DemoAccount
from server_mock.protocol.http_util import NO_STORE, ApiError, answering, read_json, refuse_bad_json
from server_mock.protocol.services import Services
from server_mock.testing.device_changes import BadChange
from server_mock.testing.faults import BadFault, Faults
from server_mock.testing.simulated_device import Writer, unlock

MAX_BODY_BYTES = 4 * 1024 * 1024


class Control:
    """The handlers. `client` is a way to Directus that is not logged and has none of the `faults`."""

    def __init__(
        self, services: Services, client: DirectusClient, faults: Faults, accounts: Sequence[DemoAccount]
    ) -> None:
        self._services = services
        self._faults = faults
        self._client = client
        self._accounts = {account.email: account for account in accounts}
        self._default = accounts[0].email
        self._writers: dict[str, Writer] = {}

    def routes(self) -> list[Route]:
        """The routes under `/control`."""
        return [
            Route("/control/directus-log", answering(self.log), methods=["GET"]),
            Route("/control/accounts", answering(self.accounts), methods=["GET"]),
            Route("/control/changes", answering(self.changes), methods=["POST"]),
            Route("/control/faults", answering(self.faults), methods=["POST"]),
            Route("/control/reset", answering(self.reset), methods=["POST"]),
        ]

    async def log(self, _request: Request) -> Response:
        """The requests to Directus since the last warming or reset."""
        return JSONResponse(self._services.client.log.entries(), headers=NO_STORE)

    async def accounts(self, _request: Request) -> Response:
        """Every account with its password and its chats, as a signed-in device would see them."""
        described = []
        for account in self._accounts.values():
            writer = await self._find_writer(account.email)
            if writer is None:
                continue
            described.append(
                {
                    "email": account.email,
                    "password": account.password,
                    "account": writer.account,
                    "last_opened": await writer.last_opened(),
                    "chats": await writer.describe(),
                }
            )
        return JSONResponse(described, headers=NO_STORE)

    async def changes(self, request: Request) -> Response:
        """Make the changes that the body names, one after the other; answer the ids that they touched."""
        body = await read_json(request, MAX_BODY_BYTES)
        email, origin = body.pop("email", self._default), body.pop("device_id", None)
        if not isinstance(email, str) or not (origin is None or isinstance(origin, str)):
            raise ApiError(400, "bad-change", '"email" and "device_id" must be text.')
        writer = await self._writer(email)
        if not body:
            raise ApiError(400, "bad-change", "The body names no change.")
        touched: dict[str, list[str]] = {}
        try:
            for name, fields in body.items():
                for collection, ids in (await self._apply(writer, name, fields, origin)).items():
                    touched.setdefault(collection, []).extend(ids)
        except BadChange as error:
            raise ApiError(400, "bad-change", str(error)) from None
        except DirectusError as error:
            raise ApiError(502, "directus", f"Directus did not take the change: {error}") from None
        return JSONResponse(touched, headers=NO_STORE)

    async def faults(self, request: Request) -> Response:
        """Set these faults and no other."""
        body = await read_json(request, MAX_BODY_BYTES)
        before = self._faults.lies
        try:
            self._faults.apply(body)
        except BadFault as error:
            raise ApiError(400, "bad-fault", str(error)) from None
        if self._faults.lies != before:
            # What was read before tells something else.
            self._services.warmings.clear()
        return JSONResponse({}, headers=NO_STORE)

    async def reset(self, request: Request) -> Response:
        """Forget the log, the faults, the failed sign-ins and what was warmed; data and sessions stay."""
        await refuse_bad_json(request)
        services = self._services
        await services.last_opened.settled()
        self._faults.clear()
        services.limits.clear()
        services.sign_ups.clear_all()
        services.answers.clear_limits()
        services.warmings.clear()
        services.client.log.reset()
        return JSONResponse({}, headers=NO_STORE)

    async def _apply(self, writer: Writer, name: str, fields: Any, origin: str | None) -> Mapping[str, list[str]]:
        if name == "delete_chat" and (fields is None or isinstance(fields, str)):
            fields = {"chat_id": fields}
        if name == "end_sessions":
            writer.end_sessions(fields)
            return {}
        if not isinstance(fields, dict):
            raise BadChange(f'"{name:.40}" must be an object.')
        if name == "set_last_opened":
            chat_id = fields.get("chat_id")
            if chat_id is not None and not isinstance(chat_id, str):
                raise BadChange('"chat_id" must be text or null.')
            await writer.set_last_opened(chat_id)
            return {}
        return await writer.apply(name, fields, origin)

    async def _writer(self, email: str) -> Writer:
        writer = await self._find_writer(email)
        if writer is None:
            raise ApiError(400, "no-account", "There is no demo account of that address.")
        return writer

    async def _find_writer(self, email: str) -> Writer | None:
        if email not in self._writers and email in self._accounts:
            account = self._accounts[email]
            writer = await unlock(self._client, self._services, self._faults.archive, email, account.password)
            if writer is not None:
                self._writers[email] = writer
        return self._writers.get(email)
