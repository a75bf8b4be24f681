"""What a session posts to itself: it waits in the session's queue behind what the person does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearth.engine.sync.connection import ConnectionEvent, FrameReceived
from hearth.engine.tabs.roles import RoleChange


@dataclass(frozen=True, slots=True)
class CompletePage:
    """The rest of the open chat's first page may be shown now."""


@dataclass(frozen=True, slots=True)
class ChatShown:
    """The person opened a chat: to be written down once it is shown."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class ContinueChecks:
    """There is something left to check against the manifest, when nothing else is to be done."""


@dataclass(frozen=True, slots=True)
class SessionOver:
    """The server does not know the session any longer."""


@dataclass(frozen=True, slots=True)
class StorageLost:
    """The browser, or another tab, took the storage away."""


Post = Callable[
    [
        FrameReceived
        | ConnectionEvent
        | CompletePage
        | ChatShown
        | ContinueChecks
        | SessionOver
        | StorageLost
        | RoleChange
    ],
    None,
]
