"""Exports and imports of one session, one at a time: each is a task beside the queue, and its code comes on demand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any, assert_never

from hearth.core.errors import HearthError
from hearth.core.view.account import Transfer, TransferKind
from hearth.engine.intents.transfer import (
    CancelTransfer,
    ExportData,
    ReadImport,
    StartImport,
    TransferIntent,
    UndoImport,
)
from hearth.engine.storage.kept_json import KeptJson
from hearth.engine.transfer.import_log import IMPORTED, ImportLog
from hearth.engine.transfer.tools import TransferTools
from hearth.ports.transfer import ChosenFile

if TYPE_CHECKING:
    from hearth.engine.transfer.importing.importer import ChatImport

EARLIER = "Chats were imported on this device. All of them can be taken back."
LOADING = "Getting ready…"
UNEXPECTED = "Something went wrong. Nothing is lost; try again."

EXPORTING = (
    "hearth.core.zip.writer",
    "hearth.core.export.chat_entry",
    "hearth.core.export.chat_markdown",
    "hearth.core.export.documents",
    "hearth.core.export.file_names",
    "hearth.core.export.unsent",
    "hearth.engine.transfer.count_text",
    "hearth.engine.transfer.remote_chats",
    "hearth.engine.transfer.exporting.archive",
    "hearth.engine.transfer.exporting.chat_source",
    "hearth.engine.transfer.exporting.exporter",
    "hearth.engine.transfer.exporting.export",
)
IMPORTING = (
    "hearth.core.zip.reader",
    "hearth.core.export.moments",
    "hearth.core.chat_import.model",
    "hearth.core.chat_import.json_items",
    "hearth.core.chat_import.chatgpt",
    "hearth.core.chat_import.claude",
    "hearth.core.chat_import.reading",
    "hearth.engine.transfer.count_text",
    "hearth.engine.transfer.remote_chats",
    "hearth.engine.transfer.importing.file_values",
    "hearth.engine.transfer.importing.plan",
    "hearth.engine.transfer.importing.sealing",
    "hearth.engine.transfer.importing.importer",
    "hearth.engine.transfer.importing.undo",
)
"""What an export and an import need, each module after those that it imports."""

log = logging.getLogger("hearth")


class TransferController:
    """Begins, reports and stops them."""

    def __init__(self, tools: TransferTools) -> None:
        self._tools = tools
        self._log = ImportLog(KeptJson(tools.store.kept_values, tools.keyring, tools.keep, IMPORTED))
        self._task: asyncio.Task[None] | None = None
        self._import: ChatImport | None = None
        """The import whose file was read."""
        self._writes = False
        """Whether it is being written."""

    @property
    def is_working(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.done()

    async def load(self) -> None:
        """An import of an earlier session can be taken back as long as the person has not put it away."""
        await self._log.load()
        if not self._log.is_empty:
            self._tools.show(Transfer(TransferKind.IMPORT, EARLIER, can_undo=True))

    def outbox_changed(self) -> None:
        """The outbox holds something else: an import may go on."""
        self._tools.outbox_event.set()

    async def do(self, intent: TransferIntent) -> None:
        """Do what the person asked for; while one is under way no other begins."""
        match intent:
            case ExportData():
                self._begin(TransferKind.EXPORT, self._export())
            case ReadImport(file):
                self._begin(TransferKind.IMPORT, self._read(file))
            case StartImport() if self._import is not None:
                self._begin(TransferKind.IMPORT, self._run(self._import))
            case StartImport():
                pass  # There is no file that was read.
            case UndoImport():
                self._begin(TransferKind.IMPORT, self._undo())
            case CancelTransfer():
                await self._cancel()
            case _:
                assert_never(intent)

    async def _cancel(self) -> None:
        """What writes comes to its end by itself; all else ends at once, and what was said is put away."""
        if self._writes and self._import is not None:
            self._import.stop()
            return
        was_shown = not self.is_working
        self.stop()
        self._import = None
        self._tools.show(None)
        if was_shown and not self._log.is_empty:
            self._log.clear()
            await self._log.keep()

    def stop(self) -> None:
        """Nothing goes on."""
        self._writes = False
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _begin(self, kind: TransferKind, work: Coroutine[Any, Any, None]) -> None:
        if self.is_working:
            work.close()
            return
        self._tools.show(Transfer(kind, LOADING, progress=(0, 0)))
        self._task = asyncio.get_running_loop().create_task(self._guarded(kind, work))

    async def _guarded(self, kind: TransferKind, work: Coroutine[Any, Any, None]) -> None:
        """Whatever fails is said, and no text of an unknown error is: it could hold what the person wrote."""
        try:
            await work
        except HearthError as error:
            self._tools.show(Transfer(kind, str(error), failed=True))
        except Exception as error:  # noqa: BLE001 - said, as what it is
            log.error("unexpected %s", type(error).__name__)  # noqa: TRY400
            self._tools.show(Transfer(kind, UNEXPECTED, failed=True))

    async def _load(self, modules: Sequence[str]) -> None:
        """Load modules in steps, each of which is compiled in a few milliseconds."""
        for each in modules:
            await self._tools.device.load(each)
            await asyncio.sleep(0)

    async def _read(self, file: ChosenFile) -> None:
        await self._load(IMPORTING)
        from hearth.engine.transfer.importing.importer import ChatImport  # noqa: PLC0415 - loaded on demand

        self._import = None
        read = ChatImport(self._tools, file, self._log)
        await read.preview()
        self._import = read

    async def _run(self, read: ChatImport) -> None:
        self._log.clear()
        self._writes = True
        try:
            await read.run()
        finally:
            self._writes = False
            self._import = None

    async def _undo(self) -> None:
        await self._load(IMPORTING)
        from hearth.engine.transfer.importing.undo import undo  # noqa: PLC0415 - loaded on demand

        await undo(self._tools, self._log)

    async def _export(self) -> None:
        await self._load(EXPORTING)
        from hearth.engine.transfer.exporting.export import export  # noqa: PLC0415 - loaded on demand

        await export(self._tools)
