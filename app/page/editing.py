"""Editing and renaming as plain values: whether what is written in still has its place, and what is said if not."""

from __future__ import annotations

from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat

MESSAGE_GONE = (
    "This message was deleted meanwhile. Your text is still here: copy it, or press “Save” to keep it as a message "
    "that is not sent yet."
)
CHAT_GONE = (
    "This chat was deleted meanwhile. Your text is still here: copy it, or press “Save” to keep it on this device."
)
TITLE_GONE = "This chat was deleted meanwhile, so it cannot be renamed. Your title is still here."


def is_gone(chat: OpenedChat) -> bool:
    """Whether a chat that was open is deleted."""
    return chat.deleted or chat.state is ChatState.GONE


def lost_place(message: Message, chat: OpenedChat) -> str:
    """Why a message of a chat cannot be edited any longer, as a sentence; empty while it can.

    Messages before and after those that are drawn are not missed.
    """
    if is_gone(chat):
        return CHAT_GONE
    if chat.state is ChatState.EMPTY:
        return MESSAGE_GONE
    if chat.state is not ChatState.READY or any(each.id == message.id for each in chat.messages):
        return ""
    places = [(each.created_at, each.id) for each in chat.messages]
    place = (message.created_at, message.id)
    before = chat.has_older and place < places[0]
    after = chat.has_newer and place > places[-1]
    return "" if before or after else MESSAGE_GONE
