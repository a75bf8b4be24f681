"""The ports for the network: one connection for frames, and HTTP for signing in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from hearth.core.account.devices import AccountDevice
from hearth.core.protocol.server_events import SessionEnd
from hearth.ports.records import Frame


class Socket(Protocol):
    """An open connection to the server."""

    @property
    def polled(self) -> bool:
        """Whether frames travel by HTTP requests, since no WebSocket gets through here."""

    async def receive(self) -> Frame:
        """The next frame. Raises `ProtocolError` for one that cannot be read, `SocketClosed` at the end."""

    def send(self, text: str) -> None:
        """Send a frame; nothing happens when the connection has closed."""

    def close(self) -> None:
        """Close the connection."""


class SocketClosed(Exception):
    """The connection has ended.

    `session_end` says why, where the server refuses it because the session is not open; `superseded` says that nothing
    is wrong: it was closed because a better one opens now.
    """

    def __init__(self, session_end: SessionEnd | None = None, *, superseded: bool = False) -> None:
        super().__init__("the connection has ended")
        self.session_end = session_end
        self.superseded = superseded


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in, as the server answers a sign-in; `wrapped_master_key` is opened by the password."""

    id: str
    wrapped_master_key: str = field(repr=False)


class Api(Protocol):
    """The HTTP side of the server."""

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """The salt and the iterations for an address, known or not. Raises `SignInError`."""

    async def sign_in(self, email: str, lookup_hash: str, stay: bool, ticket: str = "") -> Account:
        """Prove the password, or what a passkey gave for its ticket; the session comes as a cookie.

        Raises `SignInError`.
        """

    async def knows_session(self, account: str) -> bool:
        """Whether the server knows the session of the account that signed in last; yes, where that cannot be told."""

    async def sign_out(self) -> None:
        """End the session. Raises `Unreachable`."""

    async def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask a route under `/api` that is seldom used, with a POST of a body, or a GET: the JSON object answered.

        Raises `SignInError`.
        """

    async def devices(self, account: str) -> tuple[list[AccountDevice], int]:
        """The devices of the account, this one among them, and the server's time. Raises `SignInError`."""

    async def name_device(self, account: str, device: str, name: str) -> None:
        """Have this device listed by a name, which is sealed. Raises `SignInError`."""

    async def end_device(self, account: str, device: str | None) -> None:
        """Sign out another device of the account, or without one all others. Raises `SignInError`."""

    async def report_wiped(self, account: str | None) -> None:
        """Say that a revoked session's device has deleted what it stored of an account, or of all.

        Raises `SignInError`.
        """
