"""How long a text may be at this server: told with its time, and kept for when there is no connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from hearth.core.errors import StorageError
from hearth.core.protocol.codec import MAX_RECORD_CHARS
from hearth.core.records.text_limit import DEFAULT_RECORD_CHARS, most_text_bytes
from hearth.engine.storage.kept_json import KeptJson
from hearth.ports.keys import Keyring
from hearth.ports.storage import Keep, Store

LIMIT = "longest record"
"""The name under which the limit is kept, where it is not the default."""

SPARE_CHARS = 100
"""What a record may come to hold beside what it holds now: its version and its times grow."""


class TextLimit:
    """The limit of one session; `on_changed` hears the longest text of a new message, in bytes of UTF-8."""

    def __init__(self, store: Store, keyring: Keyring, keep: Keep, on_changed: Callable[[int], None]) -> None:
        self._kept = KeptJson(store.kept_values, keyring, keep, LIMIT)
        self._on_changed = on_changed
        self._record_chars = DEFAULT_RECORD_CHARS

    @property
    def most_bytes(self) -> int:
        """The longest text of a new message."""
        return most_text_bytes(self._record_chars)

    def most_bytes_in(self, row: Mapping[str, Any], name: str) -> int:
        """The longest text of one field of a record that is there, beside its other fields."""
        beside = len(json.dumps({**row, name: ""})) + SPARE_CHARS
        return most_text_bytes(self._record_chars, beside)

    async def load(self) -> None:
        """Take over what is kept; what does not open is as if nothing were."""
        with suppress(ValueError, TypeError):
            self._take(int(await self._kept.read()))

    async def told(self, record_chars: int | None) -> None:
        """The server has said how long a record may be; a server of an earlier version does not."""
        if record_chars is None or not self._take(record_chars):
            return
        with suppress(StorageError):  # On a full disk it is told again with the next connection.
            await self._kept.write(self._record_chars)

    def _take(self, record_chars: int) -> bool:
        before, self._record_chars = self._record_chars, min(record_chars, MAX_RECORD_CHARS)
        if before == self._record_chars:
            return False
        self._on_changed(self.most_bytes)
        return True
