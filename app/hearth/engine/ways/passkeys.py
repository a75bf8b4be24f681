"""The passkeys of the account that is signed in: one is added or removed, and all are listed by their names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from hearth.core import passkeys
from hearth.core.errors import SealError, SignInError
from hearth.core.records.ways import MAX_WAY_NAME_CHARS, MAX_WAYS, WAY_NAME_FIELD, WAYS_COLLECTION, WayKind
from hearth.core.view.account import PasskeyItem
from hearth.engine.intents.account import AddPasskey, RemovePasskey, RenamePasskey
from hearth.engine.ways import secrets
from hearth.engine.ways.editor import WaysEditor
from hearth.engine.ways.new_way import new_passkey
from hearth.engine.ways.outcome import OutcomeUnknown
from hearth.engine.ways.requests import ListedWay
from hearth.ports.device import Device
from hearth.ports.keys import Key
from hearth.ports.passkeys import NoPasskey, PasskeyAnswer, PasskeyProblem

if TYPE_CHECKING:
    from hearth.engine.auth.account_forms import Host

CONFIRM = "Your browser asks you now. Confirm there…"
ONCE_MORE = "Confirm once more: your passkey gives its secret now…"
NAMELESS = "Passkey without a readable name"
STRANGE = " Your devices have not noted it: if you did not add it, remove it."
SINCE = "Added {}."
NOT_NAMED = "Your session ended. Sign in again, and try again then."
NOT_ADDED = "The passkey was not added. "
ADDED = "“{}” opens your account now, without an address or a password. Keep your recovery key all the same."
EITHER_ADDED = (
    "The server did not answer, so this device cannot tell whether the passkey was added. "
    "Open “Passkeys” once you are online: it lists those that there are."
)
NOT_REMOVED = "The passkey was not removed. "
EITHER_REMOVED = (
    "The server did not answer, so this device cannot tell whether the passkey was removed. "
    "Open this form again once you are online: it lists those that there are."
)
REMOVED = "“{}” opens your account no longer. What it has signed in stays signed in: “Devices” signs out others."
TOO_MANY = f"An account may have {MAX_WAYS} ways in, passkeys included. Remove one first."
NO_NAME = "Enter a name by which you know this passkey again."
RENAMED = "It is called “{}” now, on all your devices."
LONG_NAME = f"Choose a name of at most {MAX_WAY_NAME_CHARS} characters."
NO_ADDRESS = (
    "A passkey belongs to a name, and this page was opened by a number. Open Hearth by its name, on this machine as "
    "“localhost” instead of “127.0.0.1”, and try again there."
)
NO_BROWSER = (
    "This browser offers no passkeys on this page. Use another browser, or go on with your password and recovery key."
)
WITHOUT_PRF = (
    "A passkey has to keep a secret for your chats, and this browser, or where you wanted to keep it, cannot do that "
    "(the PRF extension is missing). Nothing was added. Try another place, such as your phone or a security key, or "
    "another browser; your password and your recovery key go on working."
)
NOT_MADE = "No passkey was made: the browser's window was closed, or waited too long. Nothing changed."
ALREADY = "There is a passkey of this account already where you wanted to keep this one. Choose another place."
SENTENCES = {
    PasskeyProblem.ADDRESS: NO_ADDRESS,
    PasskeyProblem.BROWSER: NO_BROWSER,
    PasskeyProblem.NO_PRF: WITHOUT_PRF,
    PasskeyProblem.CANCELLED: NOT_MADE,
    PasskeyProblem.KNOWN: ALREADY,
}


class PasskeyEditor:
    """Adds, lists and removes; `say` tells what is under way. Raises `SignInError` and `NoPasskey`."""

    def __init__(
        self, device: Device, account: str, host: Host, editor: WaysEditor, say: Callable[[str], None]
    ) -> None:
        self._device, self._account, self._host, self._editor, self._say = device, account, host, editor, say
        self.asks = False
        """Whether the browser's window is open: what waits for it can be cut off, nothing was sent yet."""

    async def obstacle(self) -> str:
        """Why no passkey can be made here, as far as that is known."""
        problem = await self._device.passkeys().obstacle()
        return SENTENCES[problem] if problem else ""

    async def items(self) -> tuple[PasskeyItem, ...]:
        """Those that there are, by their names."""
        ways = [way for way in await self._editor.listed() if way.kind == WayKind.PASSKEY]
        return tuple([await self._item(way) for way in ways])

    async def add(self, intent: AddPasskey) -> str:
        """Have a passkey made and add it; the sentence that says so."""
        name = _checked(intent.name) or self._device.name()
        problem = await self.obstacle()
        if problem:
            raise SignInError(problem)
        proof = await self._editor.prove(secrets.proof_of(intent.proof))
        ways = await self._editor.listed()
        if len(ways) >= MAX_WAYS:
            raise SignInError(TOO_MANY)
        try:
            made, secret = await self._made(name, [way.credential for way in ways if way.credential])
            way = await new_passkey(self._device.cipher, secret)
            told = await self._editor.wrapped(proof, way)
            more = {"name": await self._sealed(way.id, name), "credential": dict(made.credential)}
        except NoPasskey as error:
            raise SignInError(SENTENCES[error.problem]) from None
        try:
            await self._editor.put(proof.credentials.lookup_hash, told | more, NOT_ADDED, EITHER_ADDED)
        except OutcomeUnknown:
            raise
        except SignInError:
            await self._device.passkeys().forget(made.id)
            raise
        return ADDED.format(name)

    async def remove(self, intent: RemovePasskey) -> str:
        """Remove a passkey; the sentence that says so."""
        way = next((each for each in await self._editor.listed() if each.id == intent.way), None)
        name = (await self._item(way)).name if way else NAMELESS
        proof = await self._editor.prove(secrets.proof_of(intent.proof))
        await self._editor.remove(proof.credentials.lookup_hash, intent.way, NOT_REMOVED, EITHER_REMOVED)
        if way is not None and way.credential:
            await self._device.passkeys().forget(way.credential)
        return REMOVED.format(name)

    async def rename(self, intent: RenamePasskey) -> str:
        """Give a passkey another name; the sentence that says so."""
        name = _checked(intent.name)
        if not name:
            raise SignInError(NO_NAME)
        await self._editor.requests.rename(self._account, intent.way, await self._sealed(intent.way, name))
        return RENAMED.format(name)

    async def _made(self, name: str, known: list[str]) -> tuple[PasskeyAnswer, Key]:
        """A passkey that is not added yet, and its secret. Raises `NoPasskey`."""
        port = self._device.passkeys()
        challenge = await self._editor.requests.passkey_challenge()
        self._say(CONFIRM)
        self.asks = True
        try:
            made = await port.create(passkeys.creation(challenge, self._account, name, known))
            secret = made.secret
            if secret is None and made.has_prf:
                self._say(ONCE_MORE)
                with suppress(NoPasskey):
                    secret = (await port.get(passkeys.request(challenge, [made.id]))).secret
        finally:
            self.asks = False
        if secret is None:
            await port.forget(made.id)
            raise NoPasskey(PasskeyProblem.CANCELLED if made.has_prf else PasskeyProblem.NO_PRF)
        return made, secret

    async def _sealed(self, way_id: str, name: str) -> str:
        keyring = self._host.keyring
        if keyring is None:
            raise SignInError(NOT_NAMED)  # the session ends at this very moment
        return await keyring.seal_text(WAYS_COLLECTION, way_id, WAY_NAME_FIELD, name)

    async def _item(self, way: ListedWay) -> PasskeyItem:
        keyring, name = self._host.keyring, ""
        if keyring is not None and way.name:
            with suppress(SealError):
                name = await keyring.open_text(WAYS_COLLECTION, way.id, WAY_NAME_FIELD, way.name)
        about = SINCE.format(self._editor.date(way.created_at)) + (STRANGE if self._editor.is_strange([way]) else "")
        return PasskeyItem(way.id, name or NAMELESS, about)


def _checked(typed: str) -> str:
    name = typed.strip()
    if len(name) > MAX_WAY_NAME_CHARS:
        raise SignInError(LONG_NAME)
    try:
        name.encode()
    except UnicodeEncodeError:
        raise SignInError(secrets.NO_CHARACTER) from None
    return name
