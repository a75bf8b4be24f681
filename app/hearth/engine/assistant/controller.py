"""Asks the assistant about a chat, once the person has agreed, and has its answer shown, kept and sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import assert_never

from hearth.core.assistant.question import is_unanswered, question_of
from hearth.core.errors import AssistantError
from hearth.core.settings.preferences import ASSISTANT_HOST, Wishes
from hearth.core.settings.schema import ASSISTANT, OFF, ON
from hearth.core.view.assistant_text import NOBODY, consent_text
from hearth.core.view.message import Message
from hearth.core.view.open_chat import AnswerState, AnswerView, OpenedChat
from hearth.core.view.presenters import message_from
from hearth.engine.assistant.answer import Answer
from hearth.engine.assistant.board import AnswerBoard
from hearth.engine.assistant.keeper import RENEW_S, AnswerKeeper
from hearth.engine.chats.controller import ChatController
from hearth.engine.intents.writing import AnswerConsent, AskAssistant, AssistantIntent, StopAnswer
from hearth.engine.new_id import new_id
from hearth.engine.queue_items import AnswerDue, Post, QuestionDue
from hearth.engine.settings.preferences_record import ActivePreferences
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.sender import OutboxSender
from hearth.engine.writing.text_limit import TextLimit
from hearth.ports.assistant import AssistantOffer
from hearth.ports.device import Device

MARK_BYTES = 500
"""More than the mark of an answer that was cut off takes beside its text."""

ANOTHER_HOST, NO_ASSISTANT = "another-host", "no-assistant"
"""Codes of the server: the text would go to another host than the one agreed to; nobody answers any longer."""


class AssistantController:
    """The assistant in one tab. `prefer` has choices kept, and brought to the account's other devices.

    Nothing of a chat is sent before the person has agreed to the host that it goes to.
    """

    def __init__(
        self,
        device: Device,
        account: str,
        board: AnswerBoard,
        keeper: AnswerKeeper,
        controller: ChatController,
        view: OutboxView,
        sender: OutboxSender,
        active: ActivePreferences,
        clock: WritingClock,
        limit: TextLimit,
        prefer: Callable[[Wishes], Awaitable[None]],
        post: Post,
        new_id: Callable[[], str] = new_id,
    ) -> None:
        self._device = device
        self._account = account
        self._board = board
        self._keeper = keeper
        self._controller = controller
        self._view = view
        self._sender = sender
        self._active = active
        self._clock = clock
        self._limit = limit
        self._prefer = prefer
        self._post = post
        self._new_id = new_id
        self._offer: AssistantOffer | None = None
        self._known = False
        """Whether the server has said who answers, if anybody does."""
        self._looking: asyncio.Task[None] | None = None
        self._looked = False
        self._asked_for: dict[str, str] = {}
        """The host that the person is asked to agree to, by chat."""

    def stop(self) -> None:
        """Nothing more is asked, received or drawn."""
        if self._looking is not None:
            self._looking.cancel()
        for each in self._board.answers.values():
            each.drop()
        self._board.answers.clear()

    # --- what the person does ---

    def message_sent(self, chat_id: str) -> None:
        """The person has written something: it is to be answered, and what came of an answer before it is enough."""
        if answer := self._board.answers.get(chat_id):
            answer.stop()
        if self._is_on:
            self._ask_soon(chat_id)

    async def do(self, intent: AssistantIntent) -> None:
        """Do what the person asked for."""
        match intent:
            case AskAssistant(chat_id):
                if chat_id not in self._board.answers and self._is_on:
                    self._ask_soon(chat_id)
            case StopAnswer(chat_id):
                if answer := self._board.answers.get(chat_id):
                    answer.stop()
            case AnswerConsent(chat_id, agree):
                await self._consent(chat_id, agree=agree)
            case _:
                assert_never(intent)

    async def _consent(self, chat_id: str, *, agree: bool) -> None:
        host = self._asked_for.get(chat_id)
        if host is None:
            return
        self._board.notes.clear()
        self._asked_for.clear()
        if agree:
            await self._prefer({ASSISTANT: ON, ASSISTANT_HOST: host})
            self._ask_soon(chat_id)
        else:
            await self._prefer({ASSISTANT: OFF})
        self._controller.redraw_open()

    def _follow_preferences(self) -> None:
        """What the person chose may be another: switched off, nothing more is asked, and what is coming ends."""
        if not self._is_on and (self._board.notes or self._board.asking or self._board.answers):
            self._board.notes.clear()
            self._asked_for.clear()
            self._board.asking.clear()
            for each in self._board.answers.values():
                each.stop()
            self._controller.redraw_open()
        self._update()

    @property
    def _is_on(self) -> bool:
        return self._active.now.of(ASSISTANT) == ON

    def _update(self) -> None:
        """Say on the page whether the assistant can be asked."""
        agreed = self._offer is not None and self._active.now.assistant_host == self._offer.host
        can_ask = self._is_on and agreed
        if can_ask != self._board.can_ask:
            self._board.can_ask = can_ask
            self._controller.redraw_open()

    # --- who answers ---

    def follow(self) -> None:
        """Something was done: follow what the person has chosen, and what is open.

        Where they have agreed and the open chat ends without an answer, learn who answers.
        """
        self._follow_preferences()
        if self._known or self._looked or not self._is_on or self._active.now.assistant_host is None:
            return
        opened = self._controller.shown
        if opened is not None and is_unanswered(opened.messages):
            self._look()

    def _look(self) -> None:
        """Ask the server who answers; the questions that are to be asked wait for that."""
        self._looked = True
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._learn())

    async def _learn(self) -> None:
        problem = ""
        try:
            self._offer = await self._device.assistant.offer(self._account)
            self._known = True
        except AssistantError as error:
            problem = str(error)
        finally:
            self._looking = None
        waiting = list(self._board.asking)
        if problem:
            self._board.asking.clear()
        for chat_id in waiting:
            if not problem:
                self._post(QuestionDue(chat_id))
            elif self._active.now.assistant_host is not None:
                self._fail(chat_id, problem)
        self._update()

    # --- a question ---

    def _ask_soon(self, chat_id: str) -> None:
        self._board.notes.pop(chat_id, None)
        self._board.asking.add(chat_id)
        if self._offer is None:
            self._known = False  # Another assistant, or one at all, may be there by now.
        self._post(QuestionDue(chat_id))

    async def take(self, item: QuestionDue | AnswerDue) -> None:
        """A question can be asked, or an answer has grown or ended."""
        if isinstance(item, QuestionDue):
            self._ask(item.chat_id)
            return
        answer = self._board.answers.get(item.chat_id)
        if answer is None:
            return
        if answer.ended:
            await self._finish(answer)
        else:
            await self._keeper.keep(answer)
            answer.wake(RENEW_S)

    def _ask(self, chat_id: str) -> None:
        if chat_id not in self._board.asking or chat_id in self._board.answers:
            return
        if not self._known:
            self._look()
            return
        self._board.asking.discard(chat_id)
        opened, offer = self._controller.shown, self._offer
        if opened is None or opened.id != chat_id or not self._is_on:
            return
        if offer is None:
            if self._active.now.assistant_host is not None:
                self._fail(chat_id, NOBODY)
        elif self._active.now.assistant_host != offer.host:
            self._asked_for[chat_id] = offer.host
            told = consent_text(offer.server, offer.host)
            self._board.notes[chat_id] = AnswerView(AnswerState.CONSENT, sentences=told)
        elif turns := question_of(opened.messages):
            answer = self._new_answer(opened)
            self._board.answers[chat_id] = answer
            answer.start(self._device.assistant.ask(self._account, offer.host, turns))
        self._controller.redraw_open()

    def _new_answer(self, opened: OpenedChat) -> Answer:
        latest = max(opened.chat.last_updated, *(each.created_at for each in opened.messages))
        at = self._clock.next_ms(latest)
        clear = {"id": self._new_id(), "role": "assistant", "created_at": at, "version": 1}
        message: Message = message_from({"clear": clear, "texts": {}, "faults": {}}, self._device.now())
        chat_id = opened.id
        return Answer(
            self._device,
            chat_id,
            self._new_id(),
            message,
            lambda: self._draw(chat_id),
            lambda: self._post(AnswerDue(chat_id)),
            self._limit.most_bytes - MARK_BYTES,
        )

    def _draw(self, chat_id: str) -> None:
        if self._controller.chat is not None and self._controller.chat.id == chat_id:
            self._controller.redraw_open()

    # --- its end ---

    async def _finish(self, answer: Answer) -> None:
        chat_id, problem = answer.chat_id, answer.problem
        if self._view.find(chat_id) is None:  # The chat was deleted meanwhile.
            await self._keeper.discard(answer)
            problem = ""
        else:
            problem = await self._keeper.finish(answer) or problem
        self._board.answers.pop(chat_id, None)
        if answer.code in (ANOTHER_HOST, NO_ASSISTANT):
            self._offer, self._known = None, False
        if answer.code == ANOTHER_HOST and self._is_on:
            self._ask_soon(chat_id)
        elif problem:
            self._fail(chat_id, problem)
        self._controller.redraw()
        self._update()
        await self._sender.push()

    def _fail(self, chat_id: str, problem: str) -> None:
        self._board.notes[chat_id] = AnswerView(AnswerState.FAILED, sentences=(problem,))
        self._draw(chat_id)

    async def adopt(self, *, at_once: bool = False) -> None:
        """Make messages of the answers that were interrupted."""
        if await self._keeper.adopt(at_once=at_once, receives=self._board.receives):
            self._controller.redraw()
