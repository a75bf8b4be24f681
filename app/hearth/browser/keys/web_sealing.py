"""The master key under a share, with WebCrypto: its bytes, and a share's, stay on JavaScript's side of the border.

What Python holds of them are handles, which it passes on unopened and has overwritten. What leaves is a `CryptoKey`
that no script can read back.
"""

from __future__ import annotations

import base64
import json
from typing import Any, cast

import js
from pyodide.ffi import JsException

from hearth.browser.crypto.webcrypto import random_bytes
from hearth.browser.ffi import js_object
from hearth.browser.keys.ports import Share, to_base64
from hearth.core.errors import Damaged
from hearth.core.records import envelope
from hearth.core.records.envelope import Place, WrappedKey
from hearth.core.records.schema import MASTER_KEY_COLLECTION

SHARE_BYTES = 32
_SHARE_USAGES = ("encrypt", "decrypt")
_MASTER_USAGES = ("encrypt", "decrypt", "wrapKey", "unwrapKey")


class WebSealing:
    """`Sealing` with the browser's WebCrypto."""

    def random_share(self) -> Any:
        """The bytes of a new share."""
        return js.crypto.getRandomValues(js.Uint8Array.new(SHARE_BYTES))

    async def import_share(self, raw: Any) -> Any:
        """A share's bytes as a key."""
        key = await _import(raw, _SHARE_USAGES)
        self.overwrite(raw)
        return key

    async def open_master(self, wrapping: Any, wrapped: WrappedKey, account: str) -> Any:
        """The bytes of the wrapped master key. Raises `Damaged`."""
        place = Place(account, MASTER_KEY_COLLECTION, account, "master_key")
        bound = envelope.associated_data(place) + wrapped.key_id
        how = js_object(name="AES-GCM", iv=wrapped.nonce, additionalData=bound)
        try:
            return await js.crypto.subtle.decrypt(how, wrapping, js_object(body=wrapped.body).body)
        except JsException:
            raise Damaged("The account's master key was changed or damaged.") from None

    async def import_master(self, raw: Any) -> Any:
        """They, as a key that no script can read back."""
        return await _import(raw, _MASTER_USAGES)

    async def seal(self, share: Share, bound: list[Any], content: Any) -> dict[str, str]:
        """Bytes, or text, under a share."""
        nonce = random_bytes(envelope.NONCE_BYTES)
        raw = js_object(text=content.encode()).text if isinstance(content, str) else content
        sealed = await js.crypto.subtle.encrypt(_how(nonce, bound), share.key, raw)
        return {"nonce": to_base64(nonce), "sealed": to_base64(sealed.to_bytes())}

    async def open_text(self, share: Any, bound: list[Any], sealed: dict[str, str]) -> str:
        """Text that was sealed so. Raises `Damaged`."""
        try:
            nonce, body = (base64.b64decode(sealed[name]) for name in ("nonce", "sealed"))
            raw = await js.crypto.subtle.decrypt(_how(nonce, bound), share, js_object(body=body).body)
            return cast(str, raw.to_bytes().decode())
        except (JsException, KeyError, TypeError, ValueError):
            raise Damaged("This address was changed or damaged.") from None

    def overwrite(self, raw: Any) -> None:
        """Overwrite the bytes of a key or a share."""
        raw.assign(bytes(envelope.KEY_BYTES))


def _how(nonce: bytes, bound: list[Any]) -> Any:
    """The parameters of AES-GCM; the place is bound as JSON, as `first_key.js` writes it."""
    text = json.dumps(bound, separators=(",", ":"), ensure_ascii=False)
    return js_object(name="AES-GCM", iv=nonce, additionalData=text.encode())


async def _import(raw: Any, usages: tuple[str, ...]) -> Any:
    return await js.crypto.subtle.importKey("raw", raw, "AES-GCM", False, js_object(u=list(usages)).u)
