"""What the tabs of one browser say to each other: ids, stamps and the status line, never plaintext, never a key.

Keys go over a channel of their own, and only to a tab that starts without one: `hearth/browser/keys/hand_over.py`.

One JSON object for each message, `{"hearth": 1, "say": …, "account": …, …}`:

| say        | from, to          | fields                                 |                                         |
| ---------- | ----------------- | -------------------------------------- | --------------------------------------- |
| signed-in  | any, all          | at                                     | somebody signed in (ms since 1970)      |
| signed-out | any, same account | over                                   | leave; `over`: the server ended it      |
| locked     | any, same account |                                        | the session is over: hide, keep the data |
| ask        | follower, leader  |                                        | where do things stand?                  |
| standing   | leader, followers | sentence tone done total current warmed differs | the status line                |
| stored     | leader, followers | chats complete collections again       | what was written: read it again         |
| opened     | follower, leader  | chat_id                                | the person opened a chat                |
| noted      | leader, followers | chat_id                                | the server is told of it                |
| unreadable | follower, leader  | collection record_id                   | what did not open, or is not here       |
| not-found  | leader, followers | chat_id                                | the server has no such chat             |
| outbox     | any, all          |                                        | the outbox has changed: read it again   |
| list-older | follower, leader  |                                        | older chats are wanted in the list      |
| take-over  | follower, leader  |                                        | the server's state is to be taken over |
| restarted  | leader, followers |                                        | what the server sent was removed        |

Whatever else comes over the channel, another version's message or a stranger's, is nothing to this page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from hearth.core import dataclass_json
from hearth.core.dataclass_json import Most, Size
from hearth.core.records.schema import Collection, Id
from hearth.core.view.screen import Tone

VERSION: Final = 1

MAX_CHARS: Final = 256 * 1024
"""The longest message that is read: the ids of some thousand chats are far below."""

MAX_IDS: Final = 2_000
MAX_SENTENCE_CHARS: Final = 500

Ids = Annotated[tuple[Id, ...], Size(MAX_IDS)]
Count = Annotated[int, Most(2**53)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Base of the messages: whose account it is about."""

    say: ClassVar[str]
    account: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Said):
    """Somebody signed in, `at` ms since 1970 by this machine's clock: the latest sign-in is the one that counts."""

    say: ClassVar[str] = "signed-in"
    at: Count


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(Said):
    """The account leaves this browser; `over` says that the server had ended the session."""

    say: ClassVar[str] = "signed-out"
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLocked(Said):
    """The server ended the session, and nobody asked for that: what is stored stays, and nothing is shown of it."""

    say: ClassVar[str] = "locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Said):
    """A tab that follows wants to know where things stand."""

    say: ClassVar[str] = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderStatus(Said):
    """The leader's status line; `current` when what is shown is what the server has, `warmed` when all is here."""

    say: ClassVar[str] = "standing"
    sentence: Annotated[str, Size(MAX_SENTENCE_CHARS)]
    tone: Tone
    done: Count | None = None
    total: Count | None = None
    current: bool = False
    warmed: bool = False
    differs: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Said):
    """What the leader has written: chats that changed, chats now complete, and collections touched.

    `again` says that a damaged record was replaced by one of the same version.
    """

    say: ClassVar[str] = "stored"
    chats: Ids = ()
    complete: Ids = ()
    collections: Annotated[tuple[Collection, ...], Size(MAX_IDS)] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedElsewhere(Said):
    """The person opened a chat in a tab that follows."""

    say: ClassVar[str] = "opened"
    chat_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRecorded(Said):
    """The server hears of that chat from the leader."""

    say: ClassVar[str] = "noted"
    chat_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Said):
    """A tab that follows met a record that did not open, or wants a chat that is not here."""

    say: ClassVar[str] = "unreadable"
    collection: Collection
    record_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound(Said):
    """The server has no such chat, or not for this account."""

    say: ClassVar[str] = "not-found"
    chat_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxChanged(Said):
    """A tab put something into the outbox or took it out: it is to be shown, and the leader is to send it."""

    say: ClassVar[str] = "outbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderWanted(Said):
    """The person wants older chats listed in a tab that follows."""

    say: ClassVar[str] = "list-older"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverWanted(Said):
    """The person, in a tab that follows, wants the account to be here as the server has it."""

    say: ClassVar[str] = "take-over"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedOver(Said):
    """Everything that came from the server was removed, and comes anew: what is in memory holds no longer."""

    say: ClassVar[str] = "restarted"


_SAID: Final = (
    SignedIn,
    SignedOut,
    SessionLocked,
    Ask,
    LeaderStatus,
    Stored,
    OpenedElsewhere,
    OpeningRecorded,
    Unreadable,
    NotFound,
    OutboxChanged,
    OlderWanted,
    TakeOverWanted,
    StartedOver,
)
_KINDS: Final[dict[str, type[Said]]] = {kind.say: kind for kind in _SAID}


def write(message: Said) -> str:
    """The message as text."""
    return json.dumps({"hearth": VERSION, "say": message.say, **dataclass_json.write(message)})


def read(text: object) -> Said | None:
    """The message of a text; None for whatever is not one, however it is broken."""
    if not isinstance(text, str) or len(text) > MAX_CHARS:
        return None
    try:
        value = json.loads(text)
        if not isinstance(value, dict) or value.pop("hearth", None) != VERSION:
            return None
        return dataclass_json.read(_KINDS[value.pop("say")], value, strict=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
