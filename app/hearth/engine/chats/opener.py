"""Opening a chat: it is drawn, then recorded, reported to the server, and requested if it is not complete here."""

from __future__ import annotations

from hearth.core.protocol.device_events import ChatOpened, Want
from hearth.core.protocol.server_events import FirstChatReady
from hearth.core.records.schema import Collection
from hearth.core.sync.machine import SyncMachine
from hearth.engine.chats.controller import ChatController
from hearth.engine.chats.open_chats import OpenChats
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.intents.chats import OpenChat
from hearth.engine.queue_items import ChatShown, CompletePage, Post
from hearth.engine.storage.eviction import EvictingWriter
from hearth.engine.sync.connection import Connection
from hearth.engine.sync.ingest import FrameIngest
from hearth.engine.sync.last_opened import LastOpened
from hearth.engine.tabs.role import TabRole
from hearth.ports.device import Device
from hearth.ports.records import Frame, Records
from hearth.ports.storage import Batch, Position


class ChatOpener:
    """Opens chats, because the person chose one or by itself."""

    def __init__(
        self,
        device: Device,
        writer: EvictingWriter,
        repository: ChatRepository,
        controller: ChatController,
        open_chats: OpenChats,
        ingest: FrameIngest,
        connection: Connection,
        role: TabRole,
        machine: SyncMachine,
        post: Post,
    ) -> None:
        self._device = device
        self._writer = writer
        self._repository = repository
        self._controller = controller
        self._open_chats = open_chats
        self._ingest = ingest
        self._connection = connection
        self._role = role
        self._machine = machine
        self._post = post
        self.last_opened = LastOpened(lambda chat: connection.send(ChatOpened(chat_id=chat)))
        self._awaited = 0
        """How many chats the person opened that are not on screen yet."""

    @property
    def awaited(self) -> bool:
        """Whether the person waits for a chat."""
        return self._awaited > 0

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

    async def first(self, frame: Frame, event: FirstChatReady) -> None:
        """Show the chat that was opened last from the frame that brought it, unless there is something to read."""
        if event.chat_id is None:
            return
        self.last_opened.settled(event.chat_id)
        if self._open_chats.by_hand or self._controller.chat is not None:
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
            await self._writer.apply(Batch(last_opened=chat_id))
            self.last_opened.choose(chat_id)
        if not self._repository.is_complete(chat_id):
            self._connection.send(Want(chat_id=chat_id))
        if self._machine.connected:
            self._role.tell_noted(chat_id)

    def want(self, chat_id: str) -> None:
        """A chat of the list is to be on the device as a whole: ask for it, or have the leader ask."""
        if self._role.is_leader:
            self._connection.send(Want(chat_id=chat_id))
        else:
            self._role.tell_opened(chat_id)

    async def note_elsewhere(self, chat_id: str) -> None:
        """A tab that follows opened a chat."""
        self._open_chats.elsewhere.append(chat_id)
        await self.note(chat_id)

    def confirmed(self) -> None:
        """The device is up to date with the server: tell it what it has to hear, and ask for what is read."""
        self.last_opened.flush()
        if self._open_chats.chosen in self._repository.partial:
            self._connection.send(Want(chat_id=self._open_chats.chosen))
