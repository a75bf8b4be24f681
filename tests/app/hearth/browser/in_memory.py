"""A browser in memory for the adapters that decide: storages, caches, locks, shares in use, cryptography.

Whatever is written or removed is a step: `Machine.on_step` hears of it before and after, and may end the page there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from hearth.browser import storage_names
from hearth.browser.idb import IndexedDB
from hearth.browser.keys.entries import Entries
from hearth.browser.keys.key_store import BrowserKeyStore
from hearth.browser.keys.ports import Offered, Share
from hearth.browser.keys.share_places import InCacheStorage, InDatabase
from hearth.browser.keys.shares import Shares
from hearth.browser.native import Answer, Ended, Given, StorageRefused
from hearth.browser.storage.wipe import Wipe
from hearth.core.errors import Damaged
from hearth.core.records import envelope
from hearth.core.records.envelope import WrappedKey
from hearth.ports.keys import Key
from hearth.testing.indexeddb import Disk, MemoryPlatform


class Killed(BaseException):
    """The page is gone: no line of it runs any more."""


@dataclass
class Machine:
    """What outlives a page: one profile of a browser."""

    local: dict[str, str] = field(default_factory=dict)
    caches: dict[str, dict[str, bytes]] = field(default_factory=dict)
    databases: Disk = field(default_factory=Disk)
    cookies: set[str] = field(default_factory=set)
    pages: list[OnePage] = field(default_factory=list)
    loses_caches: bool = False
    on_step: Callable[[str], None] = lambda step: None

    def step(self, name: str, change: Callable[[], Any]) -> Any:
        """Change something."""
        self.on_step(f"before {name}")
        answer = change()
        self.on_step(f"after {name}")
        return answer

    def left(self, page: OnePage) -> dict[str, Any]:
        """What is still there, of what a sign-out removes."""
        found = {"session": page.session, "local": self.local, "cookies": self.cookies}
        databases = set(self.databases.names())
        shares = {name: each for name, each in self.caches.items() if name.startswith(storage_names.SHARES)}
        return {name: each for name, each in {**found, "databases": databases, "shares": shares}.items() if each}


class MemoryStorage:
    """`WebStorage` on a dict; `full` refuses."""

    def __init__(self, machine: Machine, held: dict[str, str]) -> None:
        self._machine, self.held, self.full = machine, held, False

    def names(self) -> list[str]:
        return list(self.held)

    def get(self, name: str) -> str | None:
        return self.held.get(name)

    def put(self, name: str, value: str) -> None:
        if self.full:
            raise StorageRefused("full")
        self._machine.step(f"put {name}", lambda: self.held.__setitem__(name, value))

    def remove(self, name: str) -> None:
        if name in self.held:
            self._machine.step(f"remove {name}", lambda: self.held.pop(name))


class MemoryCaches:
    """`Caches` on dicts; an answer under `stuck` cannot be removed."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.stuck: set[str] = set()

    async def names(self) -> list[str]:
        return list(self._machine.caches)

    async def answers(self, cache: str) -> list[Answer]:
        kept = self._machine.caches.setdefault(cache, {})
        return [Answer(f"https://hearth.test{path}", path) for path in kept]

    async def put(self, cache: str, path: str, content: Any) -> None:
        held = self._machine.caches.setdefault(cache, {})
        self._machine.step("put in a cache", lambda: held.__setitem__(path, bytes(content)))

    async def get(self, cache: str, path: str) -> Any | None:
        return self._machine.caches.get(cache, {}).get(path)

    async def remove(self, cache: str, address: str) -> bool:
        path = address.removeprefix("https://hearth.test")
        if path in self.stuck:
            return False
        held = self._machine.caches.get(cache, {})
        return self._machine.step("remove in a cache", lambda: held.pop(path, None)) is not None

    async def drop(self, cache: str) -> None:
        self._machine.step("drop a cache", lambda: self._machine.caches.pop(cache, None))


class PlainSealing:
    """`Sealing` that seals nothing: a value says under which share and for which place it is."""

    def random_share(self) -> bytearray:
        return bytearray(uuid4().bytes * 2)

    async def import_share(self, raw: bytearray) -> str:
        key = raw.hex()
        self.overwrite(raw)
        return key

    async def open_master(self, wrapping: Any, wrapped: WrappedKey, account: str) -> bytearray:
        if wrapping != "right":
            raise Damaged("not this one")
        return bytearray(wrapped.body)

    async def import_master(self, raw: bytearray) -> str:
        return raw.hex()

    async def seal(self, share: Share, bound: list[Any], content: Any) -> dict[str, str]:
        text = content if isinstance(content, str) else content.hex()
        return {"nonce": share.key, "sealed": json.dumps([bound, text])}

    async def open_text(self, share: Any, bound: list[Any], sealed: dict[str, str]) -> str:
        if sealed.get("nonce") != share or json.loads(sealed["sealed"])[0] != bound:
            raise Damaged("not under this share")
        return str(json.loads(sealed["sealed"])[1])

    def overwrite(self, raw: bytearray) -> None:
        raw[:] = bytes(len(raw))


class OnePage:
    """A page of a machine with its key store; it is `KeyKernel`, `Handing` and `Surroundings` as well."""

    def __init__(self, machine: Machine, session: dict[str, str] | None = None) -> None:
        self.machine, self.session = machine, {} if session is None else session
        self.locks: set[str] = set()
        self.offered: Callable[[], dict[str, Any] | None] | None = None
        self.frozen = False
        machine.pages.append(self)
        self.sealing = PlainSealing()
        self.caches = MemoryCaches(machine)
        self.indexeddb = IndexedDB(MemoryPlatform(machine.databases))
        self.storages = MemoryStorage(machine, self.session), MemoryStorage(machine, machine.local)
        self.entries = Entries(*self.storages)
        self.places = InCacheStorage(self.caches), InDatabase(self.indexeddb)
        self.shares = Shares(self, self.sealing, self.places, self.loses, lambda: str(uuid4()))
        self.key_store = BrowserKeyStore(self.entries, self.shares, self, self.sealing, self, self)
        self.wipe = Wipe(self.indexeddb, self.caches)

    def close(self) -> None:
        """The page is gone, and its locks with it."""
        self.machine.pages.remove(self)

    def reloaded(self) -> OnePage:
        """The same tab, loaded again."""
        self.close()
        return OnePage(self.machine, self.session)

    async def loses(self, _share: str) -> bool:
        """Whether Cache Storage loses what no document uses."""
        return self.machine.loses_caches

    # --- first_key.js ---

    def hold(self, share: str) -> None:
        self.locks.add(share)

    async def release(self, shares: Iterable[str]) -> None:
        self.locks -= set(shares)

    def held(self) -> set[str]:
        return set(self.locks)

    async def used(self) -> set[str]:
        return {share for page in self.machine.pages for share in page.locks}

    async def read(self, share: str) -> str | None:
        self.hold(share)
        for place in self.places:
            if raw := await place.get(share):
                return bytes(raw).hex()
        return None

    async def open_entry(self, text: str) -> str:
        try:
            entry = json.loads(text)
            share = await self.read(entry["half"])
            bound, raw = json.loads(entry["sealed"])
            place = [storage_names.SEALED_KEY, 1, entry["account"], entry["keyId"], entry["half"]]
        except (ValueError, KeyError, TypeError):
            raise Damaged("not a key") from None
        if entry["nonce"] != share or bound != place:
            raise Damaged("not under this share")
        return str(raw)

    async def ask_tabs(self) -> tuple[bool, Offered | None]:
        others = [page for page in self.machine.pages if page is not self and page.locks - self.locks]
        for page in others:
            given = None if page.frozen or page.offered is None else page.offered()
            if given is not None:
                for text in (given.get("entry"), given.get("note")):
                    if text and "half" in json.loads(text):
                        self.hold(json.loads(text)["half"])
                names = {"keyId": "key_id"}
                return True, Offered(**{names.get(name, name): each for name, each in given.items()})
        return bool(others), None

    def drop_early(self) -> None:
        pass

    # --- the way to other tabs, and the rest ---

    def offer(self, what: Callable[[], dict[str, Any] | None] | None) -> None:
        self.offered = what

    async def is_stored(self) -> bool:
        return any(name.startswith(storage_names.ACCOUNTS) for name in await self.indexeddb.names())

    def persist(self) -> None:
        pass

    def note_unended(self, unended: bool) -> None:
        change = self.machine.cookies.add if unended else self.machine.cookies.discard
        self.machine.step("cookie", lambda: change(storage_names.UNENDED))

    def is_unended(self) -> bool:
        return storage_names.UNENDED in self.machine.cookies


MASTER = b"\x07" * 32


def wrapped_master(wrapping: Key) -> str:
    """The wrapped master key of an account, as the server keeps it."""
    return envelope.join_wrapped(WrappedKey(wrapping.id, b"master-1", b"n" * 12, MASTER + b"t" * 16))


class MemoryLocks:
    """`Locks` of one machine: who holds what, and who stands in line."""

    def __init__(self) -> None:
        self.lines: dict[str, list[MemoryRequest]] = {}
        self.forbidden = False

    def request(
        self, name: str, given: Given, ended: Ended, *, if_available: bool = False, steal: bool = False
    ) -> Callable[[], None]:
        """Stand in line; what the browser answers, it answers in `turn`."""
        request = MemoryRequest(given, ended, if_available, steal)
        line = self.lines.setdefault(name, [])
        line.insert(0, request) if steal else line.append(request)

        def release() -> None:
            if request in line:
                line.remove(request)
                if not request.holds:
                    ended()

        return release

    def turn(self) -> None:
        """Let the browser decide, as it does between two tasks of a page."""
        for line in self.lines.values():
            for request in list(line):
                if self.forbidden:
                    line.remove(request)
                    request.ended()
                elif request.steal and not request.holds:
                    self._steal(line, request)
                elif request.if_available and not request.holds and line[0] is not request:
                    line.remove(request)
                    request.given(False)
            while line and not line[0].holds:
                line[0].holds = line[0].given(True)
                if not line[0].holds:
                    line.pop(0)

    def _steal(self, line: list[MemoryRequest], thief: MemoryRequest) -> None:
        for each in [each for each in line if each.holds]:
            line.remove(each)
            each.ended()
        thief.holds = thief.given(True)
        if not thief.holds:
            line.remove(thief)

    async def requests(self, name: str) -> int:
        return len(self.lines.get(name, ()))


@dataclass(eq=False)
class MemoryRequest:
    """One request for a lock."""

    given: Given
    ended: Ended
    if_available: bool
    steal: bool
    holds: bool = False
