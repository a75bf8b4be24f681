"""Passkeys through `navigator.credentials`, behind the port `Passkeys`.

What the PRF extension gives goes from JavaScript's memory into a key that no script can read; Python holds its handle.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException

from hearth.browser.crypto.webcrypto import import_root
from hearth.browser.ffi import error_name, js_object
from hearth.core.passkeys import base64url, from_base64url, is_number
from hearth.ports.keys import Key
from hearth.ports.passkeys import NoPasskey, PasskeyAnswer, PasskeyProblem

PRF = "extension:prf"
_PROBLEMS = {
    "InvalidStateError": PasskeyProblem.KNOWN,
    "NotAllowedError": PasskeyProblem.CANCELLED,
    "AbortError": PasskeyProblem.CANCELLED,
}


class BrowserPasskeys:
    """What this browser and the authenticators that it reaches offer."""

    async def obstacle(self) -> PasskeyProblem | None:
        """Why there can be no passkey here, as far as the browser tells beforehand."""
        if is_number(str(js.location.hostname)):
            return PasskeyProblem.ADDRESS
        kind = getattr(js, "PublicKeyCredential", None)
        if kind is None or not getattr(js.navigator, "credentials", None):
            return PasskeyProblem.BROWSER
        if not hasattr(kind, "getClientCapabilities"):
            return None
        try:
            capabilities = json.loads(js.JSON.stringify(await kind.getClientCapabilities()))
        except JsException:
            return None
        return PasskeyProblem.NO_PRF if capabilities.get(PRF) is False else None

    async def create(self, options: Mapping[str, Any]) -> PasskeyAnswer:
        """Have a passkey made. Raises `NoPasskey`."""
        made = await _asked("create", options)
        response = {"attestationObject": _text(made.response.attestationObject)}
        return await _answer(made, response)

    async def get(self, options: Mapping[str, Any]) -> PasskeyAnswer:
        """Have a challenge signed by a passkey that the person chooses. Raises `NoPasskey`."""
        used = await _asked("get", options)
        response = {"authenticatorData": _text(used.response.authenticatorData)}
        response["signature"] = _text(used.response.signature)
        if used.response.userHandle:
            response["userHandle"] = _text(used.response.userHandle)
        return await _answer(used, response)

    async def forget(self, credential_id: str) -> None:
        """Let the authenticators know that a passkey opens nothing, where the browser can tell them."""
        kind = getattr(js, "PublicKeyCredential", None)
        if kind is not None and hasattr(kind, "signalUnknownCredential"):
            with suppress(JsException):
                unknown = js_object(rpId=str(js.location.hostname), credentialId=credential_id)
                await kind.signalUnknownCredential(unknown)


async def _asked(action: str, options: Mapping[str, Any]) -> Any:
    """The credential; the browser's window goes when the task is cancelled. Raises `NoPasskey`."""
    abort = js.AbortController.new()
    wanted = js_object(publicKey=_with_bytes(options))
    wanted.signal = abort.signal
    try:
        credential = await getattr(js.navigator.credentials, action)(wanted)
    except asyncio.CancelledError:
        abort.abort()
        raise
    except JsException as error:
        raise NoPasskey(_PROBLEMS.get(error_name(error), PasskeyProblem.BROWSER)) from None
    if credential is None:
        raise NoPasskey(PasskeyProblem.CANCELLED)
    return credential


async def _answer(credential: Any, response: dict[str, str]) -> PasskeyAnswer:
    shown = {
        "id": str(credential.id),
        "rawId": _text(credential.rawId),
        "type": "public-key",
        "response": {"clientDataJSON": _text(credential.response.clientDataJSON), **response},
    }
    prf = getattr(credential.getClientExtensionResults(), "prf", None)
    results = getattr(prf, "results", None) if prf else None
    first = getattr(results, "first", None) if results else None
    secret = Key(b"", await import_root(first)) if first else None
    return PasskeyAnswer(str(credential.id), shown, secret, bool(first or (prf and getattr(prf, "enabled", False))))


def _with_bytes(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with bytes where they have base64url."""
    filled: dict[str, Any] = {**options, "challenge": from_base64url(options["challenge"])}
    if "user" in options:
        filled["user"] = {**options["user"], "id": from_base64url(options["user"]["id"])}
    for name in ("excludeCredentials", "allowCredentials"):
        if name in options:
            filled[name] = [{**each, "id": from_base64url(each["id"])} for each in options[name]]
    first = from_base64url(options["extensions"]["prf"]["eval"]["first"])
    filled["extensions"] = {"prf": {"eval": {"first": first}}}
    return filled


def _text(buffer: Any) -> str:
    return base64url(buffer.to_bytes())
