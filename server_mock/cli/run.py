"""Puts a server together from its options, and runs it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypedDict

import uvicorn
from starlette.types import ASGIApp

from hearth.core.protocol.codec import MAX_DEVICE_FRAME_CHARS
from server_mock.assistant.openai import OpenAiAssistant
from server_mock.assistant.port import Assistant
from server_mock.assistant.scripted import ScriptedAssistant
from server_mock.cli.data_source import CannotStart, Disk, open_disk
from server_mock.cli.migrate import check_schema
from server_mock.cli.old_sessions import move_file
from server_mock.cli.options import AssistantKind, Options
from server_mock.demo import accounts
from server_mock.demo.seeding import ensure_account, replace_account
from server_mock.directus.client import DirectusClient, DirectusError
from server_mock.directus.measured import MeasuredTransport
from server_mock.protocol.account_deletion import finish_deletions
from server_mock.protocol.api import DemoAccount
from server_mock.protocol.app import make_app
from server_mock.protocol.lease import LOST, Lease, LeaseHeld
from server_mock.protocol.metrics import Metrics
from server_mock.protocol.server_secret import kept_secret
from server_mock.protocol.services import Clocks, Services
from server_mock.protocol.session_store import SessionStore
from server_mock.protocol.sessions import Sessions
from server_mock.protocol.slow_peers import Connection
from server_mock.protocol.static import StaticFiles
from server_mock.protocol.ways_api import finish_endings
from server_mock.testing.control import Control, NewAccount, Tools
from server_mock.testing.faults import Faults, FaultyTransport

PACKAGED = Path(__file__).resolve().parents[1] / "page"
DIST = PACKAGED if PACKAGED.is_dir() else PACKAGED.parents[1] / "dist"
"""The built page: installed from a wheel it lies in the package, in a checkout beside it."""
STOP_S = 1
"""How long open connections may take to end when the server stops."""

NOT_BUILT = "The page has not been built: run `make build`, or `make run`, which does."

CHECK = " Check DIRECTUS_URL and DIRECTUS_TOKEN."


def run(options: Options, page: ASGIApp | None = None) -> None:
    """Serve until SIGINT or SIGTERM; `page` takes the place of Hearth's own. Raises `CannotStart`."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    # Until the server takes both signals itself, they stop its start alike.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(options, page))


async def _serve(options: Options, page: ASGIApp | None) -> None:
    with contextlib.closing(_listen(options.host, options.port)) as listener:
        disk = open_disk(options)
        try:
            await _serve_disk(options, page, disk, listener)
        except LeaseHeld as error:
            raise CannotStart(str(error)) from None
        except DirectusError as error:
            hint = CHECK if options.directus_url else ""
            raise CannotStart(f"{error}{hint}") from None
        except sqlite3.Error as error:
            raise CannotStart(f"The data cannot be written: {error}.") from None
        finally:
            if disk.standin is not None:
                disk.standin.close()


class _Sent(TypedDict):
    prefix: str
    max_payload: int


async def _serve_disk(options: Options, page: ASGIApp | None, disk: Disk, listener: socket.socket) -> None:
    faults, metrics = Faults(), Metrics()
    measured = MeasuredTransport(disk.transport, metrics.directus.add)
    late = FaultyTransport(measured, faults, options.latency_ms)
    late_alone = FaultyTransport(measured, Faults(), options.latency_ms)
    sent: _Sent = {"prefix": disk.prefix, "max_payload": options.max_payload}
    try:
        client = DirectusClient(disk.url, disk.token, transport=late, **sent)
        own = DirectusClient(disk.url, disk.token, transport=late_alone, **sent)
        # What seeds, and what stands for other devices, is neither logged nor late.
        direct = DirectusClient(disk.url, disk.token, transport=disk.transport, **sent)
    except ValueError as error:
        raise CannotStart(f"{error}{CHECK}") from None
    tools = Tools()
    clocks = Clocks(tools.clock.wall_s, tools.clock.monotonic_s) if options.control else Clocks()
    assistant = make_assistant(options)
    async with contextlib.AsyncExitStack() as stack:
        for each in (direct, own, client):
            stack.push_async_callback(each.close)
        await check_schema(direct, options)
        await _keep_to_limit(direct, client, own)
        lease, secret = None, disk.secret
        if options.directus_url:
            lease = await stack.enter_async_context(Lease(direct, options.lease_s))
            secret = await kept_secret(direct, disk.secret)
        services = Services(
            client,
            Sessions(clocks.wall_s, SessionStore(own)),
            secret,
            metrics=metrics,
            faults=faults,
            clocks=clocks,
            max_payload=options.max_payload,
            quotas=options.quotas,
            own=own,
            assistant=assistant,
        )
        stack.push_async_callback(services.close)
        await _finish_earlier_work(disk, services)
        accounts = await _ensure_demo(options, disk, direct, clocks) if options.demo else []
        demo = accounts[0] if accounts else None
        tools.make_account = partial(_make_account, disk, direct, clocks)
        control = Control(services, direct, faults, accounts, tools).routes() if options.control else ()
        app = make_app(
            services,
            page=page or load_page(DIST),
            demo=demo,
            sign_up=options.sign_up,
            control=control,
            metrics_token=options.metrics_token,
        )
        app = tools.frames.around(app) if options.control else app
        config = server_config(app, options.proxies)
        await _run(_Server(config, _announcement(listener, demo), services), listener, lease)


async def _finish_earlier_work(disk: Disk, services: Services) -> None:
    """Know the sessions, and go on with what an earlier process was doing when it died."""
    sessions, own = services.sessions, services.own or services.client
    await sessions.load()
    if disk.old_sessions is not None:
        await move_file(disk.old_sessions, sessions)
    await finish_endings(own, sessions)
    await finish_deletions(own, sessions)


async def _run(server: _Server, listener: socket.socket, lease: Lease | None) -> None:
    """Serve until a signal, or until another server has taken over the lease. Raises `LeaseHeld`."""
    if lease is not None:
        lease.on_lost = server.stop  # at once: what it would still write could spoil the other one's work
        if lease.lost:
            server.stop()
    await server.serve(sockets=[listener])
    if lease is not None and lease.lost:
        raise LeaseHeld(LOST)


async def _keep_to_limit(asked: DirectusClient, *others: DirectusClient) -> None:
    """Learn how many rows Directus puts into one answer, and have every client keep to it."""
    limit = await asked.learn_query_limit()
    for each in others:
        each.query_limit = limit
    if limit is not None:
        logging.getLogger(__name__).info("Directus gives at most %d rows at once: QUERY_LIMIT_MAX.", limit)


def make_assistant(options: Options) -> Assistant | None:
    """Who answers in chats. Raises `CannotStart`."""
    if options.assistant is AssistantKind.SCRIPTED:
        return ScriptedAssistant(options.seed)
    if options.assistant is AssistantKind.NONE or options.assistant_url is None:
        return None
    try:
        return OpenAiAssistant(options.assistant_url, options.assistant_model, options.assistant_key)
    except ValueError as error:
        raise CannotStart(f"{error} Check ASSISTANT_API_KEY.") from None


def server_config(app: ASGIApp, proxies: Sequence[str] = ()) -> uvicorn.Config:
    """How uvicorn serves `app`; `proxies` are the networks whose X-Forwarded-For and X-Forwarded-Proto count."""
    return uvicorn.Config(
        app,
        http=Connection,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        ws="websockets-sansio",
        # Twice what a device may send, so that it is told; a frame that a device makes is ASCII.
        ws_max_size=2 * MAX_DEVICE_FRAME_CHARS,
        # Ciphertext does not get smaller.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=STOP_S,
    )


async def _make_account(disk: Disk, client: DirectusClient, clocks: Clocks, new: NewAccount) -> None:
    """Make an account that a test asks for, in the place of one that there is."""
    plan = accounts.Plan(new.account.email, new.account.password, new.seed, new.chats, new.messages, clocks.now_ms())
    await replace_account(client, disk.standin, plan)


async def _ensure_demo(options: Options, disk: Disk, client: DirectusClient, clocks: Clocks) -> list[DemoAccount]:
    wanted = [(DemoAccount(accounts.EMAIL, accounts.PASSWORD), options.chats)]
    if options.control:
        wanted.append((DemoAccount(accounts.GUEST_EMAIL, accounts.GUEST_PASSWORD), accounts.GUEST_CHATS))
    for account, chats in wanted:
        plan = accounts.Plan(account.email, account.password, options.seed, chats, options.messages, clocks.now_ms())
        await ensure_account(client, disk.standin, plan)
    return [account for account, _chats in wanted]


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
        # The name resolver's errors have numbers of their own.
        number = error.errno if isinstance(error, OSError) and not isinstance(error, socket.gaierror) else None
        reason = os.strerror(number) if number else "there is no such address"
        raise CannotStart(f"Cannot listen on {host}, port {port}: {reason}.") from None


def _announcement(listener: socket.socket, account: DemoAccount | None) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    where = f"Hearth is at http://{shown}:{port}\n"
    return f"{where}Demo account: {account.email}, password: {account.password}\n" if account else where


class _Server(uvicorn.Server):
    """Says where it is once it accepts connections; a signal stops it, and is a good end. A second one hurries it."""

    def __init__(self, config: uvicorn.Config, announcement: str, services: Services) -> None:
        super().__init__(config)
        self._services = services
        self._draining: asyncio.Task[None] | None = None
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
            loop.add_signal_handler(each, self.end)
        try:
            yield
        finally:
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(each)

    def end(self) -> None:
        """Stop once what was taken is done and every device is told; at once when it is asked a second time."""
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        else:
            self.stop()

    def stop(self) -> None:
        """Stop at once."""
        self._services.stop()
        self.should_exit = True

    async def _drain(self) -> None:
        for each in getattr(self, "servers", ()):
            each.close()  # A proxy, or a browser, that connects now is to try again.
        try:
            await self._services.drain()
        finally:
            self.stop()
