"""A whole server in memory for tests: the application, its Directus, clocks that stand still, and devices."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from starlette.types import ASGIApp, Message

from hearth.core.protocol import codec
from hearth.core.protocol.device_events import DeviceEvent, Hello
from hearth.core.protocol.server_events import Changes, RecordsEvent, ServerEvent, UpToDate, WarmingComplete, Written
from hearth.core.records.envelope import Place, normalise_password
from hearth.core.records.schema import Collection, check_record
from hearth.ports.keys import Credentials
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.assistant.port import Assistant
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD, Plan
from server_mock.demo.seeding import ensure_account
from server_mock.directus.client import DirectusClient, Retrying
from server_mock.directus.schema import Row
from server_mock.directus_standin.app import StandIn
from server_mock.protocol.account_deletion import finish_deletions
from server_mock.protocol.api import COOKIE, DemoAccount
from server_mock.protocol.app import make_app
from server_mock.protocol.device_connection import IDLE_S
from server_mock.protocol.quotas import Quotas
from server_mock.protocol.record_disk import MAX_PAYLOAD_BYTES
from server_mock.protocol.services import Clocks, Services
from server_mock.protocol.session_store import SessionStore
from server_mock.protocol.sessions import Sessions
from server_mock.protocol.ways import sha256_hex
from server_mock.protocol.ways_api import finish_endings
from server_mock.testing.control import Control
from server_mock.testing.faults import Faults, FaultyTransport
from server_mock.testing.record_factory import MASTER_KEY_FIELD

HOST = "hearth.test"
ORIGIN = f"http://{HOST}"
EMAIL, PASSWORD = "person@hearth.example", "a password of the tests"
TOKEN = "a-token-of-the-tests"
METRICS_TOKEN = "a-token-for-metrics"
START_S = 1_800_000_000.0
LATEST_S = 10.0
"""How long a test waits for a frame that has to come: only a failing test ever waits so long."""

TURNS = 20
"""Turns of the event loop without any work after which a server has nothing left to do."""

_credentials: dict[tuple[str, str], Credentials] = {}


@dataclass(slots=True)
class FakeTime:
    """Both clocks; they move when a test moves them."""

    now_s: float = START_S

    def __call__(self) -> float:
        return self.now_s


async def no_sleep(_seconds: float) -> None:
    """What retries do instead of waiting."""


@dataclass(slots=True)
class World:
    """One server. `restart` makes a new one on the same data."""

    standin: StandIn
    time: FakeTime
    services: Services = field(init=False)
    app: ASGIApp = field(init=False)
    http: httpx.AsyncClient = field(init=False)
    direct: DirectusClient = field(init=False)
    sockets: list[DeviceSocket] = field(default_factory=list)
    transport: type[DeviceSocket] | None = None
    """What devices connect with; a WebSocket unless a test says otherwise."""
    secret: bytes = b"a secret of the tests"
    idle_s: float = IDLE_S
    max_payload: int = MAX_PAYLOAD_BYTES
    quotas: Quotas = field(default_factory=Quotas)
    query_limit: int | None = None
    """The limit that the stand-in has."""
    assistant: Assistant | None = None
    sleep: Callable[[float], Awaitable[None]] = no_sleep
    """What retries do to wait."""
    requests: Requests = field(init=False)
    faults: Faults = field(init=False)

    def start(self) -> None:
        """Put a server together on the data that there is."""
        self.faults = Faults()
        self.requests = Requests(httpx.ASGITransport(app=self.standin))
        transport = FaultyTransport(self.requests, self.faults)
        client = DirectusClient(
            "http://directus",
            TOKEN,
            transport=transport,
            retrying=Retrying(sleep=self.sleep),
            max_payload=self.max_payload,
        )
        self.direct = DirectusClient("http://directus", TOKEN, app=self.standin)
        self.direct.query_limit = client.query_limit = self.query_limit
        clocks = Clocks(self.time, self.time)
        sessions = Sessions(self.time, SessionStore(self.direct))
        self.services = Services(
            client,
            sessions,
            self.secret,
            faults=self.faults,
            clocks=clocks,
            max_payload=self.max_payload,
            quotas=self.quotas,
            own=self.direct,
            assistant=self.assistant,
        )
        accounts = [DemoAccount(EMAIL, PASSWORD), DemoAccount(GUEST_EMAIL, GUEST_PASSWORD)]
        control = Control(self.services, self.direct, self.faults, accounts)
        self.app = make_app(
            self.services,
            demo=accounts[0],
            control=control.routes(),
            metrics_token=METRICS_TOKEN,
            idle_s=self.idle_s,
        )
        self.http = self.browser()

    def browser(self, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """An HTTP client with cookies of its own."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 50_000))
        return httpx.AsyncClient(base_url=ORIGIN, transport=transport, headers={"Origin": ORIGIN})

    async def stop(self) -> None:
        """End every connection and every task."""
        for socket in self.sockets:
            await socket.close()
        await self.services.close()
        await self.direct.close()

    async def restart(self) -> None:
        """Stop, and start on the same data, a second later."""
        await self.stop()
        self.time.now_s += 1
        self.sockets.clear()
        self.start()
        await self.services.sessions.load()
        await finish_endings(self.direct, self.services.sessions)
        await finish_deletions(self.direct, self.services.sessions)

    async def die_after(self, requests: int) -> None:
        """Once everything under way is done: answer so many requests more, and then be as good as dead."""
        for _ in range(TURNS):
            await self.requests.idle.wait()
            await asyncio.sleep(0)
        self.requests.left = requests

    async def seed(
        self,
        chats: int = 3,
        messages: int = 4,
        email: str = EMAIL,
        password: str = PASSWORD,
    ) -> None:
        """Make an account with one iteration of PBKDF2, so that it takes no time."""
        plan = Plan(email, password, 7, chats, messages, int(self.time() * 1000), iterations=1)
        await ensure_account(self.direct, self.standin, plan)

    async def lookup_hash(self, email: str = EMAIL, password: str = PASSWORD) -> str:
        """Ask for the challenge and derive what proves the password."""
        return (await self._derive(self.http, email, password)).lookup_hash

    async def _derive(self, http: httpx.AsyncClient, email: str, password: str) -> Credentials:
        answer = (await http.post("/api/challenge", json={"email": email})).json()
        known = (answer["salt"], password)
        if known not in _credentials:
            salt = base64.b64decode(answer["salt"])
            _credentials[known] = CryptographyCipher().derive_now(
                normalise_password(password), salt, min(answer["iterations"], 1)
            )
        return _credentials[known]

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, *, stay: bool = False) -> Device:
        """Sign a new device in."""
        http = self.browser()
        credentials = await self._derive(http, email, password)
        body = {"email": email, "lookup_hash": credentials.lookup_hash, "stay": stay}
        response = await http.post("/api/sign-in", json=body)
        assert response.status_code == 200, response.text
        account, wrapped = response.json()["account"], response.json()["wrapped_master_key"]
        cipher = CryptographyCipher()
        place = Place(account, "users", account, MASTER_KEY_FIELD)
        master = cipher.unwrap_key_now(credentials.wrapping, wrapped, place)
        keyring = CryptographyKeyring(cipher, account, master)
        return Device(self, http, account, response.cookies[COOKIE], keyring)

    async def control(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """POST to the control routes."""
        response = await self.http.post(f"/control/{path}", json=body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def change(self, **change: Any) -> dict[str, Any]:
        """Make a change as if from another device."""
        return await self.control("changes", change)

    async def account(self, number: int = 0) -> dict[str, Any]:
        """An account as `/control/accounts` tells it."""
        return dict((await self.http.get("/control/accounts")).json()[number])

    def log(self) -> list[dict[str, Any]]:
        """The Directus log."""
        return [dict(entry) for entry in self.services.client.log.entries()]

    def reads(self) -> list[dict[str, Any]]:
        """The Directus log without writes."""
        return [entry for entry in self.log() if entry["method"] in ("GET", "SEARCH")]

    async def rows(self, collection: Collection, account: str) -> list[Row]:
        """What the disk holds of an account, deleted rows left out."""
        owner = {"hashed_user_id": {"_eq": owner_of(account)}, "deleted_at": {"_null": True}}
        return await self.direct.search(collection.value, filter=owner)


class Requests(httpx.AsyncBaseTransport):
    """Counts every request to Directus, whatever the log forgets, and can hold them at a gate."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.count = 0
        self.active = 0
        self.idle = asyncio.Event()
        self.idle.set()
        """Set while no request is under way; one that is held is not."""
        self.held: dict[str, asyncio.Event] = {}
        self.held_up = asyncio.Event()
        """Set once a request was held."""
        self.left: int | None = None
        """How many requests are still answered before the server is as good as dead; None: all."""

    def hold(self, fragment: str) -> asyncio.Event:
        """Hold requests whose method, path and body contain `fragment` until the event is set."""
        self.held[fragment] = asyncio.Event()
        return self.held[fragment]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Count, wait if held, pass on."""
        self.count += 1
        text = f"{request.method} {request.url.path} {request.content.decode()}"
        for fragment, gate in self.held.items():
            if fragment in text:
                self.held_up.set()
                await gate.wait()
        counts = self.left is not None  # one that is under way when the count begins is none of it
        if self.left is not None and self.left <= 0:
            raise httpx.ConnectError("the server is dead")
        self.active += 1
        self.idle.clear()
        try:
            response = await self._inner.handle_async_request(request)
            if counts and self.left is not None:
                self.left -= 1
                if self.left == 0:
                    raise httpx.ReadError("the server died before it heard of the answer")
            return response
        finally:
            self.active -= 1
            if not self.active:
                self.idle.set()


class Refused(Exception):
    """The handshake of a WebSocket was refused."""


class Closed(Exception):
    """The server closed the WebSocket."""

    def __init__(self, code: int) -> None:
        super().__init__(f"closed with {code}")
        self.code = code


class DeviceSocket:
    """A WebSocket to the application, in memory: what the server sends waits in a queue."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str], query: str = "") -> None:
        self._app = app
        self._query = query.encode()
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._in: asyncio.Queue[Message] = asyncio.Queue()
        self._out: asyncio.Queue[Message] = asyncio.Queue()
        self._controller = asyncio.Event()
        self._controller.set()
        self._task: asyncio.Task[None] | None = None
        self.is_open = True
        """Taken back by who has seen it close."""
        self.texts: list[str] = []
        """Every frame that came, as text."""

    async def ended(self) -> None:
        """Wait until the server has done with this connection."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def open(self) -> Self:
        """Shake hands. Raises `Refused`."""
        scope = {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "scheme": "ws",
            "path": "/ws",
            "raw_path": b"/ws",
            "root_path": "",
            "query_string": self._query,
            "headers": self._headers,
            "client": ("127.0.0.1", 50_001),
            "server": (HOST, 80),
            "subprotocols": [],
            "state": {},
        }
        self._in.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._run(scope))
        answer = await self._next()
        if answer["type"] != "websocket.accept":
            raise Refused
        return self

    async def _run(self, scope: dict[str, Any]) -> None:
        try:
            await self._app(scope, self._in.get, self._deliver)
        finally:
            self._out.put_nowait({"type": "ended"})

    async def _next(self) -> Message:
        async with asyncio.timeout(LATEST_S):
            return await self._out.get()

    def send(self, event: DeviceEvent) -> None:
        """Send an event."""
        self.send_text(codec.write_device_frame(event))

    def send_text(self, text: str) -> None:
        """Send a frame as it is."""
        self._in.put_nowait({"type": "websocket.receive", "text": text})

    def send_bytes(self, content: bytes) -> None:
        """Send a binary frame."""
        self._in.put_nowait({"type": "websocket.receive", "bytes": content})

    async def text(self) -> str:
        """The next frame. Raises `Closed`."""
        message = await self._next()
        if message["type"] != "websocket.send":
            raise Closed(message.get("code", 1006))
        self.texts.append(message["text"])
        return self.texts[-1]

    async def receive(self) -> tuple[ServerEvent, dict[Collection, list[Row]]]:
        """The next event and its records, checked as a device checks them. Raises `Closed`."""
        return read(await self.text())

    async def closed(self) -> int:
        """Read on until the server closes: the code."""
        try:
            while True:
                await self.text()
        except Closed as closed:
            return closed.code

    async def everything_is_sent(self) -> None:
        """Wait until the server has taken every frame: at once."""

    def nothing_is_waiting(self) -> bool:
        """Whether the server has sent nothing that was not received."""
        return self._out.empty()

    def stop_reading(self) -> None:
        """Read nothing more: what the server sends from now on does not get through."""
        self._controller.clear()

    def read_on(self) -> None:
        """Read again."""
        self._controller.set()

    async def _deliver(self, message: Message) -> None:
        await self._controller.wait()
        self._out.put_nowait(message)

    async def close(self) -> None:
        """Leave."""
        self._controller.set()
        if self._task is not None:
            self._in.put_nowait({"type": "websocket.disconnect", "code": 1005})
            async with asyncio.timeout(LATEST_S):
                await asyncio.gather(self._task, return_exceptions=True)
            if not self._task.cancelled() and self._task.exception() is not None:
                raise AssertionError("a connection failed") from self._task.exception()
            self._task = None


def read(text: str) -> tuple[ServerEvent, dict[Collection, list[Row]]]:
    """A frame as a device reads it: every record has to fit the registry of fields."""
    frame = json.loads(text)
    records = {Collection(name): rows for name, rows in frame.pop("records", {}).items()}
    event = codec.read_server_header(frame, {name.value: len(rows) for name, rows in records.items()})
    for collection, rows in records.items():
        for row in rows:
            assert check_record(collection, row) is None, check_record(collection, row)
    return event, records


class Device:
    """A device as simple as can be: it keeps what it gets, by the rules that every device follows."""

    def __init__(
        self, world: World, http: httpx.AsyncClient, account: str, token: str, keyring: CryptographyKeyring
    ) -> None:
        self.world = world
        self.http = http
        self.account = account
        self.token = token
        self.keyring = keyring
        self.cursor: str | None = None
        self.tables: dict[Collection, dict[str, Row]] = {collection: {} for collection in Collection}
        self.complete: dict[str, int] = {}
        self.events: list[ServerEvent] = []
        self.sent: Counter[Collection] = Counter()
        self.writes: dict[tuple[str, ...], Mapping[Collection, Sequence[Row]]] = {}
        """What was sent to be written, by the ids of its mutations."""
        self._socket: DeviceSocket | None = None

    @property
    def socket(self) -> DeviceSocket:
        """The connection."""
        assert self._socket is not None
        return self._socket

    def headers(self) -> dict[str, str]:
        """What a browser sends with the handshake."""
        return {"Host": HOST, "Origin": ORIGIN, "Cookie": f"{COOKIE}={self.token}"}

    async def connect(self, device_id: str = "device") -> Self:
        """Connect and say hello, with what is here."""
        await self.connect_silently()
        self.socket.send(self.hello(device_id))
        return self

    async def connect_silently(self) -> Self:
        """Connect and say nothing."""
        transport = self.world.transport or DeviceSocket
        self._socket = await transport(self.world.app, self.headers(), f"account={self.account}").open()
        self.world.sockets.append(self._socket)
        self.events.clear()
        self.sent.clear()
        return self

    def hello(self, device_id: str = "device") -> Hello:
        """What this device says first."""
        if self.cursor is not None:
            return Hello(device_id=device_id, since=self.cursor)
        settings = self.tables[Collection.SETTINGS_AND_MEMORIES]
        return Hello(
            device_id=device_id,
            # A chat of which only the title is here is held, too: as of no stamp.
            have={**dict.fromkeys(self.records(Collection.CHATS), 0), **self.complete},
            have_settings={row["id"]: row["changed_at"] for row in settings.values()},
        )

    async def take(self) -> ServerEvent:
        """Receive one event and apply it."""
        event, records = await self.socket.receive()
        self.events.append(event)
        assert event.seq == len(self.events)
        if isinstance(event, Changes | Written):
            assert event.since == self.cursor
        for collection in Collection:
            for row in records.get(collection, ()):
                self._apply(collection, row)
        if isinstance(event, RecordsEvent):
            self.sent.update(event.counts)
            self.complete.update(event.complete)
        if isinstance(event, Written):
            self._take_written(event)
        if isinstance(event, WarmingComplete | Changes | Written):
            self.cursor = event.stamp
        return event

    async def take_until(self, kind: type[ServerEvent]) -> ServerEvent:
        """Receive and apply events up to one of a kind."""
        while True:
            event = await self.take()
            if isinstance(event, kind):
                return event

    async def synchronised(self) -> Self:
        """Apply everything until a pong shows that nothing more was on its way; then the cursor holds."""
        while not isinstance(await self.take(), WarmingComplete | UpToDate | Changes):
            pass
        return await self.settled()

    async def settled(self) -> Self:
        """Apply what is on its way, until the server has nothing left to do."""
        await self.socket.everything_is_sent()
        turns = 0
        while turns < TURNS:
            if not self.socket.nothing_is_waiting():
                await self.take()
                turns = 0
            elif self.world.requests.active:
                await self.world.requests.idle.wait()
                turns = 0
            else:
                await asyncio.sleep(0)
                turns += 1
        return self

    async def disconnect(self) -> None:
        """Leave."""
        await self.socket.close()

    def names(self) -> list[str]:
        """The names of the events since the connection, repetitions once."""
        names = [event.name.value for event in self.events]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]

    def records(self, collection: Collection) -> dict[str, Row]:
        """What is here and not deleted."""
        gone = {row["id"] for row in self.tables[Collection.CHATS].values() if row["deleted_at"] is not None}
        return {
            row["id"]: row
            for row in self.tables[collection].values()
            if row["deleted_at"] is None and row.get("chat_id") not in gone
        }

    def open_all(self) -> dict[Collection, list[str]]:
        """The texts of everything that is here; nothing may fail to open."""
        texts: dict[Collection, list[str]] = {}
        for collection in Collection:
            opened = self.keyring.open_records_now(collection, list(self.records(collection).values()))
            assert [each["faults"] for each in opened if each["faults"]] == []
            texts[collection] = [text for each in opened for text in each["texts"].values() if text]
        return texts

    async def assert_equals_server(self) -> None:
        """What is here is what the server's disk holds."""
        for collection in Collection:
            rows = await self.world.rows(collection, self.account)
            on_disk = {row["id"]: (row["version"], row["changed_at"]) for row in rows}
            here = {key: (row["version"], row["changed_at"]) for key, row in self.records(collection).items()}
            assert here == on_disk, collection

    def _take_written(self, event: Written) -> None:
        """What was sent is on the disk; a chat of which a message was written has the stamp, too."""
        for collection, rows in self.writes.get(tuple(event.mutations), {}).items():
            for row in rows:
                gone = None if row["deleted_at"] is None else event.changed_at
                self._apply(collection, {**row, "changed_at": event.changed_at, "deleted_at": gone})
                chat = self.tables[Collection.CHATS].get(row.get("chat_id", ""))
                if chat is not None:
                    self._apply(Collection.CHATS, {**chat, "changed_at": event.changed_at})

    def _apply(self, collection: Collection, row: Row) -> None:
        table = self.tables[collection]
        there = table.get(row["id"])
        # Of one version the later stamp: a chat gets one with each of its messages.
        rank = (row["version"], row["changed_at"])
        if there is None or rank > (there["version"], there["changed_at"]):
            table[row["id"]] = row


def owner_of(account: str) -> str:
    """How rows name their owner."""
    return sha256_hex(account)


@asynccontextmanager
async def a_world(
    idle_s: float = IDLE_S,
    transport: type[DeviceSocket] | None = None,
    assistant: Assistant | None = None,
    query_limit: int | None = None,
) -> AsyncIterator[World]:
    """A server in memory that is closed in the end."""
    standin = StandIn(TOKEN, query_limit=-1 if query_limit is None else query_limit)
    world = World(standin, FakeTime(), idle_s=idle_s, transport=transport, assistant=assistant, query_limit=query_limit)
    world.start()
    try:
        yield world
    finally:
        await world.stop()
        standin.close()


def chat_requests(log: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The requests for chats and messages."""
    return [entry for entry in log if entry["collection"] in ("chats", "messages")]


async def warm(world: World) -> Device:
    """A device that is connected and has everything."""
    device = await world.sign_in()
    await device.connect()
    await device.take_until(WarmingComplete)
    return device
