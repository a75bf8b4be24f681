"""Every intent: the page puts them into one queue, the engine takes them out."""

from __future__ import annotations

from hearth.engine.intents.account import (
    AccountIntent,
    EndDevice,
    SignIn,
    SignOut,
    SignOutWhenSent,
    StaySignedIn,
    TakeServerState,
)
from hearth.engine.intents.chats import (
    Choose,
    CloseChat,
    FetchAgain,
    Hide,
    ListOlderChats,
    OpenChat,
    PrintChat,
    ShowNewer,
    ShowOlder,
    ShowSettings,
)
from hearth.engine.intents.search import SearchIntent
from hearth.engine.intents.transfer import TransferIntent
from hearth.engine.intents.writing import AssistantIntent, WritingIntent

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
