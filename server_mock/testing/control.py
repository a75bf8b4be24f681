"""The control routes, for tests: the logs, changes as if from elsewhere, faults, a reset, accounts, the clock.

Only with `--control`. They hand out passwords and break things on purpose: never beside real data.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.protocol.accounts import hash_email
from server_mock.protocol.api import DemoAccount
from server_mock.protocol.http_util import NO_STORE, ApiError, answering, number_of, read_json, refuse_bad_json, text_of
from server_mock.protocol.services import Services
from server_mock.testing.device_changes import BadChange
from server_mock.testing.faults import BadFault, Faults
from server_mock.testing.frame_log import FrameLog
from server_mock.testing.moved_clock import MAX_ADVANCE_S, MovedClock
from server_mock.testing.simulated_device import Writer, unlock

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_CHATS, MAX_MESSAGES, MAX_SEED = 1_000, 100, 2**53 - 1
MAX_EMAIL_CHARS = 200
TEST_PASSWORD = "amber-willow-compass-63"  # noqa: S105 - of every account that a test makes


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that a test asks for."""

    account: DemoAccount
    chats: int
    messages: int
    seed: int


@dataclass(slots=True)
class Tools:
    """What else a test may use: the log of frames, the clock, and what makes accounts (None: there is no such way)."""

    frames: FrameLog = field(default_factory=FrameLog)
    clock: MovedClock = field(default_factory=MovedClock)
    make_account: Callable[[NewAccount], Awaitable[None]] | None = None


class Control:
    """The handlers. `client` is a way to Directus that is not logged and has none of the `faults`."""

    def __init__(
        self,
        services: Services,
        client: DirectusClient,
        faults: Faults,
        accounts: Sequence[DemoAccount],
        tools: Tools | None = None,
    ) -> None:
        self._services = services
        self._tools = tools or Tools()
        self._faults = faults
        self._client = client
        self._accounts = {account.email: account for account in accounts}
        self._default = accounts[0].email
        self._writers: dict[str, Writer] = {}

    def routes(self) -> list[Route]:
        """The routes under `/control`."""
        return [
            Route("/control/directus-log", answering(self.log), methods=["GET"]),
            Route("/control/frames", answering(self.frames), methods=["GET"]),
            Route("/control/accounts", answering(self.accounts), methods=["GET"]),
            Route("/control/accounts", answering(self.add_account), methods=["POST"]),
            Route("/control/clock", answering(self.clock), methods=["POST"]),
            Route("/control/changes", answering(self.changes), methods=["POST"]),
            Route("/control/faults", answering(self.faults), methods=["POST"]),
            Route("/control/reset", answering(self.reset), methods=["POST"]),
        ]

    async def log(self, _request: Request) -> Response:
        """The requests to Directus since the last warming or reset."""
        return JSONResponse(self._services.client.log.entries(), headers=NO_STORE)

    async def accounts(self, _request: Request) -> Response:
        """Every account with its password and its chats, as a signed-in device would see them."""
        described = [await self._describe(account) for account in self._accounts.values()]
        return JSONResponse([each for each in described if each is not None], headers=NO_STORE)

    async def add_account(self, request: Request) -> Response:
        """Make an account of an address, in the place of one that there is, and describe it."""
        body = await read_json(request)
        new = NewAccount(
            DemoAccount(text_of(body, "email", MAX_EMAIL_CHARS), TEST_PASSWORD),
            _number_up_to(body, "chats", MAX_CHATS),
            _number_up_to(body, "messages", MAX_MESSAGES),
            _number_up_to(body, "seed", MAX_SEED),
        )
        if self._tools.make_account is None:
            raise ApiError(404, "no-accounts", "This server makes no accounts for tests.")
        email = new.account.email
        if (old := await self._find_writer(email)) is not None:
            old.end_sessions("revoked")
            self._services.warmings.drop(old.account)
        try:
            await self._tools.make_account(new)
        except DirectusError as error:
            raise ApiError(502, "directus", f"Directus did not take the account: {error}") from None
        self._services.accounts.forget(hash_email(email))
        self._writers.pop(email, None)
        self._accounts[email] = new.account
        return JSONResponse(await self._describe(new.account), headers=NO_STORE)

    async def frames(self, _request: Request) -> Response:
        """The frames of all WebSockets since the start or a reset: their names and sizes."""
        return JSONResponse(self._tools.frames.entries(), headers=NO_STORE)

    async def clock(self, request: Request) -> Response:
        """Move the server's clocks forwards; answer where they are then."""
        self._tools.clock.advance(_number_up_to(await read_json(request), "advance_s", MAX_ADVANCE_S))
        return JSONResponse({"now": self._services.clocks.now_ms()}, headers=NO_STORE)

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
        self._tools.frames.reset()
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

    async def _describe(self, account: DemoAccount) -> dict[str, Any] | None:
        """An account with its password and its chats, or None when it is not there."""
        writer = await self._find_writer(account.email)
        if writer is None:
            return None
        return {
            "email": account.email,
            "password": account.password,
            "account": writer.account,
            "last_opened": await writer.last_opened(),
            "chats": await writer.describe(),
        }

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


def _number_up_to(body: dict[str, Any], name: str, most: int) -> int:
    number = number_of(body, name)
    if number > most:
        raise ApiError(400, "bad-field", f'The field "{name}" must be at most {most}.')
    return number
