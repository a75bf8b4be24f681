"""Exports and imports of one session, one at a time: each is a task beside the queue, and its code comes on demand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, assert_never

from hearth.core.errors import HearthError
from hearth.core.view.model import Transfer, TransferKind
from hearth.engine.intents import CancelTransfer, ExportData, TransferIntent
from hearth.engine.transfer.tools import TransferTools

LOADING = "Getting ready…"
UNEXPECTED = "Something went wrong. Nothing is lost; try again."

EXPORTING = (
    "hearth.core.zip.writer",
    "hearth.core.export.chat_entry",
    "hearth.core.export.chat_markdown",
    "hearth.core.export.documents",
    "hearth.core.export.file_names",
    "hearth.core.export.unsent",
    "hearth.engine.transfer.remote_chats",
    "hearth.engine.transfer.exporting.archive",
    "hearth.engine.transfer.exporting.chat_source",
    "hearth.engine.transfer.exporting.exporter",
    "hearth.engine.transfer.exporting.export",
)
"""What an export needs, each module after those that it imports."""

log = logging.getLogger("hearth")


class TransferController:
    """Begins, reports and stops them."""

    def __init__(self, tools: TransferTools) -> None:
        self._tools = tools
        self._task: asyncio.Task[None] | None = None

    @property
    def is_working(self) -> bool:
        """Whether one is under way."""
        return self._task is not None and not self._task.done()

    async def do(self, intent: TransferIntent) -> None:
        """Do what the person asked for; while one is under way no other begins."""
        match intent:
            case ExportData():
                self._begin(TransferKind.EXPORT, self._export())
            case CancelTransfer():
                self.stop()
                self._tools.show(None)
            case _:
                assert_never(intent)

    def stop(self) -> None:
        """Nothing goes on."""
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

    async def _export(self) -> None:
        await self._load(EXPORTING)
        from hearth.engine.transfer.exporting.export import export  # noqa: PLC0415 - loaded on demand

        await export(self._tools)
