"""Each item out of the queue goes to the part that it is for, and what follows the open chat follows it afterwards."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from hearth.core.sync.table import State
from hearth.engine.intents.account import EndDevice, SignOutWhenSent, StaySignedIn
from hearth.engine.intents.chats import Choose, CloseChat, FetchAgain, Hide, ListOlderChats, PrintChat, ShowOlder
from hearth.engine.intents.writing import AskAssistant, NewChat
from hearth.engine.queue_items import ChatsEvicted, ClockChanged, CompletePage, ContinueChecks, LearnDrafts
from hearth.engine.session_dispatcher import SessionDispatcher


class Part:
    """A part of a session that notes what it is asked for; whoever awaits an answer gets none."""

    def __init__(self, name: str, steps: list[str], **values: Any) -> None:
        self._name, self._steps = name, steps
        self.__dict__.update(values)

    def __getattr__(self, name: str) -> Any:
        def call(*_args: object, **_more: object) -> Answer:
            self._steps.append(f"{self._name}.{name}")
            return Answer()

        return call


class Answer:
    """None, for who awaits it and for who does not; nothing in a condition."""

    def __await__(self) -> Any:
        return iter(())

    def __bool__(self) -> bool:
        return False


class Session:
    """A dispatcher over such parts."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        names = ["writing", "assistant", "controller", "printer", "driver", "transfer", "tabs", "search", "propagation"]
        names += ["ingest", "views", "fetcher", "older_lister", "devices", "marks", "refetcher", "status"]
        self.parts: Any = SimpleNamespace(**{name: Part(name, self.steps) for name in names})
        self.parts.opener = Part("opener", self.steps, awaited=False)
        self.parts.integrity = Part("integrity", self.steps, done=False)
        self.parts.repository = SimpleNamespace(chats={"here": 1}, partial=set())
        self.parts.role = Part("role", self.steps, is_leader=True)
        self.parts.machine = SimpleNamespace(state=State.CURRENT, current=True)
        self.parts.leaves_when_sent = False
        self.parts.show = lambda **parts: self.steps.append(f"show {parts}")
        self.parts.check_leaving = lambda: self.steps.append("check leaving")
        self.parts.prefer = Part("prefer", self.steps).wish
        self.dispatcher = SessionDispatcher(cast(Any, self.parts))

    async def does(self, intent: Any) -> list[str]:
        await self.dispatcher.do(intent)
        return self.without_follow()

    async def takes(self, item: Any) -> list[str]:
        await self.dispatcher.take(item)
        return self.without_follow()

    def without_follow(self) -> list[str]:
        assert self.steps[-3:] == ["printer.follow", "writing.follow", "assistant.follow"]
        return self.steps[:-3]


@pytest.mark.parametrize(
    ("intent", "steps"),
    [
        (PrintChat("here"), ["printer.begin"]),
        (CloseChat(), ["controller.close"]),
        (ShowOlder(), ["controller.older"]),
        (ListOlderChats(), ["older_lister.list_more"]),
        (EndDevice("d"), ["devices.end"]),
        (Choose("theme", "dark"), ["prefer.wish"]),
        (Hide("app", hidden=True), ["prefer.wish"]),
        (NewChat(), ["writing.do"]),
        (AskAssistant("here"), ["assistant.do"]),
        (FetchAgain("here"), ["integrity.fetch_again"]),
        (FetchAgain("gone"), ["fetcher.fetch"]),
        (SignOutWhenSent(), ["show {'leaving': False}", "check leaving"]),
    ],
)
async def test_what_the_person_does_goes_to_its_part(intent: Any, steps: list[str]) -> None:
    assert await Session().does(intent) == steps


@pytest.mark.parametrize(
    ("item", "steps"),
    [
        (CompletePage(), ["controller.complete"]),
        (LearnDrafts(), ["writing.learn_drafts"]),
        (ChatsEvicted(frozenset({"a"})), ["ingest.evicted", "propagation.evicted"]),
        (ClockChanged(), ["controller.redate", "search.redate", "driver.ask_time"]),
    ],
)
async def test_what_was_posted_goes_to_its_part(item: Any, steps: list[str]) -> None:
    assert await Session().takes(item) == steps


async def test_waiting_to_sign_out_can_be_given_up() -> None:
    session = Session()
    await session.does(SignOutWhenSent())
    assert session.parts.leaves_when_sent
    session.steps.clear()
    await session.does(StaySignedIn())
    assert not session.parts.leaves_when_sent


async def test_a_follower_has_the_leader_fetch() -> None:
    session = Session()
    session.parts.role.is_leader = False
    assert await session.does(FetchAgain("here")) == ["role.tell_unreadable"]


@pytest.mark.parametrize("why", ["somebody waits for a chat", "a change is half here"])
async def test_checks_wait_for_what_comes_first(why: str) -> None:
    session = Session()
    if why.startswith("somebody"):
        session.parts.opener.awaited = True
    else:
        session.parts.machine.state = State.CHANGING
    assert await session.takes(ContinueChecks()) == []
