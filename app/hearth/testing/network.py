"""A socket whose frames a test sends, and an HTTP side with one account."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from hearth.core.account.devices import AccountDevice
from hearth.core.errors import Rejected, SignInError
from hearth.core.protocol import codec
from hearth.core.protocol.server_events import ServerEvent
from hearth.core.records.schema import Collection
from hearth.ports.network import Account, SocketClosed
from hearth.ports.records import Frame

Rows = list[dict[str, Any]]


class FakeSocket:
    """A connection whose far end the test holds: `deliver` and `sent`; `polled` as where no WebSocket gets through."""

    def __init__(self, polled: bool = False) -> None:
        self.polled = polled
        self.id = "connection"
        self.sent: list[str] = []
        self.closed = False
        self._frames: asyncio.Queue[Frame | Exception] = asyncio.Queue()

    async def receive(self) -> Frame:
        """The next frame."""
        item = await self._frames.get()
        if isinstance(item, SocketClosed):
            self._frames.put_nowait(item)  # The end stays the end.
        if isinstance(item, Exception):
            raise item
        return item

    def send(self, text: str) -> None:
        """Send a frame."""
        if not self.closed:
            self.sent.append(text)

    def close(self) -> None:
        """Close."""
        self.closed = True
        self.fail()

    def deliver(self, event: ServerEvent, records: dict[Collection, Rows] | None = None) -> None:
        """The server sends an event; it goes through the wire format both ways."""
        frame = json.loads(codec.write_server_frame(event, records))
        rows = frame.pop("records", {})
        read = codec.read_server_header(frame, {name: len(each) for name, each in rows.items()})
        self.arrive(Frame(read, {Collection(name): each for name, each in rows.items()}))

    def arrive(self, frame: Frame) -> None:
        """A frame arrives."""
        self._frames.put_nowait(frame)

    def fail(self, error: Exception | None = None) -> None:
        """The connection ends, or yields an error."""
        self._frames.put_nowait(error or SocketClosed())


class FakeApi:
    """`hearth.ports.network.Api` with one account."""

    def __init__(self) -> None:
        self.email = ""
        self.salt = b"s" * 32
        self.lookup_hash = ""
        self.account = Account("", "")
        self.refusal: SignInError | None = None
        self.signed_out = 0
        self.answer: Callable[[str, Mapping[str, Any] | None], dict[str, Any]] = lambda _path, _body: {}
        """What the routes answer that are seldom used; it may raise."""
        self.takes_cookies = True
        """Whether the browser keeps the session's cookie."""
        self.listed: list[AccountDevice] = []
        """What the server lists of the account's devices."""
        self.ended: list[str | None] = []
        """The devices that were signed out; None: all others."""
        self.names: dict[str, str] = {}
        """The sealed names that devices gave themselves."""
        self.wiped: list[str | None] = []
        """The accounts of which a finished wipe was reported; None: all."""
        self.now_ms = 0
        """The server's clock."""

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """The account's salt, or one made of the address."""
        if self.refusal:
            raise self.refusal
        return (self.salt if email == self.email else hashlib.sha256(email.encode()).digest()), 1

    async def sign_in(self, email: str, lookup_hash: str, stay: bool, ticket: str = "") -> Account:
        """Compare."""
        if email != self.email or lookup_hash != self.lookup_hash:
            raise Rejected("The e-mail address or the password is wrong.")
        return self.account

    async def knows_session(self, account: str) -> bool:
        """As the browser keeps cookies."""
        return self.takes_cookies

    async def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """As the test answers."""
        if self.refusal:
            raise self.refusal
        return self.answer(path, body)

    async def sign_out(self) -> None:
        """Count."""
        if self.refusal:
            raise self.refusal
        self.signed_out += 1

    async def devices(self, account: str) -> tuple[list[AccountDevice], int]:
        """As the test has it."""
        if self.refusal:
            raise self.refusal
        return list(self.listed), self.now_ms

    async def name_device(self, account: str, device: str, name: str) -> None:
        """Remember."""
        if self.refusal:
            raise self.refusal
        self.names[device] = name

    async def end_device(self, account: str, device: str | None) -> None:
        """Remember."""
        if self.refusal:
            raise self.refusal
        self.ended.append(device)

    async def report_wiped(self, account: str | None) -> None:
        """Remember."""
        if self.refusal:
            raise self.refusal
        self.wiped.append(account)
