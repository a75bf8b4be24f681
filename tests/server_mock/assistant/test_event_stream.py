"""Server-sent events: cut anywhere, with every line end, and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server_mock.assistant.event_stream import MAX_LINE_BYTES, BadEventStream, EventStream

WHOLE = (
    "\ufeffdata: Grüße\n\n: a comment\n\nevent: x\r\nid: 4\r\ndata:two\r\ndata: lines\r\n\r\n"
    "data: old\r\rdata\n\nretry: 3\ndata: 🙂 end\n\n"
).encode()
FOUND = ["Grüße", "two\nlines", "old", "", "🙂 end"]


@given(st.lists(st.integers(0, len(WHOLE)), max_size=12))
def test_events_are_the_same_wherever_they_are_cut(cuts: list[int]) -> None:
    stream, found, at = EventStream(), list[str](), 0
    for cut in [*sorted(cuts), len(WHOLE)]:
        found += stream.feed(WHOLE[at:cut])
        at = cut
    assert [*found, *stream.end()] == FOUND


def test_every_byte_by_itself() -> None:
    stream = EventStream()
    assert [data for byte in WHOLE for data in stream.feed(bytes([byte]))] == FOUND


def test_an_event_without_its_last_line_end_counts_at_the_end() -> None:
    stream = EventStream()
    assert list(stream.feed(b"data: [DONE]")) == []
    assert list(stream.end()) == ["[DONE]"]
    assert list(EventStream().end()) == []


@pytest.mark.parametrize("bad", [b"x" * (MAX_LINE_BYTES + 1), b"data: \xff\n\n", b"data: " + b"y" * 999_000 + b"\n"])
def test_what_is_too_long_or_no_text_is_refused(bad: bytes) -> None:
    stream = EventStream()
    with pytest.raises(BadEventStream):
        [list(stream.feed(bad)) for _ in range(3)]
