"""Names of files that every system takes: what Windows, macOS or a shell would choke on is left out."""

from __future__ import annotations

import re
import unicodedata

from hearth.core.text.characters import one_line

MAX_CHARS = 60
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
"""What Windows takes for a device."""


def safe_name(text: str, otherwise: str) -> str:
    """A file's or folder's name made of text, or `otherwise` where nothing is left of it."""
    line = one_line(unicodedata.normalize("NFC", text), 4 * MAX_CHARS)
    name = " ".join(_FORBIDDEN.sub(" ", line).split())[:MAX_CHARS].strip(" .")
    return otherwise if not name or _RESERVED.fullmatch(name) else name


def safe_file_name(text: str, otherwise: str) -> str:
    """The same for a file whose ending stays, as far as it looks like one."""
    stem, dot, ending = text.rpartition(".")
    if not dot or not re.fullmatch(r"[A-Za-z0-9]{1,8}", ending):
        return safe_name(text, otherwise)
    return f"{safe_name(stem, otherwise)}.{ending}"
