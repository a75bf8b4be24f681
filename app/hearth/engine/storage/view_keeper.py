"""Keeps what the page shows, sealed, for its next start: the page's first script opens and draws it before Python runs.

It is one value of the account's database, sealed under the master key and bound to the account, to its name and to the
build of the page. What deletes a chat or a message takes it along in the same transaction (`Batch.forget_view`).
"""

from __future__ import annotations

from hearth.core.errors import QuotaExceeded
from hearth.ports.keys import Keyring
from hearth.ports.storage import FIRST_VIEW, Store


class ViewKeeper:
    """Stores the latest view of one session; one that is stored already is not written again."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._kept: int | None = None

    async def keep(self, build: str, content: bytes) -> None:
        """Keep a view; without a content none is kept. Raises `StorageError`.

        On a full disk there is none: no chat makes room for it.
        """
        values, seen = self._store.kept_values, hash((build, content))
        if seen == self._kept:
            return
        if content:
            sealed = await self._keyring.seal_kept(f"{FIRST_VIEW} {build}", content)
            try:
                await values.keep(FIRST_VIEW, sealed)
            except QuotaExceeded:
                await values.forget([FIRST_VIEW])
        else:
            await values.forget([FIRST_VIEW])
        self._kept = seen

    def forgotten(self) -> None:
        """What was kept may be gone: the next view is written whatever it is."""
        self._kept = None
