"""The outbox over what is confirmed, for the chat list and the open chat, with chats that are only on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from hearth.core.outbox import overlay
from hearth.core.outbox.mutation import Act
from hearth.core.records.contents import Chat
from hearth.core.sync.machine import SyncMachine
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.engine.assistant.board import AnswerBoard
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.chats.unread import UnreadCounts
from hearth.engine.writing.outbox import Outbox
from hearth.ports.device import Device


class OutboxView:
    """What the person sees of what they did.

    `new_chats` are the chats that exist on this page alone, until something is written in them; `drafts` the drafts
    that are stored, by chat.
    """

    def __init__(
        self,
        device: Device,
        repository: ChatRepository,
        machine: SyncMachine,
        outbox: Outbox,
        unread: UnreadCounts,
        board: AnswerBoard,
    ) -> None:
        self._device = device
        self._repository = repository
        self._machine = machine
        self._outbox = outbox
        self._unread = unread
        self._board = board
        self.new_chats: set[str] = set()
        self.titles: dict[str, str] = {}
        """The titles that new chats are to have."""
        self.drafts: dict[str, str] = {}
        self.leader_online = False
        """In a tab that follows: whether the leader is up to date with the server."""

    @property
    def unread(self) -> Mapping[str, int]:
        """How many messages of a chat are unread."""
        return {chat: count for chat, count in self._unread.counts.items() if self.find(chat)}

    def chats(self) -> Iterable[Chat]:
        """The chats as the person left them, each with its draft."""
        mutations = self._outbox.mutations
        typed = {each.chat_id: each.text for each in mutations if each.act is Act.DRAFT}
        chats = overlay.chats_with(self._repository.chats, mutations).values()
        drafts = ((chat, typed.get(chat.id, self.drafts.get(chat.id, chat.draft))) for chat in chats)
        return [chat if draft == chat.draft else replace(chat, draft=draft) for chat, draft in drafts]

    def find(self, chat_id: str) -> Chat | None:
        """A chat as the person left it."""
        confirmed = self._repository.chats.get(chat_id)
        return overlay.chats_with({chat_id: confirmed} if confirmed else {}, self._outbox.of(chat_id)).get(chat_id)

    def opened(self, chat: OpenedChat) -> OpenedChat:
        """The open chat as the person left it."""
        known = self.find(chat.id)
        if chat.id in self.new_chats or (known and chat.id not in self._repository.chats):
            title = known or Chat(chat.id, self.titles.get(chat.id, overlay.NEW_TITLE), 0, 0)
            is_new = chat.id in self.new_chats
            deleted = not is_new and not self._outbox.creates(chat.id)
            chat = OpenedChat(title, ChatState.EMPTY, warning=chat.warning, is_new=is_new, deleted=deleted)
        online = self._machine.current or self.leader_online
        mutations = [each for each in self._outbox.mutations if not self._board.receives(each.id)]
        chat = overlay.chat_with(chat, known, mutations, self._device.now(), online=online)
        return replace(chat, answer=self._board.of(chat))

    def draft_of(self, chat_id: str) -> str:
        """What is typed and not sent in a chat: here and not stored at the server, or as it is stored."""
        waiting = [each for each in self._outbox.of(chat_id) if each.act is Act.DRAFT]
        if waiting:
            return waiting[-1].text
        chat = self._repository.chats.get(chat_id)
        return self.drafts.get(chat_id, chat.draft if chat else "")
