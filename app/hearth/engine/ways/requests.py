"""What a device asks the server about accounts and their ways in; every request raises `SignInError`."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hearth.core.errors import SignInError
from hearth.core.records.envelope import MAX_ITERATIONS, MIN_ITERATIONS, SALT_BYTES
from hearth.core.records.ways import WayKind
from hearth.ports.network import Api

STRANGE = "The server gave an answer that this version of Hearth cannot read. Reload the page and try again."
UNSAFE = "The server asked for a protection of your password that is not safe. Nothing was sent."


_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{22,400}")
"""At least 16 bytes, as base64url."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a secret is derived with."""

    salt: bytes
    iterations: int


@dataclass(frozen=True, slots=True)
class ListedWay:
    """A way into the account that is signed in; `created_at` in milliseconds since 1970, a passkey's `name` sealed."""

    id: str
    kind: str
    cost: Cost
    created_at: int
    name: str = ""
    credential: str = ""


class AccountRequests:
    """The requests, on the port `Api`."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def sign_up_policy(self) -> str:
        """Who may make an account: `open`, `invite` or `closed`."""
        return str((await self._api.ask("sign-up")).get("sign_up", ""))

    async def sign_up(self, email: str, request: dict[str, Any], invite: str) -> None:
        """Have an account made."""
        await self._api.ask("sign-up", {"email": email, **request, **({"invite": invite} if invite else {})})

    async def challenge(self, email: str, kind: str) -> Cost:
        """The cost of one kind of way, whether the address has it or not."""
        return _cost(await self._api.ask("challenge", {"email": email, "kind": kind}))

    async def ways(self, account: str) -> list[ListedWay]:
        """The ways into the account that is signed in."""
        answer = await self._api.ask(f"ways?account={account}")
        try:
            return [_listed(each) for each in answer["ways"]]
        except (KeyError, TypeError, ValueError):
            raise SignInError(STRANGE) from None

    async def prove(self, account: str, lookup_hash: str) -> str:
        """The wrapped master key of the way that a lookup hash is of; the code `wrong-proof` where it is of none."""
        answer = await self._api.ask("ways/proof", {"account": account, "proof": lookup_hash})
        return str(answer.get("wrapped_master_key", ""))

    async def put(self, account: str, lookup_hash: str, way: dict[str, Any], *, end_sessions: bool = True) -> None:
        """Put a way in the place of the one of its kind."""
        body = {"account": account, "proof": lookup_hash, "way": way, "end_sessions": end_sessions}
        await self._api.ask("ways", body)

    async def remove(self, account: str, lookup_hash: str, way_id: str) -> None:
        """Remove a passkey; one that is not there is removed already."""
        await self._api.ask("ways/remove", {"account": account, "proof": lookup_hash, "way": way_id})

    async def rename(self, account: str, way_id: str, name: str) -> None:
        """Have a passkey listed by another name, which is sealed."""
        await self._api.ask("ways/name", {"account": account, "way": way_id, "name": name})

    async def passkey_challenge(self) -> str:
        """Something for a passkey to sign, once and soon."""
        challenge = (await self._api.ask("passkeys/challenge", {})).get("challenge")
        if not isinstance(challenge, str) or not _CHALLENGE.fullmatch(challenge):
            raise SignInError(STRANGE)
        return challenge

    async def verify_passkey(self, credential: Mapping[str, Any]) -> tuple[bytes, str]:
        """For a passkey's signature: the salt of its way, and a ticket with which to sign in."""
        answer = await self._api.ask("passkeys/verify", {"credential": dict(credential)})
        ticket = answer.get("ticket")
        if not isinstance(ticket, str) or not ticket:
            raise SignInError(STRANGE)
        return _salt(answer), ticket

    async def move(self, account: str, lookup_hash: str, email: str) -> None:
        """Have the account belong to another address; the same request again changes nothing more."""
        await self._api.ask("account/address", {"account": account, "proof": lookup_hash, "email": email})

    async def delete(self, account: str, lookup_hash: str) -> None:
        """Delete the account."""
        await self._api.ask("account/delete", {"account": account, "proof": lookup_hash})


def _listed(way: dict[str, Any]) -> ListedWay:
    kind = str(way["kind"])
    cost = Cost(_salt(way), 0) if kind == WayKind.PASSKEY else _cost(way)
    texts = (each if isinstance(each, str) else "" for each in (way.get("name"), way.get("credential")))
    return ListedWay(str(way["id"]), kind, cost, way["created_at"], *texts)


def _cost(answer: dict[str, Any]) -> Cost:
    salt, iterations = _salt(answer), answer.get("iterations")
    if iterations is None:
        raise SignInError(STRANGE)
    if type(iterations) is not int or not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS:
        raise SignInError(UNSAFE)
    return Cost(salt, iterations)


def _salt(answer: dict[str, Any]) -> bytes:
    try:
        salt = base64.b64decode(answer["salt"], validate=True)
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise SignInError(STRANGE) from None
    if len(salt) < SALT_BYTES // 2:
        raise SignInError(UNSAFE)
    return salt
