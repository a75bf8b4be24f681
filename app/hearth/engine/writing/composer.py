"""The message box of the open chat: what is to stand in it, and the draft that is kept of what is typed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth.core.records.schema import DRAFT, Collection
from hearth.core.view.open_chat import Composer
from hearth.engine.chats.controller import Show
from hearth.engine.queue_items import DraftDue, Post
from hearth.engine.writing.outbox_view import OutboxView
from hearth.engine.writing.stored_message import stored_message
from hearth.ports.device import Device
from hearth.ports.keys import Keyring
from hearth.ports.records import Records
from hearth.ports.storage import Position, Store

DRAFT_AFTER_S = 0.4
"""What is typed is stored at most so long after the first keystroke that is not stored yet."""

EDITED_S = 60.0
"""A box in which something was typed so recently is being edited: no other device's draft is put into it."""


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A chat's draft as it is stored: its version (0: there is none) and its text."""

    version: int = 0
    text: str = ""


class ComposerController:
    """The box of one page. `typed` is what stands in it, as far as the page has said."""

    def __init__(
        self, device: Device, store: Store, keyring: Keyring, view: OutboxView, post: Post, show: Show
    ) -> None:
        self._device = device
        self._store = store
        self._keyring = keyring
        self._view = view
        self._post = post
        self._show = show
        self._shown = Composer()
        self._stored = StoredDraft()
        self._timer: asyncio.TimerHandle | None = None
        self._due: dict[str, str] = {}
        """What was typed and is not kept yet, by chat."""
        self._typed_at = -EDITED_S
        self.typed = ""
        self.edited = False
        """Whether somebody typed in the box, and what they typed was not sent."""

    @property
    def chat_id(self) -> str:
        """The chat whose box this is; empty while none is open."""
        return self._shown.chat_id

    async def open(self, chat_id: str) -> None:
        """Another chat is on screen: its draft goes into the box."""
        if chat_id == self._shown.chat_id:
            return
        self._stored = await self._read(chat_id)
        if self._stored.version:
            self._view.drafts[chat_id] = self._stored.text
        text = self._due.get(chat_id) or self._view.draft_of(chat_id)
        self.typed, self.edited = text, chat_id in self._due
        self._put(Composer(chat_id, text, self._shown.revision + 1))

    def close(self) -> None:
        """No chat is open any longer."""
        self.typed, self.edited = "", False
        self._put(Composer(revision=self._shown.revision + 1))

    async def has_draft(self, chat_id: str) -> bool:
        """Whether a record of a chat's draft is stored; of the chat whose box this is, that is known."""
        stored = self._stored if chat_id == self._shown.chat_id else await self._read(chat_id)
        return stored.version > 0

    async def _read(self, chat_id: str) -> StoredDraft:
        """A chat's draft as it is stored here."""
        at = Position(DRAFT_CREATED_AT, draft_id(chat_id))
        row = await stored_message(self._store, self._keyring, chat_id, at)
        if row is None:
            return StoredDraft()
        (opened,) = await self._keyring.open_records(Collection.MESSAGES, self._keyring.records([row]))
        return StoredDraft(row["version"], opened["texts"]["content"] or "")

    async def learn(self, records: Records) -> bool:
        """Drafts were stored, or read: the list shows them. Whether there was any."""
        rows = [row for row in self._keyring.rows(records) if row["role"] == DRAFT]
        for each in await self._keyring.open_records(Collection.MESSAGES, self._keyring.records(rows)):
            self._view.drafts[each["clear"]["chat_id"]] = each["texts"]["content"] or ""
        return bool(rows)

    async def refresh(self) -> None:
        """Records were stored: take over another device's draft, or offer it where this one is being edited."""
        chat_id = self._shown.chat_id
        if not chat_id:
            return
        stored = await self._read(chat_id)
        if stored == self._stored:
            return
        before, self._stored = self._stored, stored
        self._view.drafts[chat_id] = stored.text
        edited = self._device.monotonic() - self._typed_at < EDITED_S
        if stored.text in (self.typed, before.text):
            self._put(replace(self._shown, offer=""))
        elif self.typed in (before.text, self._shown.text) and not edited:
            typed, self.typed = self.typed, stored.text
            self._put(Composer(chat_id, stored.text, self._shown.revision + 1, replaces=typed))
        else:
            self._put(replace(self._shown, offer=stored.text))

    def type(self, chat_id: str, text: str) -> None:
        """Something was typed: it is kept in a moment."""
        if chat_id == self._shown.chat_id:
            self.typed, self.edited, self._typed_at = text, True, self._device.monotonic()
            if self._shown.problem:
                self._put(replace(self._shown, problem=""))
        self._due[chat_id] = text
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DRAFT_AFTER_S, self._post, DraftDue())

    def take_due(self) -> dict[str, str]:
        """What is to be kept now, by chat."""
        self._timer, due, self._due = None, self._due, {}
        return due

    async def written(self) -> None:
        """The server has what this device wrote: a draft of it is no other device's."""
        if self._shown.chat_id:
            self._stored = await self._read(self._shown.chat_id)

    def sent(self, chat_id: str, text: str) -> None:
        """What stood in the box was sent, and is kept: the box is empty, but for what was typed since."""
        self._due.pop(chat_id, None)
        if chat_id == self._shown.chat_id:
            self.typed = self.typed.removeprefix(text)
            self.edited = bool(self.typed)
            self._put(Composer(chat_id, "", self._shown.revision + 1, replaces=text))

    def take_offer(self, chat_id: str, *, take: bool) -> None:
        """Another device's draft is put into the box, or left."""
        if chat_id != self._shown.chat_id or not self._shown.offer:
            return
        if take:
            typed, self.typed = self.typed, self._shown.offer
            self._due.pop(chat_id, None)
            self._put(Composer(chat_id, self.typed, self._shown.revision + 1, replaces=typed))
        else:
            self._put(replace(self._shown, offer=""))

    def report(self, chat_id: str, problem: str) -> None:
        """Say at the box why what stands in it could not be sent, or kept."""
        if chat_id == self._shown.chat_id:
            self._shown = replace(self._shown, problem=problem)
            self._show(composer=self._shown)  # the same problem anew is an answer to another press

    def stop(self) -> None:
        """Nothing more is kept."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _put(self, composer: Composer) -> None:
        if composer != self._shown:
            self._shown = composer
            self._show(composer=composer)
