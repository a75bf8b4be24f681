"""From a password to a key in use: what is typed wrong is said before anything is sent, and nothing half-done stays."""

from __future__ import annotations

import pytest

from hearth.core.errors import Rejected, SignInError
from hearth.engine.auth.sign_in import NO_CHARACTER, NO_COOKIE, deriving, sign_in
from hearth.engine.intents.account import SignIn
from hearth.ports.network import Account
from hearth.testing.device import FakeDevice
from tests.account import EMAIL, PASSWORD, MadeAccount


def device_of(made: MadeAccount) -> FakeDevice:
    device = FakeDevice()
    device.cipher = made.cipher
    device.api.email, device.api.salt = EMAIL, made.salt
    device.api.lookup_hash, device.api.account = made.lookup_hash, made.entry
    return device


async def enters(device: FakeDevice, email: str = EMAIL, password: str = PASSWORD) -> str:
    intent = SignIn(email, password)
    async with deriving(device, intent) as credentials:
        account, _ = await sign_in(device, intent, await credentials.result())
        return account


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("", "x", "Enter"),
        (EMAIL, "", "Enter"),
        (EMAIL, "\ud83d", NO_CHARACTER),
        ("\ud83d@b", "x", NO_CHARACTER),
    ],
)
async def test_what_cannot_be_right_is_said_and_not_sent(email: str, password: str, says: str) -> None:
    device = FakeDevice()

    async def never(email: str) -> tuple[bytes, int]:
        raise AssertionError("asked")

    device.api.challenge = never  # type: ignore[method-assign]
    with pytest.raises(SignInError, match=says.split(".", maxsplit=1)[0]):
        await enters(device, email, password)


async def test_a_wrong_password_is_rejected_and_keeps_nothing() -> None:
    device = device_of(MadeAccount())
    with pytest.raises(Rejected):
        await enters(device, password="wrong")
    assert await device.key_store.recall() is None


async def test_a_browser_that_takes_no_cookie_keeps_no_key() -> None:
    made = MadeAccount()
    device = device_of(made)
    device.api.takes_cookies = False
    with pytest.raises(SignInError, match=NO_COOKIE.split(".", maxsplit=1)[0]):
        await enters(device)
    assert await device.key_store.recall() is None


async def test_a_key_that_does_not_open_is_told_apart_from_a_wrong_password() -> None:
    made = MadeAccount()
    device = device_of(made)
    device.api.account = Account(made.id, "AQ" + "A" * 90)
    with pytest.raises(SignInError, match="Your password is right"):
        await enters(device)
