"""What a device asks the server about accounts and their ways in; every request raises `SignInError`."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from hearth.core.errors import SignInError
from hearth.core.records.envelope import MAX_ITERATIONS, MIN_ITERATIONS, SALT_BYTES
from hearth.ports.network import Api

STRANGE = "The server gave an answer that this version of Hearth cannot read. Reload the page and try again."
UNSAFE = "The server asked for a protection of your password that is not safe. Nothing was sent."


@dataclass(frozen=True, slots=True)
class Cost:
    """What a secret is derived with."""

    salt: bytes
    iterations: int


@dataclass(frozen=True, slots=True)
class ListedWay:
    """A way into the account that is signed in; `created_at` in milliseconds since 1970."""

    id: str
    kind: str
    cost: Cost
    created_at: int


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
            return [
                ListedWay(str(each["id"]), str(each["kind"]), _cost(each), each["created_at"])
                for each in answer["ways"]
            ]
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

    async def delete(self, account: str, lookup_hash: str) -> None:
        """Delete the account."""
        await self._api.ask("account/delete", {"account": account, "proof": lookup_hash})


def _cost(answer: dict[str, Any]) -> Cost:
    try:
        salt = base64.b64decode(answer["salt"], validate=True)
        iterations = answer["iterations"]
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise SignInError(STRANGE) from None
    if type(iterations) is not int or not MIN_ITERATIONS <= iterations <= MAX_ITERATIONS or len(salt) < SALT_BYTES // 2:
        raise SignInError(UNSAFE)
    return Cost(salt, iterations)
