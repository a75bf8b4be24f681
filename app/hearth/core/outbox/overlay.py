"""How the outbox lies over what is confirmed: the chat list and the open chat as the person left them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.contents import Chat
from hearth.core.records.schema import INTERRUPTED, SPECS, Collection
from hearth.core.text.characters import one_line
from hearth.core.text.markdown import render
from hearth.core.view.message import AnswerMark, Delivery, Message
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.presenters import message_from

NEW_TITLE = "New chat"
TITLE_CHARS = 80
DELETED_TITLE = "A deleted chat"
"""The title of a chat that is deleted, while something that was written in it is still here."""


def first_title(text: str) -> str:
    """The title of a new chat: the first line of what is written in it."""
    lines = (line.strip().lstrip("#>*-` ").strip() for line in text.splitlines())
    return one_line(next((line for line in lines if line), ""), TITLE_CHARS) or NEW_TITLE


def chats_with(confirmed: Mapping[str, Chat], mutations: Iterable[Mutation]) -> dict[str, Chat]:
    """The chats as they are once everything in the outbox is written."""
    chats = dict(confirmed)
    for each in mutations:
        chat = chats.get(each.chat_id)
        if each.problem and each.act is not Act.SEND:
            continue
        match each.act:
            case Act.SEND | Act.DRAFT if chat is None:
                if each.creates or each.problem:
                    title = first_title(each.text) if each.creates else DELETED_TITLE
                    chats[each.chat_id] = Chat(each.chat_id, title, each.at, 0)
            case Act.SEND if chat is not None:
                chats[each.chat_id] = replace(chat, last_updated=max(chat.last_updated, each.at))
            case Act.RENAME if chat is not None:
                chats[each.chat_id] = replace(chat, title=one_line(each.text) or chat.title)
            case Act.PIN if chat is not None:
                chats[each.chat_id] = replace(chat, pinned=bool(each.text))
            case Act.DELETE_CHAT:
                chats.pop(each.chat_id, None)
            case _:
                pass
    return chats


def chat_with(
    opened: OpenedChat, chat: Chat | None, mutations: Iterable[Mutation], now: datetime, *, online: bool
) -> OpenedChat:
    """The open chat with its messages as the person left them.

    `chat` is the chat as `chats_with` has it. `online` says that what waits is on its way.
    """
    own = [each for each in mutations if each.chat_id == opened.id]
    if not own:
        return opened if chat is None else replace(opened, chat=chat)
    messages = {each.id: each for each in opened.messages}
    for each in own:
        if each.message_id is None:
            continue
        known = messages.get(each.message_id)
        delivery = _delivery(each, online=online)
        match each.act:
            case Act.SEND if known is None and not opened.has_newer:
                messages[each.message_id] = replace(
                    message_from(_opened(each), now), delivery=delivery, mutation=each.id, problem=each.problem
                )
            case Act.ANSWER if known is None and not opened.has_newer:
                messages[each.message_id] = replace(message_from(_opened(each), now), mark=AnswerMark.ELSEWHERE)
            case Act.EDIT if known is not None:
                messages[each.message_id] = replace(
                    known,
                    body=render(each.text),
                    text=each.text,
                    edited=known.role == "user",
                    fault="",
                    mark=AnswerMark.NONE,
                    delivery=delivery,
                    mutation=each.id,
                    problem=each.problem,
                )
            case Act.DELETE_MESSAGE if known is not None and not each.problem:
                del messages[each.message_id]
            case _:
                pass
    ordered = tuple(sorted(messages.values(), key=lambda each: (each.created_at, each.id)))
    return replace(opened, chat=chat or opened.chat, messages=ordered, state=_state(opened, ordered))


IN_PLACE = (Act.SEND, Act.EDIT, Act.DELETE_MESSAGE, Act.DRAFT, Act.RENAME, Act.PIN)
"""What is confirmed in an open chat as it is shown already."""


def can_confirm(opened: OpenedChat, written: Sequence[Mutation]) -> bool:
    """Whether an open chat can be shown with what was written in it, without being read again."""
    if opened.state not in (ChatState.READY, ChatState.EMPTY) or opened.has_newer:
        return False
    return all(
        each.act in IN_PLACE
        and not (each.act is Act.EDIT and each.message["role"] != "user")  # its mark is in the record
        and not (each.act is Act.DELETE_MESSAGE and opened.has_older)  # an older one takes its place
        for each in written
    )


def confirmed(opened: OpenedChat, chat: Chat, written: Sequence[Mutation], now: datetime) -> OpenedChat:
    """The open chat once mutations of it are stored; `chat` is how it is stored."""
    shown = chat_with(opened, chat, written, now, online=True)
    ids = {each.id for each in written}
    messages = tuple(
        replace(each, delivery=Delivery.DONE, mutation="") if each.mutation in ids else each for each in shown.messages
    )
    return replace(shown, messages=messages)


def _state(opened: OpenedChat, messages: tuple[Message, ...]) -> ChatState:
    if messages:
        return ChatState.READY
    return ChatState.EMPTY if opened.state is ChatState.READY else opened.state


def _delivery(mutation: Mutation, *, online: bool) -> Delivery:
    if mutation.problem:
        return Delivery.FAILED
    return Delivery.SENDING if online else Delivery.WAITING


def _opened(mutation: Mutation) -> dict[str, Any]:
    """A message that is not stored yet, as the keyring opens one that is."""
    sealed = SPECS[Collection.MESSAGES].sealed
    clear = {name: value for name, value in mutation.message.items() if name not in sealed}
    texts = {"content": mutation.text, INTERRUPTED: mutation.message.get(INTERRUPTED)}
    return {"clear": clear, "texts": texts, "faults": {}}
