"""The ways into an account: each has a secret, a salt and a cost of its own, and a wrapped copy of the master key.

What a way's secret derives to is in `hearth.core.records.envelope`; its copy is bound to the account by `master_place`.
"""

from __future__ import annotations

from enum import StrEnum

from hearth.core.records.envelope import Place
from hearth.core.records.schema import MASTER_KEY_COLLECTION

MAX_WAYS = 8
"""How many ways an account may have; another one is refused."""

MASTER_KEY_FIELD = "master_key"

MIN_PASSWORD_CHARS = 10
"""A shorter new password is refused; nothing else is asked of one (NIST SP 800-63B, 3.1.1)."""

MAX_PASSWORD_CHARS = 1024
MAX_EMAIL_CHARS = 254
"""RFC 5321, 4.5.3.1.3: the path that an address is in has 256 characters, with its brackets."""


class WayKind(StrEnum):
    """What a person has to know or to hold."""

    PASSWORD = "password"  # noqa: S105 - a word of the protocol
    RECOVERY = "recovery"
    PASSKEY = "passkey"


TYPED = (WayKind.PASSWORD, WayKind.RECOVERY)
"""The ways whose secret somebody types: an account has one of each at most, and these alone prove a change of ways."""

PRF_INPUT = b"hearth passkey v1"
"""What a passkey's PRF extension is evaluated at, for every account alike (WebAuthn Level 3, 10.1.4)."""

MAX_WAY_NAME_CHARS = 60
"""The longest name of a passkey, before it is sealed."""

WAYS_COLLECTION, WAY_NAME_FIELD = "ways", "name"
"""Where a passkey's name is sealed for, by the way's id."""


def master_place(account: str) -> Place:
    """Where a wrapped master key belongs: to its account, whichever way wraps it."""
    return Place(account, MASTER_KEY_COLLECTION, account, MASTER_KEY_FIELD)


def looks_like_email(email: str) -> bool:
    """Whether a normalised address has the form of one: something, an @, something, and no space."""
    name, at, host = email.rpartition("@")
    return bool(name and at and host) and len(email) <= MAX_EMAIL_CHARS and not any(map(str.isspace, email))
