"""Which mutations of an account were answered, and when: a repeated write gets the same answer.

They are kept in memory and, the latest of them, in a column of the manifest's row, which every write changes anyway: so
it costs no request, survives a restart, and is on the disk together with what it says. No device sees the column.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

MAX_KEPT = 2_000
"""How many mutations are remembered in memory."""

MAX_STORED = 256
"""How many are stored with each write, some 5 KB."""

Stored = list[list[Any]]
"""The column: `[[stamp, digest, …], …]`, oldest first."""


class AnsweredMutations:
    """The stamps of an account's latest mutations. Only under the account's lock."""

    def __init__(self) -> None:
        self._stamps: dict[str, int] = {}

    def stamps_of(self, mutations: Sequence[str]) -> dict[int, list[str]] | None:
        """The mutations by the stamp of the write that they were in, or None unless all of them were answered."""
        found: dict[int, list[str]] = {}
        for mutation in mutations:
            stamp = self._stamps.get(_digest(mutation))
            if stamp is None:
                return None
            found.setdefault(stamp, []).append(mutation)
        return found or None

    def learn(self, stored: object) -> None:
        """Take over what the disk has; what is known already stays."""
        for group in stored if isinstance(stored, list) else ():
            if isinstance(group, list) and group and isinstance(group[0], int):
                for digest in group[1:]:
                    self._stamps.setdefault(str(digest), group[0])
        self._forget_old()

    def note(self, mutations: Sequence[str], stamp: int) -> None:
        """Remember mutations that are on the disk."""
        self._stamps |= dict.fromkeys(map(_digest, mutations), stamp)
        self._forget_old()

    def stored_with(self, mutations: Sequence[str], stamp: int) -> Stored:
        """The column as it is to be written with these mutations."""
        every = {**self._stamps, **dict.fromkeys(map(_digest, mutations), stamp)}
        groups: dict[int, list[Any]] = {}
        for digest in sorted(every, key=every.__getitem__)[-MAX_STORED:]:
            groups.setdefault(every[digest], [every[digest]]).append(digest)
        return list(groups.values())

    def _forget_old(self) -> None:
        if len(self._stamps) > MAX_KEPT:
            kept = sorted(self._stamps, key=self._stamps.__getitem__)[-MAX_KEPT:]
            self._stamps = {digest: self._stamps[digest] for digest in kept}


def _digest(mutation: str) -> str:
    """64 bits of it: an id is the device's own choice, and may be longer."""
    return hashlib.sha256(mutation.encode()).hexdigest()[:16]
