"""The warming: which events come in which order, and that everything comes once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hearth.core.protocol import device_events
from hearth.core.protocol.server_events import FirstChatReady, RecentChatsReady, RecordsEvent, WarmingComplete
from hearth_testing.conformance.client import Device, Person
from hearth_testing.conformance.sealed import CHATS, ENTRIES, MESSAGES, Row

ORDER = [
    "first_chat_ready",
    "recent_chats_ready",
    "settings_and_memories_ready",
    "remaining_chats_ready",
    "warming_complete",
]
RECENT = 10


def by_event(device: Device, kind: type[RecordsEvent]) -> dict[str, list[Row]]:
    """The chats and messages that a phase brought."""
    loads = [load for event, load in zip(device.events, device.frames, strict=True) if isinstance(event, kind)]
    return {name.value: [row for load in loads for row in load.get(name, [])] for name in (CHATS, MESSAGES)}


def ids(rows: list[Row]) -> set[str]:
    return {row["id"] for row in rows}


def test_the_events_come_in_their_order(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    write_chats(person.warmed("writer"), 13)
    device = person.warmed()
    assert device.names() == ORDER
    assert device.quiet() == []


def test_an_account_without_chats_is_warmed_as_well(person: Person) -> None:
    device = person.warmed()
    names = device.names()
    assert names == [name for name in ORDER if name in names], "what there is comes in the order"
    assert {ORDER[0], ORDER[2], ORDER[4]} <= set(names)
    assert isinstance(device.events[0], FirstChatReady)
    assert device.events[0].chat_id is None
    assert device.records(ENTRIES).keys() == {person.manifest["id"]}


def test_the_last_opened_chat_comes_first_and_whole(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    writer = person.warmed("writer")
    opened = write_chats(writer, 13)[2]
    writer.send(device_events.ChatOpened(chat_id=opened["id"]))
    assert writer.quiet() == []
    device = person.warmed()
    assert isinstance(device.events[0], FirstChatReady)
    assert device.events[0].chat_id == opened["id"]
    first = by_event(device, FirstChatReady)
    assert ids(first["chats"]) == {opened["id"]}
    assert ids(first["messages"]) == ids(writer.messages(opened["id"]))


def test_the_last_updated_chats_come_next_and_the_list_is_whole_then(
    person: Person, write_chats: Callable[..., list[Row]]
) -> None:
    chats = write_chats(person.warmed("writer"), 13)
    device = person.warmed()
    recent = by_event(device, RecentChatsReady)
    assert ids(recent["chats"]) == ids(chats), "the metadata of the others comes along"
    assert {row["chat_id"] for row in recent["messages"]} == ids(chats[-RECENT:])


def test_everything_comes_as_it_was_written_and_is_counted(
    person: Person, write_chats: Callable[..., list[Row]]
) -> None:
    writer = person.warmed("writer")
    chats = write_chats(writer, 13, 3)
    device = person.warmed()
    done = device.events[-1]
    assert isinstance(done, WarmingComplete)
    for collection in (CHATS, MESSAGES, ENTRIES):
        assert device.records(collection) == writer.records(collection)
    sent: Counter[str] = Counter()
    for event in device.events:
        if isinstance(event, RecordsEvent):
            sent.update({name.value: count for name, count in event.counts.items()})
    assert {name.value: count for name, count in done.sent.items() if count} == {k: n for k, n in sent.items() if n}
    assert (done.total_chats, done.older_count) == (13, 0)
    assert device.complete == {row["id"]: device.records(CHATS)[row["id"]]["changed_at"] for row in chats}


def test_parts_of_a_phase_are_numbered(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    write_chats(person.warmed("writer"), 13)
    device = person.warmed()
    phases: dict[str, list[tuple[int, int]]] = {}
    for event in device.events:
        if isinstance(event, RecordsEvent):
            phases.setdefault(event.name.value, []).append((event.batch, event.of))
    for name, parts in phases.items():
        assert parts == [(number, len(parts)) for number in range(1, len(parts) + 1)], name


def test_messages_of_a_chat_come_oldest_first(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    write_chats(person.warmed("writer"), 3, 5)
    device = person.warmed()
    seen: dict[str, list[tuple[int, str]]] = {}
    for load in device.frames:
        for row in load.get(MESSAGES, []):
            seen.setdefault(row["chat_id"], []).append((row["created_at"], row["id"]))
    assert len(seen) == 3
    assert all(times == sorted(times) for times in seen.values())


def test_what_an_interrupted_warming_has_brought_does_not_travel_again(
    person: Person, write_chats: Callable[..., list[Row]]
) -> None:
    write_chats(person.warmed("writer"), 13)
    device = person.device()
    device.send(device.hello())
    while not device.complete:
        device.take()
    device.leave()
    kept, chats = dict(device.complete), set(device.records(CHATS))
    device.connect()
    device.send(device.hello(have={**dict.fromkeys(chats, 0), **kept}))
    device.take_until(WarmingComplete)
    again = [row["chat_id"] for load in device.frames for row in load.get(MESSAGES, [])]
    assert not kept.keys() & set(again)
    whole = person.warmed("whole")
    for collection in (CHATS, MESSAGES, ENTRIES):
        assert device.records(collection) == whole.records(collection)


def test_two_devices_are_warmed_alike(person: Person, write_chats: Callable[..., list[Row]]) -> None:
    write_chats(person.warmed("writer"), 4)
    one, other = person.warmed("one"), person.warmed("other")
    assert one.tables == other.tables
