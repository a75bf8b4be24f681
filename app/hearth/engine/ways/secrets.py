"""What a person types to open or to protect an account, checked before anything is sent; problems are sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

from hearth.core.errors import SignInError
from hearth.core.records import recovery_key
from hearth.core.records.envelope import normalise_email, normalise_password
from hearth.core.records.ways import MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, WayKind, looks_like_email

NO_ADDRESS = "Enter your e-mail address as it is written, such as name@example.org."
TOO_SHORT = f"Choose a password of at least {MIN_PASSWORD_CHARS} characters. Several words are easy to remember."
TOO_LONG = f"Choose a password of at most {MAX_PASSWORD_CHARS} characters."
NOT_ALIKE = "The two passwords are not the same. Type the new one again, twice."
IS_ADDRESS = "Your e-mail address is no password: others know it."
NO_CHARACTER = "There is something in this that is no character, half of an emoji perhaps. Type it instead of pasting."
NO_KEY = (
    "This is not a recovery key, or a character of it is wrong. "
    "It has 7 groups of 4 letters and figures; spaces, dashes, upper and lower case do not matter."
)
NOTHING = "Enter your current password or your recovery key."


@dataclass(frozen=True, slots=True)
class Secret:
    """What one way derives from."""

    kind: WayKind
    content: bytes = field(repr=False)


def email_of(typed: str) -> str:
    """The address that somebody typed. Raises `SignInError`."""
    email = normalise_email(typed)
    if not looks_like_email(email):
        raise SignInError(NO_ADDRESS)
    _encoded(email)
    return email


def new_password(typed: str, repeated: str, email: str = "") -> bytes:
    """A new password that was typed twice. Raises `SignInError`."""
    if len(typed) < MIN_PASSWORD_CHARS:
        raise SignInError(TOO_SHORT)
    if len(typed) > MAX_PASSWORD_CHARS:
        raise SignInError(TOO_LONG)
    if email and normalise_email(typed) == email:
        raise SignInError(IS_ADDRESS)
    password = _password(typed)
    if password != _password(repeated):
        raise SignInError(NOT_ALIKE)
    return password


def key_of(typed: str) -> Secret:
    """The recovery key that somebody typed. Raises `SignInError`."""
    key = recovery_key.read(typed)
    if key is None:
        raise SignInError(NO_KEY)
    return Secret(WayKind.RECOVERY, recovery_key.secret_of(key))


def proof_of(typed: str) -> Secret:
    """A password, or a recovery key: its check keeps a password from being taken for one. Raises `SignInError`."""
    if not typed:
        raise SignInError(NOTHING)
    key = recovery_key.read(typed)
    if key is not None:
        return Secret(WayKind.RECOVERY, recovery_key.secret_of(key))
    return Secret(WayKind.PASSWORD, _password(typed))


def _password(typed: str) -> bytes:
    try:
        return normalise_password(typed)
    except UnicodeEncodeError:
        raise SignInError(NO_CHARACTER) from None


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise SignInError(NO_CHARACTER) from None
