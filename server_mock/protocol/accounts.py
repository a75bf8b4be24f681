"""User entries, and who proves to be one: an unknown address is answered as a known one with a wrong password.

An entry is read from Directus once, at the challenge, and cached; that there is none is cached, too. Both
cases take the same path with the same number of reads, and end in comparisons of the same length.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import TTLCache

from hearth.core.records.envelope import PBKDF2_ITERATIONS, SALT_BYTES, normalise_email
from hearth.core.records.ways import MAX_WAYS, TYPED, WayKind
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.shared_loads import SharedLoads
from server_mock.protocol.ways import Way, sha256_hex, ways_of

CACHE_TTL_S = 600.0
CACHE_ENTRIES = 10_000


@dataclass(slots=True)
class UserEntry:
    """A row of `users`."""

    id: str
    hashed_email: str
    ways: tuple[Way, ...]
    last_opened: str | None

    @property
    def hashed_id(self) -> str:
        """How the user's rows name their owner."""
        return sha256_hex(self.id)

    def way_of(self, kind: str) -> Way | None:
        """The first way of a kind."""
        return next((way for way in self.ways if way.kind == kind), None)


def hash_email(email: str) -> str:
    """How an e-mail address is looked up; the address itself is on no disk."""
    return sha256_hex(normalise_email(email))


class Accounts:
    """Looks up and verifies; `secret` makes the salts of addresses that are not known."""

    def __init__(self, client: DirectusClient, secret: bytes, clock: Callable[[], float]) -> None:
        self._client = client
        self._secret = secret
        self._entries: TTLCache[str, tuple[UserEntry | None]] = TTLCache(CACHE_ENTRIES, CACHE_TTL_S, clock)
        self._loads: SharedLoads[str, UserEntry | None] = SharedLoads()
        self._changes = 0
        """Grows with every change: what was read before one is not kept."""

    async def find(self, hashed_email: str) -> UserEntry | None:
        """The entry of an address, from the cache or from Directus. Raises `DirectusError`."""
        cached = self._entries.get(hashed_email)
        if cached is not None:
            return cached[0]
        return await self._loads.load(hashed_email, lambda: self._read(hashed_email))

    async def find_by_id(self, account: str) -> UserEntry | None:
        """The entry of an account, as Directus has it now; it is cached as well. Raises `DirectusError`."""
        changes = self._changes
        row = await self._client.read("users", account)
        entry = entry_of(row) if row else None
        if entry is not None and changes == self._changes:
            self._entries[entry.hashed_email] = (entry,)
        return entry

    async def challenge(self, email: str, kind: str = WayKind.PASSWORD) -> tuple[str, int]:
        """The salt (base64 text) and the iterations of one kind of way, whether there is one or not.

        Raises `DirectusError`.
        """
        hashed_email = hash_email(email)
        made_up = self._made_up_salt(hashed_email, kind)
        entry = await self.find(hashed_email)
        way = entry.way_of(kind) if entry else None
        return (made_up, PBKDF2_ITERATIONS) if way is None else (way.salt, way.iterations)

    async def verify(self, email: str, lookup_hash: str) -> UserEntry | None:
        """The entry that the lookup hash of a password or a recovery key proves, or None. Raises `DirectusError`."""
        entry = await self.find(hash_email(email))
        way = proved(entry, lookup_hash)
        return entry if way is not None and way.kind in TYPED else None

    def still_proves(self, hashed_email: str, lookup_hash: str) -> bool:
        """Whether what was verified a moment ago holds now: the account's ways may have changed meanwhile."""
        cached = self._entries.get(hashed_email)
        return cached is None or proved(cached[0], lookup_hash) is not None

    def forget(self, hashed_email: str) -> None:
        """Read the entry anew the next time; what is being read now is not kept."""
        self._entries.pop(hashed_email, None)
        self._changes += 1

    def keep(self, entry: UserEntry) -> None:
        """Know an entry as it was written."""
        self.forget(entry.hashed_email)
        self._entries[entry.hashed_email] = (entry,)

    async def read(self, hashed_email: str) -> Row | None:
        """The row of an address as Directus has it now. Raises `DirectusError`."""
        rows = await self._client.search("users", filter={"hashed_email": {"_eq": hashed_email}}, limit=1)
        return rows[0] if rows else None

    def remembered(self) -> dict[str, UserEntry | None]:
        """What is in the cache, by hashed address; None: that there is no account."""
        return {hashed_email: cached[0] for hashed_email, cached in self._entries.items()}

    def forget_if(self, hashed_email: str, entry: UserEntry | None) -> None:
        """Read an entry anew the next time, unless what is remembered is another one by now."""
        cached = self._entries.get(hashed_email)
        if cached is not None and cached[0] is entry:
            self.forget(hashed_email)

    def note_last_opened(self, hashed_email: str, chat_id: str | None) -> None:
        """Bring a cached entry in step with what was written."""
        cached = self._entries.get(hashed_email)
        if cached is not None and cached[0] is not None:
            cached[0].last_opened = chat_id

    async def close(self) -> None:
        """Cancel the reads under way."""
        await self._loads.close()

    async def _read(self, hashed_email: str) -> UserEntry | None:
        changes = self._changes
        row = await self.read(hashed_email)
        entry = entry_of(row) if row else None
        if changes == self._changes:
            self._entries[hashed_email] = (entry,)
        return entry

    def _made_up_salt(self, hashed_email: str, kind: str) -> str:
        # A kind has a salt of its own, as real ways have; that of the password is as it always was.
        text = hashed_email if kind == WayKind.PASSWORD else f"{hashed_email} {kind}"
        digest = hmac.new(self._secret, text.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest[:SALT_BYTES]).decode()


_DUMMY = "-" * 64


def proved(entry: UserEntry | None, lookup_hash: str) -> Way | None:
    """The way of an entry that a lookup hash proves. It takes the same time whichever fits, or none."""
    shown = sha256_hex(lookup_hash).encode()
    ways = entry.ways if entry else ()
    kept = [*(way.hash for way in ways), *[""] * MAX_WAYS][:MAX_WAYS]
    # Each is compared; the dummy has the length of a real one and fits nothing.
    fits = [hmac.compare_digest(shown, (each or _DUMMY).encode()) for each in kept]
    return ways[fits.index(True)] if any(fits) else None


def entry_of(row: Row) -> UserEntry:
    """A row of `users` as an entry."""
    return UserEntry(row["id"], row["hashed_email"], ways_of(row), row["last_opened"])
