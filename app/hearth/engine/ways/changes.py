"""The ways into the account that is signed in: another password, another recovery key, passkeys."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hearth.core.errors import SealError, SignInError, Unreachable
from hearth.core.records.ways import WayKind, master_place
from hearth.core.view.account import AccountFace, AccountView
from hearth.engine.intents.account import (
    AccountIntent,
    AddPasskey,
    ChangeAddress,
    ChangePassword,
    CloseAccountForm,
    DeleteAccount,
    KeySaved,
    MakeRecoveryKey,
    OpenAccountForm,
    RemovePasskey,
    RenamePasskey,
    TryRecoveryKey,
)
from hearth.engine.ways import secrets
from hearth.engine.ways.editor import DAMAGED, NO_KEY_YET, WaysEditor, of_kind
from hearth.engine.ways.new_way import new_recovery_key, new_way
from hearth.engine.ways.outcome import NOT_CHANGED
from hearth.engine.ways.passkeys import PasskeyEditor
from hearth.ports.device import Device

if TYPE_CHECKING:
    from hearth.engine.auth.account_forms import Host

AT_WORK = "One moment…"
CHANGED = "Your password was changed. All your other devices were signed out."
EITHER = (
    "The server did not answer, so this device cannot tell whether your password was changed. "
    "Open this form again once you are online: it says when your password was set."
)
NEW_KEY_HOLDS = "Your new recovery key is valid now. The old one opens nothing any longer."
KEY_NOT_REPLACED = "Your recovery key was not replaced: the old one is valid. "
EITHER_KEY = (
    "The server did not answer, so this device cannot tell which of your recovery keys is valid. "
    "Keep both, and try them with “Try recovery key” once you are online."
)
KEY_OPENS = "This recovery key opens your account."
ANOTHER_KEY = "This is a recovery key, but it does not open your account: it is an earlier one, or another account's."
STRANGE_WAY = (
    "The server lists a way into your account that your devices have not noted: one that was removed, perhaps. "
    "Change your password, and make a new recovery key, to be sure that nobody else has one."
)
MOVED = "Your account belongs to {} now: sign in with that from now on. All your other devices were signed out."
EITHER_ADDRESS = (
    "The server did not answer, so this device cannot tell whether your address was changed. "
    "Press the button again once you are online: it changes nothing twice."
)
DELETE_WORD = "delete"
NO_WORD = "Type the word “delete” to say that you mean it."
DELETED = "Your account is deleted. This device deletes what it stored…"
SINCE = "Your password was set: {}."
NO_PASSKEYS = "Your account has no passkeys."
KEY_SINCE = "Your recovery key was made: {}."


class WaysController:
    """The forms of somebody who is signed in; a new recovery key waits here until it is saved."""

    def __init__(self, device: Device, account: str, host: Host) -> None:
        self._device = device
        self._account = account
        self._host = host
        self._editor = WaysEditor(device, account, host)
        self._passkeys = PasskeyEditor(device, account, host, self._editor, self._say)
        self._view = AccountView()
        self._pending: tuple[str, dict[str, Any]] | None = None
        """What proves the change, and the new recovery key's way, while the person saves the key."""

    async def do(self, intent: AccountIntent) -> None:
        """Do what a form asks for; what goes wrong is said on it."""
        match intent:
            case CloseAccountForm():
                self._pending = None
                self._show(AccountView())
                return
            case OpenAccountForm(face):
                named = self._device.name() if face is AccountFace.ADD_PASSKEY else ""
                self._show(AccountView(face=face, passkey_name=named))
                await self._tell_first(face)
                return
        self._show(replace(self._view, busy=AT_WORK, problem="", told=""))
        try:
            await self._carry_out(intent)
        except SignInError as error:
            self._show(replace(self._view, busy="", problem=str(error)))

    async def _carry_out(self, intent: AccountIntent) -> None:
        match intent:
            case ChangePassword():
                await self._change_password(intent)
            case MakeRecoveryKey(proof):
                await self._make_key(proof)
            case KeySaved():
                await self._replace_key()
            case TryRecoveryKey(key):
                await self._try_key(key)
            case DeleteAccount(proof, word):
                await self._delete(proof, word)
            case ChangeAddress():
                await self._change_address(intent)
            case AddPasskey():
                await self._add_passkey(intent)
            case RemovePasskey():
                await self._remove_passkey(intent)
            case RenamePasskey():
                told = await self._passkeys.rename(intent)
                items = await self._passkeys.items()
                self._show(AccountView(face=AccountFace.PASSKEYS, told=told, passkeys=items))
            case _:
                self._show(replace(self._view, busy=""))

    async def _change_address(self, intent: ChangeAddress) -> None:
        email = secrets.email_of(intent.email)
        proof = await self._editor.prove(secrets.proof_of(intent.proof))
        try:
            await self._editor.requests.move(self._account, proof.credentials.lookup_hash, email)
        except Unreachable:
            raise SignInError(EITHER_ADDRESS) from None
        self._show(AccountView(face=AccountFace.CHANGE_ADDRESS, told=MOVED.format(email)))

    async def _add_passkey(self, intent: AddPasskey) -> None:
        told = await self._passkeys.add(intent)
        self._show(AccountView(face=AccountFace.ADD_PASSKEY, told=told, passkey_name=self._device.name()))

    async def _remove_passkey(self, intent: RemovePasskey) -> None:
        told = await self._passkeys.remove(intent)
        left = tuple(each for each in self._view.passkeys if each.id != intent.way)
        self._show(AccountView(face=AccountFace.PASSKEYS, told=told, passkeys=left))

    async def _tell_first(self, face: AccountFace) -> None:
        """What there is to say about a form when it is opened; whoever goes on is told what went wrong."""
        shown = self._view
        with suppress(SignInError):
            match face:
                case AccountFace.DELETE | AccountFace.CHANGE_ADDRESS:
                    return
                case AccountFace.ADD_PASSKEY:
                    shown = replace(shown, problem=await self._passkeys.obstacle())
                case AccountFace.PASSKEYS:
                    items = await self._passkeys.items()
                    shown = replace(shown, passkeys=items, told="" if items else NO_PASSKEYS)
                case _:
                    shown = await self._since(face, shown)
        if self._view.face is face and not self._view.busy and shown is not self._view:
            self._show(shown)

    async def _since(self, face: AccountFace, shown: AccountView) -> AccountView:
        """Since when the way has been there: after a change that was cut short, this says which one holds."""
        kind = WayKind.PASSWORD if face is AccountFace.CHANGE_PASSWORD else WayKind.RECOVERY
        sentence = SINCE if kind is WayKind.PASSWORD else KEY_SINCE
        ways = await self._editor.listed()
        way = of_kind(ways, kind)
        told = sentence.format(self._editor.date(way.created_at)) if way else NO_KEY_YET
        return replace(shown, told=told, problem=STRANGE_WAY if self._editor.is_strange(ways) else "")

    async def _change_password(self, intent: ChangePassword) -> None:
        password = secrets.new_password(intent.password, intent.repeated)
        proof = await self._editor.prove(secrets.proof_of(intent.proof))
        told = await self._editor.wrapped(proof, await new_way(self._device.cipher, WayKind.PASSWORD, password))
        await self._editor.put(proof.credentials.lookup_hash, told, NOT_CHANGED, EITHER)
        self._show(AccountView(face=AccountFace.CHANGE_PASSWORD, told=CHANGED))

    async def _make_key(self, typed: str) -> None:
        proof = await self._editor.prove(secrets.proof_of(typed))
        shown, way = await new_recovery_key(self._device.cipher)
        self._pending = proof.credentials.lookup_hash, await self._editor.wrapped(proof, way)
        self._show(AccountView(face=AccountFace.REPLACE_KEY, recovery_key=shown))

    async def _replace_key(self) -> None:
        if self._pending is None:
            return
        await self._editor.put(*self._pending, KEY_NOT_REPLACED, EITHER_KEY)
        self._pending = None
        self._show(AccountView(face=AccountFace.NEW_KEY, told=NEW_KEY_HOLDS))

    async def _try_key(self, typed: str) -> None:
        secret = secrets.key_of(typed)
        try:
            proof = await self._editor.prove(secret)
        except SignInError as error:
            raise (SignInError(ANOTHER_KEY) if error.code == "wrong-proof" else error) from None
        try:
            await self._device.cipher.unwrap_key(proof.credentials.wrapping, proof.wrapped, master_place(self._account))
        except SealError:
            raise SignInError(DAMAGED) from None
        self._show(AccountView(face=AccountFace.TRY_KEY, told=KEY_OPENS))

    async def _delete(self, typed: str, word: str) -> None:
        """Delete the account; the server then ends this session like all others, and every device wipes itself."""
        if word.strip().casefold() != DELETE_WORD:
            raise SignInError(NO_WORD)
        proof = await self._editor.prove(secrets.proof_of(typed))
        await self._editor.requests.delete(self._account, proof.credentials.lookup_hash)
        self._show(replace(self._view, busy=DELETED))

    @property
    def asks(self) -> bool:
        """Whether all that goes on is that the browser's window asks for a passkey."""
        return self._passkeys.asks

    def _say(self, sentence: str) -> None:
        self._show(replace(self._view, busy=sentence))

    def _show(self, view: AccountView) -> None:
        self._view = view
        self._host.show_account(view)
