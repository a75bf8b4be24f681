"""The ways into an account: where a wrapped key belongs, and what looks like an address."""

from __future__ import annotations

import pytest

from hearth.core.records.ways import MAX_EMAIL_CHARS, looks_like_email, master_place


@pytest.mark.parametrize("email", ["a@b", "a.b+c@mail.example", "münchen@straße.example", '"a@b"@c'])
def test_addresses(email: str) -> None:
    assert looks_like_email(email)


@pytest.mark.parametrize("email", ["", "a", "@b", "a@", "a b@c", "a@b\t", f"{'a' * MAX_EMAIL_CHARS}@b"])
def test_what_is_no_address(email: str) -> None:
    assert not looks_like_email(email)


def test_the_longest_address_is_taken() -> None:
    assert looks_like_email("a" * (MAX_EMAIL_CHARS - 2) + "@b")


def test_a_wrapped_key_belongs_to_one_account() -> None:
    assert master_place("a") == master_place("a")
    assert master_place("a") != master_place("b")
