"""JSON from outside, read strictly: refused is what RFC 8259 does not know, and text that no encoding can write."""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn

_ESCAPED_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str) -> object:
    """The value of a JSON text.

    Raises `ValueError`, for a lone surrogate anywhere in it as well: Python's reader makes text of one, which fails at
    the first encoding, wherever that happens to be. Raises `RecursionError` for what is nested too deep.
    """
    value: object = json.loads(text, parse_constant=_refuse)
    if _ESCAPED_SURROGATE.search(text):
        # Both halves of a pair are escaped like that, too: the values tell which they are.
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")
