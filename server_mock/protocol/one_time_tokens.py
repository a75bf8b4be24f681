"""Texts that the server gives out and takes back once, within a time: a passkey's challenge, and what follows it.

Nothing is kept of one that is given out, so nobody fills the memory by asking: it is signed under a key of the process,
and only what was taken back is remembered, until its time is over.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable

NONCE_BYTES, MAC_BYTES, MOMENT_BYTES = 16, 32, 8
MAX_TAKEN = 100_000
"""How many are remembered as taken; beyond that none is taken until some are over."""


class OneTimeTokens:
    """Tokens of one purpose; `clock` is monotonic, in seconds. They end with the process."""

    def __init__(self, lifetime_s: float, clock: Callable[[], float], max_taken: int = MAX_TAKEN) -> None:
        self._lifetime_s = lifetime_s
        self._clock = clock
        self._max_taken = max_taken
        self._key = os.urandom(32)
        self._taken: OrderedDict[bytes, float] = OrderedDict()

    def issue(self, content: bytes = b"") -> bytes:
        """A new token that stands for some content."""
        until = int((self._clock() + self._lifetime_s) * 1000).to_bytes(MOMENT_BYTES, "big")
        body = os.urandom(NONCE_BYTES) + until + content
        return self._mac(body) + body

    def take(self, token: bytes) -> bytes | None:
        """The content of a token, the first time that it is shown in time; None for everything else."""
        mac, body = token[:MAC_BYTES], token[MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        now = self._clock()
        until = int.from_bytes(body[NONCE_BYTES : NONCE_BYTES + MOMENT_BYTES], "big") / 1000
        self._forget(now)
        nonce = body[:NONCE_BYTES]
        if now >= until or nonce in self._taken or len(self._taken) >= self._max_taken:
            return None
        self._taken[nonce] = now + self._lifetime_s
        return body[NONCE_BYTES + MOMENT_BYTES :]

    def _forget(self, now: float) -> None:
        """Forget those that are over anyhow; they were noted in the order in which they end."""
        while self._taken and next(iter(self._taken.values())) <= now:
            self._taken.popitem(last=False)

    def _mac(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()
