"""Sealed values: what they look like, what they are bound to, and what is refused."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.errors import UnknownFormat, WrongKey
from hearth.core.records import envelope
from hearth.core.records.envelope import Place, SealedValue, WrappedKey

texts = st.text(max_size=20)
places = st.builds(Place, texts, texts, texts, texts)


@given(places, places)
def test_no_two_places_share_an_encoding(one: Place, other: Place) -> None:
    assert (envelope.associated_data(one) == envelope.associated_data(other)) == (one == other)


def test_the_encoding_is_fixed() -> None:
    """A changed encoding would make everything stored unreadable."""
    expected = (
        b"\x00\x00\x00\x06hearth\x01\x00\x00\x00\x01a\x00\x00\x00\x05chats\x00\x00\x00\x02id\x00\x00\x00\x05title"
    )
    assert envelope.associated_data(Place("a", "chats", "id", "title")) == expected


@given(
    st.binary(min_size=8, max_size=8),
    st.binary(min_size=12, max_size=12),
    st.binary(min_size=16, max_size=99),
)
def test_a_sealed_value_comes_apart_as_it_was_joined(key_id: bytes, nonce: bytes, body: bytes) -> None:
    value = SealedValue(key_id, nonce, body)
    assert envelope.split_sealed(envelope.join_sealed(value), key_id) == value


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8), st.binary(min_size=48, max_size=48))
def test_a_wrapped_key_comes_apart_as_it_was_joined(wrapping: bytes, key_id: bytes, body: bytes) -> None:
    value = WrappedKey(wrapping, key_id, b"n" * 12, body)
    assert envelope.split_wrapped(envelope.join_wrapped(value), wrapping) == value


@given(st.one_of(st.text(), st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_what_is_no_sealed_value_is_refused_by_name(text: str) -> None:
    for split in (envelope.split_sealed, envelope.split_wrapped):
        try:
            split(text, b"12345678")
        except (UnknownFormat, WrongKey) as error:
            assert len(text) < 20 or text not in str(error)  # noqa: PT017 - any of these may come, or none


def test_another_key_is_told_from_damage() -> None:
    sealed = envelope.join_sealed(SealedValue(b"12345678", b"n" * 12, b"b" * 16))
    with pytest.raises(WrongKey):
        envelope.split_sealed(sealed, b"87654321")


def test_a_later_layout_is_told_by_its_number() -> None:
    sealed = base64.b64encode(b"\x02" + bytes(40)).decode()
    with pytest.raises(UnknownFormat, match="layout 2"):
        envelope.split_sealed(sealed, bytes(8))


def test_every_spelling_of_a_password_is_one_password() -> None:
    assert envelope.normalise_password("Ame\u0301lie") == envelope.normalise_password("Am\u00e9lie")
    assert envelope.normalise_password(" a ") == b" a "
    assert envelope.normalise_email(" Demo@Hearth.Example ") == "demo@hearth.example"
    for around in ("\u200b", "\ufeff", "\u00a0\u3000", "\t\r\n", "\u2060\u200e\u202c", "\u00ad", "\u200d", "\x00"):
        assert envelope.normalise_email(f"{around}demo@hearth.example{around}") == "demo@hearth.example"
    assert envelope.normalise_email("\ufeff \u200b") == ""


def test_the_constants_of_the_key_derivation() -> None:
    assert (envelope.PBKDF2_ITERATIONS, envelope.MIN_ITERATIONS, envelope.MAX_ITERATIONS) == (600_000, 600_000, 10**7)
    assert (envelope.SALT_BYTES, envelope.KEY_BYTES, envelope.NONCE_BYTES, envelope.TAG_BYTES) == (32, 32, 12, 16)


def test_what_is_too_short_or_no_strict_base64_is_no_sealed_value() -> None:
    key_id = b"k" * 8
    whole = bytes([envelope.FORMAT]) + key_id + b"n" * 12 + b"t" * 16
    assert envelope.split_sealed(base64.b64encode(whole).decode(), key_id).body == b"t" * 16
    with pytest.raises(UnknownFormat, match="short"):
        envelope.split_sealed(base64.b64encode(whole[:-1]).decode(), key_id)
    with pytest.raises(UnknownFormat, match="base64"):
        envelope.split_sealed("*" + base64.b64encode(whole).decode(), key_id)
