"""What authenticators are asked for, and the form of its bytes."""

from __future__ import annotations

import uuid

import pytest

from hearth.core import passkeys

ACCOUNT = "12345678-9abc-4def-8123-456789abcdef"


def test_a_passkey_is_discoverable_verified_and_has_a_secret() -> None:
    options = passkeys.creation("Y2hhbGxlbmdl", ACCOUNT, "laptop", ["AAAA"])
    chosen = options["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert options["excludeCredentials"] == [{"type": "public-key", "id": "AAAA"}]
    assert options["attestation"] == "none"
    assert passkeys.from_base64url(options["user"]["id"]) == uuid.UUID(ACCOUNT).bytes
    assert "id" not in options["rp"], "the name is the page's own"


def test_who_signs_in_names_nobody() -> None:
    options = passkeys.request("Y2hhbGxlbmdl")
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert ACCOUNT not in str(options)


def test_the_input_of_the_extension_is_the_same_for_making_and_using() -> None:
    made, used = passkeys.creation("c", ACCOUNT, "laptop", ()), passkeys.request("c")
    assert made["extensions"] == used["extensions"]
    first = used["extensions"]["prf"]["eval"]["first"]
    assert passkeys.from_base64url(first) == b"hearth passkey v1", "another one would open nothing that is there"


@pytest.mark.parametrize(
    ("host", "number"),
    [("127.0.0.1", True), ("[::1]", True), ("192.168.1.20", True), ("localhost", False), ("hearth.example", False)],
)
def test_an_address_in_figures_is_told_from_a_name(host: str, number: bool) -> None:
    assert passkeys.is_number(host) is number


@pytest.mark.parametrize("raw", [b"", b"\0", b"\xfb\xff", b"\xfb\xff\xfe", bytes(range(256))])
def test_bytes_come_back_from_base64url(raw: bytes) -> None:
    text = passkeys.base64url(raw)
    assert not set(text) & set("+/=")
    assert passkeys.from_base64url(text) == raw


@pytest.mark.parametrize("text", ["A", "+/+/", "AA AA", "ä"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        passkeys.from_base64url(text)
