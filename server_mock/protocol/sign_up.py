"""Making an account: its keys come from the device, wrapped; the server checks that the address is free.

The row of `users` comes last and whole, in one request, after the record that vouches for the empty account: a server
that dies before it has made no account, and what is left of it belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hearth.core.records.envelope import normalise_email
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import SPECS, Collection, check_record
from hearth.core.records.ways import MAX_WAYS, WayKind, looks_like_email
from server_mock.directus.client import DirectusConflict
from server_mock.directus.schema import Row, is_uuid
from server_mock.protocol.accounts import entry_of, hash_email
from server_mock.protocol.api import MAX_EMAIL_CHARS, address_of, too_many
from server_mock.protocol.http_util import NO_STORE, ApiError, answering, read_json, refuse_unnamed_origin, text_of
from server_mock.protocol.invites import MAX_CODE_CHARS, Invites
from server_mock.protocol.services import Services
from server_mock.protocol.ways import Way, columns, read_way, sha256_hex

MAX_ID_CHARS = 64

TAKEN = "There is an account of this address already. Sign in, or use its recovery key."
CLOSED = "This server takes no new accounts. Ask whoever runs it."
NO_INVITE = "This invite code is not valid, or was used already. Ask whoever runs this server for another one."
NO_ADDRESS = "This is no e-mail address. Look whether it is typed as it should be."
AT_WORK = "An account of this address is being made at this moment. Try again in a little while."


class SignUp(StrEnum):
    """Who may make an account."""

    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class SignUpApi:
    """The handlers."""

    def __init__(self, services: Services, policy: SignUp) -> None:
        self._services = services
        self._policy = policy
        self._invites = Invites(services.client)
        self._under_way: set[str] = set()

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/api/sign-up", answering(self.policy), methods=["GET"]),
            Route("/api/sign-up", answering(self.sign_up), methods=["POST"]),
        ]

    async def policy(self, _request: Request) -> Response:
        """Say who may make an account."""
        return JSONResponse({"sign_up": self._policy.value}, headers=NO_STORE)

    async def sign_up(self, request: Request) -> Response:
        """Make an account; the device signs in to it afterwards. A request that is repeated is answered alike."""
        refuse_unnamed_origin(request)
        if self._policy is SignUp.CLOSED:
            raise ApiError(403, "closed", CLOSED)
        body = await read_json(request)
        email = normalise_email(text_of(body, "email", MAX_EMAIL_CHARS))
        if not looks_like_email(email):
            raise ApiError(400, "bad-address", NO_ADDRESS)
        account, ways, manifest = _account_of(body), self._ways(body), _manifest_of(body)
        self._count(address_of(request))
        hashed_email = hash_email(email)
        if hashed_email in self._under_way:
            raise ApiError(429, "busy", AT_WORK, {"Retry-After": "2"})
        self._under_way.add(hashed_email)
        try:
            await self._make(account, hashed_email, ways, manifest, body)
        finally:
            self._under_way.discard(hashed_email)
        return JSONResponse({"account": account}, 201, headers=NO_STORE)

    def _count(self, address: str) -> None:
        wait_s = self._services.sign_ups.wait_s(address)
        if wait_s:
            raise too_many(wait_s)
        self._services.sign_ups.count(address)

    def _ways(self, body: Mapping[str, Any]) -> tuple[Way, ...]:
        sent = body.get("ways")
        now = self._services.clocks.now_ms()
        ways = [read_way(each, now) for each in sent] if isinstance(sent, list) and len(sent) <= MAX_WAYS else []
        kinds = [way.kind for way in ways]
        if kinds.count(WayKind.PASSWORD) != 1 or len(set(kinds)) != len(kinds) or WayKind.PASSKEY in kinds:
            raise ApiError(400, "bad-field", "A new account has one password, and at most one recovery key.")
        return tuple(ways)

    async def _make(
        self, account: str, hashed_email: str, ways: tuple[Way, ...], manifest: Row, body: Mapping[str, Any]
    ) -> None:
        services = self._services
        there = await services.accounts.read(hashed_email)
        if there is not None:
            self._refuse_taken(there, account, ways)
            return
        await self._refuse_without_invite(body, account)
        state = services.states.of(account)
        async with state.lock:
            stamp = state.next_stamp()
        row = {**manifest, "hashed_user_id": sha256_hex(account), "changed_at": stamp, "deleted_at": None}
        user = {
            "id": account,
            "hashed_email": hashed_email,
            **columns(ways),
            "last_opened": None,
            "created_at": services.clocks.now_ms(),
            "demo": False,
        }
        try:
            await self._put_manifest(row, account)
            await services.client.create("users", [user])
        except DirectusConflict:
            raise ApiError(409, "taken", TAKEN) from None
        services.accounts.keep(entry_of(user))

    async def _put_manifest(self, row: Row, account: str) -> None:
        """Write the first manifest; one of an earlier try of the same device, which made no account, is replaced."""
        collection, client = Collection.SETTINGS_AND_MEMORIES.value, self._services.client
        try:
            await client.create(collection, [row])
        except DirectusConflict:
            there = await client.read(collection, row["id"])
            owned = await client.read("users", account) if there else None
            if there is None or there["hashed_user_id"] != row["hashed_user_id"] or owned is not None:
                raise
            await client.update(collection, row["id"], row)

    def _refuse_taken(self, there: Row, account: str, ways: tuple[Way, ...]) -> None:
        """The address has an account; it may be the one that this request made, whose answer was lost."""
        same = there["id"] == account and there["lookup_hashes"] == [way.hash for way in ways]
        if not same:
            raise ApiError(409, "taken", TAKEN)

    async def _refuse_without_invite(self, body: Mapping[str, Any], account: str) -> None:
        if self._policy is not SignUp.INVITE:
            return
        code = body.get("invite")
        valid = (
            isinstance(code, str)
            and 0 < len(code) <= MAX_CODE_CHARS
            and await self._invites.take(code, account, self._services.clocks.now_ms())
        )
        if not valid:
            raise ApiError(403, "no-invite", NO_INVITE)


def _account_of(body: Mapping[str, Any]) -> str:
    account = text_of(dict(body), "account", MAX_ID_CHARS)
    if not is_uuid(account):
        raise ApiError(400, "bad-field", 'The field "account" must be a UUID.')
    return account


def _manifest_of(body: Mapping[str, Any]) -> Row:
    """The record that vouches for an account without chats. Raises `ApiError`."""
    record = body.get("manifest")
    wrong = check_record(Collection.SETTINGS_AND_MEMORIES, record)
    if wrong is None and isinstance(record, dict):
        of_account = manifest_id(_account_of(body))
        if (record["id"], record["app_id"], record["version"]) == (of_account, of_account, 1):
            return {name: record.get(name) for name in SPECS[Collection.SETTINGS_AND_MEMORIES].fields}
        wrong = "not the first one of this account"
    raise ApiError(400, "bad-field", f'The field "manifest" is {wrong}.')
