"""The authenticator in memory says what the library that servers use reads."""

from __future__ import annotations

import hashlib
import hmac

import cbor2
import pytest
import webauthn

from hearth.core import passkeys
from hearth.core.passkeys import from_base64url
from hearth.ports.passkeys import NoPasskey, PasskeyProblem
from hearth.testing.authenticator import FakePasskeys, SoftwareAuthenticator, cbor

ORIGIN, ACCOUNT, CHALLENGE = "http://localhost:8080", "12345678-9abc-4def-8123-456789abcdef", "Y2hhbGxlbmdl"


@pytest.mark.parametrize("value", [0, 23, 24, 255, 256, 65_536, -1, -7, -257, b"", b"x" * 300, "ä", {1: {"a": -1}}])
def test_its_cbor_is_read_as_it_was_written(value: object) -> None:
    assert cbor2.loads(cbor(value)) == value
    assert cbor(value) == cbor2.dumps(value)


def test_the_library_takes_what_it_makes_and_signs() -> None:
    authenticator = SoftwareAuthenticator()
    made, credential = authenticator.create(ORIGIN, passkeys.creation(CHALLENGE, ACCOUNT, "laptop", ()))
    new = webauthn.verify_registration_response(
        credential=credential,
        expected_challenge=b"challenge",
        expected_rp_id="localhost",
        expected_origin=ORIGIN,
        require_user_verification=True,
    )
    assert (new.credential_id, new.sign_count) == (made.id, 0)
    used = webauthn.verify_authentication_response(
        credential=authenticator.sign(ORIGIN, made, passkeys.request(CHALLENGE)),
        expected_challenge=b"challenge",
        expected_rp_id="localhost",
        expected_origin=ORIGIN,
        credential_public_key=new.credential_public_key,
        credential_current_sign_count=0,
        require_user_verification=True,
    )
    assert used.new_sign_count == 1


def test_its_secret_is_what_the_specification_says() -> None:
    authenticator = SoftwareAuthenticator()
    made, _credential = authenticator.create(ORIGIN, passkeys.creation(CHALLENGE, ACCOUNT, "laptop", ()))
    salted = hashlib.sha256(b"WebAuthn PRF\x00hearth passkey v1").digest()
    assert authenticator.prf(made, passkeys.request(CHALLENGE)) == hmac.digest(made.secret, salted, "sha256")


async def test_the_port_offers_the_passkeys_of_its_page_alone() -> None:
    authenticator = SoftwareAuthenticator()
    here, there = FakePasskeys(authenticator, ORIGIN), FakePasskeys(authenticator, "https://other.example")
    made = await here.create(passkeys.creation(CHALLENGE, ACCOUNT, "laptop", ()))
    used = await here.get(passkeys.request(CHALLENGE))
    assert made.secret is not None
    assert used.secret is not None
    assert (used.id, used.secret.handle) == (made.id, made.secret.handle)
    with pytest.raises(NoPasskey) as refused:
        await there.get(passkeys.request(CHALLENGE))
    assert refused.value.problem is PasskeyProblem.CANCELLED
    with pytest.raises(NoPasskey) as known:
        await here.create(passkeys.creation(CHALLENGE, ACCOUNT, "laptop", [made.id]))
    assert known.value.problem is PasskeyProblem.KNOWN
    await here.forget(made.id)
    assert [each for each in authenticator.passkeys if each.id == from_base64url(made.id)] == []
