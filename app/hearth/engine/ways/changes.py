"""The ways into the account that is signed in: another password, another recovery key, and a rehearsal of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hearth.core.errors import SealError, SignInError
from hearth.core.records.ways import WayKind, master_place
from hearth.core.text.formatting import clock, day_label, local
from hearth.core.view.account import AccountFace, AccountView
from hearth.engine.intents.account import (
    AccountIntent,
    ChangePassword,
    CloseAccountForm,
    DeleteAccount,
    KeySaved,
    MakeRecoveryKey,
    OpenAccountForm,
    TryRecoveryKey,
)
from hearth.engine.ways import secrets
from hearth.engine.ways.new_way import Proof, new_recovery_key, new_way, wrap
from hearth.engine.ways.outcome import NOT_CHANGED, OutcomeUnknown, put_way
from hearth.engine.ways.requests import AccountRequests, ListedWay
from hearth.engine.ways.secrets import Secret
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
NO_KEY_YET = "Your account has no recovery key yet. Make one with “New recovery key”."
DAMAGED = (
    "This is right, but the key that the server keeps for you does not open with it. Tell whoever runs the server."
)
STRANGE_WAY = (
    "The server lists a way into your account that your devices have not noted: one that was removed, perhaps. "
    "Change your password, and make a new recovery key, to be sure that nobody else has one."
)
DELETE_WORD = "delete"
NO_WORD = "Type the word “delete” to say that you mean it."
DELETED = "Your account is deleted. This device deletes what it stored…"
SINCE = "Your password was set: {}."
KEY_SINCE = "Your recovery key was made: {}."


class WaysController:
    """The forms of somebody who is signed in; a new recovery key waits here until it is saved."""

    def __init__(self, device: Device, account: str, host: Host) -> None:
        self._device = device
        self._account = account
        self._host = host
        self._requests = AccountRequests(device.api)
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
                self._show(AccountView(face=face))
                await self._tell_since(face)
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
            case _:
                self._show(replace(self._view, busy=""))

    async def _tell_since(self, face: AccountFace) -> None:
        """Say since when the way has been there: after a change that was cut short, this says which one holds."""
        if face is AccountFace.DELETE:
            return
        kind = WayKind.PASSWORD if face is AccountFace.CHANGE_PASSWORD else WayKind.RECOVERY
        sentence = SINCE if kind is WayKind.PASSWORD else KEY_SINCE
        try:
            ways = await self._requests.ways(self._account)
        except SignInError:
            return  # whoever goes on is told
        if self._view.face is not face or self._view.busy:
            return
        way, noted = self._of_kind(ways, kind), self._host.noted_ways
        told = sentence.format(self._date(way.created_at)) if way else NO_KEY_YET
        strange = noted and not noted.issuperset(each.id for each in ways)
        self._show(replace(self._view, told=told, problem=STRANGE_WAY if strange else ""))

    async def _change_password(self, intent: ChangePassword) -> None:
        password = secrets.new_password(intent.password, intent.repeated)
        proof = await self._prove(secrets.proof_of(intent.proof))
        told = await self._wrapped(proof, await new_way(self._device.cipher, WayKind.PASSWORD, password))
        await self._put(proof.credentials.lookup_hash, told, NOT_CHANGED, EITHER)
        self._show(AccountView(face=AccountFace.CHANGE_PASSWORD, told=CHANGED))

    async def _make_key(self, typed: str) -> None:
        proof = await self._prove(secrets.proof_of(typed))
        shown, way = await new_recovery_key(self._device.cipher)
        self._pending = proof.credentials.lookup_hash, await self._wrapped(proof, way)
        self._show(AccountView(face=AccountFace.REPLACE_KEY, recovery_key=shown))

    async def _replace_key(self) -> None:
        if self._pending is None:
            return
        await self._put(*self._pending, KEY_NOT_REPLACED, EITHER_KEY)
        self._pending = None
        self._show(AccountView(face=AccountFace.NEW_KEY, told=NEW_KEY_HOLDS))

    async def _try_key(self, typed: str) -> None:
        secret = secrets.key_of(typed)
        try:
            proof = await self._prove(secret)
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
        proof = await self._prove(secrets.proof_of(typed))
        await self._requests.delete(self._account, proof.credentials.lookup_hash)
        self._show(replace(self._view, busy=DELETED))

    async def _prove(self, secret: Secret) -> Proof:
        """Show the server what a secret derives to; it gives the master key that this wraps. Raises `SignInError`."""
        way = self._of_kind(await self._requests.ways(self._account), secret.kind)
        if way is None:
            raise SignInError(NO_KEY_YET)
        credentials = await self._device.cipher.derive(secret.content, way.cost.salt, way.cost.iterations)
        return Proof(credentials, await self._requests.prove(self._account, credentials.lookup_hash))

    async def _wrapped(self, proof: Proof, way: Any) -> dict[str, Any]:
        try:
            return await wrap(self._device.cipher, self._account, proof, way)
        except SealError:
            raise SignInError(DAMAGED) from None

    async def _put(self, lookup_hash: str, way: dict[str, Any], if_not: str, if_unknown: str) -> None:
        before = {each.id: each.kind for each in await self._requests.ways(self._account)}
        # Noted before it is there, and without the old one afterwards: what is there is always among what is noted.
        await self._host.note_ways(frozenset({*before, way["id"]}))
        try:
            await put_way(self._requests, self._account, lookup_hash, way)
        except OutcomeUnknown:
            raise SignInError(if_unknown) from None
        except SignInError as error:
            raise SignInError(if_not + str(error)) from None
        others = (each for each, kind in before.items() if kind != way["kind"])
        await self._host.note_ways(frozenset({*others, way["id"]}))

    @staticmethod
    def _of_kind(ways: list[ListedWay], kind: WayKind) -> ListedWay | None:
        return next((way for way in ways if way.kind == kind), None)

    def _date(self, ms: int) -> str:
        now = self._device.now()
        moment = local(ms, now.tzinfo)
        return f"{day_label(moment.date(), now.date())}, {clock(moment)}"

    def _show(self, view: AccountView) -> None:
        self._view = view
        self._host.show_account(view)
