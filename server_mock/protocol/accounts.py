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
from server_mock.directus.client import DirectusClient
from server_mock.directus.schema import Row
from server_mock.protocol.shared_loads import SharedLoads

CACHE_TTL_S = 600.0
CACHE_ENTRIES = 10_000
MAX_LOOKUP_HASHES = 8
"""How many lookup hashes of an entry count: one for each password or passkey that opens the account."""


@dataclass(slots=True)
class UserEntry:
    """A row of `users`; `lookup_hashes` are SHA-256 of what devices send, as hex text."""

    id: str
    hashed_email: str
    salt: str
    iterations: int
    lookup_hashes: tuple[str, ...]
    wrapped_master_key: str
    last_opened: str | None

    @property
    def hashed_id(self) -> str:
        """How the user's rows name their owner."""
        return sha256_hex(self.id)


def sha256_hex(text: str) -> str:
    """SHA-256 of text, as hex text."""
    return hashlib.sha256(text.encode()).hexdigest()


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

    async def find(self, hashed_email: str) -> UserEntry | None:
        """The entry of an address, from the cache or from Directus. Raises `DirectusError`."""
        cached = self._entries.get(hashed_email)
        if cached is not None:
            return cached[0]
        return await self._loads.load(hashed_email, lambda: self._read(hashed_email))

    async def challenge(self, email: str) -> tuple[str, int]:
        """The salt (base64 text) and the iterations for an address, known or not. Raises `DirectusError`."""
        hashed_email = hash_email(email)
        made_up = self._made_up_salt(hashed_email)
        entry = await self.find(hashed_email)
        return (made_up, PBKDF2_ITERATIONS) if entry is None else (entry.salt, entry.iterations)

    async def verify(self, email: str, lookup_hash: str) -> UserEntry | None:
        """The entry that the lookup hash proves, or None. Raises `DirectusError`."""
        entry = await self.find(hash_email(email))
        shown = sha256_hex(lookup_hash).encode()
        kept = entry.lookup_hashes if entry else ()
        padded = (*kept, *[""] * MAX_LOOKUP_HASHES)[:MAX_LOOKUP_HASHES]
        # Each is compared, whichever fits; the dummy has the length of a real one and fits nothing.
        fits = [hmac.compare_digest(shown, (each or _DUMMY).encode()) for each in padded]
        return entry if any(fits) else None

    def forget(self, hashed_email: str) -> None:
        """Read the entry anew the next time."""
        self._entries.pop(hashed_email, None)

    def note_last_opened(self, hashed_email: str, chat_id: str | None) -> None:
        """Bring a cached entry in step with what was written."""
        cached = self._entries.get(hashed_email)
        if cached is not None and cached[0] is not None:
            cached[0].last_opened = chat_id

    async def close(self) -> None:
        """Cancel the reads under way."""
        await self._loads.close()

    async def _read(self, hashed_email: str) -> UserEntry | None:
        rows = await self._client.search("users", filter={"hashed_email": {"_eq": hashed_email}}, limit=1)
        entry = entry_of(rows[0]) if rows else None
        self._entries[hashed_email] = (entry,)
        return entry

    def _made_up_salt(self, hashed_email: str) -> str:
        digest = hmac.new(self._secret, hashed_email.encode(), hashlib.sha256).digest()
        return base64.b64encode(digest[:SALT_BYTES]).decode()


_DUMMY = "-" * 64


def entry_of(row: Row) -> UserEntry:
    """A row of `users` as an entry."""
    return UserEntry(
        id=row["id"],
        hashed_email=row["hashed_email"],
        salt=row["salt"],
        iterations=row["iterations"],
        lookup_hashes=tuple(row["lookup_hashes"]),
        wrapped_master_key=row["wrapped_master_key"],
        last_opened=row["last_opened"],
    )
