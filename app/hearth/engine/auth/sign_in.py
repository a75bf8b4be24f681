"""The way in and the way out: from a password to a key in use, and from a session to a device without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from hearth.core.errors import SealError, SignInError, StorageError
from hearth.core.records.envelope import normalise_email, normalise_password
from hearth.engine.eager_task import EagerTask
from hearth.engine.intents.account import SignIn
from hearth.ports.device import Device
from hearth.ports.keys import Credentials, Key
from hearth.ports.network import Account

WIPE_S = 5.0
"""How long deleting may take before the person is told: another tab may hold a database open."""

STILL_OPEN = "Not everything could be deleted from this device. Close Hearth's other tabs, then reload this page."
GONE_NOW = "The rest has been deleted, too. Nothing is left on this device."
HALF_GONE = (
    "What Hearth had stored on this device is gone: this browser removed it or the key to it, or you signed out in "
    "another tab. Sign in again."
)
IN_ANOTHER_TAB = "Hearth is open in another tab. What that tab keeps on this device stays until you sign out there."
NO_CHARACTER = (
    "The e-mail address or the password has something in it that is no character, half of an emoji perhaps. "
    "Type it again instead of pasting it."
)
NO_COOKIE = (
    "This browser refused the cookie by which Hearth knows that you are signed in. "
    "Allow cookies for this site, then sign in again."
)
OTHERS_LEFT = "What another account left on this device could not be deleted yet. Close Hearth's other tabs."

OTHERS_S = 3.0
"""How long deleting what another account left may take before the person is let in all the same."""


Between = Callable[[Account], Awaitable[None]]

OTHERS_TRIES = 8
OTHERS_AGAIN_S = 0.25
"""How long a page that has just lost what it stored to us has to learn from the server that its session is over."""


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


async def wipe(device: Device, account: str | None = None, in_use: bool = False) -> bool:
    """Delete the kept key, then the storage, of an account or of all, and look again; whether nothing is left.

    The key goes first: what an interrupted wipe leaves behind is ciphertext without a key. `in_use` takes along what
    other pages need to find theirs.
    """
    try:
        async with asyncio.timeout(WIPE_S):
            left = await device.key_store.forget(account, in_use)
            wiped = not await device.wipe_stores(account) and not left
    except (StorageError, TimeoutError):
        return False
    if wiped:
        device.key_store.end_wipe()
    return wiped


async def wipe_others(device: Device, account: str) -> bool:
    """Delete what other accounts left on this device before this one is shown; whether nothing of them is left."""
    try:
        async with asyncio.timeout(OTHERS_S):
            for _ in range(OTHERS_TRIES):
                if not any(await asyncio.gather(device.wipe_others(account), device.key_store.tidy())):
                    device.key_store.end_wipe()
                    return True
                await asyncio.sleep(OTHERS_AGAIN_S)
    except (StorageError, TimeoutError):
        pass
    return False
