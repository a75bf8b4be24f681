"""Moves the sessions that an older server kept in a file beside its data to the disk: nobody is signed out."""

from __future__ import annotations

import json
from pathlib import Path

from server_mock.protocol.sessions import Session, Sessions


async def move_file(path: Path, sessions: Sessions) -> None:
    """Take over the sessions of the file; it is deleted once they are on the disk.

    One that cannot be read is deleted, too: its devices ask for the password. What is not written in time stays in the
    file for the next start.
    """
    sessions.adopt(_read(path))
    if await sessions.written():
        path.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before anybody is served


def _read(path: Path) -> list[Session]:
    try:
        return [Session(**entry) for entry in json.loads(path.read_text()) if int(entry["key"], 16) > 0]
    except (OSError, ValueError, TypeError, KeyError):
        return []
