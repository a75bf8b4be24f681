"""Which store serves a session: the browser's own while it works, the page's memory when it does not."""

from __future__ import annotations

from hearth.core.errors import HeldElsewhere, NewerSchema, QuotaExceeded, StorageError
from hearth.ports.device import Device, OnGone
from hearth.ports.storage import Store

IN_MEMORY = "Your chats are kept in memory until this tab closes."

TRIES = 2
"""How often opening is tried: WebKit takes its database server from tabs in the background, and gives it back."""

SOON_S = 60.0
"""A store that fails again so soon after it was opened anew is not relied on any longer."""


class StoreSelector:
    """Opens an account's store, again after a failure; gives the browser's storage up when that does not help."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._failed_at: float | None = None
        self._given_up = ""
        """Why the browser's storage is not used, or empty."""

    async def open(self, account: str, on_gone: OnGone) -> tuple[Store, str]:
        """The store, and a sentence for the person when it is in memory only."""
        for _ in range(TRIES if not self._given_up else 0):
            try:
                return await self._device.open_store(account, on_gone), ""
            except (NewerSchema, HeldElsewhere, QuotaExceeded) as error:
                self._given_up = str(error)
                break
            except StorageError as error:
                self._given_up = str(error)
        return self._device.memory_store(), f"{self._given_up} {IN_MEMORY}"

    def failed(self, error: StorageError) -> None:
        """A store that had been opened failed: the next `open` tries again, or not when that would not help.

        A full disk does not become emptier by trying. What it holds already, the newest, stays for the next session.
        """
        now = self._device.monotonic()
        again = self._failed_at is not None and now - self._failed_at < SOON_S
        if again or isinstance(error, QuotaExceeded):
            self._given_up = str(error)
        self._failed_at = now
