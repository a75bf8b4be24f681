"""Imports against the real server: previewed, written once, sealed, continued, stopped, taken back, imported again."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from hearth.core.chat_import.model import Source
from hearth.core.view.account import Transfer
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.transfer import CancelTransfer, ReadImport, StartImport, UndoImport
from hearth.engine.intents.writing import DeleteChat, SendMessage
from hearth.engine.transfer.importing import importer
from hearth.testing.transfer import FakeFile
from tests.app.hearth.core.chat_import.files import BEGAN, chain, claude, said, turn
from tests.app.hearth.engine.transfer.exporting.test_exporter import chats_of, exported, transfer
from tests.app.hearth.engine.writing.live import Live, items, live, screen, texts
from tests.peers import Browser


def chat(number: int, messages: int = 3, **more: Any) -> dict[str, Any]:
    """A chat of ChatGPT that is years old."""
    lines = [
        said(f"m{number}-{each}", "assistant" if each % 2 else "user", f"Line {each} of {number}", at=BEGAN + each)
        for each in range(messages)
    ]
    return chain(*lines, title=f"Imported {number}", conversation_id=f"conv-{number}", **more)


def file_of(*chats: dict[str, Any]) -> FakeFile:
    return FakeFile(json.dumps(chats).encode())


def settled(there: Live, browser: Browser) -> Transfer:
    there.until(lambda: screen(browser).transfer is not None and transfer(browser).progress is None, 600)
    return transfer(browser)


def read(there: Live, browser: Browser, file: FakeFile) -> Transfer:
    there.do(browser, ReadImport(file), wait=0)
    return settled(there, browser)


def bring(there: Live, browser: Browser, file: FakeFile) -> Transfer:
    """Choose a file and import what it holds."""
    found = read(there, browser, file)
    assert found.can_import, found
    there.do(browser, StartImport(), wait=0)
    return settled(there, browser)


def imported(browser: Browser) -> list[str]:
    return sorted(item.title for item in items(browser) if item.title.startswith("Imported"))


def test_a_file_is_previewed_and_nothing_is_written_before_the_press() -> None:
    with live() as there:
        browser = there.signed_in()
        thoughts = {"content_type": "thoughts"}
        file = file_of(chat(1), chat(2), chain(said("t", "assistant", content=thoughts), conversation_id="empty"))
        before = there.stored()
        found = read(there, browser, file)
        assert found.sentence == "Found 2 chats with 6 messages from ChatGPT."
        assert found.details == (
            "2 chats with 6 messages will be imported.",
            "Left out: 1 passage of reasoning.",
            "Left out: 1 chat without messages.",
        )
        assert there.stored() == before
        there.do(browser, CancelTransfer())
        assert screen(browser).transfer is None
        there.do(browser, StartImport())
        assert there.stored() == before


def test_chats_appear_here_and_on_other_devices_sealed_and_not_as_news() -> None:
    with live() as there:
        browser, other = there.signed_in(), there.signed_in()
        done = bring(there, browser, file_of(chat(1), chat(2, messages=250)))
        assert done.sentence == "Imported 2 chats with 253 messages."
        assert done.can_undo
        there.wait()
        assert imported(browser) == imported(other) == ["Imported 1", "Imported 2"]
        assert all(item.unread == 0 for item in items(other))
        there.do(other, OpenChat(next(item.id for item in items(other) if item.title == "Imported 1")))
        assert texts(other) == ["Line 0 of 1", "Line 1 of 1", "Line 2 of 1"]
        rows = [row for row in there.stored() if row["created_at"] < (BEGAN + 10_000) * 1000]
        assert len(rows) == 253
        assert "Line" not in json.dumps([there.stored(), there.stored("chats")])
        assert {row["role"] for row in rows} == {"user", "assistant"}
        assert screen(browser).status.sentence == screen(other).status.sentence == "Up to date"


def test_a_second_import_adds_only_what_is_new() -> None:
    with live() as there:
        browser = there.signed_in()
        bring(there, browser, file_of(chat(1), chat(2)))
        count = len(there.stored())
        again = read(there, browser, file_of(chat(1), chat(2)))
        assert (again.sentence, again.can_import) == ("Everything in this file is here already.", False)
        done = bring(there, browser, file_of(chat(1, messages=5), chat(2), chat(3)))
        assert done.sentence == "Imported 1 chat with 5 messages."
        assert len(there.stored()) == count + 5
        there.do(browser, OpenChat(next(item.id for item in items(browser) if item.title == "Imported 1")))
        assert texts(browser)[-1] == "Line 4 of 1"
        another = there.signed_in()
        assert read(there, another, file_of(chat(1, messages=5))).can_import is False


def test_an_import_is_taken_back_as_a_whole_and_can_be_made_again() -> None:
    with live() as there:
        browser, other = there.signed_in(), there.signed_in()
        bring(there, browser, file_of(chat(1)))
        bring(there, browser, file_of(chat(1, messages=4), chat(2)))
        there.reload(browser)
        assert transfer(browser).can_undo
        there.do(browser, UndoImport(), wait=0)
        assert settled(there, browser).sentence == "The import was taken back."
        there.wait(15)
        assert imported(browser) == imported(other) == ["Imported 1"]
        there.do(browser, OpenChat(next(item.id for item in items(browser) if item.title == "Imported 1")))
        assert len(texts(browser)) == 3
        assert (
            bring(there, browser, file_of(chat(1, messages=4), chat(2))).sentence == "Imported 1 chat with 4 messages."
        )
        there.wait()
        assert imported(other) == ["Imported 1", "Imported 2"]


def test_a_chat_in_which_the_person_has_written_since_stays() -> None:
    with live() as there:
        browser = there.signed_in()
        bring(there, browser, file_of(chat(1), chat(2)))
        mine = next(item.id for item in items(browser) if item.title == "Imported 1")
        there.do(browser, OpenChat(mine), SendMessage(mine, "My own words"))
        there.do(browser, UndoImport(), wait=0)
        assert settled(there, browser).details == ("1 chat in which you have written since stays.",)
        there.wait(15)
        assert imported(browser) == ["Imported 1"]


def test_a_chat_that_was_deleted_can_be_imported_again() -> None:
    with live() as there:
        browser = there.signed_in()
        bring(there, browser, file_of(chat(1)))
        there.do(browser, DeleteChat(next(item.id for item in items(browser) if item.title == "Imported 1")), wait=15)
        assert imported(browser) == []
        assert bring(there, browser, file_of(chat(1))).sentence == "Imported 1 chat with 3 messages."
        assert imported(browser) == ["Imported 1"]


@pytest.fixture
def few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little waits in the outbox at a time."""
    monkeypatch.setattr(importer, "MAX_WAITING_CHARS", 3_000)


def test_an_import_that_is_stopped_goes_on_with_the_same_file(few_wait: None) -> None:
    with live() as there:
        browser = there.signed_in()
        file = file_of(*(chat(number) for number in range(150)))
        read(there, browser, file)
        browser.device.network.delays_s = (0.3,)  # so that it can be met in the middle
        there.do(browser, StartImport(), wait=0)
        there.until(lambda: len(imported(browser)) > 10)
        there.do(browser, CancelTransfer(), wait=0)
        stopped = settled(there, browser)
        assert "Import the same file again" in stopped.details[-1]
        assert 10 < len(imported(browser)) < 150
        bring(there, browser, file)
        assert len(imported(browser)) == 150
        assert len({row["id"] for row in there.stored("chats")}) == 154


def test_a_page_that_is_killed_goes_on_with_the_same_file(few_wait: None) -> None:
    with live() as there:
        browser = there.signed_in()
        file = file_of(*(chat(number) for number in range(60)))
        read(there, browser, file)
        browser.device.network.delays_s = (0.3,)  # so that it can be met in the middle
        there.do(browser, StartImport(), wait=0)
        there.until(lambda: len(imported(browser)) > 5)
        there.reload(browser)
        bring(there, browser, file)
        assert len(imported(browser)) == 60
        assert len(there.stored()) == 8 + 180


def test_an_export_comes_back_in_another_account_exactly_and_once() -> None:
    with live() as there:
        browser = there.signed_in()
        archive = exported(there, browser)
        content = FakeFile(browser.device.downloads[-1].offered or b"", "Hearth.zip")
        again = read(there, browser, content)
        assert again.can_import is False, "it is all in the account that it was exported from"
        there.run(there.world.seed(chats=0, messages=0, email="other@hearth.example", password="another password"))
        other = there.run(_browse(there))
        there.wait()
        other.sign_in("other@hearth.example", "another password")
        there.wait()
        bring(there, other, content)
        there.wait()
        assert plain(chats_of(exported(there, other))) == plain(chats_of(archive))
        assert read(there, other, content).can_import is False
        mine = {row["id"] for row in there.stored("chats")}
        assert len(mine) == 8


async def _browse(there: Live) -> Browser:
    return there.world.browse()


def plain(chats: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Chats without ids, and without what says that a message was edited."""
    kept = [
        {
            **{name: value for name, value in chat.items() if name != "id"},
            "messages": [{n: v for n, v in each.items() if n not in ("id", "edited")} for each in chat["messages"]],
        }
        for chat in chats
    ]
    return sorted(kept, key=lambda each: (each["created_at"], each["title"]))


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


def test_without_a_connection_nothing_is_begun() -> None:
    with live() as there:
        browser = there.signed_in()
        browser.go_offline()
        there.wait()
        assert "cannot be reached" in read(there, browser, file_of(chat(1))).sentence


def test_sources_keep_their_names_for_they_are_part_of_ids() -> None:
    assert [each.value for each in Source] == ["hearth", "chatgpt", "claude"]
