"""Takes an import back: chats that it made are deleted, and messages that it added to others."""

from __future__ import annotations

from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.records.schema import DRAFT, Collection, emptied
from hearth.core.view.account import Transfer, TransferKind
from hearth.engine.new_id import new_id
from hearth.engine.transfer.import_log import ImportLog
from hearth.engine.transfer.pacing import Reports
from hearth.engine.transfer.tools import TransferTools
from hearth.engine.writing.stored_message import stored_message
from hearth.ports.storage import EVERY_MESSAGE, Position

WORKING = "Taking the import back…"
TOGETHER = 50
"""So many deletions are put into the outbox at once."""


async def undo(tools: TransferTools, log: ImportLog) -> None:
    """Delete what the log names, but for chats in which something was written since. Raises `StorageError`."""
    reports, kept, done = Reports(tools.device.monotonic), 0, 0
    total = len(log.chats) + len(log.messages)
    pending: list[Mutation] = []
    for chat_id, count in log.chats.items():
        done += 1
        if chat_id not in tools.repository.chats:
            continue
        if await _written_in(tools, chat_id, count):
            kept += 1
            continue
        pending.append(_mutation(tools, Act.DELETE_CHAT, chat_id))
        if len(pending) == TOGETHER:
            await _put(tools, pending)
        if reports.due():
            tools.show(Transfer(TransferKind.IMPORT, WORKING, progress=(done, total)))
    for chat_id, at, message_id in log.messages:
        row = await stored_message(tools.store, tools.keyring, chat_id, Position(at, message_id))
        if row is not None:
            gone = {**row, **emptied(Collection.MESSAGES), "version": row["version"] + 1}
            at_ms = tools.clock.next_ms()
            deletion = _mutation(tools, Act.DELETE_MESSAGE, chat_id, {**gone, "deleted_at": at_ms})
            pending.append(deletion)
        if len(pending) == TOGETHER:
            await _put(tools, pending)
    await _put(tools, pending)
    log.clear()
    await log.keep()
    tools.show(Transfer(TransferKind.IMPORT, "The import was taken back.", _kept(kept)))


def _kept(kept: int) -> tuple[str, ...]:
    if not kept:
        return ()
    chats = (
        "1 chat in which you have written since stays"
        if kept == 1
        else f"{kept:,} chats in which you have written stay"
    )
    return (f"{chats}.",)


async def _written_in(tools: TransferTools, chat_id: str, imported: int) -> bool:
    """Whether a chat has other messages than those that were imported."""
    if any(each.act in (Act.SEND, Act.EDIT) for each in tools.outbox.of(chat_id)):
        return True
    rows = tools.keyring.rows(await tools.store.messages(chat_id, EVERY_MESSAGE))
    sent = [row for row in rows if row["role"] != DRAFT]
    return len(sent) > imported or any(row["version"] > 1 for row in sent)


def _mutation(tools: TransferTools, act: Act, chat_id: str, message: dict[str, object] | None = None) -> Mutation:
    return Mutation(id=new_id(), at=tools.clock.next_ms(), act=act, chat_id=chat_id, message=message or {})


async def _put(tools: TransferTools, pending: list[Mutation]) -> None:
    if pending:
        await tools.outbox.change(list(pending))
        pending.clear()
        tools.changed()
        tools.push()
