"""How long a text may be: its record, sealed, has to fit into one request of the server to its disk."""

from __future__ import annotations

from typing import Final

from hearth.core.records.envelope import FORMAT, KEY_ID_BYTES, NONCE_BYTES, TAG_BYTES

DEFAULT_RECORD_CHARS: Final = 999_500
"""The longest record, as JSON text, as long as the server has not said another: what fits into 1 MB, which is what
Directus takes by default."""

BESIDE_CHARS: Final = 1_000
"""What the record of a message holds beside its text, at most, where it has neither files nor embeds."""

SEALED_BYTES: Final = len(bytes([FORMAT])) + KEY_ID_BYTES + NONCE_BYTES + TAG_BYTES
"""How much longer a text is when it is sealed, before base64."""

TOO_LONG: Final = "This text is too long to be sent: it has {size} KB, at most {most} KB can be sent. Shorten it."


def most_text_bytes(record_chars: int, beside: int = BESIDE_CHARS) -> int:
    """The longest text, in bytes of UTF-8, that fits into a record of so many characters beside its other fields."""
    return max(0, (record_chars - beside) // 4 * 3 - SEALED_BYTES)


DEFAULT_TEXT_BYTES: Final = most_text_bytes(DEFAULT_RECORD_CHARS)
"""The longest text where the server has said nothing else."""


def too_long(text: str, most: int = DEFAULT_TEXT_BYTES) -> str:
    """A sentence for a text of more than `most` bytes; empty for every other one."""
    if len(text) * 4 <= most:  # no character has more bytes
        return ""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size <= most:
        return ""
    return TOO_LONG.format(size=f"{-(-size // 1000):,}", most=f"{most // 1000:,}")
