"""Exports and imports as one piece of work at a time."""

from __future__ import annotations

import pytest

from hearth.engine.intents.transfer import StartImport
from hearth.engine.transfer.importing import importer
from tests.app.hearth.engine.transfer.importing.steps import bring, chat, file_of, imported, read
from tests.app.hearth.engine.writing.live import live


@pytest.fixture
def few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little waits in the outbox at a time."""
    monkeypatch.setattr(importer, "MAX_WAITING_CHARS", 3_000)


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


def test_without_a_connection_nothing_is_begun() -> None:
    with live() as there:
        browser = there.signed_in()
        browser.go_offline()
        there.wait()
        assert "cannot be reached" in read(there, browser, file_of(chat(1))).sentence
