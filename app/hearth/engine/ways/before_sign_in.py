"""Creating an account, and recovering one: what leads from the sign-in form's other doors to a session."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hearth.core.errors import HearthError, Rejected, SealError, SignInError
from hearth.core.records.ways import WayKind
from hearth.core.view.account import AccountFace, AccountView
from hearth.engine.intents.account import AccountIntent, CreateAccount, KeySaved, RecoverAccount, SignIn
from hearth.engine.ways import secrets
from hearth.engine.ways.new_account import NewAccount, make_account
from hearth.engine.ways.new_way import Proof, new_way, wrap
from hearth.engine.ways.outcome import NOT_CHANGED, OutcomeUnknown, put_way
from hearth.engine.ways.requests import AccountRequests
from hearth.ports.device import Device
from hearth.ports.keys import Credentials
from hearth.ports.network import Account

if TYPE_CHECKING:
    from hearth.engine.auth.account_forms import Host

MAKING = "Making your account…"
RECOVERING = "Opening your account…"
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

    async def open(self, face: AccountFace, email: str) -> None:
        """Show a form."""
        self._made = None
        self._show(AccountView(face=face, email=email))
        if face is AccountFace.CREATE:
            try:
                self._show(replace(self._view, sign_up=await self._requests.sign_up_policy()))
            except SignInError as error:
                self._show(replace(self._view, problem=str(error)))

    def close(self) -> None:
        """Back to the sign-in form; a recovery key that was not saved is forgotten, the account stays."""
        self._made = None
        self._show(AccountView())

    async def do(self, intent: AccountIntent) -> None:
        """Do what a form asks for; what goes wrong is said on it."""
        if self._view.face is AccountFace.NONE or self._view.busy:
            return
        try:
            match intent:
                case CreateAccount():
                    await self._create(intent)
                case KeySaved():
                    await self._enter_new()
                case RecoverAccount():
                    await self._recover(intent)
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
