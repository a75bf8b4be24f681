"""A change whose answer was lost: it is looked for, and told as made, as not made, or as not known."""

from __future__ import annotations

from typing import Any

import pytest

from hearth.core.errors import SignInError, Unreachable
from hearth.engine.ways import outcome
from hearth.engine.ways.outcome import OutcomeUnknown, put_way
from hearth.engine.ways.requests import AccountRequests, Cost, ListedWay

WAY = {"id": "new"}


class Server(AccountRequests):
    """Answers as the test has it: each answer is used once."""

    def __init__(self, puts: list[Exception | None], lists: list[Exception | str]) -> None:
        self.puts, self.lists, self.calls = puts, lists, 0

    async def put(self, account: str, lookup_hash: str, way: dict[str, Any], *, end_sessions: bool = True) -> None:
        self.calls += 1
        if error := self.puts.pop(0):
            raise error

    async def ways(self, account: str) -> list[ListedWay]:
        found = self.lists.pop(0)
        if isinstance(found, Exception):
            raise found
        return [ListedWay(found, "password", Cost(b"", 1), 0)]


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "PAUSES_S", (0.0, 0.0, 0.0))


LOST = Unreachable("No answer.")


async def test_an_answer_is_the_end() -> None:
    server = Server([None], [])
    await put_way(server, "a", "h", WAY)
    assert server.calls == 1


async def test_what_is_there_is_sent_again_for_what_it_was_to_end() -> None:
    for again in (None, LOST):
        server = Server([LOST, again], [LOST, "new"])
        await put_way(server, "a", "h", WAY)
        assert server.calls == 2


async def test_what_is_not_there_was_not_made() -> None:
    with pytest.raises(SignInError, match="No answer") as caught:
        await put_way(Server([LOST], ["old"]), "a", "h", WAY)
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_a_server_that_never_answers_leaves_it_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        await put_way(Server([LOST], [LOST, LOST, LOST]), "a", "h", WAY)


async def test_a_refusal_is_one() -> None:
    with pytest.raises(SignInError, match="Wrong"):
        await put_way(Server([SignInError("Wrong.")], []), "a", "h", WAY)
