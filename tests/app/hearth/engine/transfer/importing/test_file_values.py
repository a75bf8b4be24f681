"""The files that services send, and bad ones: each gets a sentence and changes nothing."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from hearth.testing.transfer import FakeFile
from tests.app.hearth.core.chat_import.files import claude, turn
from tests.app.hearth.engine.transfer.importing.steps import bring, chat, file_of, imported, read
from tests.app.hearth.engine.writing.live import live


def test_the_zip_that_a_service_sends_is_read_and_so_is_claudes_file() -> None:
    with live() as there:
        browser = there.signed_in()
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("user.json", "{}")
            archive.writestr("chat.html", "<html>")
            archive.writestr("conversations-000.json", json.dumps([chat(1)]))
            archive.writestr("conversations-001.json", json.dumps([chat(2)]))
        assert bring(there, browser, FakeFile(content.getvalue())).sentence == "Imported 2 chats with 6 messages."
        bread = claude(turn("a", "human", "How long?"), turn("b", "assistant", "An hour."), name="Imported bread")
        assert bring(there, browser, file_of(bread)).sentence == "Imported 1 chat with 2 messages."
        assert imported(browser) == ["Imported 1", "Imported 2", "Imported bread"]


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", b"[" + b" " * 50_000_000)
    return content.getvalue()


class HugeFile(FakeFile):
    """A file of 500 MB, none of which is read but its beginning."""

    @property
    def size(self) -> int:
        return 500_000_000


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FakeFile(json.dumps([chat(1), chat(2)]).encode()[:-40]), "damaged, or not complete"),
        (FakeFile(b"%PDF-1.7 \xff\xfe"), "not a file of chats"),
        (FakeFile(b""), "not a file of chats"),
        (FakeFile(b'[{"a": 1}]'), "not a file of chats"),
        (FakeFile(b"[" * 100_000), "not like any file of chats"),
        (FakeFile(bomb()), "far more than it holds"),
        (FakeFile(b"PK\x03\x04" + bytes(500)), "archive is damaged"),
        (HugeFile(b"[1, 2"), "too large"),
        (FakeFile(json.dumps({"format": "hearth-chat", "version": 9}).encode()), "newer version"),
    ],
    ids=["truncated", "pdf", "empty", "other json", "deep", "bomb", "broken zip", "500 MB", "newer"],
)
def test_bad_input_gets_a_sentence_and_changes_nothing(file: FakeFile, words: str) -> None:
    with live() as there:
        browser = there.signed_in()
        before = there.stored(), there.stored("chats")
        found = read(there, browser, file)
        assert words in found.sentence
        assert found.failed
        assert not found.can_import
        assert (there.stored(), there.stored("chats")) == before
        assert file.read_bytes < 2_000_000
