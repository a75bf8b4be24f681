"""A person with an account of their own, their browsers, and the devices that are connected from them."""

from __future__ import annotations

import base64
import json
import os
import secrets
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import Cookie
from typing import Any, Self, TypeVar

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from hearth.core.protocol import codec, device_events, server_events
from hearth.core.protocol.device_events import DeviceEvent
from hearth.core.protocol.server_events import (
    Changes,
    RecordsEvent,
    Refused,
    ServerEvent,
    UpToDate,
    WarmingComplete,
    Written,
)
from hearth.core.records.manifest import manifest_id
from hearth.core.records.schema import Collection, check_record
from hearth_testing.conformance.sealed import (
    CHATS,
    ENTRIES,
    Records,
    Row,
    first_manifest,
    following,
    new_id,
    sealed,
    wrapped,
)

MAX_FRAME_BYTES = 32 * 1024 * 1024
COOKIES = ("hearth_session", "__Host-hearth_session")
SALT_BYTES = 32

E = TypeVar("E", bound=ServerEvent)


opened: list[ClientConnection] = []
"""The WebSockets that were opened; whoever runs tests closes them after each."""


@cache
def _certificates() -> ssl.SSLContext:
    """The certificates that browsers here trust; reading them takes longer than a test does."""
    return ssl.create_default_context()


class Closed(Exception):
    """The server has closed the WebSocket."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The server closed the WebSocket with {code}.")
        self.code = code


class HandshakeRefused(Exception):
    """The server did not open a WebSocket."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and how long a frame or an answer may take: only a failing test waits so long."""

    url: str
    wait_s: float


@dataclass(slots=True)
class Browser:
    """An HTTP client with cookies of its own, on a page of the server."""

    server: Server
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        headers = {"Origin": self.server.url}
        self.http = httpx.Client(
            base_url=self.server.url,
            headers=headers,
            timeout=self.server.wait_s,
            trust_env=False,
            verify=_certificates(),
        )

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """POST JSON."""
        return self.http.post(path, json={} if body is None else body, headers=headers)

    def get(self, path: str, **query: str) -> httpx.Response:
        """GET."""
        return self.http.get(path, params=query)

    def session(self, account: str = "") -> tuple[int, str]:
        """Whether the session is open: the status, and the code of the error."""
        answer = self.get("/api/session", **({"account": account} if account else {}))
        return answer.status_code, "" if answer.status_code == 204 else str(answer.json()["error"]["code"])

    @property
    def cookie(self) -> Cookie:
        """The session's cookie."""
        (found,) = (each for each in self.http.cookies.jar if each.name in COOKIES)
        return found


@dataclass(slots=True)
class Person:
    """Somebody with an account; the secrets are drawn, for a server cannot tell them from derived ones."""

    server: Server
    invite: str | None = None
    email: str = field(default_factory=lambda: f"conformance-{secrets.token_hex(8)}@hearth.example")
    account: str = field(default_factory=new_id)
    lookup_hash: str = field(default_factory=lambda: secrets.token_hex(32))
    wrapped_master_key: str = field(default_factory=wrapped)
    manifest: Row = field(init=False)

    def __post_init__(self) -> None:
        self.manifest = first_manifest(self.account)

    def request(self) -> dict[str, Any]:
        """What a device says to make the account."""
        way = {
            "id": new_id(),
            "kind": "password",
            "salt": base64.b64encode(os.urandom(SALT_BYTES)).decode(),
            "iterations": 600_000,
            "lookup_hash": self.lookup_hash,
            "wrapped_master_key": self.wrapped_master_key,
        }
        invite = {} if self.invite is None else {"invite": self.invite}
        return {"email": self.email, "account": self.account, "ways": [way], "manifest": self.manifest, **invite}

    def sign_in(self, browser: Browser | None = None, *, stay: bool = False) -> Browser:
        """Sign in, in a browser of its own unless one is given."""
        browser = browser or Browser(self.server)
        body = {"email": self.email, "lookup_hash": self.lookup_hash, "stay": stay}
        answer = browser.post("/api/sign-in", body)
        assert answer.status_code == 200, answer.text
        return browser

    def delete_account(self) -> int:
        """Delete the account, if it can be signed in to: the status of the answer."""
        browser = Browser(self.server)
        signed_in = browser.post("/api/sign-in", {"email": self.email, "lookup_hash": self.lookup_hash})
        if signed_in.status_code != 200:
            return signed_in.status_code
        return browser.post("/api/account/delete", {"account": self.account, "proof": self.lookup_hash}).status_code

    def device(self, name: str = "device") -> Device:
        """A device that is signed in and connected, and has said nothing yet."""
        return Device(self, self.sign_in(), name).connect()

    def warmed(self, name: str = "device") -> Device:
        """A device that has everything."""
        device = self.device(name)
        device.send(device.hello())
        device.take_until(WarmingComplete)
        return device


class Device:
    """A device as simple as can be: it checks every frame, and keeps what it gets by the rules of every device."""

    def __init__(self, person: Person, browser: Browser, name: str) -> None:
        self.person = person
        self.browser = browser
        self.name = name
        self.stamp: str | None = None
        self.tables: dict[Collection, dict[str, Row]] = {collection: {} for collection in Collection}
        self.complete: dict[str, int] = {}
        self.events: list[ServerEvent] = []
        self.frames: list[dict[Collection, list[Row]]] = []
        """The records of each frame of this connection."""
        self._socket: ClientConnection | None = None
        self._sent: dict[tuple[str, ...], Records] = {}

    def connect(self, account: str | None = None, origin: str | None = None, cookie: str | None = None) -> Self:
        """Open the WebSocket, by default as the page does. Raises `HandshakeRefused`."""
        if cookie is None:
            own = self.browser.cookie
            cookie = f"{own.name}={own.value}"
        self.events.clear()
        self.frames.clear()
        try:
            opening = connect(
                f"ws{self.person.server.url.removeprefix('http')}/ws?account={account or self.person.account}",
                additional_headers={"Cookie": cookie} if cookie else {},
                origin=Origin(origin or self.person.server.url),
                max_size=MAX_FRAME_BYTES,
                compression=None,
                proxy=None,
                open_timeout=self.person.server.wait_s,
            )
            self._socket = opening.__enter__()
        except InvalidStatus:
            raise HandshakeRefused from None
        opened.append(self._socket)
        return self

    @property
    def socket(self) -> ClientConnection:
        """The connection."""
        assert self._socket is not None
        return self._socket

    def leave(self) -> None:
        """Close the connection."""
        self.socket.close()

    # --- what it says ---

    def send(self, event: DeviceEvent) -> None:
        """Send an event."""
        self.send_text(codec.write_device_frame(event))

    def send_text(self, text: str | bytes) -> None:
        """Send a frame as it is."""
        self.socket.send(text)

    def hello(self, **fields: Any) -> device_events.Hello:
        """What it says first: with its stamp, if it has one."""
        return device_events.Hello(**{"device_id": self.name, "since": self.stamp, **fields})

    def write(self, records: Records, *mutations: str) -> tuple[str, ...]:
        """Send a write with the manifest that vouches for it; the ids of its mutations."""
        if ENTRIES not in records:
            own = self.tables[ENTRIES].get(manifest_id(self.person.account), self.person.manifest)
            records = {**records, ENTRIES: [following(own, sealed=sealed())]}
        named = mutations or (new_id(),)
        self._sent[named] = records
        self.send(device_events.Write(mutations=named, records=records))
        return named

    def written(self, records: Records, *mutations: str) -> Written:
        """Write, and take frames up to the answer, which says that it is written."""
        named = self.write(records, *mutations)
        answer = self.answer()
        assert isinstance(answer, Written), answer
        assert tuple(answer.mutations) == named
        return answer

    def refused(self, records: Records, *mutations: str) -> Refused:
        """Write, and take frames up to the answer, which says that it is refused."""
        named = self.write(records, *mutations)
        answer = self.answer()
        assert isinstance(answer, Refused), answer
        assert tuple(answer.mutations) == named
        return answer

    # --- what it hears ---

    def text(self) -> str:
        """The next frame. Raises `Closed`."""
        try:
            text = self.socket.recv(timeout=self.person.server.wait_s)
        except TimeoutError:
            raise AssertionError(f"No frame came in time. Before: {self.names()}") from None
        except ConnectionClosed as closed:
            raise Closed(closed.rcvd.code if closed.rcvd else 1006) from None
        assert isinstance(text, str), "a frame is a text message"
        return text

    def take(self) -> ServerEvent:
        """The next event; its records are checked and kept."""
        event, records = read(self.text())
        self.events.append(event)
        self.frames.append(records)
        assert event.seq == len(self.events), "seq counts the frames of a connection from 1"
        if isinstance(event, Changes | Written) and not _is_repetition(event, self.stamp):
            assert event.since == self.stamp, "a change follows on where the device stands"
        for collection, rows in records.items():
            for row in rows:
                self._keep(collection, row)
        if isinstance(event, RecordsEvent):
            self.complete.update(event.complete)
        if isinstance(event, Written):
            self._keep_written(event)
        if isinstance(event, WarmingComplete | UpToDate | Changes | Written):
            self.stamp = event.stamp
        return event

    def take_until(self, kind: type[E]) -> E:
        """Take events up to one of a kind."""
        while True:
            event = self.take()
            if isinstance(event, kind):
                return event

    def answer(self) -> Written | Refused:
        """Take events up to the answer to a write."""
        while True:
            event = self.take()
            if isinstance(event, Written | Refused):
                return event

    def quiet(self) -> list[ServerEvent]:
        """What comes before the answers to two heartbeats: what was on its way is there by then."""
        before = len(self.events)
        for _ in range(2):
            self.send(device_events.Ping())
            self.take_until(server_events.Pong)
        return [event for event in self.events[before:] if not isinstance(event, server_events.Pong)]

    def close_code(self) -> int:
        """Take frames until the server closes: the code."""
        try:
            while True:
                self.take()
        except Closed as closed:
            return closed.code

    def names(self) -> list[str]:
        """The names of the events of this connection, repetitions once."""
        names = [event.name.value for event in self.events]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]

    def records(self, collection: Collection) -> dict[str, Row]:
        """What is here and not deleted."""
        gone = {row["id"] for row in self.tables[CHATS].values() if row["deleted_at"] is not None}
        rows = self.tables[collection].values()
        return {row["id"]: row for row in rows if row["deleted_at"] is None and row.get("chat_id") not in gone}

    def messages(self, chat_id: str) -> list[Row]:
        """A chat's messages, oldest first."""
        rows = (row for row in self.records(Collection.MESSAGES).values() if row["chat_id"] == chat_id)
        return sorted(rows, key=lambda row: (row["created_at"], row["id"]))

    def _keep(self, collection: Collection, row: Row) -> None:
        table = self.tables[collection]
        there = table.get(row["id"])
        rank = (row["version"], row["changed_at"])
        if there is None or rank > (there["version"], there["changed_at"]):
            table[row["id"]] = row

    def _keep_written(self, event: Written) -> None:
        """What was sent has the stamp of the write now, and so has the chat of each message."""
        for collection, rows in self._sent.get(tuple(event.mutations), {}).items():
            for row in rows:
                gone = None if row["deleted_at"] is None else event.changed_at
                self._keep(collection, {**row, "changed_at": event.changed_at, "deleted_at": gone})
                of_chat = self.tables[CHATS].get(row.get("chat_id", ""))
                if of_chat is not None:
                    self._keep(CHATS, {**of_chat, "changed_at": event.changed_at})


def _is_repetition(event: Changes | Written, stamp: str | None) -> bool:
    """Whether it is the answer to a write that was answered before: the device stands where it stood."""
    return isinstance(event, Written) and event.since == event.stamp == stamp


def read(text: str) -> tuple[ServerEvent, dict[Collection, list[Row]]]:
    """A frame as a device reads it: its header, and records of which every one has to fit the registry of fields."""
    frame: dict[str, Any] = json.loads(text)
    loads: Mapping[str, Sequence[Row]] = frame.pop("records", {})
    records = {Collection(name): list(rows) for name, rows in loads.items()}
    event = codec.read_server_header(frame, {name.value: len(rows) for name, rows in records.items()})
    problems = [check_record(collection, row) for collection, rows in records.items() for row in rows]
    assert not any(problems), problems
    return event, records
