"""The HTTP side of the server behind the port `Api`."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser.ffi import js_object
from hearth.core.account.devices import AccountDevice, NotADeviceList, read_devices
from hearth.core.errors import Rejected, SignInError, TooManyAttempts, Unreachable
from hearth.core.records.envelope import MAX_ITERATIONS, MIN_ITERATIONS
from hearth.ports.network import Account

_TIMEOUT_MS = 20_000
_SESSION_MS = 3_000
"""How long a sign-in waits to hear whether the browser took the cookie; it goes on without an answer."""

_NO_ANSWER = "The server does not answer. Check your connection and try again."
_STRANGE = "The server gave an answer that this version of Hearth cannot read. Reload the page and try again."


class HttpApi:
    """Requests to the server that served the page; the session travels as a cookie that no script can read."""

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """The salt and the iterations for an address, known or not. Raises `SignInError`."""
        answer = await _post("/api/challenge", {"email": email})
        try:
            salt = base64.b64decode(answer["salt"], validate=True)
            iterations = answer["iterations"]
        except (KeyError, TypeError, binascii.Error, ValueError):
            raise SignInError(_STRANGE) from None
        if not isinstance(iterations, int) or not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS or len(salt) < 16:
            raise SignInError("The server asked for a protection of your password that is not safe. Do not sign in.")
        return salt, iterations

    async def sign_in(self, email: str, lookup_hash: str, stay: bool) -> Account:
        """Prove the password; the session comes as a cookie. Raises `SignInError`."""
        answer = await _post("/api/sign-in", {"email": email, "lookup_hash": lookup_hash, "stay": stay})
        account, wrapped = answer.get("account"), answer.get("wrapped_master_key")
        if not isinstance(account, str) or not account or not isinstance(wrapped, str):
            raise SignInError(_STRANGE)
        return Account(account, wrapped)

    async def knows_session(self, account: str) -> bool:
        """Whether the server knows the session of the account that signed in last; yes, where that cannot be told."""
        options = js_object(credentials="same-origin", cache="no-store")
        options.signal = js.AbortSignal.timeout(_SESSION_MS)
        try:
            response = await js.fetch(f"/api/session?account={js.encodeURIComponent(account)}", options)
        except JsException:
            return True
        return int(response.status) != 401

    async def sign_out(self) -> None:
        """End the session. Raises `Unreachable`."""
        await _post("/api/sign-out", {})

    async def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask a route that is seldom used. Raises `SignInError`."""
        return await (_request(f"/api/{path}", js_object()) if body is None else _post(f"/api/{path}", body))

    async def devices(self, account: str) -> tuple[list[AccountDevice], int]:
        """The devices of the account, and the server's time. Raises `SignInError`."""
        answer = await _request(f"/api/devices?account={js.encodeURIComponent(account)}", js_object())
        try:
            return read_devices(answer)
        except NotADeviceList:
            raise SignInError(_STRANGE) from None

    async def name_device(self, account: str, device: str, name: str) -> None:
        """Have this device listed by a sealed name. Raises `SignInError`."""
        await _post("/api/devices/name", {"account": account, "device": device, "name": name})

    async def end_device(self, account: str, device: str | None) -> None:
        """Sign out another device of the account, or all others. Raises `SignInError`."""
        which = {"others": True} if device is None else {"device": device}
        await _post("/api/devices/end", {"account": account, **which})

    async def report_wiped(self, account: str | None) -> None:
        """Say that a revoked session's device has deleted what it stored. Raises `SignInError`."""
        await _post("/api/devices/wiped", {"account": account})


async def _post(path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    options = js_object(method="POST", body=json.dumps(body), headers={"Content-Type": "application/json"})
    return await _request(path, options)


async def _request(path: str, options: Any) -> dict[str, Any]:
    options.credentials, options.cache = "same-origin", "no-store"
    options.signal = js.AbortSignal.timeout(_TIMEOUT_MS)
    try:
        response = await js.fetch(path, options)
        text = await response.text()
    except JsException:
        raise Unreachable(_NO_ANSWER) from None
    try:
        answer = json.loads(text or "{}")
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    if response.ok:
        return answer
    error = answer.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    said = message if isinstance(message, str) and 0 < len(message) <= 300 else None
    code = str(error.get("code", "")) if isinstance(error, dict) else ""
    match response.status:
        case 401:
            raise Rejected(said or "The e-mail address or the password is wrong.", code)
        case 429:
            wait = str(response.headers.get("Retry-After") or "")
            raise TooManyAttempts(
                said or "There were too many attempts. Wait a little and try again.",
                int(wait) if wait.isdecimal() else 60,
            )
        case status if status >= 500:
            raise Unreachable(said or _NO_ANSWER)
        case _:
            raise SignInError(said or _STRANGE, code)
