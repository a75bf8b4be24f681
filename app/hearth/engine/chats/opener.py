"""What goes with opening a chat: it is drawn, then noted, told to the server, and asked for if it is not all here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hearth.core.protocol import events
from hearth.core.records.schema import Collection
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.intents import OpenChat
from hearth.engine.queue_items import ChatShown, CompletePage, Post
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.ingest import FrameIngest
from hearth.engine.sync.last_opened import LastOpened
from hearth.engine.tabs.roles import TabRole
from hearth.ports.device import Device
from hearth.ports.records import Frame, Records
from hearth.ports.storage import Batch, Position, Store

OPEN_ELSEWHERE = 4
"""So many chats that other tabs opened last are taken to be open there."""


class ChatOpener:
    """Opens chats, by the person's hand or by itself.

    `connected` says whether the server hears what is sent now.
    """

    def __init__(
        self,
        device: Device,
        store: Store,
        repository: ChatRepository,
        controller: ChatController,
        ingest: FrameIngest,
        connection: Connection,
        role: TabRole,
        post: Post,
        connected: Callable[[], bool],
    ) -> None:
        self._device = device
        self._store = store
        self._repository = repository
        self._controller = controller
        self._ingest = ingest
        self._connection = connection
        self._role = role
        self._post = post
        self._connected = connected
        self.last_opened = LastOpened(lambda chat: connection.send(events.ChatOpened(chat_id=chat)))
        self._awaited = 0
        """How many chats the person opened that are not on screen yet."""
        self._elsewhere: deque[str] = deque(maxlen=OPEN_ELSEWHERE)

    @property
    def awaited(self) -> bool:
        """Whether the person waits for a chat."""
        return self._awaited > 0

    @property
    def opened(self) -> set[str]:
        """The chats that are open, here or in a tab that follows."""
        return {*self._elsewhere, *([self._controller.chosen] if self._controller.chosen else [])}

    async def by_hand(self, chosen: OpenChat) -> None:
        """The person chose a chat, or a message of one."""
        chat_id = chosen.chat_id
        if chosen.message:
            await self._controller.open_at(chat_id, Position(chosen.at, chosen.message))
        else:
            await self.open(chat_id, by_hand=True)
        self._awaited += 1
        self._device.after_paint(lambda: self._post(ChatShown(chat_id)))

    def shown(self) -> None:
        """A chat that the person opened is on screen; an earlier session may have begun it."""
        self._awaited = max(0, self._awaited - 1)

    async def by_itself(self) -> None:
        """Nothing was opened last: show the chat that was updated last."""
        newest = max(self._repository.chats.values(), key=lambda chat: chat.last_updated, default=None)
        if newest:
            await self.open(newest.id)

    async def first(self, frame: Frame, event: events.FirstChatReady) -> None:
        """Show the chat that was opened last from the frame that brought it, unless there is something to read."""
        if event.chat_id is None:
            return
        self.last_opened.settled(event.chat_id)
        if self._controller.by_hand or self._controller.chat is not None:
            return
        await self._ingest.learn(frame)
        messages = frame.records.get(Collection.MESSAGES)
        if messages is None:
            await self.open(event.chat_id)
        else:
            await self._controller.open_from(event.chat_id, messages)

    async def open(self, chat_id: str, by_hand: bool = False, source: Records | None = None) -> None:
        """Show a chat, whose end is in `source` if that was read already."""
        if await self._controller.open(chat_id, by_hand, source):
            # By then its end is on screen: the rest would only keep that from being painted.
            self._device.after_paint(lambda: self._post(CompletePage()))

    async def note(self, chat_id: str) -> None:
        """A chat was opened, here or in a tab that follows: write it down, tell the server, ask for what is missing."""
        if chat_id in self._repository.chats:
            await self._store.apply(Batch(last_opened=chat_id))
            self.last_opened.choose(chat_id)
        if not self._repository.is_complete(chat_id):
            self._connection.send(events.Want(chat_id=chat_id))
        if self._connected():
            self._role.tell_noted(chat_id)

    async def note_elsewhere(self, chat_id: str) -> None:
        """A tab that follows opened a chat."""
        self._elsewhere.append(chat_id)
        await self.note(chat_id)

    def confirmed(self) -> None:
        """The device is up to date with the server: tell it what it has to hear, and ask for what is read."""
        self.last_opened.flush()
        if self._controller.chosen in self._repository.partial:
            self._connection.send(events.Want(chat_id=self._controller.chosen))
