"""Checks what passkeys sign (WebAuthn Level 3, section 7), with the library `webauthn`.

A challenge is the server's own, shown once and in time. The page that asked for the signature is the one that sends it:
its origin is that of the request, and its host the name that the passkey is bound to. The person was verified.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.registration.verify_registration_response import VerifiedRegistration

from hearth.core.passkeys import base64url, from_base64url
from server_mock.protocol.http_util import ApiError
from server_mock.protocol.one_time_tokens import OneTimeTokens
from server_mock.protocol.ways import Way

MAX_CREDENTIAL_ID_CHARS = 1_364
"""1,023 bytes as base64url: no authenticator makes a longer one (CTAP 2.2, 6.1.2)."""
MAX_PUBLIC_KEY_BYTES = 2_000

NOBODYS_KEY = bytes.fromhex(
    "a5010203262001215820" + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820" + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""Stands in for a passkey that is not known, so that its signature takes its time: the generator of P-256, in COSE."""

NOT_A_PASSKEY = "What this browser sent is not a new passkey of this page, or it came too late. Try again."


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signature as a device sends it: by which passkey, of which account."""

    account: str
    credential: str
    content: dict[str, Any]


def read_assertion(content: object) -> Assertion:
    """What a device sends. Raises `ApiError` where it does not have the form of one."""
    credential = content.get("id") if isinstance(content, dict) else None
    if isinstance(content, dict) and isinstance(credential, str) and 0 < len(credential) <= MAX_CREDENTIAL_ID_CHARS:
        with suppress(KeyError, TypeError, ValueError):
            account = uuid.UUID(bytes=from_base64url(content["response"]["userHandle"]))
            return Assertion(str(account), credential, content)
    raise ApiError(400, "bad-field", 'The field "credential" is no signature of a passkey.')


def count_of(assertion: Assertion, way: Way | None, origin: str, challenges: OneTimeTokens) -> int | None:
    """The passkey's count with this use, if `way` made the signature; None if not.

    It takes the same time for a passkey that is not known; the count is compared last, for the same reason.
    """
    host = _host(origin)
    found = _verified_use(assertion.content, way.public_key if way else None, origin, host, challenges)
    if found is None or way is None or way.rp_id != host or way.credential != assertion.credential:
        return None
    if (found.new_sign_count or way.sign_count) and found.new_sign_count <= way.sign_count:
        return None  # another copy of it was used meanwhile
    return found.new_sign_count


def registered(new: Way, content: object, origin: str, challenges: OneTimeTokens) -> Way:
    """A new way with the passkey that was made for it. Raises `ApiError`."""
    host, made = _host(origin), None
    challenge = _own_challenge(content, "webauthn.create", challenges)
    if challenge is not None and isinstance(content, dict):
        made = _verified_creation(content, challenge, host, origin)
    if made is None:
        raise ApiError(400, "bad-passkey", NOT_A_PASSKEY)
    credential, key = base64url(made.credential_id), made.credential_public_key
    if len(credential) > MAX_CREDENTIAL_ID_CHARS or len(key) > MAX_PUBLIC_KEY_BYTES:
        raise ApiError(400, "bad-passkey", NOT_A_PASSKEY)
    return replace(new, credential=credential, public_key=base64url(key), rp_id=host, sign_count=made.sign_count)


def issue_ticket(tickets: OneTimeTokens, hashed_email: str, way_id: str) -> str:
    """A ticket for whose passkey it was that signed."""
    return base64url(tickets.issue(json.dumps([hashed_email, way_id]).encode()))


def read_ticket(tickets: OneTimeTokens, ticket: str) -> tuple[str, str] | None:
    """The hashed address and the way that a ticket stands for, the first time that it is shown in time."""
    try:
        content = tickets.take(from_base64url(ticket))
    except ValueError:
        return None
    if content is None:
        return None
    hashed_email, way_id = json.loads(content)
    return str(hashed_email), str(way_id)


def _verified_use(
    content: dict[str, Any], key: str | None, origin: str, host: str, challenges: OneTimeTokens
) -> VerifiedAuthentication | None:
    challenge = _own_challenge(content, "webauthn.get", challenges)
    if challenge is None:
        return None
    try:
        return webauthn.verify_authentication_response(
            credential=content,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=from_base64url(key) if key else NOBODYS_KEY,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - the library raises whatever a stranger's bytes make its decoders raise
        return None


def _verified_creation(
    content: dict[str, Any], challenge: bytes, host: str, origin: str
) -> VerifiedRegistration | None:
    try:
        return webauthn.verify_registration_response(
            credential=content,
            expected_challenge=challenge,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - as above
        return None


def _own_challenge(
    content: object, kind: Literal["webauthn.create", "webauthn.get"], challenges: OneTimeTokens
) -> bytes | None:
    """The challenge that was signed, if it is one of ours, shown for the first time, and signed by a page on top."""
    try:
        if not isinstance(content, Mapping):
            return None
        client_data = json.loads(from_base64url(content["response"]["clientDataJSON"]))
        if client_data["type"] != kind or client_data.get("crossOrigin"):
            return None
        challenge = from_base64url(client_data["challenge"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
    return challenge if challenges.take(challenge) is not None else None


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""
