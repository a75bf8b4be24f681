"""Sessions that an older server kept in a file: taken over, and the file goes only once they are on the disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from server_mock.cli.old_sessions import move_file
from server_mock.protocol.sessions import Session, Sessions


class Taken:
    """Sessions that note what they take over."""

    def __init__(self, writes: bool = True) -> None:
        self.writes = writes
        self.adopted: list[Session] = []

    def adopt(self, sessions: list[Session]) -> None:
        self.adopted = sessions

    async def written(self) -> bool:
        return self.writes


ENTRY = {"key": "ab" * 32, "user_id": "user", "hashed_email": "hash", "expires_at": 1.0}


async def test_they_are_taken_over_and_the_file_goes(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"
    path.write_text(json.dumps([ENTRY]))
    taken = Taken()
    await move_file(path, cast(Sessions, taken))
    assert [each.key for each in taken.adopted] == ["ab" * 32]
    assert not path.exists()


async def test_what_is_not_on_the_disk_stays_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "sessions.json"
    path.write_text(json.dumps([ENTRY]))
    await move_file(path, cast(Sessions, Taken(writes=False)))
    assert path.exists()


@pytest.mark.parametrize("bad", ["", "{", "3", "[3]", '[{"key": "xyz"}]', json.dumps([{**ENTRY, "other": 1}])])
async def test_a_file_that_cannot_be_read_goes_and_signs_nobody_in(tmp_path: Path, bad: Any) -> None:
    path = tmp_path / "sessions.json"
    path.write_text(bad)
    taken = Taken()
    await move_file(path, cast(Sessions, taken))
    assert taken.adopted == []
    assert not path.exists()
    await move_file(path, cast(Sessions, taken))
