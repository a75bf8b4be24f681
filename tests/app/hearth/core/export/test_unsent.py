"""What the server does not have yet, laid over what is stored."""

from __future__ import annotations

from typing import Any

from hearth.core.export.chat_entry import chat_entry
from hearth.core.export.unsent import UnsentChanges
from hearth.core.outbox.mutation import Act, Mutation
from tests.app.hearth.core.export.test_chat_entry import opened
from tests.app.hearth.core.export.test_moments import AT


def mutation(act: Act, text: str = "", message: str = "", **more: Any) -> Mutation:
    record = {"id": message, "content": "sealed", "role": "user", "created_at": AT, "version": 1} if message else {}
    return Mutation(id=f"{act} {text}", at=AT, act=act, chat_id="a", text=text, message=record, **more)


def test_what_is_not_sent_lies_over_what_is_stored() -> None:
    unsent = UnsentChanges(
        [
            mutation(Act.EDIT, "New words", "m1"),
            mutation(Act.DELETE_MESSAGE, "", "m2"),
            mutation(Act.SEND, "More", "m4"),
            mutation(Act.RENAME, "Other title"),
            mutation(Act.PIN, "1"),
        ]
    )
    stored = [opened(id=name, content=name) for name in ("m1", "m2", "m3")]
    assert [each["texts"]["content"] for each in unsent.messages(stored)] == ["New words", "m3"]
    (added,) = unsent.added()
    assert (added["texts"]["content"], "content" in added["clear"]) == ("More", False)
    chat = unsent.chat(opened(title="Title"), "")
    assert chat is not None
    assert (chat["texts"]["title"], chat["texts"]["pinned"]) == ("Other title", "1")


def test_a_chat_that_is_only_begun_is_there_once_something_is_written_in_it() -> None:
    begun = UnsentChanges([mutation(Act.SEND, "First", "m", creates=True)]).chat(None, "First")
    assert begun is not None
    assert chat_entry(begun)["title"] == "First"
    assert UnsentChanges([mutation(Act.DRAFT, "typed", creates=True)]).chat(None, "") is None
    assert UnsentChanges([mutation(Act.DELETE_CHAT)]).is_deleted
