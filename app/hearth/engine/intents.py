"""What the person does, as frozen values: the page puts intents into one queue, the engine takes them out."""

from __future__ import annotations

from dataclasses import dataclass, field

from hearth.core.view.account import AccountFace
from hearth.ports.transfer import ChosenFile


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in form was submitted; the password never shows itself."""

    email: str
    password: str = field(repr=False)
    stay: bool = False


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat was chosen; with `message`, written at `at` (ms since 1970), it opens there."""

    chat_id: str
    message: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class CloseChat:
    """Back to the list (narrow screens)."""


@dataclass(frozen=True, slots=True)
class FetchAgain:
    """A chat that is not as it was written is to be fetched again."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class TakeServerState:
    """The account is to be here as the server has it now: what this device has seen beyond that is given up."""


@dataclass(frozen=True, slots=True)
class PrintChat:
    """The open chat is to be printed as a whole: all of its messages are wanted first."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class ShowOlder:
    """The top of the messages came near: older ones are wanted."""


@dataclass(frozen=True, slots=True)
class ShowNewer:
    """The bottom of messages that are not the latest came near: newer ones are wanted."""


@dataclass(frozen=True, slots=True)
class ListOlderChats:
    """The end of the chat list: older chats are to be listed."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """The region "Settings and memories" was opened, at a place of it, or closed."""

    open: bool
    place: str = ""


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
class Choose:
    """A choice of one of Hearth's own settings was made."""

    setting: str
    choice: str


@dataclass(frozen=True, slots=True)
class Hide:
    """An app, or an entry of one, is to be left out of search, or not any longer."""

    item: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Search:
    """Something was typed into the search field."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SearchMore:
    """More results are wanted."""


@dataclass(frozen=True, slots=True)
class EndSearch:
    """The search was left."""


@dataclass(frozen=True, slots=True)
class RememberSearch:
    """A result was chosen: what was searched for is worth remembering."""


@dataclass(frozen=True, slots=True)
class ForgetSearches:
    """Recent searches are to be forgotten."""


@dataclass(frozen=True, slots=True)
class NewChat:
    """An empty chat is wanted, to write in; it exists from its first message or draft on."""


@dataclass(frozen=True, slots=True)
class SendMessage:
    """A message was sent in a chat."""

    chat_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TypeDraft:
    """What stands in the message box of a chat now."""

    chat_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakeDraft:
    """The draft that another device wrote, which is offered beside the box, is to be put into it, or is not wanted."""

    chat_id: str
    take: bool


@dataclass(frozen=True, slots=True)
class EditMessage:
    """A message of one's own was written anew."""

    chat_id: str
    message_id: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    """A message of one's own is to be deleted."""

    chat_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class RenameChat:
    """A chat was given another title."""

    chat_id: str
    title: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PinChat:
    """A chat is to stand on top of the list, or not any longer."""

    chat_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class DeleteChat:
    """A chat is to be deleted, unless that is undone in time."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class UndoDelete:
    """The chat that was just deleted is to stay."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """What was not sent is to be sent after all; `mutation` is its id."""

    mutation: str


@dataclass(frozen=True, slots=True)
class Discard:
    """What was not sent is not wanted any longer."""

    mutation: str


@dataclass(frozen=True, slots=True)
class AskAssistant:
    """The assistant is to answer the last message of a chat."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class StopAnswer:
    """The answer that is coming in a chat has come far enough."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class AnswerConsent:
    """Asked whether text may leave the encryption for the assistant, the person agrees, or wants a notebook."""

    chat_id: str
    agree: bool


@dataclass(frozen=True, slots=True)
class EndDevice:
    """Another device of the account is to be signed out; without its id, all others."""

    device: str | None = None


@dataclass(frozen=True, slots=True)
class ExportData:
    """Everything of the account is to be taken along, as a download."""


@dataclass(frozen=True, slots=True)
class ReadImport:
    """A file was chosen whose chats are to be imported; first it is said what it holds."""

    file: ChosenFile


@dataclass(frozen=True, slots=True)
class StartImport:
    """What was found in the file is to be imported."""


@dataclass(frozen=True, slots=True)
class UndoImport:
    """What was imported last is not wanted after all."""


@dataclass(frozen=True, slots=True)
class CancelTransfer:
    """The export or import that is under way is to stop, or what it said is to be put away."""


TransferIntent = ExportData | ReadImport | StartImport | UndoImport | CancelTransfer
"""What the person does with their data as a whole."""

AssistantIntent = AskAssistant | StopAnswer | AnswerConsent
"""What the person wants of the assistant."""

RecordIntent = SendMessage | EditMessage | DeleteMessage | RenameChat | PinChat | DeleteChat
"""What changes the records of chats and messages."""

WritingIntent = NewChat | TypeDraft | TakeDraft | UndoDelete | TryAgain | Discard | RecordIntent
"""What the person writes."""


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


BeforeSignInIntent = CreateAccount | RecoverAccount
WaysIntent = ChangePassword | MakeRecoveryKey | TryRecoveryKey | DeleteAccount
AccountIntent = OpenAccountForm | CloseAccountForm | KeySaved | BeforeSignInIntent | WaysIntent
"""What is done in forms about the account, before the sign-in and after it."""

SearchIntent = Search | SearchMore | EndSearch | RememberSearch | ForgetSearches
"""What does not wait in the queue: a search reads what is in memory, and the next keystroke ends it."""

SessionIntent = (
    SignOutWhenSent
    | StaySignedIn
    | OpenChat
    | CloseChat
    | FetchAgain
    | PrintChat
    | ShowOlder
    | ShowNewer
    | ListOlderChats
    | ShowSettings
    | Choose
    | Hide
    | EndDevice
    | AssistantIntent
    | TransferIntent
    | WritingIntent
)
"""What only somebody who is signed in does."""

Intent = SignIn | SignOut | TakeServerState | AccountIntent | SessionIntent | SearchIntent
