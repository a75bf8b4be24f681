"""A server that was restored from a backup: it is said once, and a person goes on with the account as it is now."""

from __future__ import annotations

from typing import Any

from hearth.core.records.schema import Collection
from hearth.core.view.message import Delivery
from hearth.core.view.screen import Tone
from hearth.engine.intents.account import TakeServerState
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import NewChat, SendMessage
from tests.app.hearth.engine.writing.live import Live, items, last, screen, texts

Rows = dict[Collection, dict[str, dict[str, Any]]]
OLDER = "The server answers with an older state of your account"


def backed_up(there: Live) -> Rows:
    return {name: {row["id"]: row for row in there.stored(name.value)} for name in Collection}


def restore(there: Live, backup: Rows) -> None:
    """Put everything on the disk back to how it was, with another process of the server."""
    there.run(there.world.die())
    disk = there.world.direct
    for collection, rows in backup.items():
        for row in there.stored(collection.value):
            if row["id"] not in rows:
                there.run(disk.delete(collection.value, row["id"]))
        for row_id, row in rows.items():
            there.run(disk.update(collection.value, row_id, {k: v for k, v in row.items() if k != "id"}))
    there.run(there.world.die())
    there.wait(60)


def test_writing_goes_on_once_the_state_of_the_server_is_taken_over(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, SendMessage(chat, "before the backup"))
    backup = backed_up(there)
    there.do(one, SendMessage(chat, "lost with the server's disk"))
    restore(there, backup)
    assert not screen(one).status.differs, "nothing has been told yet"
    there.do(one, SendMessage(chat, "written afterwards"), wait=10)
    assert screen(one).status.sentence.startswith(OLDER)
    assert screen(one).status.differs
    assert texts(one)[-2:] == ["lost with the server's disk", "written afterwards"], "what is here can be read"
    there.do(one, TakeServerState(), wait=10)
    assert (screen(one).status.sentence, screen(one).status.tone) == ("Up to date", Tone.QUIET)
    assert not screen(one).status.differs
    there.do(one, OpenChat(chat))
    assert texts(one)[-2:] == ["before the backup", "written afterwards"]
    assert last(one).delivery is Delivery.DONE
    there.do(one, SendMessage(chat, "and on"))
    assert texts(one)[-1] == "and on"
    # The other device has seen the newer state, too, and is told by what is written.
    there.wait(10)
    assert screen(two).status.differs
    there.do(two, TakeServerState(), wait=10)
    there.do(two, OpenChat(chat))
    assert texts(two) == texts(one)
    assert screen(two).status.sentence == "Up to date"


def test_what_others_write_after_the_backup_is_told_as_an_older_state(there: Live) -> None:
    one = there.signed_in()
    backup = backed_up(there)
    for number in range(3):
        there.run(there.world.change(add_message={"chat_id": items(one)[2].id, "text": f"since then {number}"}))
    there.wait()
    restore(there, backup)
    there.run(there.world.change(add_message={"text": "from a device that knows of nothing"}))
    there.wait(10)
    assert screen(one).status.sentence.startswith(OLDER)
    assert screen(one).status.differs


def test_a_message_in_a_chat_that_the_server_lost_is_given_back(there: Live) -> None:
    one = there.signed_in()
    backup = backed_up(there)
    there.do(one, NewChat())
    there.do(one, SendMessage(one.page.screen.chat.id, "first"))  # type: ignore[union-attr]
    chat = items(one)[0].id
    restore(there, backup)
    there.do(one, SendMessage(chat, "second"), SendMessage(items(one)[1].id, "elsewhere"), wait=10)
    assert screen(one).status.differs
    there.do(one, TakeServerState(), wait=10)
    there.do(one, OpenChat(chat))
    assert texts(one)[-1:] == ["second"]
    assert last(one).delivery is Delivery.FAILED
    assert screen(one).status.tone is Tone.QUIET
