"""Plaintext is found as it is, in an address, and in base64; ciphertext is not taken for it."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth_testing.plaintext import LEAST_CHARS, find, forms_of
from server_mock.testing.record_factory import Author

SECRET = "Zanzibar quökka"


@given(before=st.binary(max_size=20), after=st.binary(max_size=20), text=st.text(min_size=LEAST_CHARS, max_size=30))
def test_it_is_found_in_base64_wherever_it_begins(before: bytes, after: bytes, text: str) -> None:
    if len(text.encode()) < 9:
        return  # so little that base64 of it may be shorter than what is looked for
    content = base64.b64encode(before + text.encode() + after).decode()
    assert find([text], [("there", content)])


@pytest.mark.parametrize(
    "content",
    [SECRET, SECRET.upper(), f'{{"text": {json.dumps(SECRET)}}}', f"/search?q={quote(SECRET)}", "zanzibar+qu%c3%b6kka"],
)
def test_it_is_found_in_every_form(content: str) -> None:
    assert find([SECRET], [("the address", f"before {content} after")]) == [f"{SECRET!r} is in the address."]


def test_each_text_and_each_place_is_named_once() -> None:
    places = [("a frame", "first text"), ("a frame", "first text"), ("the disk", "another text")]
    assert find(["first text", "another text", "no such text"], places) == [
        "'first text' is in a frame.",
        "'another text' is in the disk.",
    ]


def test_what_is_sealed_is_not_found() -> None:
    author, _row = Author.sign_up(
        "a@hearth.example", "a password", lambda count: b"7" * count, created_at=0, iterations=1
    )
    row, _key = author.chat(SECRET, at=0, last_updated=0)
    assert find([SECRET], [("the disk", json.dumps(row))]) == []


def test_what_is_too_short_is_not_looked_for() -> None:
    with pytest.raises(ValueError, match="at least"):
        forms_of("short")
