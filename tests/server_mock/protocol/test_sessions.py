"""Sessions: hashes only, bounded, expiring, and where a file is given kept over a restart."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from server_mock.protocol import sessions
from server_mock.protocol.sessions import Sessions, write_private
from tests.server_mock.world import FakeTime


def test_a_session_begins_and_ends() -> None:
    open_sessions = Sessions(FakeTime(0))
    token = open_sessions.begin("user", "hash", stay=False)
    session = open_sessions.find(token)
    assert session is not None
    assert (session.user_id, session.hashed_email) == ("user", "hash")
    open_sessions.end(session)
    open_sessions.end(session)
    assert open_sessions.find(token) is None


@pytest.mark.parametrize("token", [None, "", "x", "ü" * 100])
def test_what_is_no_token_finds_nothing(token: str | None) -> None:
    open_sessions = Sessions(FakeTime(0))
    open_sessions.begin("user", "hash", stay=False)
    assert open_sessions.find(token) is None


@pytest.mark.parametrize(("stay", "lasts_s"), [(False, sessions.VISIT_S), (True, sessions.STAY_S)])
def test_a_session_expires(stay: bool, lasts_s: float) -> None:
    time = FakeTime(0)
    open_sessions = Sessions(time)
    token = open_sessions.begin("user", "hash", stay=stay)
    time.now_s = lasts_s - 1
    assert open_sessions.find(token)
    time.now_s = lasts_s
    assert open_sessions.find(token) is None
    assert len(open_sessions) == 0


def test_sessions_are_bounded() -> None:
    open_sessions = Sessions(FakeTime(0), max_sessions=2)
    tokens = [open_sessions.begin("user", "hash", stay=False) for _ in range(3)]
    assert [bool(open_sessions.find(token)) for token in tokens] == [False, True, True]


def test_sessions_outlive_the_process_as_hashes(tmp_path: Path) -> None:
    path = tmp_path / "data.sessions"
    before = Sessions(FakeTime(0), path)
    kept, ended = (before.begin("user", "hash", stay=True) for _ in range(2))
    session = before.find(ended)
    assert session is not None
    before.end(session)
    assert kept not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    after = Sessions(FakeTime(0), path)
    assert after.find(kept)
    assert after.find(ended) is None


@pytest.mark.parametrize("content", ["", "{", "5", '["x"]', '[{"key": "x"}]', '{"a": 1}'])
def test_a_file_that_cannot_be_read_means_signing_in_again(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.sessions"
    path.write_text(content)
    assert len(Sessions(FakeTime(0), path)) == 0


def test_a_full_disk_does_not_stop_anybody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    open_sessions = Sessions(FakeTime(0), tmp_path / "missing" / "data.sessions")
    token = open_sessions.begin("user", "hash", stay=True)
    assert open_sessions.find(token)
    assert "cannot be written down" in caplog.text


def test_a_private_file_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("before")
    write_private(path, b"after")
    assert path.read_bytes() == b"after"
    assert [each.name for each in tmp_path.iterdir()] == ["secret"]


def test_the_file_is_json(tmp_path: Path) -> None:
    path = tmp_path / "data.sessions"
    Sessions(FakeTime(0), path).begin("user", "hash", stay=False)
    (entry,) = json.loads(path.read_text())
    assert entry.keys() == {"key", "user_id", "hashed_email", "expires_at"}
