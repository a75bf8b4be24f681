"""What the person does, as frozen values: the page puts intents into one queue, the session takes them out."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in form was submitted; the password never shows itself."""

    email: str
    password: str = field(repr=False)
    stay: bool = False


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat was chosen."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class CloseChat:
    """Back to the list (narrow screens)."""


@dataclass(frozen=True, slots=True)
class ShowOlder:
    """The top of the messages came near: older ones are wanted."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """The region "Settings and memories" was opened or closed."""

    open: bool


@dataclass(frozen=True, slots=True)
class SignOut:
    """The person leaves."""


Intent = SignIn | OpenChat | CloseChat | ShowOlder | ShowSettings | SignOut
