"""What a person types to open or protect an account: problems are said in a sentence before anything is sent."""

from __future__ import annotations

import pytest

from hearth.core.errors import SignInError
from hearth.core.records import recovery_key
from hearth.core.records.ways import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, WayKind
from hearth.engine.ways import secrets
from hearth.engine.ways.secrets import email_of, key_of, new_password, proof_of

SHOWN = recovery_key.make(b"k" * recovery_key.KEY_BYTES)
GOOD = "correct horse battery"


@pytest.mark.parametrize(
    ("typed", "repeated", "says"),
    [
        ("a" * (MIN_PASSWORD_CHARS - 1), "a" * (MIN_PASSWORD_CHARS - 1), secrets.TOO_SHORT),
        ("a" * (MAX_PASSWORD_CHARS + 1), "a" * (MAX_PASSWORD_CHARS + 1), secrets.TOO_LONG),
        (GOOD, GOOD + " ", secrets.NOT_ALIKE),
        ("Person@hearth.example", "Person@hearth.example", secrets.IS_ADDRESS),
        ("half a character \ud83d", "half a character \ud83d", secrets.NO_CHARACTER),
    ],
)
def test_what_is_no_good_password_is_said(typed: str, repeated: str, says: str) -> None:
    with pytest.raises(SignInError) as caught:
        new_password(typed, repeated, "person@hearth.example")
    assert str(caught.value) == says


def test_a_password_of_the_least_and_of_the_greatest_length() -> None:
    for length in (MIN_PASSWORD_CHARS, MAX_PASSWORD_CHARS):
        assert new_password("a" * length, "a" * length) == b"a" * length


@pytest.mark.parametrize("typed", ["", "person", "a b@c", "\ud83d@b"])
def test_what_is_no_address_is_said(typed: str) -> None:
    with pytest.raises(SignInError):
        email_of(typed)


def test_an_address_is_normalised() -> None:
    assert email_of(" Person@Hearth.Example ") == "person@hearth.example"


def test_a_recovery_key_is_read_however_it_is_typed() -> None:
    secret = key_of(SHOWN.lower().replace("-", " "))
    assert secret == proof_of(SHOWN)
    assert secret.kind is WayKind.RECOVERY
    assert proof_of(GOOD).kind is WayKind.PASSWORD


def test_a_slip_in_a_recovery_key_is_said_and_as_a_proof_it_is_a_password() -> None:
    wrong = SHOWN[:-1] + ("2" if SHOWN[-1] != "2" else "3")
    with pytest.raises(SignInError) as caught:
        key_of(wrong)
    assert str(caught.value) == secrets.NO_KEY
    assert proof_of(wrong).kind is WayKind.PASSWORD
    with pytest.raises(SignInError):
        proof_of("")


def test_no_secret_shows_itself() -> None:
    assert "correct" not in repr(proof_of(GOOD))
