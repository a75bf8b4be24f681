"""Deletes what is stored on this device, of one account or of all, and looks again."""

from __future__ import annotations

import asyncio

from hearth.core.errors import StorageError
from hearth.ports.device import Device

WIPE_S = 5.0
"""How long deleting may take before the person is told: another tab may hold a database open."""

STILL_OPEN = "Not everything could be deleted from this device. Close Hearth's other tabs, then reload this page."
GONE_NOW = "The rest has been deleted, too. Nothing is left on this device."
HALF_GONE = (
    "What Hearth had stored on this device is gone: this browser removed it or the key to it, or you signed out in "
    "another tab. Sign in again."
)
IN_ANOTHER_TAB = "Hearth is open in another tab. What that tab keeps on this device stays until you sign out there."
OTHERS_LEFT = "What another account left on this device could not be deleted yet. Close Hearth's other tabs."

OTHERS_S = 3.0
"""How long deleting what another account left may take before the person is let in all the same."""

OTHERS_TRIES = 8
OTHERS_AGAIN_S = 0.25
"""How long a page that has just lost what it stored to us has to learn from the server that its session is over."""


async def wipe(device: Device, account: str | None = None, in_use: bool = False) -> bool:
    """Delete the kept key, then the storage, of an account or of all, and look again; whether nothing is left.

    The key goes first: what an interrupted wipe leaves behind is ciphertext without a key. `in_use` takes along what
    other pages need to find theirs.
    """
    try:
        async with asyncio.timeout(WIPE_S):
            left = await device.key_store.forget(account, in_use)
            wiped = not await device.wipe_stores(account) and not left
    except (StorageError, TimeoutError):
        return False
    if wiped:
        device.key_store.end_wipe()
    return wiped


async def wipe_others(device: Device, account: str) -> bool:
    """Delete what other accounts left on this device before this one is shown; whether nothing of them is left."""
    try:
        async with asyncio.timeout(OTHERS_S):
            for _ in range(OTHERS_TRIES):
                if not any(await asyncio.gather(device.wipe_others(account), device.key_store.tidy())):
                    device.key_store.end_wipe()
                    return True
                await asyncio.sleep(OTHERS_AGAIN_S)
    except (StorageError, TimeoutError):
        pass
    return False
