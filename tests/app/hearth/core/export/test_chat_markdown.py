"""A chat as an export's Markdown has it."""

from __future__ import annotations

import json
from datetime import UTC

from hearth.core.export.chat_entry import chat_entry, message_entry
from hearth.core.export.chat_markdown import chat_heading, message_section
from tests.app.hearth.core.export.test_chat_entry import opened
from tests.app.hearth.core.export.test_moments import SUMMER


def test_markdown_has_the_persons_own_time_and_the_text_as_it_was_written() -> None:
    message = message_entry(opened(content="**bold** <b>\r\n```\ncode\n```"))
    text = message_section(message, SUMMER)
    assert "## You, 2025-06-15 17:06 +0200" in text
    assert "**bold** <b>\n```\ncode\n```" in text
    heading = chat_heading(chat_entry(opened(title="")), SUMMER)
    assert heading.startswith("# Untitled chat\n")


def test_markdown_names_files_and_links() -> None:
    files = json.dumps([{"name": "notes.txt"}, {"name": ""}])
    embeds = json.dumps([{"url": "https://hearth.example/", "title": "Hearth"}])
    message = message_entry(opened(content="See", role="assistant", files=files, embeds=embeds))
    text = message_section(message, UTC, ["files/0001 Plan/1 notes.txt", ""])
    assert "## Assistant" in text
    assert "Attached: notes.txt (`files/0001 Plan/1 notes.txt`)\n" in text
    assert "Attached: Unnamed file\n" in text
    assert "Link: Hearth — https://hearth.example/" in text
