"""One export from the press to the download: what it says on the way, and what it leaves when it is stopped."""

from __future__ import annotations

from hearth.core.errors import HearthError
from hearth.core.export.documents import Contents
from hearth.core.view.account import Transfer, TransferKind
from hearth.core.zip.writer import ArchiveFull
from hearth.engine.transfer.count_text import counted
from hearth.engine.transfer.exporting.archive import ExportArchive
from hearth.engine.transfer.exporting.chat_source import ChatSource
from hearth.engine.transfer.exporting.exporter import Exporter
from hearth.engine.transfer.pacing import Pacer, Reports
from hearth.engine.transfer.remote_chats import RemoteChats
from hearth.engine.transfer.tools import TransferTools

MEDIA_TYPE = "application/zip"
WORKING = "Exporting your data…"
TOO_LARGE = "This is too much for one archive: it holds 4 GB, or 65,000 files."


async def export(tools: TransferTools) -> None:
    """Make the archive and offer it. Raises `HearthError`, fit to be shown; stopped or not, no piece of it stays."""
    device, now = tools.device, tools.device.now()
    remote = RemoteChats(device, tools.account, tools.store, tools.keyring)
    source = ChatSource(tools.store, tools.keyring, tools.repository, tools.outbox, tools.view, remote)
    download = device.download(f"Hearth {now:%Y-%m-%d}.zip", MEDIA_TYPE)
    pacer = Pacer(device.monotonic)

    reports = Reports(device.monotonic)

    def progress(done: int, total: int) -> None:
        if reports.due():
            count = f"{done:,} of {total:,} chats"
            tools.show(Transfer(TransferKind.EXPORT, WORKING, progress=(done, total), count=count))

    progress(0, source.total)
    archive = ExportArchive(download, now.replace(tzinfo=None), pacer)
    try:
        contents = await Exporter(source, tools.entries, archive, now, pacer, progress).run()
        download.finish()
    except ArchiveFull:
        raise HearthError(TOO_LARGE) from None
    finally:
        remote.close()
        download.discard()
    device.mark("exported")
    tools.show(Transfer(TransferKind.EXPORT, _done(contents), tuple(contents.missing), failed=bool(contents.missing)))


def _done(contents: Contents) -> str:
    held = counted(contents.chats, contents.messages)
    return f"Exported {held}. The file is not encrypted: keep it where only you can read it."
