"""What the page shows, as frozen values: the session makes a `Screen`, the page draws what changed in it.

Everything here is derived: the same chats, messages and moment give the same screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hearth.core.records.contents import AppEntries
from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES
from hearth.core.search.results import SearchView
from hearth.core.settings.preferences import Preferences, defaults
from hearth.core.view.account import AccountView, DevicesView, Transfer
from hearth.core.view.chat_list import ChatGroup, ListState, OlderChatsView
from hearth.core.view.open_chat import Composer, OpenedChat, Printing


class Phase(StrEnum):
    """Which of the page's faces is shown."""

    STARTING = "starting"
    SIGNED_OUT = "signed-out"
    SIGNING_IN = "signing-in"
    SIGNED_IN = "signed-in"
    SIGNING_OUT = "signing-out"
    LOCKING = "locking"
    """The session has ended; the keys go, what is stored stays."""


class Tone(StrEnum):
    """How the status line is coloured."""

    QUIET = "quiet"
    WORKING = "working"
    OFFLINE = "offline"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Status:
    """The status line; `progress` is (done, total) chats while warming, total 0 while it is not known."""

    sentence: str = ""
    tone: Tone = Tone.QUIET
    progress: tuple[int, int] | None = None
    differs: bool = False
    """Whether the server has another history of the account than this device, and the person may take it over."""


@dataclass(frozen=True, slots=True)
class Screen:
    """Everything on the page. Parts that did not change are the same objects as before."""

    phase: Phase = Phase.STARTING
    notice: str = ""
    """A sentence for the person at sign-in: what went wrong, or why they were signed out."""
    email: str = ""
    """The address to fill in at sign-in."""
    stay: bool = False
    """Whether the person had chosen to stay signed in."""
    account: AccountView = field(default_factory=AccountView)
    locked: bool = False
    """Whether somebody's data stays on this device until they sign in again, or have it removed."""
    groups: tuple[ChatGroup, ...] = ()
    older: OlderChatsView = field(default_factory=OlderChatsView)
    chat: OpenedChat | None = None
    status: Status = field(default_factory=Status)
    restored: bool = False
    """Whether what is on the device has been read: what is not shown by then is not here."""
    synced: bool = False
    """Whether a first sync is complete: what is not on this device by then, the account does not have."""
    settings: tuple[AppEntries, ...] = ()
    settings_ready: bool = False
    settings_open: bool = False
    settings_place: str = ""
    """The setting, app or entry at which the settings were opened."""
    preferences: Preferences = field(default_factory=defaults)
    devices: DevicesView = field(default_factory=DevicesView)
    search: SearchView = field(default_factory=SearchView)
    composer: Composer = field(default_factory=Composer)
    printing: Printing = field(default_factory=Printing)
    most_text_bytes: int = DEFAULT_TEXT_BYTES
    """The longest text of a message that can be sent, in bytes of UTF-8."""
    unsent: int = 0
    """How many changes of the person's own the server does not have; of those not sent for good, too."""
    loses_when_closed: bool = False
    """Whether closing this tab loses what is not sent: no other tab has it, and the person does not stay signed in."""
    leaving: bool = False
    """Whether the person wants to sign out, and is asked first what becomes of what is not sent."""
    undo: str = ""
    """The title of the chat that was just deleted, as long as that can be undone."""
    unread: int = 0
    """How many messages of all chats are unread."""
    transfer: Transfer | None = None
    """The export or import that the person began last, until they put it away."""

    @property
    def current(self) -> str | None:
        """The chat that is open."""
        return self.chat.id if self.chat else None

    @property
    def without_chats(self) -> ListState:
        """What it means if no chat is listed."""
        status = self.status
        coming = status.progress is not None or status.tone is Tone.WORKING or not status.sentence
        if self.phase is not Phase.SIGNED_IN or coming:
            return ListState.LOADING
        return ListState.EMPTY if self.synced else ListState.UNSYNCED
