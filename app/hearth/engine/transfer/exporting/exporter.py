"""Makes an export: every chat as JSON and Markdown, the texts of files, settings and memories, in one archive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from hearth.core.export import documents
from hearth.core.export.chat_entry import as_line, chat_entry, message_entry
from hearth.core.export.chat_markdown import chat_heading, message_section
from hearth.core.export.documents import CHATS_FOLDER, FILES_FOLDER, Contents
from hearth.core.export.file_names import safe_file_name, safe_name
from hearth.core.export.moments import exact
from hearth.core.export.unsent import Opened
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.transfer.exporting.archive import ExportArchive
from hearth.engine.transfer.exporting.chat_source import ChatSource
from hearth.engine.transfer.pacing import Pacer

Progress = Callable[[int, int], None]
"""Hears how many chats of how many are done."""


class Exporter:
    """One export. `progress` hears of each chat that is in the archive."""

    def __init__(
        self,
        source: ChatSource,
        entries: EntryRepository,
        archive: ExportArchive,
        now: datetime,
        pacer: Pacer,
        progress: Progress,
    ) -> None:
        self._source = source
        self._entries = entries
        self._archive = archive
        self._now = now
        self._pacer = pacer
        self._progress = progress
        self._contents = Contents()

    async def run(self) -> Contents:
        """Write the whole archive. Raises `ArchiveFull`, `StorageError`."""
        async for chat, pages in self._source.chats():
            await self._chat(chat, pages)
            self._contents.chats += 1
            self._progress(self._contents.chats, max(self._source.total, self._contents.chats))
        text, self._contents.entries = documents.settings_and_memories(await self._entries.all())
        await self._archive.file(documents.ENTRIES_FILE, [text])
        if self._source.missing:
            chats = "1 chat is" if self._source.missing == 1 else f"{self._source.missing} chats are"
            self._contents.missing.append(f"{chats} not on this device and could not be fetched. {self._source.why}")
        at = self._now.astimezone(UTC)
        await self._archive.file(documents.INDEX_FILE, [documents.index(self._contents, exact(_ms(at)))])
        exported = self._now.strftime("%Y-%m-%d %H:%M %z")
        await self._archive.file(documents.README_FILE, [documents.readme(self._contents, exported)])
        self._archive.finish()
        return self._contents

    async def _chat(self, opened: Opened, pages: AsyncIterator[list[Opened]]) -> None:
        """A chat's two files and the texts of its files. The JSON is written as it comes, the rest once it is whole."""
        chat = chat_entry(opened)
        stem = f"{self._contents.chats + 1:04} {safe_name(chat['title'], 'Untitled chat')}"
        markdown = [chat_heading(chat, self._now.tzinfo)]
        files: list[tuple[str, str]] = []
        self._archive.begin(f"{CHATS_FOLDER}/{stem}.json")
        await self._archive.write(f'{as_line(chat)[:-1]}, "messages": [')
        separator = "\n"
        async for page in pages:
            for each in page:
                message = message_entry(each)
                await self._archive.write(separator + as_line(message))
                separator = ",\n"
                attached = _texts_of(message, f"{FILES_FOLDER}/{stem}", len(files))
                files += [found for found in attached if found[0]]
                markdown.append(message_section(message, self._now.tzinfo, [name for name, _ in attached]))
                self._contents.messages += 1
                await self._pacer.rest()
        await self._archive.write("\n]}\n")
        await self._archive.file(f"{CHATS_FOLDER}/{stem}.md", markdown)
        for name, text in files:
            await self._archive.file(name, [text])
        self._contents.files += len(files)


def _texts_of(message: Mapping[str, Any], folder: str, known: int) -> list[tuple[str, str]]:
    """For each file of a message its name in the archive and its text; both are empty for a file without a text."""
    files: Any = message.get("files")
    found: list[tuple[str, str]] = []
    for each in files if isinstance(files, Sequence) and not isinstance(files, str) else ():
        text = each.get("text") if isinstance(each, Mapping) else None
        if isinstance(text, str) and text:
            name = safe_file_name(str(each.get("name") or ""), "file")
            number = known + sum(bool(there) for there, _ in found) + 1
            found.append((f"{folder}/{number} {name}{'' if _is_text(name) else '.txt'}", text))
        elif isinstance(each, Mapping):
            found.append(("", ""))
    return found


def _is_text(name: str) -> bool:
    return name.lower().endswith((".txt", ".md", ".csv", ".json", ".py", ".html"))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
