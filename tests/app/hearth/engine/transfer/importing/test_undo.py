"""An import that is taken back: as a whole, but for chats in which the person has written since."""

from __future__ import annotations

from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.transfer import UndoImport
from hearth.engine.intents.writing import SendMessage
from tests.app.hearth.engine.transfer.exporting.test_exporter import transfer
from tests.app.hearth.engine.transfer.importing.steps import bring, chat, file_of, imported, settled
from tests.app.hearth.engine.writing.live import items, live, texts


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
