"""The port for the device: storage, keys, network, clocks, and the deletion of all that is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

from hearth.ports.assistant import Assistant
from hearth.ports.keys import Cipher, Key, Keyring, KeyStore
from hearth.ports.network import Api, Socket
from hearth.ports.storage import Store
from hearth.ports.tabs import Tabs
from hearth.ports.transfer import Download

if TYPE_CHECKING:
    from hearth.ports.passkeys import Passkeys

OnGone = Callable[[bool], None]
"""Hears that storage was taken away, and whether a page of this browser did it, or the browser itself."""


class Device(Protocol):
    """What the device offers an account: storage, keys, a connection, and a clean end."""

    @property
    def key_store(self) -> KeyStore:
        """Where the master key is kept."""

    @property
    def cipher(self) -> Cipher:
        """The cipher."""

    @property
    def api(self) -> Api:
        """The server's HTTP side."""

    @property
    def assistant(self) -> Assistant:
        """The assistant that answers in chats."""

    @property
    def tabs(self) -> Tabs:
        """The other tabs."""

    async def load(self, module: str) -> ModuleType:
        """Import a module that is fetched on demand; see `runtime/on_demand.py`. Raises `NotLoaded`."""

    async def open_store(self, account: str, on_gone: OnGone) -> Store:
        """Open the account's storage; `on_gone` is called once when it is taken away. Raises `StorageError`."""

    def memory_store(self) -> Store:
        """An empty store that lasts as long as the page, for when the browser's own cannot be used."""

    def keyring(self, account: str, master: Key) -> Keyring:
        """The keys in use of an account."""

    async def connect(self, account: str) -> Socket:
        """Open a connection for an account: refused when the session is another's. Raises `SocketClosed`."""

    async def wipe_stores(self, account: str | None = None) -> list[str]:
        """Delete what is stored of an account, or of all, and look again; what is still there.

        Waits for as long as another tab holds it open. Raises `StorageError`.
        """

    async def wipe_others(self, account: str) -> list[str]:
        """Delete what is stored of every other account, and look again; see `wipe_stores`."""

    def name(self) -> str:
        """What this device calls itself, such as "Firefox on Linux"."""

    def download(self, name: str, media_type: str) -> Download:
        """A file of that name for the person, which is offered once it is whole."""

    def passkeys(self) -> Passkeys:
        """The authenticators; loaded on demand, with who wants them."""

    def device_id(self) -> str:
        """A random name for this session, by which the server tells the account's devices apart."""

    def now(self) -> datetime:
        """Local time; its zone tells the offset of every moment, not of this one alone. For what is shown, no more."""

    def visible(self) -> bool:
        """Whether the person can see this page."""

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""

    def jitter(self) -> float:
        """A random number from 0 to 1."""

    def after_paint(self, callback: Callable[[], None]) -> None:
        """Call back once what was drawn so far is on screen; where nothing is painted, soon."""

    def mark(self, name: str) -> None:
        """Set the User Timing mark `hearth:` + name."""
