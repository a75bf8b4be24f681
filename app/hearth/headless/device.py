"""The port `Device` under CPython: a real server, a real cipher, and everything that is stored in memory."""

from __future__ import annotations

import asyncio
import importlib
import platform
import random
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from types import ModuleType

import httpx

from hearth.browser.network.connector import Connector, FallbackSocket
from hearth.browser.network.http import HttpApi
from hearth.browser.network.polling import PolledSocket, open_polled
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.headless.network import HttpClient, WebSocket, open_websocket, read_frame
from hearth.ports.device import OnGone
from hearth.ports.keys import Key
from hearth.testing.assistant import FakeAssistant
from hearth.testing.authenticator import FakePasskeys, SoftwareAuthenticator
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from hearth.testing.keys import FakeKeyStore
from hearth.testing.tabs import FakeTabs
from hearth.testing.transfer import FakeDownload


class HeadlessDevice:
    """What a device without a browser offers; `url` is the server's, `on_mark` hears of each User Timing mark.

    What it stores and keeps is gone with the process. It asks no assistant.
    """

    def __init__(
        self,
        url: str,
        on_mark: Callable[[str], None] = lambda name: None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.client = HttpClient(url, transport)
        self.tabs = FakeTabs()
        self.cipher = CryptographyCipher()
        self.key_store = FakeKeyStore(self.cipher)
        self.api = HttpApi(self.client.request)
        self.assistant = FakeAssistant()
        self.mark = on_mark
        self.downloads: list[FakeDownload] = []
        self._passkeys = FakePasskeys(SoftwareAuthenticator(), url.rstrip("/"))
        self._disks: dict[str, Disk] = {}
        self._id = str(uuid.uuid4())
        self._connector = Connector(self._open_websocket, self._open_polled, self.client, self.monotonic)

    async def load(self, module: str) -> ModuleType:
        """Import a module."""
        return importlib.import_module(module)

    async def open_store(self, account: str, on_gone: OnGone) -> MemoryStore:
        """The account's storage, which nobody takes away."""
        return MemoryStore(self._disks.setdefault(account, Disk()))

    def memory_store(self) -> MemoryStore:
        """An empty store."""
        return MemoryStore()

    def keyring(self, account: str, master: Key) -> CryptographyKeyring:
        """The keys in use of an account."""
        return CryptographyKeyring(self.cipher, account, master)

    async def connect(self, account: str) -> FallbackSocket:
        """Open a connection for an account. Raises `SocketClosed`."""
        return await self._connector.connect(account)

    async def _open_websocket(self, account: str) -> WebSocket:
        return await open_websocket(self.client, account)

    async def _open_polled(self, account: str) -> PolledSocket:
        return await open_polled(self.client, account, read_frame)

    async def wipe_stores(self, account: str | None = None) -> list[str]:
        """Forget what is stored of an account, or of all."""
        for name in [account] if account else list(self._disks):
            self._disks.pop(name, None)
        return []

    async def wipe_others(self, account: str) -> list[str]:
        """Forget what is stored of every other account."""
        for name in set(self._disks) - {account}:
            del self._disks[name]
        return []

    def name(self) -> str:
        """What this device calls itself."""
        return f"Python on {platform.system()}"

    def download(self, name: str, media_type: str) -> FakeDownload:
        """A file, which is kept in `downloads`."""
        self.downloads.append(FakeDownload(name, media_type))
        return self.downloads[-1]

    def passkeys(self) -> FakePasskeys:
        """Those of an authenticator in memory, for the server's own address."""
        return self._passkeys

    def device_id(self) -> str:
        """A random name for this session."""
        return self._id

    def now(self) -> datetime:
        """Local time."""
        return datetime.now().astimezone()

    def visible(self) -> bool:
        """Yes: timers are not late here."""
        return True

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""
        return time.monotonic()

    def jitter(self) -> float:
        """A random number from 0 to 1."""
        return random.random()  # noqa: S311 - spreads reconnections, protects nothing

    def after_paint(self, callback: Callable[[], None]) -> None:
        """Nothing is painted here: soon."""
        asyncio.get_running_loop().call_soon(callback)
