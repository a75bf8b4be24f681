"""What the server says: counted from 1, with the records that it promises, and reasons that a device knows."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import MalformedFrame
from hearth.core.protocol import server_events
from hearth.core.protocol.codec import read_server_header, read_session_end
from hearth.core.protocol.event_fields import MAX_STAMP_CHARS
from hearth.core.protocol.server_events import (
    MAX_MESSAGE_CHARS,
    ChatsRead,
    EventName,
    RecordsEvent,
    ServerError,
    ServerEvent,
    SessionEnd,
    UpToDate,
    WarmingComplete,
)


def header(**values: Any) -> dict[str, Any]:
    return {"v": 1, "seq": 1, **values}


def test_every_event_has_a_name_of_its_own() -> None:
    kinds = [each for each in vars(server_events).values() if isinstance(each, type) and issubclass(each, ServerEvent)]
    named = [kind.name for kind in kinds if kind not in (ServerEvent, RecordsEvent)]
    assert sorted(named) == sorted(EventName)


@pytest.mark.parametrize(
    ("stamp", "fits"),
    [("s", True), ("s" * MAX_STAMP_CHARS, True), ("", False), ("s" * (MAX_STAMP_CHARS + 1), False)],
)
def test_stamps_are_bounded(stamp: str, fits: bool) -> None:
    if fits:
        assert read_server_header(header(event="up_to_date", stamp=stamp), {}) == UpToDate(seq=1, stamp=stamp)
    else:
        with pytest.raises(MalformedFrame, match="stamp"):
            read_server_header(header(event="up_to_date", stamp=stamp), {})


def test_an_error_has_a_sentence_and_with_a_session_its_reason() -> None:
    values = {"event": "error", "code": "session", "message": "Sign in.", "reason": "revoked"}
    event = read_server_header(header(**values), {})
    assert isinstance(event, ServerError)
    assert event.reason is SessionEnd.REVOKED
    for message in ("", "m" * (MAX_MESSAGE_CHARS + 1)):
        with pytest.raises(MalformedFrame, match="message"):
            read_server_header(header(**{**values, "message": message}), {})


@pytest.mark.parametrize("end", SessionEnd)
def test_every_end_of_a_session_is_read_over_http_too(end: SessionEnd) -> None:
    assert read_session_end(f'{{"error": {{"code": "{end}"}}}}') is end


def test_an_end_that_is_not_known_here_wipes_nothing() -> None:
    assert read_session_end('{"error": {"code": "of the future"}}') is SessionEnd.UNKNOWN


def test_a_server_of_an_earlier_version_has_no_older_chats() -> None:
    assert WarmingComplete(stamp="1", sent={}, total_chats=0).older_count == 0
    assert ChatsRead().older_count == 0
