"""Numbered upgrades: Python functions that bring a database from one schema to the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from hearth.browser.idb.dispatcher import Dispatcher
from hearth.browser.idb.errors import error_of
from hearth.browser.idb.native import NativeDatabase, NativeTransaction
from hearth.browser.idb.stores import KeyPath, Store
from hearth.browser.idb.transaction import Running
from hearth.browser.idb.values import plain

UpgradeFunction = Callable[["Upgrade"], object]
"""One step. It may be an async function, which awaits requests of this transaction only; what it returns is ignored."""


class Upgrade(Running[None]):
    """The transaction in which a schema changes: all steps that are due, or none."""

    def __init__(self, dispatcher: Dispatcher, native: NativeTransaction, db: NativeDatabase, old_version: int) -> None:
        super().__init__(dispatcher, native, writes=True)
        self._db = db
        self.old_version = old_version
        """The version that was there: 0 for a database that is new."""

    def run(self, steps: Sequence[UpgradeFunction]) -> None:
        """Run the steps that are due: number n, counted from 1, leads from version n - 1 to version n."""

        async def due(upgrade: Upgrade) -> None:
            for step in steps[self.old_version :]:
                outcome = step(upgrade)
                if isinstance(outcome, Awaitable):
                    await outcome

        self.start(due)

    @property
    def failure(self) -> BaseException | None:
        """Why it was rolled back."""
        return self._failure

    @property
    def store_names(self) -> list[str]:
        """The names of the object stores."""
        return [str(name) for name in self._db.objectStoreNames]

    def create_store(
        self, name: str, *, key_path: KeyPath | None = None, auto_increment: bool = False
    ) -> Store[Any, list[Any]]:
        """Make an object store. Without `key_path`, keys are given with each value, or generated."""
        options: dict[str, Any] = {"autoIncrement": auto_increment}
        if key_path is not None:
            options["keyPath"] = self.platform.key_to_native(key_path)
        try:
            native = self._db.createObjectStore(name, self.platform.options(**options))
        except self.platform.error_type as error:
            raise error_of(error) from None
        return Store(self, native, plain(self.platform))

    def delete_store(self, name: str) -> None:
        """Delete an object store with all that it holds."""
        try:
            self._db.deleteObjectStore(name)
        except self.platform.error_type as error:
            raise error_of(error) from None
