"""What a session does with what comes out of the queue, item by item: it goes to the part that it is for."""

from __future__ import annotations

from typing import assert_never

from hearth.core.records.schema import Collection
from hearth.core.settings.preferences import wish_hidden
from hearth.core.sync.table import State
from hearth.engine.intents.account import EndDevice, SignOutWhenSent, StaySignedIn
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
from hearth.engine.intents.intent import SessionIntent
from hearth.engine.intents.transfer import TransferIntent
from hearth.engine.intents.writing import AssistantIntent, WritingIntent
from hearth.engine.queue_items import (
    AnswerDue,
    BecameLeader,
    ChatsEvicted,
    ChatShown,
    ClockChanged,
    CompletePage,
    ConnectionEvent,
    ContinueChecks,
    ContinuePrinting,
    DraftDue,
    EverythingSent,
    FrameReceived,
    HeartbeatDue,
    KeepView,
    LearnDrafts,
    LostLeadership,
    OutboxDue,
    QuestionDue,
    SessionItem,
    SessionOver,
    StorageLost,
)
from hearth.engine.session_parts import SessionParts
from hearth.ports.records import Frame


class SessionDispatcher:
    """Hands what the person did, and what the network, the tabs and the storage posted, to the session's parts."""

    def __init__(self, parts: SessionParts) -> None:
        self._parts = parts
        self._checks_wait = False

    async def take(self, item: SessionItem) -> None:
        """Take what the network, the tabs or the storage posted."""
        match item:
            case FrameReceived(frame):
                await self._take_frame(frame)
            case ConnectionEvent():
                await self._parts.driver.take_event(item)
            case CompletePage() | ContinuePrinting():
                await self._show_more(item)
            case ChatShown(chat_id):
                await self._chat_shown(chat_id)
            case ContinueChecks():
                await self._continue_checks()
            case ChatsEvicted(chats):
                self._parts.ingest.evicted()
                self._parts.propagation.evicted(set(chats))
            case ClockChanged():
                self._parts.controller.redate()
                self._parts.search.redate()
                self._parts.driver.ask_time()
            case BecameLeader() | LostLeadership() | HeartbeatDue():
                await self._parts.tabs.take_role_change(item)
            case LearnDrafts() | KeepView():
                await self._take_idle(item)
            case DraftDue() | OutboxDue() | QuestionDue() | AnswerDue():
                await self._take_due(item)
            case SessionOver() | StorageLost() | EverythingSent():
                pass  # The engine ends the session, or begins a new one.
            case _:
                assert_never(item)
        await self._show_box(item)

    async def _take_frame(self, frame: Frame) -> None:
        await self._parts.driver.take_frame(frame)
        if self._parts.machine.current:
            self._parts.devices.synced()

    async def _show_more(self, item: CompletePage | ContinuePrinting) -> None:
        """More of the open chat is wanted than is shown: the rest of its first page, or all of it to print it."""
        if isinstance(item, CompletePage):
            self._parts.controller.complete()
        else:
            await self._parts.printer.step()

    async def _take_idle(self, item: LearnDrafts | KeepView) -> None:
        """Nothing else is to be done."""
        if isinstance(item, KeepView):
            await self._parts.views.keep(item.build, item.content)
        else:
            await self._parts.writing.learn_drafts()

    async def _take_due(self, item: DraftDue | OutboxDue | QuestionDue | AnswerDue) -> None:
        if isinstance(item, QuestionDue | AnswerDue):
            await self._parts.assistant.take(item)
            return
        if isinstance(item, OutboxDue):
            await self._parts.assistant.adopt()
        await self._parts.writing.take_due(item)

    async def _show_box(self, item: SessionItem) -> None:
        """What is written in follows the open chat, and what was stored."""
        await self.follow()
        if isinstance(item, FrameReceived):
            await self._parts.writing.stored(item.frame)

    async def do(self, intent: SessionIntent) -> None:
        """Do what the person asked for."""
        match intent:
            case OpenChat():
                await self._parts.opener.by_hand(intent)
            case FetchAgain(chat_id):
                await self._fetch_again(chat_id)
            case PrintChat(chat_id):
                self._parts.printer.begin(chat_id)
            case CloseChat():
                self._parts.controller.close()
            case ShowOlder():
                await self._parts.controller.older()
            case ShowNewer():
                await self._parts.controller.newer()
            case ListOlderChats():
                self._parts.older_lister.list_more()
            case ShowSettings(opened, place):
                await self._parts.controller.open_settings(opened, place)
                self._parts.devices.watch(opened)
            case Choose() | Hide() | EndDevice():
                await self._choose(intent)
            case SignOutWhenSent() | StaySignedIn():
                self._parts.leaves_when_sent = isinstance(intent, SignOutWhenSent)
                self._parts.show(leaving=False)
                self._parts.check_leaving()
            case _:
                await self._hand_on(intent)
        await self.follow()

    async def _hand_on(self, intent: AssistantIntent | TransferIntent | WritingIntent) -> None:
        """What a part of the session does by itself."""
        if isinstance(intent, AssistantIntent):
            await self._parts.assistant.do(intent)
        elif isinstance(intent, TransferIntent):
            await self._parts.transfer.do(intent)
        else:
            await self._parts.writing.do(intent)

    async def follow(self) -> None:
        """What is printed, what is written in and what the assistant is asked follow the open chat."""
        self._parts.printer.follow()
        await self._parts.writing.follow()
        self._parts.assistant.follow()

    async def _choose(self, choice: Choose | Hide | EndDevice) -> None:
        if isinstance(choice, EndDevice):
            self._parts.devices.end(choice.device)
        elif isinstance(choice, Choose):
            await self._parts.prefer({choice.setting: choice.choice})
        else:
            await self._parts.prefer(wish_hidden(choice.item, choice.hidden))

    async def _chat_shown(self, chat_id: str) -> None:
        """Record that the person opened a chat, here or through the tab that leads the account."""
        self._parts.opener.shown()
        await self._parts.writing.chat_opened(chat_id)
        if self._parts.role.is_leader:
            await self._parts.opener.note(chat_id)
        elif chat_id in self._parts.repository.chats:
            self._parts.role.tell_opened(chat_id)
        if chat_id not in self._parts.repository.partial:  # Which is asked for as a whole.
            self._parts.integrity.opened(chat_id)
        self._parts.refetcher.ask()
        if self._checks_wait and not self._parts.opener.awaited:
            self._checks_wait = False
            self._parts.post(ContinueChecks())

    async def _continue_checks(self) -> None:
        """Check one thing more against the manifest, unless the person waits for a chat.

        Nor while a part of a change is here: the manifest comes with its last frame.
        """
        if self._parts.opener.awaited or self._parts.machine.state is State.CHANGING:
            self._checks_wait = True
            return
        if await self._parts.integrity.check():
            self._parts.controller.redraw()
            self._parts.status.show()
            self._parts.role.tell_stored((), (), {Collection.CHATS}, again=True)
        if self._parts.integrity.done:
            self._parts.marks.reached("checked")

    async def _fetch_again(self, chat_id: str) -> None:
        if chat_id not in self._parts.repository.chats:
            await self._parts.fetcher.fetch(chat_id)
        elif self._parts.role.is_leader:
            self._parts.integrity.fetch_again(chat_id)
        else:
            self._parts.role.tell_unreadable(Collection.CHATS, chat_id)
