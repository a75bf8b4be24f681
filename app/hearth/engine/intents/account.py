"""What the person does with their account: sign-in, sign-out, its devices, and the forms about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hearth.core.view.account import AccountFace

if TYPE_CHECKING:
    from hearth.ports.passkeys import PasskeyAnswer


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in form was submitted; the password never shows itself."""

    email: str
    password: str = field(repr=False)
    stay: bool = False


@dataclass(frozen=True, slots=True)
class TakeServerState:
    """The account is to be here as the server has it now: what this device has seen beyond that is given up."""


@dataclass(frozen=True, slots=True)
class SignOut:
    """The person signs out; `lose` says that what is not sent may be lost. Without it they are asked first."""

    lose: bool = False


@dataclass(frozen=True, slots=True)
class SignOutWhenSent:
    """Asked before signing out, the person wants to wait until everything is sent."""


@dataclass(frozen=True, slots=True)
class StaySignedIn:
    """Asked before signing out, the person stays."""


@dataclass(frozen=True, slots=True)
class EndDevice:
    """Another device of the account is to be signed out; without its id, all others."""

    device: str | None = None


@dataclass(frozen=True, slots=True)
class OpenAccountForm:
    """A form about the account is wanted; with the address that stood in the sign-in form."""

    face: AccountFace
    email: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CloseAccountForm:
    """The form about the account is not wanted any longer."""


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """An account is to be made."""

    email: str = field(repr=False)
    password: str = field(repr=False)
    repeated: str = field(repr=False)
    invite: str = field(default="", repr=False)
    stay: bool = False


@dataclass(frozen=True, slots=True)
class KeySaved:
    """The recovery key that is shown has been saved."""


@dataclass(frozen=True, slots=True)
class RecoverAccount:
    """A recovery key is to open the account, and another password to be set."""

    email: str = field(repr=False)
    key: str = field(repr=False)
    password: str = field(repr=False)
    repeated: str = field(repr=False)
    stay: bool = False


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Another password is to be set; `proof` is the one of now, or the recovery key."""

    proof: str = field(repr=False)
    password: str = field(repr=False)
    repeated: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MakeRecoveryKey:
    """Another recovery key is to be made, and shown."""

    proof: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TryRecoveryKey:
    """The person wants to know whether the recovery key that they kept opens the account."""

    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """The account is to be deleted, with all that the server has of it; `word` is what the person typed to say so."""

    proof: str = field(repr=False)
    word: str


@dataclass(frozen=True, slots=True)
class ChangeAddress:
    """The account is to belong to another address; `proof` is the password or the recovery key."""

    proof: str = field(repr=False)
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AskForPasskey:
    """A passkey is to sign the person in: the browser's window asks for it."""

    stay: bool = False


@dataclass(frozen=True, slots=True)
class PasskeyChosen:
    """A passkey has signed the server's challenge."""

    answer: PasskeyAnswer
    stay: bool = False


@dataclass(frozen=True, slots=True)
class AddPasskey:
    """A passkey is to be added; `proof` is the password or the recovery key."""

    proof: str = field(repr=False)
    name: str


@dataclass(frozen=True, slots=True)
class RemovePasskey:
    """A passkey is to be removed, by its way's id."""

    proof: str = field(repr=False)
    way: str


@dataclass(frozen=True, slots=True)
class RenamePasskey:
    """A passkey is to have another name, by its way's id."""

    way: str
    name: str


BeforeSignInIntent = CreateAccount | RecoverAccount | AskForPasskey | PasskeyChosen
PasskeyIntent = AddPasskey | RemovePasskey | RenamePasskey
WaysIntent = ChangePassword | ChangeAddress | MakeRecoveryKey | TryRecoveryKey | DeleteAccount | PasskeyIntent
AccountIntent = OpenAccountForm | CloseAccountForm | KeySaved | BeforeSignInIntent | WaysIntent
"""What is done in forms about the account, before the sign-in and after it."""
