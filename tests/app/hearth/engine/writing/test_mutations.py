"""A mutation is stored before it is shown and sent; where it cannot be stored, the person is told."""

from __future__ import annotations

from itertools import count
from typing import Any, cast

import pytest

from hearth.core.errors import QuotaExceeded, StorageError
from hearth.core.outbox.mutation import Act, Mutation
from hearth.core.sync.server_clock import ServerClock
from hearth.engine.writing.clock import WritingClock
from hearth.engine.writing.mutations import NO_ROOM, NOT_STORED, Mutations
from hearth.testing.device import FakeDevice


class Desk:
    """Mutations, and what happened to them, in order."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.steps: list[Any] = []
        numbers = count(1)
        parts = cast(Any, self)
        clock = WritingClock(FakeDevice(), ServerClock())
        self.mutations = Mutations(parts, clock, parts, parts, parts, parts, lambda: f"id{next(numbers)}")

    async def change(self, put: list[Mutation], remove: list[Mutation]) -> None:
        if self.error:
            raise self.error
        self.steps.append(("stored", [each.id for each in put], [each.id for each in remove]))

    def report(self, chat_id: str, problem: str) -> None:
        self.steps.append(("told", chat_id, problem))

    def redraw(self) -> None:
        self.steps.append("shown")

    def tell_outbox(self) -> None:
        self.steps.append("tabs")

    async def push(self) -> None:
        self.steps.append("sent")


def test_each_has_an_id_of_its_own_and_what_it_is_given() -> None:
    desk = Desk()
    one = desk.mutations.make(Act.RENAME, "chat", 5, text="Title")
    other = desk.mutations.make(Act.PIN, "chat", 6)
    assert (one.id, one.act, one.chat_id, one.at, one.text) == ("id1", Act.RENAME, "chat", 5, "Title")
    assert other.id == "id2"


async def test_it_is_stored_then_shown_then_sent() -> None:
    desk = Desk()
    await desk.mutations.do(desk.mutations.make(Act.PIN, "chat", 5))
    assert desk.steps == [("stored", ["id1"], []), "shown", "tabs", "sent"]


@pytest.mark.parametrize(
    ("error", "own", "told"),
    [
        (QuotaExceeded("full"), NOT_STORED, NO_ROOM),
        (QuotaExceeded("full"), "The draft is not stored.", "The draft is not stored."),
        (StorageError("no"), NOT_STORED, NOT_STORED),
        (StorageError("no"), "The draft is not stored.", "The draft is not stored."),
    ],
)
async def test_what_cannot_be_stored_is_told_at_the_box(error: Exception, own: str, told: str) -> None:
    desk = Desk(error)
    assert not await desk.mutations.keep("chat", [desk.mutations.make(Act.PIN, "chat", 5)], [], own)
    assert desk.steps == [("told", "chat", told)]


async def test_what_is_not_stored_is_neither_shown_nor_sent() -> None:
    desk = Desk(StorageError("no"))
    await desk.mutations.do(desk.mutations.make(Act.PIN, "chat", 5))
    assert [step[0] for step in desk.steps] == ["told"]
