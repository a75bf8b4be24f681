"""One import: a file is read and said what it holds, then written through the outbox, and can be taken back whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from hearth.core.chat_import.hearth_export import NewerFormat
from hearth.core.chat_import.model import ImportedChat, LeftOut
from hearth.core.chat_import.reading import Tally, chats_of
from hearth.core.errors import FileUnreadable, HearthError
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.view.account import Transfer, TransferKind
from hearth.engine.transfer.count_text import chats_text, counted, messages_text
from hearth.engine.transfer.import_log import ImportLog
from hearth.engine.transfer.importing.file_values import NO_CHATS, FileValues
from hearth.engine.transfer.importing.plan import PlannedChat, Planner
from hearth.engine.transfer.importing.sealing import ImportSealer, texts_of
from hearth.engine.transfer.pacing import Pacer, Reports
from hearth.engine.transfer.remote_chats import RemoteChats
from hearth.engine.transfer.tools import TransferTools
from hearth.ports.transfer import ChosenFile

PLANNED_TOGETHER = 50
"""So many chats are compared with what the account has at a time, and so many are in memory."""

MAX_WAITING_CHARS = 600_000
"""So much waits in the outbox at most: what the person writes meanwhile comes soon after."""

CHAT_HERE_S = 30.0
"""How long a chat that is to be continued may take to come."""

READING, IMPORTING = "Reading the file…", "Importing chats…"
NEWER = "This export was made by a newer version of Hearth. Reload the page to get it, then try again."
NOT_READY = "Your settings are still on their way. Try again when the status line says “Up to date”."
NOTHING_NEW = "Everything in this file is here already."


@dataclass(slots=True)
class Counts:
    """How many chats and messages are new, and how many are here already."""

    chats: int = 0
    messages: int = 0
    known: int = 0


class ChatImport:
    """The import of one file. `stop` has it end as soon as what it has begun is written."""

    def __init__(self, tools: TransferTools, file: ChosenFile, log: ImportLog) -> None:
        self._tools = tools
        self._file = file
        self._log = log
        self._pacer = Pacer(tools.device.monotonic)
        self._reports = Reports(tools.device.monotonic)
        self._tally = Tally()
        self._found = Counts()
        self._failed = 0
        self._stopped = False

    def stop(self) -> None:
        """The person has had enough of it."""
        self._stopped = True

    async def preview(self) -> None:
        """Read the file, and say what there is to import. Raises `HearthError`, fit to be shown."""
        async for planned in self._planned(READING):
            for each in planned:
                self._found.chats += each.is_new
                self._found.messages += len(each.messages)
                self._found.known += not each.has_news
        if not self._tally.sources:
            raise FileUnreadable(NO_CHATS)
        news = self._found.chats or self._found.messages
        sentence = f"Found {counted(self._tally.chats, self._tally.messages)} from {self._tally.names}."
        details = self._details()
        if not news:
            sentence, details = NOTHING_NEW, details[1:]
        self._show(Transfer(TransferKind.IMPORT, sentence, tuple(details), can_import=bool(news)))

    def _details(self) -> list[str]:
        found = self._found
        new = f"{counted(found.chats, found.messages)} will be imported."
        details = [new if found.chats else f"{messages_text(found.messages)} will be added to chats that are here."]
        if found.known:
            chats = "1 chat is" if found.known == 1 else f"{found.known:,} chats are"
            details.append(f"{chats} here already.")
        left = self._tally.left_out_words()
        return [*details, *(f"Left out: {each}." for each in left)]

    async def run(self) -> None:
        """Import what is new. Raises `HearthError`, fit to be shown; what was written by then stays, and is logged."""
        total, done = self._found.messages, Counts()
        sealer = ImportSealer(self._tools.keyring, self._tools.clock, self._pacer)
        async for planned in self._planned(IMPORTING, show_reading=False):
            for each in planned:
                if self._stopped:
                    break
                if each.has_news and await self._write(each, sealer):
                    done.chats += each.is_new
                    done.messages += len(each.messages)
                if self._reports.due():
                    count = f"{min(done.messages, total):,} of {total:,} messages"
                    self._show(Transfer(TransferKind.IMPORT, IMPORTING, progress=(done.messages, total), count=count))
            if self._stopped:
                break
        await self._outbox_below(0)
        await self._clear_failed()
        await self._log.keep()
        self._tools.device.mark("imported")
        self._say_done(done)

    def _say_done(self, done: Counts) -> None:
        details = []
        if self._failed:
            chats = chats_text(self._failed)
            details.append(f"{chats} could not be imported. Import the same file again: only what is new is added.")
        if self._stopped:
            details.append("You have stopped the import. Import the same file again to go on.")
        sentence = f"Imported {counted(done.chats, done.messages)}."
        can_undo = not self._log.is_empty
        self._show(Transfer(TransferKind.IMPORT, sentence, tuple(details), can_undo=can_undo))

    async def _planned(self, sentence: str, *, show_reading: bool = True) -> AsyncIterator[list[PlannedChat]]:
        """The file's chats, compared with what the account has, some at a time."""
        state = await self._tools.manifest.read()
        if state is None:
            raise HearthError(NOT_READY)
        tools, self._tally = self._tools, Tally()
        remote = RemoteChats(tools.device, tools.account, tools.store, tools.keyring)
        planner = Planner(remote, tools.outbox, state.manifest.secret, tools.clock.now_ms())
        values = FileValues(self._file, self._pacer)
        try:
            waiting: dict[tuple[str, str], ImportedChat] = {}
            async for chat in self._chats(values):
                waiting.setdefault((chat.source, chat.id), chat)
                if len(waiting) == PLANNED_TOGETHER:
                    yield await planner.plan(list(waiting.values()))
                    waiting.clear()
                if show_reading and self._reports.due():
                    self._show(Transfer(TransferKind.IMPORT, sentence, progress=(values.done, values.total)))
            yield await planner.plan(list(waiting.values()))
        finally:
            remote.close()

    async def _chats(self, values: FileValues) -> AsyncIterator[ImportedChat]:
        """The chats of the file that have messages that can be written."""
        try:
            async for value in values.read():
                for chat in chats_of(value):
                    if chat is None:
                        self._tally.left_out[LeftOut.NO_CHAT] += 1
                        continue
                    self._leave_out_long(chat)
                    self._tally.add(chat)
                    if chat.messages:
                        yield chat
        except NewerFormat:
            raise FileUnreadable(NEWER) from None

    def _leave_out_long(self, chat: ImportedChat) -> None:
        """Leave out messages that no record can hold; of files that are too long only the texts."""
        most = self._tools.limit.most_bytes
        for message in chat.messages:
            if sum(len(text.encode()) for text in texts_of(message).values()) > most and message.files:
                message.files = [{**each, "text": ""} for each in message.files]
        fits = [each for each in chat.messages if sum(len(text.encode()) for text in texts_of(each).values()) <= most]
        chat.left_out[LeftOut.TOO_LONG] += len(chat.messages) - len(fits)
        chat.messages = fits

    async def _write(self, planned: PlannedChat, sealer: ImportSealer) -> bool:
        """Put a chat's mutations into the outbox, as there is room; whether that could be done."""
        if not planned.is_new and not await self._is_here(planned.id):
            self._failed += 1
            return False
        written = 0
        async for mutation in sealer.mutations(planned):
            await self._outbox_below(MAX_WAITING_CHARS)
            await self._tools.outbox.change([mutation])
            self._tools.push()
            written += len(mutation.messages)
        if not written:
            self._failed += 1
            return False
        if planned.is_new:
            self._log.chats[planned.id] = len(planned.messages)
        else:
            self._log.messages += [(planned.id, timed.at, message_id) for message_id, timed in planned.messages]
        return True

    async def _is_here(self, chat_id: str) -> bool:
        """Whether a chat that is to be continued is on the device as a whole; it is asked for if it is not."""
        repository = self._tools.repository
        if chat_id in repository.chats and repository.is_complete(chat_id):
            return True
        if self._tools.outbox.creates(chat_id):
            return True
        await self._tools.want(chat_id)
        for _ in range(int(CHAT_HERE_S * 10)):
            if chat_id in repository.chats and repository.is_complete(chat_id):
                return True
            await asyncio.sleep(0.1)
        return False

    async def _outbox_below(self, chars: int) -> None:
        """Wait until no more of an import waits in the outbox than that."""
        while (waiting := self._waiting()) and _chars(waiting) > chars:
            await self._tools.outbox_changed()

    def _waiting(self) -> list[Mutation]:
        return [each for each in self._tools.outbox.mutations if each.act is Act.IMPORT and not each.problem]

    async def _clear_failed(self) -> None:
        """Take out what the server has refused: something had changed meanwhile, and a second import finds it so."""
        failed = [each for each in self._tools.outbox.mutations if each.act is Act.IMPORT and each.problem]
        if failed:
            await self._tools.outbox.change(remove=failed)
            gone = {each.chat_id for each in failed}
            self._failed += len(gone)
            self._log.forget(gone)

    def _show(self, transfer: Transfer) -> None:
        self._tools.show(transfer)


def _chars(mutations: Sequence[Mutation]) -> int:
    """How much mutations hold; each counts for something."""
    return sum(1 + sum(len(row.get("content") or "") for row in each.messages) for each in mutations)
