"""Keys and key ranges, as Python values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

Key: TypeAlias = "int | float | str | bytes | datetime | Sequence[Key]"
"""What may be a key. Numbers come before dates, dates before texts, texts before bytes, bytes before arrays.

Texts are ordered by their UTF-16 code units. A key that is read back is a tuple where it is an array.
"""


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Keys from `lower` to `upper`; None leaves that side open. An `open` bound is not itself in the range."""

    lower: Key | None = None
    upper: Key | None = None
    lower_open: bool = False
    upper_open: bool = False

    @classmethod
    def only(cls, key: Key) -> KeyRange:
        """Just this key."""
        return cls(key, key)

    @classmethod
    def beginning_with(cls, *parts: Key) -> KeyRange:
        """Array keys whose first elements are these."""
        return cls([*parts], [*parts, []], upper_open=True)  # an array is above every other kind of key

    @classmethod
    def prefixed(cls, prefix: str) -> KeyRange:
        """Texts that start with a prefix, which is not empty."""
        return cls(prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1), upper_open=True)


Query: TypeAlias = "Key | KeyRange | None"
"""Which records: the one under a key, those of a range, or all."""
