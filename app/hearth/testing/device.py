"""A device without a browser."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from types import ModuleType

from hearth.core.errors import NotLoaded, StorageError
from hearth.core.protocol.server_events import SessionEnd
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.device import OnGone
from hearth.ports.keys import Key
from hearth.ports.network import SocketClosed
from hearth.testing.assistant import FakeAssistant
from hearth.testing.authenticator import FakePasskeys, SoftwareAuthenticator
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from hearth.testing.keys import FakeKeyStore
from hearth.testing.network import FakeApi, FakeSocket
from hearth.testing.storage import FakeStore
from hearth.testing.tabs import FakeTabs
from hearth.testing.transfer import FakeDownload


class FakeDevice:
    """`hearth.ports.device.Device` without a browser: sockets are handed out as `sockets`, disks outlive reloads."""

    def __init__(self, tabs: FakeTabs | None = None) -> None:
        self.tabs = tabs or FakeTabs()
        self.cipher = CryptographyCipher()
        self.key_store = FakeKeyStore(self.cipher, self.tabs.browser.key_stores)
        self.api = FakeApi()
        self.assistant = FakeAssistant()
        self.disks: dict[str, Disk] = {}
        self.stores: list[MemoryStore] = []
        """Every store that was opened, in order; those in memory, too."""
        self.refuse_storage: StorageError | None = None
        self.budget: int | None = None
        """How many bytes may lie on each of the disks."""
        self.on_step: Callable[[str], None] = lambda step: None
        """Hears of each step of the device's stores, and may raise."""
        self.sockets: list[FakeSocket] = []
        self.refuse_connections: SocketClosed | None = None
        self.blocks_websockets = False
        """Whether no WebSocket gets through, so that connections are polled."""
        self.session_of: str | None = None
        """Whose session the browser's cookie names; None: whoever asks."""
        self.refuse_modules: NotLoaded | None = None
        self.seen = True
        """Whether the person can see the page."""
        self.marks: list[str] = []
        self.fake_passkeys = FakePasskeys(SoftwareAuthenticator(), "http://hearth.test")
        self.downloads: list[FakeDownload] = []
        self.clock = 0.0
        self.today = datetime(2026, 6, 15, 12, tzinfo=UTC)
        """What the device's clock shows."""
        self.on_gone: OnGone | None = None

    async def load(self, module: str) -> ModuleType:
        """Import a module."""
        if self.refuse_modules:
            raise self.refuse_modules
        return importlib.import_module(module)

    async def open_store(self, account: str, on_gone: OnGone) -> MemoryStore:
        """The account's disk."""
        if self.refuse_storage:
            raise self.refuse_storage

        def on_step(step: str) -> None:
            self.on_step(step)

        self.on_gone = on_gone
        self.stores.append(FakeStore(self.disks.setdefault(account, Disk()), on_step, lambda: self.budget))
        return self.stores[-1]

    def memory_store(self) -> MemoryStore:
        """A store that nothing outlives."""
        self.stores.append(MemoryStore())
        return self.stores[-1]

    def keyring(self, account: str, master: Key) -> CryptographyKeyring:
        """A keyring."""
        return CryptographyKeyring(self.cipher, account, master)

    async def connect(self, account: str) -> FakeSocket:
        """A connection, for the account whose session it is."""
        if self.session_of not in (None, account):
            raise SocketClosed(SessionEnd.REVOKED)
        if self.refuse_connections:
            raise self.refuse_connections
        self.sockets.append(FakeSocket(self.blocks_websockets))
        return self.sockets[-1]

    async def wipe_stores(self, account: str | None = None) -> list[str]:
        """Delete an account's disk, or every one."""
        for name in [account] if account else list(self.disks):
            self.disks.pop(name, None)
        return []

    async def wipe_others(self, account: str) -> list[str]:
        """Delete every other account's disk."""
        for name in set(self.disks) - {account}:
            self.disks.pop(name)
        return []

    def name(self) -> str:
        """A name that people know."""
        return "Firefox on Linux"

    def download(self, name: str, media_type: str) -> FakeDownload:
        """A file that is kept."""
        self.downloads.append(FakeDownload(name, media_type))
        return self.downloads[-1]

    def passkeys(self) -> FakePasskeys:
        """Those of the authenticator."""
        return self.fake_passkeys

    def device_id(self) -> str:
        """A name."""
        return "device"

    def now(self) -> datetime:
        """As the test has set it."""
        return self.today

    def visible(self) -> bool:
        """As the test has it."""
        return self.seen

    def monotonic(self) -> float:
        """The test's clock."""
        return self.clock

    def jitter(self) -> float:
        """No waiting."""
        return 0.0

    def after_paint(self, callback: Callable[[], None]) -> None:
        """Nothing is painted here."""
        asyncio.get_running_loop().call_soon(callback)

    def mark(self, name: str) -> None:
        """Remember."""
        self.marks.append(name)
