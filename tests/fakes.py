"""Maintained stand-ins for the ports: a store in memory, a device without a browser, a page that remembers."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Set
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from hearth.core.errors import QuotaExceeded, Rejected, SignInError, StorageError
from hearth.core.protocol import codec
from hearth.core.protocol.events import ServerEvent
from hearth.core.records.envelope import Place
from hearth.core.records.schema import Collection
from hearth.core.view.model import Screen
from hearth.engine.search.memory_index import MemorySearchIndex
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.ports.keys import Cipher, Key
from hearth.ports.network import Account, SocketClosed
from hearth.ports.records import Frame, Records
from hearth.ports.storage import Batch, InitialData, Position, SyncState
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring

Rows = list[dict[str, Any]]
_T = TypeVar("_T")


def weight(disk: Disk) -> int:
    """How many bytes a disk holds, near enough."""
    rows = [disk.chats, disk.messages, disk.entries, disk.sync, disk.kept.marks]
    return len(json.dumps(rows)) + sum(len(name) + len(sealed) for name, sealed in disk.kept.sealed.items())


@contextmanager
def transaction(disk: Disk, budget: int | None) -> Iterator[None]:
    """What is written here is written as a whole, or not at all when more than the budget would lie on the disk."""
    if budget is None:
        yield
        return
    before, kept_before = copy.deepcopy(disk), copy.deepcopy(disk.kept)
    size = weight(disk)
    yield
    if size < weight(disk) > budget:
        for name in ("chats", "messages", "entries", "sync"):
            setattr(disk, name, getattr(before, name))
        disk.kept.sealed, disk.kept.marks = kept_before.sealed, kept_before.marks
        raise QuotaExceeded("This device has no room left for more chats.")


class FakeShelf(MemorySearchIndex):
    """A shelf on a disk of which so many bytes may be used."""

    def __init__(self, disk: Disk, search_index: MemorySearchIndex, budget: Callable[[], int | None]) -> None:
        super().__init__(search_index._kept, search_index._rows_of, search_index._records)
        self._disk = disk
        self._budget = budget

    async def keep(self, name: str, sealed: Any, settles: Mapping[str, str]) -> None:
        """Keep something sealed."""
        with transaction(self._disk, self._budget()):
            await super().keep(name, sealed, settles)


class FakeStore(MemoryStore):
    """A device's store whose every operation is a step: `on_step` hears of it before and after, and may raise.

    `budget` says how many bytes may lie on its disk, if there is an end to it.
    """

    def __init__(
        self, disk: Disk, on_step: Callable[[str], None], budget: Callable[[], int | None] = lambda: None
    ) -> None:
        super().__init__(disk)
        self._on_step = on_step
        self._budget = budget
        self.search_index = FakeShelf(disk, self.search_index, budget)

    async def _step(self, name: str, work: Awaitable[_T]) -> _T:
        try:
            self._on_step(f"before {name}")
        except BaseException:
            close = getattr(work, "close", None)
            if close:
                close()
            raise
        result = await work
        self._on_step(f"after {name}")
        return result

    async def apply(self, batch: Batch) -> None:
        """Write a batch."""
        await self._step("apply", self._apply(batch))

    async def _apply(self, batch: Batch) -> None:
        await asyncio.sleep(0)
        with transaction(self._disk, self._budget()):
            self.write(batch)

    async def drop(self, chats: Set[str]) -> None:
        """Make room."""
        await self._step("drop", super().drop(chats))

    async def with_messages(self, more: Records | None) -> set[str]:
        """The chats that have messages."""
        return await self._step("with_messages", super().with_messages(more))

    async def load_initial(self, first: str | None, limit: int, kept: str) -> InitialData:
        """Read what a session begins with."""
        return await self._step("beginning", super().load_initial(first, limit, kept))

    async def sync_state(self) -> SyncState:
        """Read where the device stands."""
        return await self._step("sync_state", super().sync_state())

    async def chats(self) -> Records:
        """Every chat that is not deleted."""
        return await self._step("chats", super().chats())

    async def chat(self, chat_id: str) -> Records:
        """One chat, or none."""
        return await self._step("chat", super().chat(chat_id))

    async def messages(self, chat_id: str, limit: int, before: Position | None = None) -> Records:
        """The last messages of a chat."""
        return await self._step("messages", super().messages(chat_id, limit, before))

    async def messages_from(self, chat_id: str, limit: int, first: Position) -> Records:
        """The messages of a chat from a position on."""
        return await self._step("messages_from", super().messages_from(chat_id, limit, first))

    async def settings_and_memories(self) -> Records:
        """Every entry that is not deleted."""
        return await self._step("settings_and_memories", super().settings_and_memories())


class FakeKeyStore:
    """`hearth.ports.keys.Vault` in memory; `kept` and `halves`, which lie apart, outlive a reload.

    `half` is the id of the half that `kept` needs, if it needs one. `on_step` hears of each thing that is written
    or removed, before and after, and may raise.
    """

    def __init__(self, cipher: Cipher) -> None:
        self._cipher = cipher
        self.kept: tuple[str, Key] | None = None
        self.half: int | None = None
        self.halves: set[int] = set()
        self.used_elsewhere: set[int] = set()
        self.stuck: set[int] = set()
        """Halves that cannot be removed."""
        self.being_wiped: str | None = None
        self.owes_sign_out = False
        self.stored = False
        self.lost = False
        self.on_step: Callable[[str], None] = lambda step: None
        self._prepared = 0

    def _change(self, name: str, change: Callable[[], None]) -> None:
        self.on_step(f"before {name}")
        change()
        self.on_step(f"after {name}")

    def prepare(self) -> None:
        """A new half."""
        self._prepared += 1
        self._change("half written", lambda: self.halves.add(self._prepared))

    async def admit(self, wrapping: Key, wrapped: str, account: str, stay: bool) -> Key:
        """Open the wrapped master key and keep it."""
        key = await self._cipher.unwrap_key(wrapping, wrapped, Place(account, "users", account, "master_key"))

        def keep() -> None:
            self.kept, self.half = (account, key), self._prepared

        self._change("key kept", keep)
        self.being_wiped = None
        return key

    async def recall(self) -> tuple[str, Key] | None:
        """What is kept, unless it is being wiped or without its half."""
        self.lost = False
        if self.kept and self.kept[0] == self.being_wiped:
            self.kept = None
        if self.kept and self.half is not None and self.half not in self.halves:
            self.kept, self.lost = None, True
        return self.kept

    async def forget(self, account: str | None = None, in_use: bool = False) -> int:
        """Forget it."""
        if self.kept and account in (None, self.kept[0]):
            self._change("key removed", self._remove)
        return self._forget_halves(set() if in_use else self.used_elsewhere)

    def _remove(self) -> None:
        self.kept = None
        self.stored = False

    async def tidy(self) -> int:
        """Forget the halves that nothing needs."""
        return self._forget_halves(self.used_elsewhere)

    def _forget_halves(self, spared: set[int]) -> int:
        going = self.halves - spared - ({self.half} if self.kept else set())
        for half in going - self.stuck:
            self._change("half removed", lambda half=half: self.halves.discard(half))  # type: ignore[misc]
        return len(going & self.stuck)

    def note_stored(self, account: str) -> None:
        """Note it."""
        self.stored = self.kept is not None

    def had_stored(self, account: str) -> bool:
        """Whether it was noted."""
        return self.stored

    def begin_wipe(self, account: str) -> None:
        """Remember."""
        self.being_wiped = account

    def end_wipe(self) -> None:
        """Remember."""
        self.being_wiped = None

    @property
    def wiping(self) -> bool:
        """Whether a wipe was begun."""
        return self.being_wiped is not None

    def owe_sign_out(self, owed: bool) -> None:
        """Remember."""
        self.owes_sign_out = owed


class FakeSocket:
    """A connection whose far end the test holds: `deliver` and `sent`."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.closed = False
        self._frames: asyncio.Queue[Frame | Exception] = asyncio.Queue()

    async def receive(self) -> Frame:
        """The next frame."""
        item = await self._frames.get()
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

    def deliver(self, event: ServerEvent, records: dict[Collection, Rows] | None = None) -> None:
        """The server sends an event; it goes through the wire format both ways."""
        frame = json.loads(codec.write_server_frame(event, records))
        rows = frame.pop("records", {})
        read = codec.read_server_header(frame, {name: len(each) for name, each in rows.items()})
        self._frames.put_nowait(Frame(read, {Collection(name): each for name, each in rows.items()}))

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

    async def challenge(self, email: str) -> tuple[bytes, int]:
        """The account's salt, or one made of the address."""
        if self.refusal:
            raise self.refusal
        return (self.salt if email == self.email else hashlib.sha256(email.encode()).digest()), 1

    async def sign_in(self, email: str, lookup_hash: str, stay: bool) -> Account:
        """Compare."""
        if email != self.email or lookup_hash != self.lookup_hash:
            raise Rejected("The e-mail address or the password is wrong.")
        return self.account

    async def sign_out(self) -> None:
        """Count."""
        if self.refusal:
            raise self.refusal
        self.signed_out += 1


class FakeBrowser:
    """What the tabs of one browser share: a channel, and the locks with those who wait for them, in order."""

    def __init__(self) -> None:
        self.tabs: list[FakeTabs] = []
        self.lines: dict[str, list[FakeTabs]] = defaultdict(list)
        self.sign_in = asyncio.Lock()


class FakeTabs:
    """`hearth.ports.tabs.Tabs` of one tab; `told` is what it said, `heard` what takes what the others say."""

    def __init__(self, browser: FakeBrowser | None = None) -> None:
        self.browser = browser or FakeBrowser()
        self.browser.tabs.append(self)
        self.told: list[str] = []
        self.heard: Callable[[str], None] = lambda _message: None
        self.closed = False
        self._on_owned: Callable[[], None] = lambda: None
        self._on_lost: Callable[[], None] = lambda: None

    def tell(self, message: str) -> None:
        """Tell the others at once, and remember."""
        if self.closed:
            return
        self.told.append(message)
        for other in self.browser.tabs:
            if other is not self and not other.closed:
                other.heard(message)

    async def claim(self, account: str, on_owned: Callable[[], None], on_lost: Callable[[], None]) -> bool:
        """Stand in line for the account."""
        self.release()
        await asyncio.sleep(0)
        self._on_owned, self._on_lost = on_owned, on_lost
        line = self.browser.lines[account]
        line.append(self)
        return line[0] is self

    def take(self) -> None:
        """Go to the head of the line."""
        for line in self.browser.lines.values():
            if self in line and line[0] is not self:
                line.remove(self)
                line.insert(0, self)
                line[1]._on_lost()
                self._on_owned()

    def release(self) -> None:
        """Leave the line; the next one owns when this tab was its first."""
        self._on_owned = self._on_lost = lambda: None
        for line in self.browser.lines.values():
            if self in line:
                was_first = line[0] is self
                line.remove(self)
                if was_first and line:
                    line[0]._on_owned()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One sign-in after the other."""
        async with self.browser.sign_in:
            yield

    def close(self) -> None:
        """The tab is closed, or has crashed."""
        self.release()
        self.closed = True


class FakeDevice:
    """`hearth.ports.device.Device` without a browser: sockets are handed out as `sockets`, disks outlive reloads."""

    def __init__(self, tabs: FakeTabs | None = None) -> None:
        self.cipher = CryptographyCipher()
        self.key_store = FakeKeyStore(self.cipher)
        self.api = FakeApi()
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
        self.session_of: str | None = None
        """Whose session the browser's cookie names; None: whoever asks."""
        self.seen = True
        """Whether the person can see the page."""
        self.marks: list[str] = []
        self.tabs = tabs or FakeTabs()
        self.clock = 0.0
        self.on_gone: Callable[[], None] | None = None

    async def open_store(self, account: str, on_gone: Callable[[], None]) -> MemoryStore:
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
            raise SocketClosed(refused=True)
        if self.refuse_connections:
            raise self.refuse_connections
        self.sockets.append(FakeSocket())
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

    def device_id(self) -> str:
        """A name."""
        return "device"

    def now(self) -> datetime:
        """A fixed day."""
        return datetime(2026, 6, 15, 12, tzinfo=UTC)

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


class FakePage:
    """`hearth.ports.page.Page` that remembers every screen."""

    def __init__(self) -> None:
        self.screens: list[Screen] = []
        self.cleared = 0
        self.entry: str | None = None
        """The chat of the tab's entry in its history."""

    @property
    def screen(self) -> Screen:
        """What is shown."""
        return self.screens[-1]

    def showed(self) -> str | None:
        """The chat of the tab's entry."""
        return self.entry

    def draw(self, screen: Screen) -> None:
        """Remember."""
        self.screens.append(screen)

    def clear(self) -> None:
        """Count."""
        self.cleared += 1
