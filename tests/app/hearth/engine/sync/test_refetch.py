"""A record that does not open is asked for once, by the tab that leads, while it is up to date."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from hearth.core.protocol.device_events import Refetch
from hearth.core.records.schema import Collection
from hearth.engine.sync.refetch import Refetcher

CHATS, MESSAGES, _ = Collection


class Tab:
    """A refetcher, and what it asked of whom."""

    def __init__(self, leader: bool = True, current: bool = True) -> None:
        self.sent: list[Refetch] = []
        self.told: list[tuple[Collection, str]] = []
        self.unreadable: dict[tuple[Collection, str], None] = {}
        self.machine = SimpleNamespace(current=current)
        repository = SimpleNamespace(unreadable=self.unreadable)
        role = SimpleNamespace(is_leader=leader, tell_unreadable=lambda *record: self.told.append(record))
        connection = SimpleNamespace(send=self.sent.append)
        self.refetcher = Refetcher(*cast(Any, (repository, connection, role, self.machine)))


def test_each_record_is_asked_for_once() -> None:
    tab = Tab()
    for _ in range(2):
        tab.unreadable[CHATS, "a"] = tab.unreadable[MESSAGES, "a"] = None
        tab.refetcher.ask()
    assert {(each.collection, each.record_id) for each in tab.sent} == {(CHATS, "a"), (MESSAGES, "a")}
    assert len(tab.sent) == 2
    assert tab.unreadable == {}


def test_offline_it_waits_and_nothing_is_forgotten() -> None:
    tab = Tab(current=False)
    tab.refetcher.note(CHATS, "a")
    assert tab.sent == []
    tab.machine.current = True
    tab.refetcher.ask()
    assert [each.record_id for each in tab.sent] == ["a"]


def test_a_tab_that_follows_has_the_leader_ask_at_any_time() -> None:
    tab = Tab(leader=False, current=False)
    tab.refetcher.note(CHATS, "a")
    tab.refetcher.note(CHATS, "a")
    assert (tab.told, tab.sent) == ([(CHATS, "a")], [])
