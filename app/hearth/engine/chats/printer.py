"""Loads every message of the open chat for the person who prints it: one page after the other, the rest goes on."""

from __future__ import annotations

from hearth.core.sync.machine import SyncMachine
from hearth.core.view.open_chat import ChatState, Printing
from hearth.engine.chats.controller import ChatController, Show
from hearth.engine.chats.opener import ChatOpener
from hearth.engine.chats.repository import ChatRepository
from hearth.engine.queue_items import ContinuePrinting, Post
from hearth.engine.tabs.role import TabRole

PRINT_MESSAGES = 120
"""Messages loaded at once: few enough that the page answers meanwhile."""

LOADING = "Loading all of this chat to print it…"
FETCHING = "Fetching the rest of this chat to print it…"
NOT_HERE = "This chat was not printed: a part of it is not on this device, and there is no connection."
NOT_READ = "This chat was not printed: a part of it could not be read. Try again."


class ChatPrinter:
    """Serves "Print". `show` says how far it has come; what is loaded is shown by the controller, as scrolling does."""

    def __init__(
        self,
        repository: ChatRepository,
        controller: ChatController,
        opener: ChatOpener,
        role: TabRole,
        machine: SyncMachine,
        show: Show,
        post: Post,
    ) -> None:
        self._repository = repository
        self._controller = controller
        self._opener = opener
        self._role = role
        self._machine = machine
        self._show = show
        self._post = post
        self._wanted: str | None = None
        """The chat that is to be printed, while it is being loaded."""
        self._said = ""
        self._continues = False

    def begin(self, chat_id: str) -> None:
        """The person wants to print a chat; where it is not here as a whole, the rest is asked for."""
        self._wanted, self._said = chat_id, ""
        if not self._repository.is_complete(chat_id):
            self._opener.want(chat_id)
        self.follow()

    def follow(self) -> None:
        """Something may have changed: the chat has come, or it is not the open one any more."""
        chat_id, chat = self._wanted, self._controller.chat
        if chat_id is None:
            return
        if chat is None or chat.id != chat_id or chat.state is ChatState.GONE:
            self._end()
        elif self._repository.is_complete(chat_id) and chat.state in (ChatState.READY, ChatState.EMPTY):
            self._say(LOADING)
            self._continue()
        elif self._role.is_leader and not self._machine.connected:
            self._end(NOT_HERE)
        else:
            self._say(FETCHING)

    async def step(self) -> None:
        """Load one page more of the chat, or have it printed."""
        self._continues = False
        before, chat_id = self._controller.chat, self._wanted
        if before is None or before.id != chat_id or not self._repository.is_complete(chat_id):
            return  # Whatever comes next is followed.
        if not before.has_older and not before.has_newer:
            self._wanted = None
            self._show(printing=Printing(chat_id, due=True))
            return
        try:
            if before.has_newer:
                await self._controller.newer(PRINT_MESSAGES)
            else:
                await self._controller.older(PRINT_MESSAGES)
        except Exception:
            self._end(NOT_READ)
            raise

    def _continue(self) -> None:
        if not self._continues:
            self._continues = True
            self._post(ContinuePrinting())

    def _say(self, sentence: str) -> None:
        if sentence != self._said and self._wanted is not None:
            self._said = sentence
            self._show(printing=Printing(self._wanted, sentence))

    def _end(self, sentence: str = "") -> None:
        """Nothing is printed; say why, if there is something to say."""
        chat_id, self._wanted = self._wanted or "", None
        self._show(printing=Printing(chat_id, sentence))
