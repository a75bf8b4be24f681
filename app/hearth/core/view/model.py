"""What the page shows, as frozen values: the session makes a `Screen`, the page draws what changed in it.

Everything here is derived: the same chats, messages and moment give the same screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hearth.core.records.contents import AppEntries, Chat
from hearth.core.records.text_limit import DEFAULT_TEXT_BYTES
from hearth.core.search.results import SearchView
from hearth.core.settings.preferences import Preferences, defaults
from hearth.core.text.markdown import Node


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


class ChatState(StrEnum):
    """What the open chat's pane shows."""

    LOADING = "loading"
    READY = "ready"
    EMPTY = "empty"
    """The chat has no messages."""
    GONE = "gone"
    """The chat was deleted, or the server does not have it for this account."""
    ABSENT = "absent"
    """The chat is not on this device; it can be fetched."""
    FETCHING = "fetching"


@dataclass(frozen=True, slots=True)
class ChatItem:
    """One line of the chat list."""

    id: str
    title: str
    when: str
    draft: str
    unreadable: bool
    pinned: bool = False
    unread: int = 0
    """How many messages came from elsewhere since the chat was opened here."""
    flag: str = ""
    """A few words when the chat is not as it was written; see `hearth.core.view.integrity_text`."""


@dataclass(frozen=True, slots=True)
class ChatGroup:
    """The chats of one span of days, newest first."""

    label: str
    items: tuple[ChatItem, ...]


@dataclass(frozen=True, slots=True)
class OlderChatsView:
    """The end of the chat list: how many chats are here, and whether more can be listed."""

    sentence: str = ""
    about: str = ""
    """What becomes of chats that are listed and not here."""
    can_list: bool = False
    listing: bool = False
    """Whether more were asked for, and have not come."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message, shown as a chip."""

    name: str
    type: str
    size: str


@dataclass(frozen=True, slots=True)
class Embed:
    """An embedded preview, shown as a card; `url` is an http(s) address or empty."""

    url: str
    title: str
    description: str


class Delivery(StrEnum):
    """How far a message of one's own has come."""

    DONE = ""
    """The server has it."""
    SENDING = "sending"
    WAITING = "waiting"
    """There is no connection."""
    FAILED = "failed"
    """The server refused it for good: "Try again" and "Discard" are offered."""


class AnswerMark(StrEnum):
    """Whether an answer of the assistant is whole."""

    NONE = ""
    INTERRUPTED = "interrupted"
    """It was cut off: this is what came of it."""
    ELSEWHERE = "elsewhere"
    """Another tab is still receiving it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the open chat; `fault` says why it cannot be read, and then there is no body."""

    id: str
    role: str
    created_at: int
    when: str
    day: str
    body: tuple[Node, ...] = ()
    files: tuple[File, ...] = ()
    embeds: tuple[Embed, ...] = ()
    fault: str = ""
    text: str = ""
    """The message as it was written, in Markdown."""
    edited: bool = False
    delivery: Delivery = Delivery.DONE
    mutation: str = ""
    """The mutation that waits, or was refused."""
    problem: str = ""
    """A sentence that says why it was not sent."""
    mark: AnswerMark = AnswerMark.NONE


class AnswerState(StrEnum):
    """What there is to say of the assistant at the end of a chat."""

    GROWING = "growing"
    """It is answering."""
    CONSENT = "consent"
    """The person is asked whether text may leave the encryption; until they agree, none does."""
    UNANSWERED = "unanswered"
    """The last message has no answer, or not a whole one: the assistant can be asked."""
    FAILED = "failed"
    """It could not answer, or not to the end."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """The answer that an open chat waits for, or what there is to do about one."""

    state: AnswerState
    message: Message | None = None
    """The answer that grows: its id, author and hour."""
    blocks: tuple[Node, ...] = ()
    """What has come of it; all but the last of them stay as they are."""
    sentences: tuple[str, ...] = ()
    """What the person is told."""
    again: bool = False
    """Whether part of an answer is there already: then it is asked for again."""


@dataclass(frozen=True, slots=True)
class OpenedChat:
    """The chat on screen: its newest messages, oldest first; `has_older` when more lie before them."""

    chat: Chat
    """The chat as the list knows it."""
    state: ChatState
    messages: tuple[Message, ...] = ()
    has_older: bool = False
    has_newer: bool = False
    """Whether messages lie after the last one here: the chat was opened at an older message."""
    marked: str = ""
    """The message at which the chat was opened."""
    jump: int = 0
    """Grows each time that a chat is opened at a message."""
    warning: str = ""
    """What is wrong with it, when it is not as it was written."""

    is_new: bool = False
    """Whether it exists on the screen alone, until something is written in it."""
    deleted: bool = False
    """Whether it is deleted, and only what was written in it and not sent is still here."""
    answer: AnswerView | None = None
    """What there is to say of the assistant."""

    @property
    def is_answering(self) -> bool:
        """Whether an answer is growing in it."""
        return self.answer is not None and self.answer.state is AnswerState.GROWING

    @property
    def writable(self) -> bool:
        """Whether messages can be written in it."""
        return self.state in (ChatState.READY, ChatState.EMPTY) and not self.deleted

    @property
    def id(self) -> str:
        """The chat's id."""
        return self.chat.id

    @property
    def title(self) -> str:
        """The chat's title."""
        return self.chat.title


@dataclass(frozen=True, slots=True)
class Composer:
    """What the message box is to hold.

    The person types in the page's own box; `text` is put into it when `revision` grows or the chat is another one.
    After a message was sent that is the empty text: what was typed since the press stays.
    """

    chat_id: str = ""
    text: str = ""
    revision: int = 0
    replaces: str | None = None
    """What `text` takes the place of: what the engine knew the box to hold, or what was sent; None when that is not
    known. What was typed after it is kept either way."""
    offer: str = ""
    """A draft that another device wrote while this box is being edited."""
    problem: str = ""
    """A sentence that says why what is in the box was not sent, or is not stored."""


@dataclass(frozen=True, slots=True)
class Status:
    """The status line; `progress` is (done, total) chats while warming, total 0 while it is not known."""

    sentence: str = ""
    tone: Tone = Tone.QUIET
    progress: tuple[int, int] | None = None
    differs: bool = False
    """Whether the server has another history of the account than this device, and the person may take it over."""


@dataclass(frozen=True, slots=True)
class Printing:
    """How far printing a chat has come; `due` when all of it is on screen, and is to be printed now."""

    chat_id: str = ""
    sentence: str = ""
    """That it is being loaded, or why it was not printed."""
    due: bool = False


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


class ListState(StrEnum):
    """What an empty chat list means."""

    LOADING = "loading"
    """Chats may come at any moment."""
    UNSYNCED = "unsynced"
    """Nothing is known of the account's chats: no sync was ever complete here, and none is under way."""
    EMPTY = "empty"
    """The account has no chats."""


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
    DELETE = "delete-account"


BEFORE_SIGN_IN = (AccountFace.CREATE, AccountFace.RECOVER)
"""The forms that somebody opens who is not signed in."""


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
