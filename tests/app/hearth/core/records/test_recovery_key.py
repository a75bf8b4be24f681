"""The recovery key: what is typed in is what was shown, however it is typed, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records.recovery_key import ALPHABET, CHARS, KEY_BYTES, MAX_TYPED_CHARS, make, read, secret_of

random_bytes = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
LOOK_ALIKES = {"1": "1IiLl", "0": "0Oo"}


def plain(shown: str) -> str:
    return shown.replace("-", "")


def typed_like(key: str) -> st.SearchStrategy[str]:
    """The ways to type a key: case, look-alikes, and anything between the characters that is no letter or figure."""
    between = st.text(alphabet=" -_.\t\n\u00a0\u2013\u200b", max_size=3)
    parts = [st.sampled_from(LOOK_ALIKES.get(each, each + each.lower())) for each in key]
    return st.tuples(between, *(part for each in parts for part in (each, between))).map("".join)


def test_a_key_is_groups_of_four_from_an_alphabet_without_look_alikes() -> None:
    shown = make(bytes(range(KEY_BYTES)))
    assert [len(group) for group in shown.split("-")] == [4] * 7
    assert set(plain(shown)) <= set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)
    assert len(ALPHABET) == len(set(ALPHABET)) == 32


def test_a_known_key_stays_what_it_is() -> None:
    """Keys that people have written down: neither their form nor what they stand for may ever change."""
    assert make(b"\x00" * KEY_BYTES) == "0000-0000-0000-0000-0000-0000-0000"
    assert make(b"\xff" * KEY_BYTES) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZGX"
    shown = make(bytes.fromhex("00112233445566778899aabbccddeeff42"))
    assert shown == KNOWN
    assert secret_of(read(shown) or "") == f"hearth recovery key {plain(KNOWN)}".encode()


KNOWN = "008J-4CT4-ANK7-F24S-NAXW-SQFE-ZXJT"


@given(random_bytes)
def test_what_is_shown_can_be_read(raw: bytes) -> None:
    assert read(make(raw)) == plain(make(raw))


@given(random_bytes, random_bytes)
def test_other_bytes_make_another_key(one: bytes, other: bytes) -> None:
    bits = 8 * KEY_BYTES - 130
    same = int.from_bytes(one) >> bits == int.from_bytes(other) >> bits
    assert (make(one) == make(other)) is same


@given(st.data(), random_bytes)
def test_case_look_alikes_and_what_is_between_do_not_count(data: st.DataObject, raw: bytes) -> None:
    key = plain(make(raw))
    assert read(data.draw(typed_like(key))) == key


@given(random_bytes, st.integers(0, CHARS - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(raw: bytes, at: int, other: str) -> None:
    key = plain(make(raw))
    changed = key[:at] + other + key[at + 1 :]
    assert read(changed) == (key if changed == key else None)


@given(random_bytes, st.integers(0, CHARS - 2))
def test_two_neighbours_that_changed_places_are_always_found(raw: bytes, at: int) -> None:
    key = plain(make(raw))
    changed = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    assert read(changed) == (key if changed == key else None)


@given(random_bytes, st.integers(0, CHARS - 1))
def test_a_key_that_is_too_short_or_too_long_is_none(raw: bytes, at: int) -> None:
    key = plain(make(raw))
    assert read(key[:at] + key[at + 1 :]) is None
    assert read(key + key[at]) is None


@given(st.text(max_size=2 * CHARS))
def test_any_text_is_a_key_or_none(text: str) -> None:
    key = read(text)
    assert key is None or (len(key) == CHARS and set(key) <= set(ALPHABET))


@pytest.mark.parametrize("typed", ["", "U" * CHARS, "0" * MAX_TYPED_CHARS + " ", "\u00e9" * CHARS, "\ud800" * CHARS])
def test_what_is_no_key(typed: str) -> None:
    assert read(typed) is None


def test_wide_characters_of_an_east_asian_keyboard_count_as_the_plain_ones() -> None:
    shown = make(bytes(range(KEY_BYTES)))
    assert read("".join(chr(ord(each) + 0xFEE0) if each != "-" else each for each in shown)) == plain(shown)
