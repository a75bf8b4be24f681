"""What waits in the engine's queue beside intents: what happened to the connection, the tabs and the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hearth.core.protocol.server_events import SessionEnd
from hearth.core.sync.table import Signal
from hearth.core.view.screen import Screen
from hearth.ports.records import Frame


@dataclass(frozen=True, slots=True)
class ConnectionEvent:
    """Something happened to the connection; `detail` is a sentence fit to be shown, or empty.

    `session_end` says why the session is over, where that is what happened.
    """

    signal: Signal
    detail: str = ""
    session_end: SessionEnd | None = None


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A frame arrived, in its order."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class CompletePage:
    """The rest of the open chat's first page may be shown now."""


@dataclass(frozen=True, slots=True)
class ChatShown:
    """A chat that the person opened is on screen: it can be recorded now."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class ContinuePrinting:
    """There is something left to load of the chat that is to be printed."""


@dataclass(frozen=True, slots=True)
class ContinueChecks:
    """There is something left to check against the manifest, when nothing else is to be done."""


@dataclass(frozen=True, slots=True)
class ChatsEvicted:
    """These chats were evicted: search and the other tabs have to know that they are here in part only."""

    chats: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeepView:
    """What the page shows of a screen is to be kept for its next start, when nothing else is to be done.

    `content` is the page's own, and for the same `build` of the page only.
    """

    screen: Screen
    build: str
    content: bytes = field(repr=False)

    def is_of(self, screen: Screen) -> bool:
        """Whether a screen still shows the same chats and messages."""
        return (self.screen.groups, self.screen.chat) == (screen.groups, screen.chat)


@dataclass(frozen=True, slots=True)
class LearnDrafts:
    """The drafts of chats that are not open may be read for the list, when nothing else is to be done."""


@dataclass(frozen=True, slots=True)
class DraftDue:
    """What was typed is to be kept now."""


@dataclass(frozen=True, slots=True)
class OutboxDue:
    """Something in the outbox that waited for its time may be sent now."""


@dataclass(frozen=True, slots=True)
class QuestionDue:
    """The assistant can be asked about a chat now."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class AnswerDue:
    """What has come of the answer in a chat is to be kept now, or has come to its end."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class EverythingSent:
    """The person wanted to sign out as soon as everything is sent, and it is."""


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The device's clock does not say what it would have said by itself, or another day or zone than before."""


@dataclass(frozen=True, slots=True)
class SessionOver:
    """The server says that the session is over, and why."""

    end: SessionEnd


@dataclass(frozen=True, slots=True)
class StorageLost:
    """The browser, or another tab (`by_tab`), took the storage away."""

    by_tab: bool = False


@dataclass(frozen=True, slots=True)
class TabMessage:
    """What another tab of this browser said."""

    text: str


@dataclass(frozen=True, slots=True)
class Wiped:
    """What another tab still held at the sign-out is deleted now."""


@dataclass(frozen=True, slots=True)
class BecameLeader:
    """The tab that led the account has gone, or hangs, and this one is the next.

    `role` is the `TabRole` that it is about: its session may have ended.
    """

    role: object


@dataclass(frozen=True, slots=True)
class LostLeadership:
    """Another tab has taken the account, because this one had not answered."""

    role: object


@dataclass(frozen=True, slots=True)
class HeartbeatDue:
    """It is time to ask the leader for a sign of life.

    Queued, so that a tab whose own queue stands still cannot take the leader for dead.
    """

    role: object


RoleChange = BecameLeader | LostLeadership | HeartbeatDue
"""What happens to a tab's role among the tabs of its account."""

SessionItem = (
    ConnectionEvent
    | FrameReceived
    | CompletePage
    | ChatShown
    | ContinuePrinting
    | ContinueChecks
    | ChatsEvicted
    | KeepView
    | LearnDrafts
    | DraftDue
    | OutboxDue
    | QuestionDue
    | AnswerDue
    | EverythingSent
    | ClockChanged
    | SessionOver
    | StorageLost
    | RoleChange
)
"""What a session posts to the engine's queue."""

Post = Callable[[SessionItem], None]
