"""What the page shows of the account: its forms, its devices, an export or an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class TransferKind(StrEnum):
    """What is done with the person's data as a whole."""

    EXPORT = "export"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Transfer:
    """An export or an import: how far it has come, or what came of it."""

    kind: TransferKind
    sentence: str
    details: tuple[str, ...] = ()
    """More sentences: what a file holds and what is left out, or what an export lacks."""
    progress: tuple[int, int] | None = None
    """How much of how much is done, while it is under way; 0 of 0 while that is not known."""
    count: str = ""
    """The same in words."""
    failed: bool = False
    can_import: bool = False
    """Whether the file was read, and "Import" is offered."""
    can_undo: bool = False
    """Whether what was imported last can be removed again."""


class AccountFace(StrEnum):
    """Which form about the account is shown."""

    NONE = ""
    CREATE = "create"
    SAVE_KEY = "save-key"
    """The recovery key of an account that was just made."""
    RECOVER = "recover"
    CHANGE_PASSWORD = "change-password"  # noqa: S105 - a form
    NEW_KEY = "new-key"
    """A proof is asked for before a new recovery key is made."""
    REPLACE_KEY = "replace-key"
    """The new recovery key, which takes the place of the old one once it is saved."""
    TRY_KEY = "try-key"
    CHANGE_ADDRESS = "change-address"
    DELETE = "delete-account"
    PASSKEY = "passkey"
    """Signing in with a passkey, while the browser's own window asks for it."""
    ADD_PASSKEY = "add-passkey"
    PASSKEYS = "passkeys"
    """Those that there are, to be removed."""


BEFORE_SIGN_IN = (AccountFace.CREATE, AccountFace.RECOVER, AccountFace.PASSKEY)
"""The forms that somebody opens who is not signed in."""


@dataclass(frozen=True, slots=True)
class PasskeyItem:
    """One passkey of the account."""

    id: str
    name: str
    about: str
    """Since when it is there."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """A form about the account, and what there is to say about it."""

    face: AccountFace = AccountFace.NONE
    email: str = ""
    sign_up: str = ""
    """Who may make an account, as the server says: open, invite or closed; empty until it does."""
    busy: str = ""
    """What is under way."""
    problem: str = ""
    told: str = ""
    """What was done, or found."""
    recovery_key: str = field(default="", repr=False)
    passkey_name: str = ""
    """What a new passkey is called unless the person says otherwise."""
    passkeys: tuple[PasskeyItem, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceItem:
    """One device of the account."""

    id: str
    name: str
    about: str
    """What is known of it."""
    current: bool
    can_end: bool
    """Whether it can be signed out from here."""


@dataclass(frozen=True, slots=True)
class DevicesView:
    """The account's devices, while the settings are open; `problem` says why they are not known, or not ended."""

    items: tuple[DeviceItem, ...] = ()
    problem: str = ""
