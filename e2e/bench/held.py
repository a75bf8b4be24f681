"""Runs inside the page's Python, for the benchmark `background` only: every chat decrypted beforehand.

What it holds takes the place of the store in the running app: as the keyring opened it, or as far as the page
could want it (messages with their Markdown parsed).
"""

from __future__ import annotations

import gc
import time
from datetime import datetime
from typing import Any

from hearth.core.records.schema import Collection
from hearth.core.view.message import Message
from hearth.core.view.open_chat import ChatState, OpenedChat
from hearth.core.view.presenters import message_from
from hearth.engine.chats.repository import PAGE_MESSAGES, ChatRepository, PageRest
from hearth.ports.records import Records

_opened: dict[str, list[Any]] = {}
_parsed: dict[str, tuple[Message, ...]] = {}
EVERYTHING = 1_000_000


async def hold(parse: bool) -> float:
    """Decrypt all messages of all chats, and parse them if asked to; how many milliseconds that took."""
    repository = next(each for each in gc.get_objects() if isinstance(each, ChatRepository))
    now = datetime.now().astimezone()
    began = time.perf_counter()
    for chat in repository.chats:
        records = await repository.store.messages(chat, EVERYTHING)
        _opened[chat] = await repository.keyring.open_records(Collection.MESSAGES, records)
        if parse:
            _parsed[chat] = tuple(message_from(each, now) for each in _opened.pop(chat))
    took = (time.perf_counter() - began) * 1000
    ChatRepository.open_end = _open_end  # type: ignore[method-assign]
    return took


async def _open_end(
    self: ChatRepository, chat_id: str, now: datetime, source: Records | None = None
) -> tuple[OpenedChat, PageRest | None]:
    chat = self.chats[chat_id]
    if chat_id in _parsed:
        every = _parsed[chat_id]
        messages = every[-PAGE_MESSAGES:]
    else:
        messages = tuple(message_from(each, now) for each in _opened[chat_id][-PAGE_MESSAGES:])
    has_older = len(_parsed.get(chat_id) or _opened[chat_id]) > PAGE_MESSAGES
    return OpenedChat(chat, ChatState.READY, messages, has_older), None
