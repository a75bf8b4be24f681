"""Puts a server together from its options, and runs it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp

from app.core.wire import MAX_DEVICE_FRAME_CHARS
from server_mock import demo
from server_mock.api import DemoAccount
from server_mock.control import Control
from server_mock.directus import DirectusClient, DirectusError
from server_mock.directus_standin import DataFileError, StandIn
from server_mock.faults import Faults, FaultyTransport
from server_mock.options import Options
from server_mock.seeding import ensure_account
from server_mock.server import make_app
from server_mock.services import Clocks, Services
from server_mock.sessions import Sessions, write_private
from server_mock.static import StaticFiles

STANDIN_URL = "http://directus.internal"
DIST = Path(__file__).resolve().parent.parent / "dist"
STOP_S = 2
"""How long open connections may take to end when the server stops."""
SECRET_BYTES = 32

NOT_BUILT = "The page has not been built: run `make build`, or `make run`, which does."


class CannotStart(Exception):
    """The server cannot start; the text is one sentence that says why."""


@dataclass(slots=True)
class _Disk:
    """The way to the data, and what lies beside it."""

    transport: httpx.AsyncBaseTransport
    url: str
    token: str
    secret: bytes
    sessions_file: Path | None
    standin: StandIn | None


def run(options: Options) -> None:
    """Serve until SIGINT or SIGTERM. Raises `CannotStart`."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    asyncio.run(_serve(options))


async def _serve(options: Options) -> None:
    listener = _listen(options.host, options.port)
    with contextlib.closing(listener):
        disk = _open_disk(options)
        try:
            await _serve_disk(options, disk, listener)
        except DirectusError as error:
            raise CannotStart(str(error)) from None
        finally:
            if disk.standin is not None:
                disk.standin.close()


async def _serve_disk(options: Options, disk: _Disk, listener: socket.socket) -> None:
    faults = Faults()
    way = FaultyTransport(disk.transport, faults, options.latency_ms)
    client = DirectusClient(disk.url, disk.token, transport=way)
    # What seeds, and what stands for other devices, is neither logged nor late.
    direct = DirectusClient(disk.url, disk.token, transport=disk.transport)
    clocks = Clocks()
    services = Services(client, Sessions(clocks.wall_s, disk.sessions_file), disk.secret, faults=faults, clocks=clocks)
    accounts = await _ensure_demo(options, disk, direct, clocks)
    control = Control(services, direct, accounts) if options.control else None
    app = make_app(services, page=load_page(DIST), demo=accounts[0], control=control.routes() if control else ())
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="websockets-sansio",
            ws_max_size=4 * MAX_DEVICE_FRAME_CHARS,
            # Ciphertext does not get smaller.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=STOP_S,
        ),
        _announcement(listener, accounts[0]),
    )
    try:
        await server.serve(sockets=[listener])
    finally:
        await direct.close()


async def _ensure_demo(options: Options, disk: _Disk, client: DirectusClient, clocks: Clocks) -> list[DemoAccount]:
    if disk.standin is None:
        await client.ensure_collections()
    wanted = [(DemoAccount(demo.EMAIL, demo.PASSWORD), options.chats)]
    if options.control:
        wanted.append((DemoAccount(demo.GUEST_EMAIL, demo.GUEST_PASSWORD), demo.GUEST_CHATS))
    for account, chats in wanted:
        plan = demo.Plan(account.email, account.password, options.seed, chats, options.messages, clocks.now_ms())
        await ensure_account(client, disk.standin, plan)
    return [account for account, _chats in wanted]


def _open_disk(options: Options) -> _Disk:
    if options.directus_url and options.directus_token:
        # The token is a secret that outlives this process, and goes with the data.
        secret = hmac.new(options.directus_token.encode(), b"hearth server secret", hashlib.sha256).digest()
        transport = httpx.AsyncHTTPTransport(trust_env=False)
        return _Disk(transport, options.directus_url, options.directus_token, secret, None, None)
    token = secrets.token_urlsafe()
    try:
        standin = StandIn(token, data_file=options.data)
    except DataFileError as error:
        raise CannotStart(str(error)) from None
    secret, sessions_file = secrets.token_bytes(SECRET_BYTES), None
    if options.data is not None:
        secret = _kept_secret(options.data.with_name(f"{options.data.name}.secret"))
        sessions_file = options.data.with_name(f"{options.data.name}.sessions")
    return _Disk(httpx.ASGITransport(app=standin), STANDIN_URL, token, secret, sessions_file, standin)


def _kept_secret(path: Path) -> bytes:
    try:
        if path.exists():
            kept = path.read_bytes()
            if len(kept) == SECRET_BYTES:
                return kept
        fresh = secrets.token_bytes(SECRET_BYTES)
        write_private(path, fresh)
    except OSError as error:
        raise CannotStart(f"The file {path} cannot be used: {error.strerror}.") from None
    return fresh


def load_page(dist: Path) -> ASGIApp | None:
    """The built page, or None when there is none."""
    try:
        manifest = json.loads((dist / "manifest.json").read_text())
    except (OSError, ValueError):
        logging.getLogger(__name__).warning(NOT_BUILT)
        return None
    return StaticFiles(dist, manifest)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _kind, _proto, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=512)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no address"
        raise CannotStart(f"Cannot listen on {host}, port {port}: {reason}.") from None


def _announcement(listener: socket.socket, account: DemoAccount) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"Hearth is at http://{shown}:{port}\nDemo account: {account.email}, password: {account.password}\n"


class _Server(uvicorn.Server):
    """Says where it is once it accepts connections; a signal stops it, and is a good end."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self._announcement = announcement

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then announce."""
        await super().startup(sockets=sockets)
        if self.started:
            sys.stdout.write(self._announcement)
            sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals until the end: uvicorn's own would raise them again afterwards."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, self._stop)
        try:
            yield
        finally:
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(each)

    def _stop(self) -> None:
        self.should_exit = True
