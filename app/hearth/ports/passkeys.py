"""The port for passkeys: what the device's authenticators make and sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from hearth.core.errors import HearthError
from hearth.ports.keys import Key


class PasskeyProblem(StrEnum):
    """Why there is no passkey."""

    ADDRESS = "address"
    """The page's address is a number: a passkey belongs to a name (WebAuthn Level 3, 5.1.2)."""
    BROWSER = "browser"
    """This browser has no passkeys, or not for this page."""
    NO_PRF = "no-prf"
    """The browser, or what holds the passkey, has no PRF extension."""
    CANCELLED = "cancelled"
    """The person closed the window or let it expire, or no passkey was there: browsers do not tell which."""
    KNOWN = "known"
    """There is a passkey of this account on that authenticator already."""


class NoPasskey(HearthError):
    """There is no passkey; `problem` says why."""

    def __init__(self, problem: PasskeyProblem) -> None:
        super().__init__(f"There is no passkey: {problem.value}.")
        self.problem = problem


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """What an authenticator answered."""

    id: str
    """The passkey's id, as base64url."""
    credential: Mapping[str, Any] = field(repr=False)
    """What the server is shown, in the JSON form of WebAuthn; the secret is not in it."""
    secret: Key | None = None
    """What the PRF extension gave, for `Cipher.derive_from_secret`; none, where it gave nothing."""
    has_prf: bool = False
    """Whether the extension is there: some authenticators give the secret of a new passkey at its first use only."""


class Passkeys(Protocol):
    """The authenticators. Options are those of `hearth.core.passkeys`."""

    async def obstacle(self) -> PasskeyProblem | None:
        """Why there can be no passkey here, as far as that is known beforehand."""

    async def create(self, options: Mapping[str, Any]) -> PasskeyAnswer:
        """Have a passkey made. Raises `NoPasskey`; the browser's window goes when the task is cancelled."""

    async def get(self, options: Mapping[str, Any]) -> PasskeyAnswer:
        """Have a challenge signed by a passkey that the person chooses. Raises `NoPasskey`."""

    async def forget(self, credential_id: str) -> None:
        """Let the authenticators know that a passkey opens nothing, where they listen: they may take it off lists."""
