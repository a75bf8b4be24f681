"""Passkeys (WebAuthn Level 3): what an authenticator is asked for, in the JSON form of the requests.

Every passkey is discoverable, so that nobody has to say whose they look for; the person is verified each time; and the
PRF extension gives a secret that no server sees. Bytes are base64url without padding, as everywhere in WebAuthn.
"""

from __future__ import annotations

import base64
import ipaddress
import uuid
from collections.abc import Sequence
from typing import Any

from hearth.core.records.ways import PRF_INPUT

NAME = "Hearth"
TIMEOUT_MS = 120_000
"""How long the browser's window stays open; the server's challenge lasts longer."""

ALGORITHMS = (-7, -8, -257)
"""ES256, EdDSA, RS256, by their numbers in the COSE registry."""


def creation(challenge: str, account: str, name: str, known: Sequence[str]) -> dict[str, Any]:
    """What `navigator.credentials.create` is asked for; `known` are the ids of the account's passkeys of now."""
    return {
        "rp": {"name": NAME},
        "user": {"id": user_handle(account), "name": name, "displayName": name},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "attestation": "none",
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "excludeCredentials": _listed(known),
        "extensions": _extensions(),
    }


def request(challenge: str, only: Sequence[str] = ()) -> dict[str, Any]:
    """What `navigator.credentials.get` is asked for: whichever passkey the person chooses, or one of some."""
    return {
        "challenge": challenge,
        "timeout": TIMEOUT_MS,
        "userVerification": "required",
        "allowCredentials": _listed(only),
        "extensions": _extensions(),
    }


def user_handle(account: str) -> str:
    """By what an authenticator knows an account: the 16 bytes of its id. It names nobody."""
    return base64url(uuid.UUID(account).bytes)


def is_number(host: str) -> bool:
    """Whether a page's host is an address in figures: no passkey can belong to one."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def base64url(raw: bytes) -> str:
    """Bytes as base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of such a text. Raises `ValueError`."""
    if not set(text).isdisjoint("+/="):
        raise ValueError("This is base64, not base64url.")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _listed(ids: Sequence[str]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": each} for each in ids]


def _extensions() -> dict[str, Any]:
    return {"prf": {"eval": {"first": base64url(PRF_INPUT)}}}
