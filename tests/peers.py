"""The real client joined to the real server in memory, with a network between them that a test ruins at will."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from contextvars import Context, ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from starlette.types import Message, Receive, Scope, Send

from hearth.browser.network.connector import Connector, FallbackSocket
from hearth.browser.network.polling import Answer, NoAnswer, open_polled
from hearth.core.account.devices import AccountDevice, read_devices
from hearth.core.errors import MalformedFrame, Rejected, SignInError, TooManyAttempts, Unreachable
from hearth.core.protocol import codec
from hearth.core.protocol.server_events import SessionEnd
from hearth.core.records.schema import Collection, check_record
from hearth.core.view.screen import Phase
from hearth.engine.engine import Engine
from hearth.engine.intents.account import SignIn
from hearth.engine.intents.intent import Intent
from hearth.engine.queue_items import TabMessage
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.network import Account, SocketClosed
from hearth.ports.records import Frame
from hearth.testing.device import FakeDevice
from hearth.testing.page import FakePage
from hearth.testing.tabs import FakeTabs
from server_mock.protocol.api import COOKIE
from tests.server_mock.world import HOST, ORIGIN, START_S, FakeTime, World


@dataclass(slots=True)
class LoopTime(FakeTime):
    """The server's clocks on the event loop's time."""

    now_s: float = START_S
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_event_loop)

    def __call__(self) -> float:
        return self.now_s + self.loop.time()


@dataclass(slots=True)
class Network:
    """What happens to the frames of one device; `heal` ends it for what comes next."""

    down: bool = False
    """No connection can be made, no request gets through."""
    refuses_websockets: bool = False
    """A proxy on the way lets no WebSocket be opened."""
    mutes_websockets: bool = False
    """A proxy on the way lets WebSockets be opened, and nothing through them."""
    silent: bool = False
    """Half-open: nothing gets through in either direction, and nobody is told."""
    cut_after: int | None = None
    """The connection is cut once so many more frames have come."""
    delays_s: Sequence[float] = ()
    """How late frames come, one after the other and over again: a later one may overtake."""
    twice: bool = False
    """Every frame comes again, later."""
    _frame: int = 0

    def heal(self) -> None:
        """Pass everything on from now on."""
        self.down = self.silent = self.twice = False
        self.refuses_websockets = self.mutes_websockets = False
        self.cut_after, self.delays_s = None, ()

    def next_delays_s(self) -> list[float]:
        """When the copies of the next frame come."""
        self._frame += 1
        delay = self.delays_s[self._frame % len(self.delays_s)] if self.delays_s else 0.0
        return [delay, delay + 0.7] if self.twice else [delay]

    def loses_frame(self) -> bool:
        """Whether the connection is cut with this frame."""
        if self.cut_after is None:
            return False
        self.cut_after -= 1
        if self.cut_after >= 0:
            return False
        self.cut_after = None
        return True

    async def passed(self) -> None:
        """Pass a request or an answer on: at once, or never. Raises `httpx.ConnectError` where that is told."""
        if self.down:
            raise httpx.ConnectError("The network is down.")
        if self.silent:
            await asyncio.Event().wait()


page_tasks: ContextVar[list[asyncio.Task[Any]]] = ContextVar("page_tasks")
"""The tasks of the page in whose context something runs: they end with it, whoever started them."""


def make_task(loop: asyncio.AbstractEventLoop, work: Any, context: Context | None = None) -> asyncio.Task[Any]:
    """The task factory: a page's tasks are noted as its own."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, context=context)
    own = page_tasks.get(None) if context is None else context.get(page_tasks)
    if own is not None:
        own.append(task)
    return task


class LiveSocket:
    """`hearth.ports.network.Socket` to the application in memory, over a `Network`."""

    polled = False

    def __init__(self, world: World, network: Network, headers: dict[str, str], account: str) -> None:
        self._world = world
        self.id = str(uuid.uuid4())
        self._query = f"account={account}&connection={self.id}".encode()
        self._network = network
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._to_server: asyncio.Queue[Message] = asyncio.Queue()
        self._accepted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(), context=Context())
        self.open = False

    async def accepted(self) -> bool:
        """Whether the handshake succeeded."""
        self._to_server.put_nowait({"type": "websocket.connect"})
        self.open = await self._accepted
        return self.open

    async def receive(self) -> Frame:
        """The next frame."""
        text = await self._frames.get()
        if text is None:
            self._frames.put_nowait(None)
            raise SocketClosed
        return read_frame(text)

    def send(self, text: str) -> None:
        """Send a frame."""
        if self.open and not self._network.silent and not self._network.mutes_websockets:
            self._to_server.put_nowait({"type": "websocket.receive", "text": text})

    def close(self) -> None:
        """Close, as the browser does."""
        self._end()

    def cut(self) -> None:
        """The connection is lost, and both sides are told."""
        self._end()

    async def died(self) -> None:
        """The server's process is gone."""
        self._end()
        await asyncio.gather(self._task, return_exceptions=True)

    @property
    def failure(self) -> BaseException | None:
        """What the server's side of this connection raised, if anything."""
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    def _end(self) -> None:
        self.open = False
        if not self._accepted.done():
            self._accepted.set_result(False)
        self._to_server.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self._frames.put_nowait(None)

    async def _run(self) -> None:
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
        try:
            await self._world.app(scope, self._to_server.get, self._take)
        finally:
            self._end()

    async def _take(self, message: Message) -> None:
        """What the server sends."""
        if message["type"] == "websocket.accept":
            if not self._accepted.done():
                self._accepted.set_result(True)
        elif message["type"] == "websocket.send":
            self._pass_on(message["text"])
        elif not self._network.silent:
            # A close comes after the frames before it.
            asyncio.get_running_loop().call_later(2.0 if self._network.delays_s else 0.0, self._end)

    def _pass_on(self, text: str) -> None:
        network = self._network
        if network.silent or network.mutes_websockets or not self.open:
            return
        if network.loses_frame():
            self._end()
            return
        for delay in network.next_delays_s():
            if delay:
                asyncio.get_running_loop().call_later(delay, self._arrive, text)
            else:
                self._arrive(text)

    def _arrive(self, text: str) -> None:
        if self.open and not self._network.silent:
            self._frames.put_nowait(text)


def read_frame(text: str) -> Frame:
    """A frame as the page's kernel reads it: records that break the registry are left out and counted."""
    try:
        frame = json.loads(text)
        records = {Collection(name): rows for name, rows in frame.pop("records", {}).items()}
    except (ValueError, AttributeError):
        raise MalformedFrame("The server sent a frame that is not a JSON object with records.") from None
    event = codec.read_server_header(frame, {name.value: len(rows) for name, rows in records.items()})
    good = {name: [row for row in rows if check_record(name, row) is None] for name, rows in records.items()}
    refused = sum(len(rows) for rows in records.values()) - sum(len(rows) for rows in good.values())
    return Frame(event, good, refused)


class LiveApi:
    """`hearth.ports.network.Api` over HTTP to the application in memory; the cookies are the browser's."""

    def __init__(self, world: LiveWorld, network: Network) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if not world.listening:
                raise httpx.ConnectError("Nobody listens.")

            async def answer() -> None:
                await world.app(scope, receive, send)

            # The server's work is not the page's: it goes on when the page has gone, and ends with the server.
            work = asyncio.create_task(answer(), context=Context())
            world.answering.add(work)
            work.add_done_callback(world.answering.discard)
            await asyncio.wait([work])
            if work.cancelled():
                raise httpx.ReadError("The server has gone.")
            work.result()

        self._network = network
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        self.http = httpx.AsyncClient(base_url=ORIGIN, transport=transport, headers={"Origin": ORIGIN})

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """Ask for the salt; one iteration, so that it takes no time."""
        answer = await self._post("challenge", {"email": email})
        return base64.b64decode(answer.json()["salt"]), 1

    async def sign_in(self, email: str, lookup_hash: str, stay: bool, ticket: str = "") -> Account:
        """Prove the password, or a passkey."""
        who = {"ticket": ticket} if ticket else {"email": email}
        body = (await self._post("sign-in", {**who, "lookup_hash": lookup_hash, "stay": stay})).json()
        return Account(body["account"], body["wrapped_master_key"])

    async def knows_session(self, account: str) -> bool:
        """Ask."""
        return await self.session_end(account) is None

    async def sign_out(self) -> None:
        """End the session."""
        await self._post("sign-out", {})

    async def devices(self, account: str) -> tuple[list[AccountDevice], int]:
        """Ask."""
        try:
            answer = await self.http.get("/api/devices", params={"account": account})
        except httpx.TransportError:
            raise Unreachable("The server does not answer.") from None
        if answer.status_code != 200:
            raise Rejected(answer.json()["error"]["message"])
        return read_devices(answer.json())

    async def name_device(self, account: str, device: str, name: str) -> None:
        """Name this device."""
        await self._post("devices/name", {"account": account, "device": device, "name": name})

    async def end_device(self, account: str, device: str | None) -> None:
        """Sign out another device, or all others."""
        which = {"others": True} if device is None else {"device": device}
        await self._post("devices/end", {"account": account, **which})

    async def report_wiped(self, account: str | None) -> None:
        """Say that the wipe is finished."""
        await self._post("devices/wiped", {"account": account})

    async def ask(self, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A route that is seldom used."""
        answer = await self._request(path, body)
        if answer.status_code < 300:
            return dict(answer.json())
        error = answer.json()["error"]
        if answer.status_code >= 500:
            raise Unreachable(error["message"])
        kind = Rejected if answer.status_code == 401 else SignInError
        raise kind(error["message"], error["code"])

    async def _request(self, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        if self._network.down or self._network.silent:
            raise Unreachable("The server does not answer.")
        try:
            if body is None:
                return await self.http.get(f"/api/{path}")
            return await self.http.post(f"/api/{path}", json=dict(body))
        except httpx.TransportError:
            raise Unreachable("The server does not answer.") from None

    async def session_end(self, account: str) -> SessionEnd | None:
        """Why the server knows no open session of this browser for the account, if it says so."""
        try:
            answer = await self.http.get("/api/session", params={"account": account})
        except httpx.TransportError:
            return None
        return codec.read_session_end(answer.text) if answer.status_code == 401 else None

    async def _post(self, name: str, body: dict[str, Any]) -> httpx.Response:
        if self._network.down or self._network.silent:
            raise Unreachable("The server does not answer.")
        try:
            answer = await self.http.post(f"/api/{name}", json=body)
        except httpx.TransportError:
            raise Unreachable("The server does not answer.") from None
        match answer.status_code:
            case 200 | 204:
                return answer
            case 401:
                raise Rejected("The e-mail address or the password is wrong.")
            case 429:
                raise TooManyAttempts("Too many attempts.", int(answer.headers["Retry-After"]))
            case _:
                raise Unreachable(answer.json()["error"]["message"])


class LiveExchange:
    """`hearth.browser.network.polling.Exchange` to the application in memory, over a `Network`."""

    def __init__(self, http: httpx.AsyncClient, network: Network) -> None:
        self._http = http
        self._network = network

    async def post(self, path: str, lines: Sequence[str], within_s: float) -> Answer:
        """Post a JSON text, or several as lines; what the network loses is not answered."""
        network = self._network
        try:
            async with asyncio.timeout(within_s):
                delay, *again = network.next_delays_s()
                await asyncio.sleep(delay)
                await network.passed()
                answer = await self._post(path, lines)
                for _ in again:
                    answer = await self._post(path, lines)
                await network.passed()
        except (httpx.TransportError, TimeoutError):
            raise NoAnswer from None
        if network.loses_frame():
            raise NoAnswer
        head, *rest = answer.text.split("\n")
        return Answer(answer.status_code, head, rest)

    async def _post(self, path: str, lines: Sequence[str]) -> httpx.Response:
        kind = "application/json" if len(lines) == 1 else "application/x-ndjson"
        content = "".join(f"{line}\n" for line in lines)
        return await self._http.post(path, content=content, headers={"Content-Type": kind})

    def leave(self, path: str, body: str) -> None:
        """Post a JSON text without waiting; where the network loses it, the server finds out by itself."""
        if self._network.down or self._network.silent:
            return

        async def leaving() -> None:
            with suppress(httpx.TransportError):
                await self._post(path, [body])

        asyncio.get_running_loop().create_task(leaving(), context=Context())


class LiveDevice(FakeDevice):
    """A device whose server is the real one, behind a `Network`."""

    def __init__(self, world: LiveWorld) -> None:
        super().__init__(FakeTabs())
        self.world = world
        self.network = Network()
        self.live_api = LiveApi(world, self.network)
        self.live: list[LiveSocket] = []
        self.loaded()

    def loaded(self) -> None:
        """The page is loaded: what was found out about the network is forgotten."""
        exchange = LiveExchange(self.live_api.http, self.network)
        self.connector = Connector(
            self.open_websocket, lambda account: open_polled(exchange, account, read_frame), exchange, self.monotonic
        )

    @property  # type: ignore[override]
    def api(self) -> LiveApi:
        """HTTP to the application."""
        return self.live_api

    @api.setter
    def api(self, _fake: object) -> None:
        """The fake's own is not wanted."""

    async def connect(self, account: str) -> FallbackSocket:  # type: ignore[override]
        """A connection over the network, by what gets through it."""
        return await self.connector.connect(account)

    async def open_websocket(self, account: str) -> LiveSocket:
        """A WebSocket over the network."""
        network = self.network
        if network.down or network.refuses_websockets or not self.world.listening:
            raise SocketClosed
        if network.silent:
            await asyncio.Event().wait()
        cookie = self.live_api.http.cookies.get(COOKIE)
        headers = {"Host": HOST, "Origin": ORIGIN, **({"Cookie": f"{COOKIE}={cookie}"} if cookie else {})}
        socket = LiveSocket(self.world, network, headers, account)
        self.live.append(socket)
        if not await socket.accepted():
            raise SocketClosed
        return socket

    def now(self) -> datetime:
        """The server's own clock."""
        return datetime.fromtimestamp(self.world.time(), UTC)

    def monotonic(self) -> float:
        """The loop's clock."""
        return asyncio.get_running_loop().time()

    def jitter(self) -> float:
        """Half of every span."""
        return 0.5


class Browser:
    """One browser with one tab: its device outlives the page, which can be loaded anew."""

    def __init__(self, world: LiveWorld) -> None:
        self.device = LiveDevice(world)
        self.device.tabs.heard = lambda text: self.engine.post(TabMessage(text))
        self._task: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self.page = FakePage()
        self.engine = Engine(self.device, self.page)

    def load(self) -> None:
        """Load the page, again if it is there: what it held in memory is gone, in the middle of whatever it did."""
        if self._task is not None:
            for task in self._tasks:
                task.cancel()
            for socket in self.device.live:
                socket.close()
        self.device.tabs.release()
        self.device.loaded()
        showed = self.page.screens[-1].current if self.page.screens else None
        self.page = FakePage()
        self.page.entry = showed
        self.engine = Engine(self.device, self.page)
        self._tasks = []
        context = Context()
        context.run(page_tasks.set, self._tasks)
        self._task = asyncio.get_running_loop().create_task(self.engine.run(), context=context)

    def do(self, intent: Intent) -> None:
        """The person does something."""
        self.engine.post(intent)

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the form and submit it."""
        self.do(SignIn(email, password))

    def go_offline(self) -> None:
        """The network goes, and every connection with it, until it heals."""
        self.device.network.down = True
        for socket in self.device.live:
            socket.cut()

    @property
    def phase(self) -> Phase:
        """What face the page shows."""
        return self.page.screen.phase if self.page.screens else Phase.STARTING

    @property
    def account(self) -> str | None:
        """Whose data is here: who is signed in, by the key that is kept, or whose session has merely ended."""
        key_store = self.device.key_store
        if key_store.kept:
            return key_store.kept[0]
        return key_store.note.account if key_store.note else None

    @property
    def memory(self) -> Disk | None:
        """What is stored in memory, where that has taken the place of the disk."""
        session = self.engine.current.session
        if session is not None and isinstance(session.parts.store, MemoryStore):
            return session.parts.store._disk
        return None

    @property
    def disk(self) -> Disk:
        """What is stored for who is signed in, or in memory where that has taken the place of the disk."""
        return self.memory or self.device.disks.get(self.account or "", Disk())


@dataclass(slots=True)
class LiveWorld(World):
    """A server whose retries wait on the virtual clock, and whose process may die under its connections."""

    browsers: list[Browser] = field(default_factory=list)
    answering: set[asyncio.Task[None]] = field(default_factory=set)
    """Requests over HTTP that are being answered."""
    listening: bool = True
    """Whether connections are taken; a process that ends takes none while it finishes what is under way."""

    def browse(self) -> Browser:
        """One more browser, with the page loaded."""
        browser = Browser(self)
        browser.load()
        self.browsers.append(browser)
        return browser

    async def die(self) -> None:
        """The process ends, and another starts on the same data: connections, caches and journals are gone."""
        self.listening = False
        for request in list(self.answering):
            request.cancel()
        await self.end_connections()
        await self.restart()
        self.listening = True

    async def end_connections(self) -> None:
        """Every connection ends."""
        for browser in self.browsers:
            await asyncio.gather(*(socket.died() for socket in browser.device.live))
            browser.device.live.clear()
