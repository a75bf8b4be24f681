"""The longest text is as long as its record may be, to the byte, and the sentence says how long that is."""

from __future__ import annotations

import json

import pytest

from hearth.core.records.schema import Collection, empty_record
from hearth.core.records.text_limit import (
    BESIDE_CHARS,
    DEFAULT_RECORD_CHARS,
    DEFAULT_TEXT_BYTES,
    SEALED_BYTES,
    most_text_bytes,
    too_long,
)
from server_mock.protocol.record_disk import MAX_PAYLOAD_BYTES, RecordDisk

UUID = "00000000-0000-4000-8000-000000000000"
LATEST = 2**53 - 1


def sealed_chars(size: int) -> int:
    return 4 * -(-(SEALED_BYTES + size) // 3)


@pytest.mark.parametrize("chars", [2_000, 2_001, 2_002, 2_003, 99_500, DEFAULT_RECORD_CHARS])
@pytest.mark.parametrize("beside", [0, 999, BESIDE_CHARS])
def test_the_longest_text_fits_and_a_longer_one_does_not(chars: int, beside: int) -> None:
    most = most_text_bytes(chars, beside)
    assert beside + sealed_chars(most) <= chars < beside + sealed_chars(most + 3)


def test_nothing_fits_where_there_is_no_room() -> None:
    assert most_text_bytes(0) == most_text_bytes(100, 5_000) == 0


def test_a_new_message_holds_little_beside_its_text() -> None:
    longest = empty_record(
        Collection.MESSAGES, id=UUID, chat_id=UUID, role="user", version=LATEST, created_at=LATEST, deleted_at=LATEST
    )
    assert len(json.dumps({**longest, "changed_at": LATEST, "content": ""})) < BESIDE_CHARS


def test_the_default_is_what_directus_takes_by_default() -> None:
    assert RecordDisk(None).max_record_chars == DEFAULT_RECORD_CHARS  # type: ignore[arg-type]
    assert DEFAULT_RECORD_CHARS < MAX_PAYLOAD_BYTES == 1_000_000
    assert DEFAULT_TEXT_BYTES > 700_000


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("x" * DEFAULT_TEXT_BYTES, False),
        ("x" * (DEFAULT_TEXT_BYTES + 1), True),
        ("é" * (DEFAULT_TEXT_BYTES // 2), False),
        ("é" * (DEFAULT_TEXT_BYTES // 2 + 1), True),
        ("🔥" * (DEFAULT_TEXT_BYTES // 4), False),
        ("🔥" * (DEFAULT_TEXT_BYTES // 4) + "xxxx", True),
        ("\ud800" * (DEFAULT_TEXT_BYTES + 1), True),
    ],
)
def test_the_length_is_that_of_the_bytes(text: str, long: bool) -> None:
    assert bool(too_long(text)) is long


def test_too_long_says_how_long_and_how_long_it_may_be() -> None:
    assert too_long("x" * 700_001, 700_000) == (
        "This text is too long to be sent: it has 701 KB, at most 700 KB can be sent. Shorten it."
    )
