"""A file that the person has chosen, as the browser gives it: read part by part, never as a whole."""

from __future__ import annotations

from typing import Any

from pyodide.ffi import JsException

from hearth.core.errors import FileUnreadable

GONE = "The file cannot be read any longer. Choose it once more."


class BrowserFile:
    """`hearth.ports.transfer.ChosenFile` of a `File`."""

    def __init__(self, file: Any) -> None:
        self._file = file

    @property
    def name(self) -> str:
        """Its name."""
        return str(self._file.name)

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return int(self._file.size)

    async def read(self, offset: int, length: int) -> bytes:
        """A part of it. Raises `FileUnreadable`."""
        try:
            content = await self._file.slice(offset, offset + length).arrayBuffer()
        except JsException:
            raise FileUnreadable(GONE) from None
        return bytes(content.to_bytes())
