"""What a page finds when it starts: a key that is kept, or handed over by another tab, or a note in its place."""

from __future__ import annotations

from dataclasses import dataclass

from hearth.ports.keys import Key, KeyStore, LockNote


@dataclass(frozen=True, slots=True)
class KeptKey:
    """The account with its key in use, or the note of a lock, or neither."""

    master: tuple[str, Key] | None = None
    note: LockNote | None = None
    is_used_elsewhere: bool = False
    """Whether another tab uses what is stored: then nothing of it may be wiped."""


async def find(key_store: KeyStore) -> KeptKey:
    """Look for the key here, then ask the other tabs of this browser; a wipe that was begun goes before both."""
    wiping = key_store.wiping
    master = await key_store.recall()
    if master is not None or wiping:
        return KeptKey(master)
    note = await key_store.locked()
    if note is not None:
        return KeptKey(note=note)
    if not await key_store.ask_tabs():
        return KeptKey()
    return KeptKey(await key_store.recall(), await key_store.locked(), is_used_elsewhere=True)
