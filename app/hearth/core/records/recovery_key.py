"""The recovery key: 130 random bits as text that can be written down, read out and typed in again.

    26 characters of 5 bits each, then 2 characters that check them, in 7 groups of 4: K7QM-2XAV-…

The alphabet is Crockford's base 32, which leaves out I, L, O and U. Typed in, upper and lower case, spaces, dashes and
whatever else is no letter or figure do not count, and I and L are read as 1, O as 0. The check is the remainder of the
number when it is divided by a prime of 10 bits: a single wrong character, and two neighbours that changed places, are
always found.
"""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 (https://www.crockford.com/base32.html)."""

SECRET_CHARS = 26
CHECK_CHARS = 2
CHARS = SECRET_CHARS + CHECK_CHARS
GROUP_CHARS = 4
KEY_BYTES = 17
"""Random bytes that a key is made of: the first 130 bits of them."""

MAX_TYPED_CHARS = 300

_BITS = 5 * SECRET_CHARS
_PRIME = 1021
"""The largest prime below 2 to the power of 10."""

_LOOK_ALIKES = str.maketrans("ILO", "110")


def make(random_bytes: bytes) -> str:
    """The key that `KEY_BYTES` random bytes make, in its groups."""
    number = int.from_bytes(random_bytes) >> (8 * KEY_BYTES - _BITS)
    return grouped(_characters(number, SECRET_CHARS) + _characters(number % _PRIME, CHECK_CHARS))


def read(typed: str) -> str | None:
    """The key, without its groups, that somebody means by what they typed; None when it is no recovery key."""
    if len(typed) > MAX_TYPED_CHARS:
        return None
    folded = unicodedata.normalize("NFKC", typed).upper()
    key = "".join(filter(str.isalnum, folded)).translate(_LOOK_ALIKES)
    if len(key) != CHARS or any(each not in ALPHABET for each in key):
        return None
    number, check = _number(key[:SECRET_CHARS]), _number(key[SECRET_CHARS:])
    return key if number % _PRIME == check else None


def grouped(key: str) -> str:
    """A key as it is shown, in groups that can be read at a glance."""
    return "-".join(key[at : at + GROUP_CHARS] for at in range(0, len(key), GROUP_CHARS))


def secret_of(key: str) -> bytes:
    """What a key that was read stands for in the key derivation."""
    return f"hearth recovery key {key}".encode()


def _characters(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> (5 * at) & 31] for at in reversed(range(count)))


def _number(text: str) -> int:
    number = 0
    for each in text:
        number = number << 5 | ALPHABET.index(each)
    return number
