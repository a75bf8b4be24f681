"""Creating an account, and recovering one: what leads from the sign-in form's other doors to a session."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hearth.core import passkeys
from hearth.core.errors import HearthError, Rejected, SealError, SignInError
from hearth.core.records.ways import WayKind
from hearth.core.view.account import AccountFace, AccountView
from hearth.engine.intents.account import (
    AccountIntent,
    AskForPasskey,
    CreateAccount,
    KeySaved,
    PasskeyChosen,
    RecoverAccount,
    SignIn,
)
from hearth.engine.ways import secrets
from hearth.engine.ways.new_account import NewAccount, make_account
from hearth.engine.ways.new_way import Proof, new_way, wrap
from hearth.engine.ways.outcome import NOT_CHANGED, OutcomeUnknown, put_way
from hearth.engine.ways.passkeys import CONFIRM, NO_ADDRESS, NO_BROWSER
from hearth.engine.ways.requests import AccountRequests
from hearth.ports.device import Device
from hearth.ports.keys import Credentials
from hearth.ports.network import Account
from hearth.ports.passkeys import NoPasskey, PasskeyAnswer, PasskeyProblem

if TYPE_CHECKING:
    from hearth.engine.auth.account_forms import Host

MAKING = "Making your account…"
RECOVERING = "Opening your account…"
NO_PRF = (
    "Your passkey is there, but this browser cannot get the secret from it that opens your chats (the PRF extension is "
    "missing). Use another browser, or your password."
)
NOT_USED = (
    "No passkey was used: the browser's window was closed or waited too long, or there is no passkey of Hearth here. "
    "Try again, or use your password."
)
PASSKEY_PROBLEMS = {
    PasskeyProblem.ADDRESS: NO_ADDRESS,
    PasskeyProblem.BROWSER: NO_BROWSER,
    PasskeyProblem.NO_PRF: NO_PRF,
    PasskeyProblem.CANCELLED: NOT_USED,
    PasskeyProblem.KNOWN: NOT_USED,
}
REJECTED = "The e-mail address or the recovery key is wrong."
DOES_NOT_OPEN = (
    "Your recovery key is right, but the key that the server keeps for you does not open with it. "
    "Your password was not changed; tell whoever runs the server."
)
EITHER = (
    "The server did not answer, so this device cannot tell whether your password was changed. "
    "Sign in with the new one, and with the old one if that is refused. Your recovery key is valid in either case."
)


class FormsBeforeSignIn:
    """The forms of somebody who is not signed in; what was made and is not confirmed yet stays here."""

    def __init__(self, device: Device, host: Host) -> None:
        self._device = device
        self._host = host
        self._requests = AccountRequests(device.api)
        self._view = AccountView()
        self._account = ""
        self._made: tuple[CreateAccount, NewAccount] | None = None
        self._asking: asyncio.Task[None] | None = None
        """Waits for the browser's window that asks for a passkey."""

    async def open(self, face: AccountFace, email: str) -> None:
        """Show a form."""
        self._made = None
        self._stop_asking()
        self._show(AccountView(face=face, email=email))
        if face is AccountFace.CREATE:
            try:
                self._show(replace(self._view, sign_up=await self._requests.sign_up_policy()))
            except SignInError as error:
                self._show(replace(self._view, problem=str(error)))

    def close(self) -> None:
        """Back to the sign-in form; a recovery key that was not saved is forgotten, the account stays."""
        self._made = None
        self._stop_asking()
        self._show(AccountView())

    async def do(self, intent: AccountIntent) -> None:
        """Do what a form asks for; what goes wrong is said on it."""
        chosen = isinstance(intent, PasskeyChosen) and self._view.face is AccountFace.PASSKEY
        if self._view.face is AccountFace.NONE or (self._view.busy and not chosen):
            return
        try:
            match intent:
                case CreateAccount():
                    await self._create(intent)
                case KeySaved():
                    await self._enter_new()
                case RecoverAccount():
                    await self._recover(intent)
                case AskForPasskey(stay):
                    self._busy(CONFIRM)
                    self._asking = asyncio.get_running_loop().create_task(self._ask(stay))
                case PasskeyChosen() if chosen:
                    await self._enter_with_passkey(intent)
        except HearthError as error:
            self._show(replace(self._view, busy="", problem=str(error)))

    async def _create(self, intent: CreateAccount) -> None:
        email = secrets.email_of(intent.email)
        password = secrets.new_password(intent.password, intent.repeated, email)
        self._busy(MAKING, intent.email)
        made = await make_account(self._device.cipher, self._device.keyring, password)
        await self._requests.sign_up(email, made.request, intent.invite.strip())
        self._made = replace(intent, email=email), made
        self._show(AccountView(face=AccountFace.SAVE_KEY, email=email, recovery_key=made.recovery_key))

    async def _enter_new(self) -> None:
        """The key is saved: sign in to the account that was made."""
        if self._made is None:
            return
        intent, made = self._made
        self._busy(RECOVERING)
        await self._host.enter_with(SignIn(intent.email, "", intent.stay), made.credentials)
        await self._host.note_ways(frozenset(way["id"] for way in made.request["ways"]))
        self._made = None
        self._view = AccountView()

    async def _recover(self, intent: RecoverAccount) -> None:
        email = secrets.email_of(intent.email)
        secret = secrets.key_of(intent.key)
        password = secrets.new_password(intent.password, intent.repeated, email)
        self._busy(RECOVERING, intent.email)
        cost = await self._requests.challenge(email, WayKind.RECOVERY)
        credentials = await self._device.cipher.derive(secret.content, cost.salt, cost.iterations)

        async def set_password(account: Account) -> None:
            self._account = account.id
            await self._set_password(account, credentials, password)

        try:
            await self._host.enter_with(SignIn(email, "", intent.stay), credentials, set_password)
        except Rejected:
            raise SignInError(REJECTED) from None
        self._view = AccountView()
        with suppress(SignInError):
            await self._host.note_ways(frozenset(way.id for way in await self._requests.ways(self._account)))

    async def _ask(self, stay: bool) -> None:
        """Have a passkey sign the server's challenge, while the queue goes on."""
        try:
            answer = await self._signed()
        except NoPasskey as error:
            self._show(replace(self._view, busy="", problem=PASSKEY_PROBLEMS[error.problem]))
        except SignInError as error:
            self._show(replace(self._view, busy="", problem=str(error)))
        else:
            self._host.post(PasskeyChosen(answer, stay))

    async def _signed(self) -> PasskeyAnswer:
        """The challenge, signed, with the passkey's secret. Raises `NoPasskey` and `SignInError`."""
        port = self._device.passkeys()
        problem = await port.obstacle()
        if problem is not None:
            raise NoPasskey(problem)
        challenge = await self._requests.passkey_challenge()
        answer = await port.get(passkeys.request(challenge))
        if answer.secret is None:
            raise NoPasskey(PasskeyProblem.NO_PRF)
        return answer

    async def _enter_with_passkey(self, chosen: PasskeyChosen) -> None:
        secret = chosen.answer.secret
        if secret is None:
            return
        self._busy(RECOVERING)
        salt, ticket = await self._requests.verify_passkey(chosen.answer.credential)
        credentials = await self._device.cipher.derive_from_secret(secret, salt)
        await self._host.enter_with(SignIn("", "", chosen.stay), replace(credentials, ticket=ticket))
        self._view = AccountView()

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._asking = None

    async def _set_password(self, account: Account, credentials: Credentials, password: bytes) -> None:
        """Between the proof and the session: set the new password, or have the sign-in fail and say that it is not."""
        proof = Proof(credentials, account.wrapped_master_key)
        way = await new_way(self._device.cipher, WayKind.PASSWORD, password)
        try:
            told = await wrap(self._device.cipher, account.id, proof, way)
            await put_way(self._requests, account.id, credentials.lookup_hash, told)
        except (SealError, SignInError) as error:
            with suppress(SignInError):
                await self._device.api.sign_out()  # what was opened for this alone
            raise SignInError(_why(error)) from None

    def _busy(self, sentence: str, email: str | None = None) -> None:
        self._show(replace(self._view, busy=sentence, problem="", email=self._view.email if email is None else email))

    def _show(self, view: AccountView) -> None:
        self._view = view
        self._host.show_account(view)


def _why(error: SealError | SignInError) -> str:
    """Which password is valid by now, and why the new one is not."""
    if isinstance(error, SealError):
        return DOES_NOT_OPEN
    return EITHER if isinstance(error, OutcomeUnknown) else NOT_CHANGED + str(error)
