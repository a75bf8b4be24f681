"""A value that a device keeps for itself beside the records, as JSON, sealed, under a name."""

from __future__ import annotations

import json
from typing import Any

from hearth.core.errors import SealError
from hearth.ports.keys import Keyring
from hearth.ports.storage import Keep, KeptValues


class KeptJson:
    """What is kept under one name; `keep` stores it."""

    def __init__(self, values: KeptValues, keyring: Keyring, keep: Keep, name: str) -> None:
        self._values = values
        self._keyring = keyring
        self._keep = keep
        self._name = name

    async def read(self) -> Any:
        """The value; None where nothing is kept, or nothing that opens."""
        sealed = await self._values.read(self._name)
        if sealed is None:
            return None
        try:
            return json.loads(await self._keyring.open_kept(self._name, sealed))
        except (SealError, ValueError):
            return None

    async def write(self, value: Any) -> None:
        """Keep a value in place of the one before. Raises `StorageError`."""
        sealed = await self._keyring.seal_kept(self._name, json.dumps(value).encode())
        await self._keep(self._name, sealed)
