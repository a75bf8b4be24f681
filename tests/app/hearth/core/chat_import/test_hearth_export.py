"""Chats of Hearth's own exports are read back; what a newer version wrote is refused, and bad parts cost themselves."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.chat_import.hearth_export import NewerFormat, is_chat, read_chat
from hearth.core.chat_import.model import LeftOut, Source
from hearth.core.export.chat_entry import FORMAT, VERSION

CHAT: dict[str, Any] = {
    "format": FORMAT,
    "version": VERSION,
    "id": "c",
    "title": "Travels",
    "created_at": "2026-01-02T03:04:05.678Z",
    "last_updated": "2026-01-02T03:05:00.000Z",
    "pinned": True,
    "draft": "to be",
}


def test_everything_of_a_chat_is_read() -> None:
    message = {"id": "m", "role": "user", "created_at": "2026-01-02T03:04:05Z", "text": "Hello", "interrupted": True}
    chat = read_chat({**CHAT, "messages": [message]})
    assert (chat.source, chat.id, chat.title, chat.pinned, chat.draft) == (Source.HEARTH, "c", "Travels", True, "to be")
    assert chat.created_at == 1_767_323_045_678
    (read,) = chat.messages
    assert (read.id, read.role, read.text, read.interrupted, read.at) == ("m", "user", "Hello", True, 1_767_323_045_000)


@pytest.mark.parametrize("version", [VERSION + 1, "1", None, 1.5])
def test_what_a_newer_version_wrote_is_refused(version: object) -> None:
    with pytest.raises(NewerFormat):
        read_chat({**CHAT, "version": version})


def test_a_message_that_could_not_be_exported_is_counted() -> None:
    chat = read_chat({**CHAT, "messages": [{"id": "m", "unreadable": {"content": "damaged"}}, "nonsense"]})
    assert (chat.messages, chat.left_out) == ([], {LeftOut.UNREADABLE: 1})


def test_roles_that_are_not_known_are_the_assistants_and_files_keep_simple_parts() -> None:
    files = [{"name": "a\ud800", "size": 3, "nested": {"x": 1}}, "nonsense"]
    (read,) = read_chat({**CHAT, "messages": [{"role": "root", "files": files, "embeds": {}}]}).messages
    assert (read.role, read.files, read.embeds) == ("assistant", [{"name": "a\ufffd", "size": 3}], [])


def test_only_the_format_says_what_is_a_chat() -> None:
    assert is_chat(CHAT)
    assert not is_chat({**CHAT, "format": "hearth-entries"})
    assert not is_chat({})
