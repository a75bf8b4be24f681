"""A person's files in memory."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class FakeDownload:
    """`hearth.ports.transfer.Download`: what was offered is `offered`, and None until then."""

    name: str
    media_type: str
    offered: bytes | None = None
    discarded: bool = False
    parts: list[bytes] = field(default_factory=list)

    def add(self, content: bytes) -> None:
        """Keep a piece."""
        self.parts.append(content)

    def finish(self) -> None:
        """Offer the whole."""
        self.offered = b"".join(self.parts)
        self.parts.clear()

    def discard(self) -> None:
        """Let go of it."""
        self.discarded = True
        self.parts.clear()


@dataclass(slots=True)
class FakeFile:
    """`hearth.ports.transfer.ChosenFile` of bytes; `read_bytes` counts what was read."""

    content: bytes
    name: str = "conversations.json"
    read_bytes: int = 0

    @property
    def size(self) -> int:
        """Its size."""
        return len(self.content)

    async def read(self, offset: int, length: int) -> bytes:
        """A part of it."""
        self.read_bytes += length
        return self.content[offset : offset + length]
