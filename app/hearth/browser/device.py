"""The browser as the port `Device`: puts the adapters together, and lends clocks and marks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import create_once_callable

from hearth.browser import on_demand
from hearth.browser.cache_storage import BrowserCaches
from hearth.browser.crypto.webcrypto import WebCipher, WebKeyring
from hearth.browser.ffi import Proxies
from hearth.browser.keys.browser_parts import browser_key_store
from hearth.browser.network import websocket
from hearth.browser.network.assistant import BrowserAssistant
from hearth.browser.network.connector import Connector, FallbackSocket
from hearth.browser.network.fetch import FetchExchange, request
from hearth.browser.network.http import HttpApi
from hearth.browser.network.polling import PolledSocket, open_polled
from hearth.browser.storage import store
from hearth.browser.storage.memory import memory_store
from hearth.browser.storage.wipe import Wipe
from hearth.browser.tabs.browser_tabs import BrowserTabs
from hearth.core.account.device_name import device_name
from hearth.core.records.schema import specs_json
from hearth.core.text.zone import Zone
from hearth.engine.storage.memory_store import MemoryStore
from hearth.ports.device import OnGone
from hearth.ports.keys import Key
from hearth.ports.transfer import Download

if TYPE_CHECKING:
    from hearth.ports.passkeys import Passkeys


class BrowserDevice:
    """What this browser offers; `on_tab_message` hears what the account's other tabs say."""

    def __init__(self, on_tab_message: Callable[[str], None]) -> None:
        js.hearth.records.configure(specs_json())
        self.key_store = browser_key_store()
        self.cipher = WebCipher()
        self.api = HttpApi(request)
        self.assistant = BrowserAssistant()
        self.tabs = BrowserTabs(on_tab_message)
        is_own_page = getattr(js.hearth, "boot", None) is not None
        self._wipe = Wipe(store.page_indexeddb(), BrowserCaches() if is_own_page else None)
        self._connector = Connector(websocket.connect, _open_polled, FetchExchange(), self.monotonic)
        self._proxies = Proxies()
        self._proxies.listen(js, "online", lambda _event: self._connector.network_changed())
        self._id = str(js.crypto.randomUUID())
        self._zone_name, self._zone = "", Zone(_offset_at)

    async def load(self, module: str) -> ModuleType:
        """Import a module that is fetched on demand. Raises `NotLoaded`."""
        return await on_demand.load(module)

    async def open_store(self, account: str, on_gone: OnGone) -> store.IdbStore:
        """Open the account's storage. Raises `StorageError`."""
        return await store.open_store(account, on_gone)

    def memory_store(self) -> MemoryStore:
        """An empty store that lasts as long as the page."""
        return memory_store()

    def keyring(self, account: str, master: Key) -> WebKeyring:
        """The keys in use of an account."""
        return WebKeyring(account, master)

    async def connect(self, account: str) -> FallbackSocket:
        """Open a connection for an account. Raises `SocketClosed`."""
        return await self._connector.connect(account)

    async def wipe_stores(self, account: str | None = None) -> list[str]:
        """Delete what is stored of an account, or of all, and look again; what is still there."""
        return await self._wipe.stores(account)

    async def wipe_others(self, account: str) -> list[str]:
        """Delete what is stored of every other account, and look again; what is still there."""
        return await self._wipe.others(account)

    def name(self) -> str:
        """What this device calls itself, such as "Firefox on Linux"."""
        return device_name(str(js.navigator.userAgent), int(js.navigator.maxTouchPoints or 0))

    def download(self, name: str, media_type: str) -> Download:
        """A file of that name for the person, which is offered once it is whole."""
        from hearth.browser.download import BrowserDownload  # noqa: PLC0415 - loaded on demand, with who wants it

        return BrowserDownload(name, media_type)

    def passkeys(self) -> Passkeys:
        """The authenticators that this browser reaches."""
        from hearth.browser.passkeys import BrowserPasskeys  # noqa: PLC0415 - loaded on demand, with who wants it

        return BrowserPasskeys()

    def device_id(self) -> str:
        """A random name for this session."""
        return self._id

    def now(self) -> datetime:
        """Local time in the browser's zone, which may change while the page is open (Pyodide has none of its own)."""
        name = str(js.Intl.DateTimeFormat().resolvedOptions().timeZone)
        if name != self._zone_name:
            self._zone_name, self._zone = name, Zone(_offset_at)
        return datetime.fromtimestamp(js.Date.now() / 1000, self._zone)

    def visible(self) -> bool:
        """Whether the person can see this page: timers of the others are late, by a minute and more."""
        return bool(js.document.visibilityState == "visible")

    def monotonic(self) -> float:
        """Seconds since the page's navigation began."""
        return float(js.performance.now()) / 1000

    def jitter(self) -> float:
        """A random number from 0 to 1."""
        return float(js.Math.random())

    def after_paint(self, callback: Callable[[], None]) -> None:
        """Call back once what was drawn so far is on screen; in a tab in the background, soon."""
        later = create_once_callable(callback)
        if js.document.hidden:
            js.setTimeout(later, 0)
        else:
            js.requestAnimationFrame(create_once_callable(lambda _time: js.setTimeout(later, 0)))

    def mark(self, name: str) -> None:
        """Set the User Timing mark `hearth:` + name."""
        js.performance.mark(f"hearth:{name}")


def _offset_at(moment: int) -> int:
    """How many seconds the browser's zone is ahead of UTC at a moment; `Date` counts minutes behind, with fractions."""
    there: Any = js.Date.new(moment * 1000)
    return -round(float(there.getTimezoneOffset()) * 60)


async def _open_polled(account: str) -> PolledSocket:
    return await open_polled(FetchExchange(), account, websocket.read_frame)
