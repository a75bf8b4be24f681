"""The HTTP side of the server behind the port `Api`. Nothing here is the browser's: `Request` makes the request."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from hearth.browser.network.polling import NoAnswer
from hearth.core.account.devices import AccountDevice, NotADeviceList, read_devices
from hearth.core.errors import Rejected, SignInError, TooManyAttempts, Unreachable
from hearth.core.records.envelope import MAX_ITERATIONS, MIN_ITERATIONS
from hearth.ports.network import Account

_TIMEOUT_S = 20.0
_SESSION_S = 3.0
"""How long a sign-in waits to hear whether the browser took the cookie; it goes on without an answer."""

_NO_ANSWER = "The server does not answer. Check your connection and try again."
_STRANGE = "The server gave an answer that this version of Hearth cannot read. Reload the page and try again."


class HttpAnswer(NamedTuple):
    """What a server answered; `retry_after` is that header, or empty."""

    status: int
    text: str
    retry_after: str = ""


Request = Callable[[str, str | None, float], Awaitable[HttpAnswer]]
"""Asks for a path, with a POST of a JSON text or a GET, and waits so many seconds. Raises `NoAnswer`."""


class HttpApi:
    """The server's routes for signing in and out, and for devices; the session travels as a cookie."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """The salt and the iterations for an address, known or not. Raises `SignInError`."""
        answer = await self._post("/api/challenge", {"email": email})
        try:
            salt = base64.b64decode(answer["salt"], validate=True)
            iterations = answer["iterations"]
        except (KeyError, TypeError, binascii.Error, ValueError):
            raise SignInError(_STRANGE) from None
        if not isinstance(iterations, int) or not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS or len(salt) < 16:
            raise SignInError("The server asked for a protection of your password that is not safe. Do not sign in.")
        return salt, iterations

    async def sign_in(self, email: str, lookup_hash: str, stay: bool, ticket: str = "") -> Account:
        """Prove the password or a passkey; the session comes as a cookie. Raises `SignInError`."""
        who = {"ticket": ticket} if ticket else {"email": email}
        answer = await self._post("/api/sign-in", {**who, "lookup_hash": lookup_hash, "stay": stay})
        account, wrapped = answer.get("account"), answer.get("wrapped_master_key")
        if not isinstance(account, str) or not account or not isinstance(wrapped, str):
            raise SignInError(_STRANGE)
        return Account(account, wrapped)

    async def knows_session(self, account: str) -> bool:
        """Whether the server knows the session of the account that signed in last; yes, where that cannot be told."""
        try:
            answer = await self._request(f"/api/session?account={quote(account, safe='')}", None, _SESSION_S)
        except NoAnswer:
            return True
        return answer.status != 401

    async def sign_out(self) -> None:
        """End the session. Raises `Unreachable`."""
        await self._post("/api/sign-out", {})

    async def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask a route that is seldom used. Raises `SignInError`."""
        return await (self._ask(f"/api/{path}") if body is None else self._post(f"/api/{path}", body))

    async def devices(self, account: str) -> tuple[list[AccountDevice], int]:
        """The devices of the account, and the server's time. Raises `SignInError`."""
        answer = await self._ask(f"/api/devices?account={quote(account, safe='')}")
        try:
            return read_devices(answer)
        except NotADeviceList:
            raise SignInError(_STRANGE) from None

    async def name_device(self, account: str, device: str, name: str) -> None:
        """Have this device listed by a sealed name. Raises `SignInError`."""
        await self._post("/api/devices/name", {"account": account, "device": device, "name": name})

    async def end_device(self, account: str, device: str | None) -> None:
        """Sign out another device of the account, or all others. Raises `SignInError`."""
        which = {"others": True} if device is None else {"device": device}
        await self._post("/api/devices/end", {"account": account, **which})

    async def report_wiped(self, account: str | None) -> None:
        """Say that a revoked session's device has deleted what it stored. Raises `SignInError`."""
        await self._post("/api/devices/wiped", {"account": account})

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return await self._ask(path, json.dumps(body))

    async def _ask(self, path: str, body: str | None = None) -> dict[str, Any]:
        try:
            answer = await self._request(path, body, _TIMEOUT_S)
        except NoAnswer:
            raise Unreachable(_NO_ANSWER) from None
        return _read(answer)


def _read(said: HttpAnswer) -> dict[str, Any]:
    """The JSON object of an answer. Raises `SignInError`."""
    try:
        answer = json.loads(said.text or "{}")
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if 200 <= said.status < 300:
        return answer
    error = answer.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    sentence = message if isinstance(message, str) and 0 < len(message) <= 300 else None
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    match said.status:
        case 401:
            raise Rejected(sentence or "The e-mail address or the password is wrong.", code)
        case 429:
            wait = said.retry_after
            raise TooManyAttempts(
                sentence or "There were too many attempts. Wait a little and try again.",
                int(wait) if wait.isdecimal() else 60,
            )
        case status if status >= 500:
            raise Unreachable(sentence or _NO_ANSWER)
        case _:
            raise SignInError(sentence or _STRANGE, code)
