"""What of a file is new: a second import adds only that, and a deleted chat can be imported again."""

from __future__ import annotations

from hearth.core.chat_import.model import Source
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import DeleteChat
from tests.app.hearth.engine.transfer.importing.steps import bring, chat, file_of, imported, read
from tests.app.hearth.engine.writing.live import items, live, texts


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


def test_a_chat_that_was_deleted_can_be_imported_again() -> None:
    with live() as there:
        browser = there.signed_in()
        bring(there, browser, file_of(chat(1)))
        there.do(browser, DeleteChat(next(item.id for item in items(browser) if item.title == "Imported 1")), wait=15)
        assert imported(browser) == []
        assert bring(there, browser, file_of(chat(1))).sentence == "Imported 1 chat with 3 messages."
        assert imported(browser) == ["Imported 1"]


def test_sources_keep_their_names_for_they_are_part_of_ids() -> None:
    assert [each.value for each in Source] == ["hearth", "chatgpt", "claude"]
