"""The way in: from a password to a key in use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from hearth.core.errors import SealError, SignInError
from hearth.core.records.envelope import normalise_email, normalise_password
from hearth.engine.eager_task import EagerTask
from hearth.engine.intents.account import SignIn
from hearth.ports.device import Device
from hearth.ports.keys import Credentials, Key
from hearth.ports.network import Account

NO_CHARACTER = (
    "The e-mail address or the password has something in it that is no character, half of an emoji perhaps. "
    "Type it again instead of pasting it."
)
NO_COOKIE = (
    "This browser refused the cookie by which Hearth knows that you are signed in. "
    "Allow cookies for this site, then sign in again."
)


Between = Callable[[Account], Awaitable[None]]


@asynccontextmanager
async def deriving(device: Device, intent: SignIn) -> AsyncIterator[EagerTask[Credentials]]:
    """Make of a password what proves it and what opens the master key, while something else is done or waited for.

    Its result raises `SignInError`, whose text is fit to be shown.
    """
    device.key_store.prepare()
    derivation = EagerTask(_derive(device, intent))
    try:
        yield derivation
    finally:
        derivation.cancel()


async def _derive(device: Device, intent: SignIn) -> Credentials:
    """Nothing else ever sees the password."""
    email = normalise_email(intent.email)
    if not email or not intent.password:
        raise SignInError("Enter your e-mail address and your password.")
    try:
        email.encode()
        password = normalise_password(intent.password)
    except UnicodeEncodeError:
        raise SignInError(NO_CHARACTER) from None
    salt, iterations = await device.api.challenge(email)
    return replace(await device.cipher.derive(password, salt, iterations), iterations=iterations)


async def sign_in(
    device: Device, intent: SignIn, credentials: Credentials, between: Between | None = None
) -> tuple[str, Key]:
    """Prove the password and open the master key: the account's id and the key.

    `between` is done once the server has let the person in, before anything is kept.
    Raises `SignInError`, whose text is fit to be shown.
    """
    email, shown = normalise_email(intent.email), credentials.lookup_hash
    account = await device.api.sign_in(email, shown, intent.stay, credentials.ticket)
    if between is not None:
        await between(account)
    # Nothing else tells a page whether its browser took the cookie; without it, every connection would be refused.
    known = EagerTask(device.api.knows_session(account.id))
    try:
        wrapped = account.wrapped_master_key
        master = await device.key_store.admit(credentials.wrapping, wrapped, account.id, email, intent.stay)
        if await known.result():
            return account.id, master
        await device.key_store.forget(account.id, in_use=False)
        raise SignInError(NO_COOKIE)
    except SealError:
        raise SignInError(
            f"Your {'passkey' if credentials.ticket else 'password'} is right, but the key that the server keeps for "
            "you does not open with it. Your chats cannot be decrypted; tell whoever runs the server."
        ) from None
