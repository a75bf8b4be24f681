"""An import: previewed before the press, gone on with after a stop, and exact."""

from __future__ import annotations

import pytest

from hearth.engine.intents.transfer import CancelTransfer, StartImport
from hearth.engine.transfer.importing import importer
from hearth.testing.transfer import FakeFile
from tests.app.hearth.core.chat_import.files import chain, said
from tests.app.hearth.engine.transfer.exporting.test_exporter import chats_of, exported
from tests.app.hearth.engine.transfer.importing.steps import bring, chat, file_of, imported, plain, read, settled
from tests.app.hearth.engine.writing.live import Live, live, screen
from tests.peers import Browser


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
