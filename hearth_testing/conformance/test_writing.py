"""What a device writes: all of it or nothing, once, and answered with what became of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.core.protocol.server_events import Refusal, WarmingComplete, Written
from hearth.core.records.drafts import DRAFT_CREATED_AT, draft_id
from hearth_testing.conformance.client import Device, Person
from hearth_testing.conformance.sealed import (
    CHATS,
    ENTRIES,
    MESSAGES,
    Row,
    chat,
    first_manifest,
    following,
    message,
    new_id,
    sealed,
    tombstone,
)


@pytest.fixture
def writer(person: Person, write_chats: Callable[..., list[Row]]) -> Device:
    """A device of somebody with three chats."""
    device = person.warmed("writer")
    write_chats(device, 3)
    return device


@pytest.fixture(scope="module")
def member(resident: Person, write_chats: Callable[..., list[Row]]) -> Person:
    """Somebody with three chats, which stay as they are."""
    write_chats(resident.warmed("writer"), 3)
    return resident


def newest(device: Device) -> Row:
    return max(device.records(CHATS).values(), key=lambda row: row["last_updated"])


def as_the_server_has_it(device: Device) -> None:
    """Nothing was written that the device does not know, and everything that it knows."""
    fresh = device.person.warmed("fresh")
    for collection in (CHATS, MESSAGES, ENTRIES):
        assert fresh.records(collection) == device.records(collection)


def test_what_is_written_has_the_moment_of_the_write_and_so_has_its_chat(writer: Device) -> None:
    of = newest(writer)
    answer = writer.written({MESSAGES: [message(of["id"])]})
    assert answer.changed_at > of["changed_at"]
    assert writer.records(CHATS)[of["id"]]["version"] == of["version"]
    as_the_server_has_it(writer)


def test_a_chat_and_its_first_message_are_one_write(writer: Device) -> None:
    made = chat()
    writer.written({CHATS: [made], MESSAGES: [message(made["id"]), message(made["id"], role="assistant")]}, "a", "b")
    assert len(writer.messages(made["id"])) == 2
    as_the_server_has_it(writer)


def test_a_repeated_write_gets_the_same_answer_and_is_written_once(writer: Device) -> None:
    records = {MESSAGES: [message(newest(writer)["id"])]}
    own = writer.records(ENTRIES)[writer.person.manifest["id"]]
    whole = {**records, ENTRIES: [following(own, sealed=sealed())]}
    first = writer.written(whole, "a-mutation")
    again = writer.written(whole, "a-mutation")
    assert (again.mutations, again.changed_at) == (first.mutations, first.changed_at)
    assert again.since == again.stamp == first.stamp, "the device stands where it stood"
    as_the_server_has_it(writer)


def test_a_repetition_over_another_connection_is_written_once(writer: Device) -> None:
    own = writer.records(ENTRIES)[writer.person.manifest["id"]]
    said = message(newest(writer)["id"])
    whole = {MESSAGES: [said], ENTRIES: [following(own, sealed=sealed())]}
    first = writer.written(whole, "a-mutation")
    other = writer.person.warmed("other")
    other.write(whole, "a-mutation")
    answer = other.answer()
    assert isinstance(answer, Written)
    assert answer.changed_at == first.changed_at
    kept = writer.person.warmed("fresh").records(MESSAGES)[said["id"]]
    assert (kept["version"], kept["changed_at"]) == (1, first.changed_at)


def test_a_record_that_moved_on_is_refused_with_what_is_there(writer: Device) -> None:
    of = newest(writer)
    stale = following(of, title=sealed())
    writer.written({CHATS: [following(of, title=sealed())]})
    unwritten = message(of["id"])
    answer = writer.refused({CHATS: [stale], MESSAGES: [unwritten]})
    assert answer.reason is Refusal.MOVED_ON
    assert of["id"] in answer.ids
    assert answer.message
    there = {row["id"]: row for row in writer.frames[-1].get(CHATS, [])}
    assert there[of["id"]] == writer.records(CHATS)[of["id"]]
    as_the_server_has_it(writer)
    assert unwritten["id"] not in writer.person.warmed().records(MESSAGES), "all of a write is written, or nothing"


@pytest.mark.parametrize("ahead", [2, 5])
def test_a_version_that_does_not_follow_is_refused(writer: Device, ahead: int) -> None:
    of = newest(writer)
    answer = writer.refused({CHATS: [{**of, "version": of["version"] + ahead, "title": sealed()}]})
    assert answer.reason is Refusal.MOVED_ON
    as_the_server_has_it(writer)


def test_a_message_of_a_deleted_chat_is_refused_with_the_tombstone(writer: Device) -> None:
    of = newest(writer)
    writer.written({CHATS: [tombstone(CHATS, of)]})
    answer = writer.refused({MESSAGES: [message(of["id"])]})
    assert answer.reason is Refusal.DELETED
    told = [row for row in writer.frames[-1].get(CHATS, []) if row["id"] == of["id"]]
    assert told
    assert told[0]["deleted_at"] is not None
    as_the_server_has_it(writer)


def test_a_deleted_message_is_not_written_again(writer: Device) -> None:
    said = writer.messages(newest(writer)["id"])[0]
    writer.written({MESSAGES: [tombstone(MESSAGES, said)]})
    gone = writer.tables[MESSAGES][said["id"]]
    back = {**said, "version": gone["version"] + 1, "content": sealed()}
    assert writer.refused({MESSAGES: [back]}).reason is Refusal.DELETED
    assert said["id"] not in writer.person.warmed().records(MESSAGES)


INVALID: dict[str, Callable[[Device], dict[object, list[Row]]]] = {
    "a chat that changes its key": lambda d: {CHATS: [following(newest(d), wrapped_key=chat()["wrapped_key"])]},
    "a chat that changes its beginning": lambda d: {CHATS: [following(newest(d), created_at=1)]},
    "a message that changes its role": lambda d: {
        MESSAGES: [following(d.messages(newest(d)["id"])[0], role="assistant")]
    },
    "a message that changes its time": lambda d: {MESSAGES: [following(d.messages(newest(d)["id"])[0], created_at=1)]},
    "a message of a chat that is not there": lambda _d: {MESSAGES: [message(new_id())]},
    "a chat without a key": lambda _d: {CHATS: [chat(wrapped_key=None)]},
    "a new record of a later version": lambda _d: {CHATS: [chat(version=2)]},
    "a new record that is deleted": lambda d: {MESSAGES: [message(newest(d)["id"], deleted_at=1, content=None)]},
    "a deleted record with content": lambda d: {CHATS: [following(newest(d), deleted_at=1)]},
    "an id that is no UUID": lambda _d: {CHATS: [chat(id="chat")]},
    "a draft with an id of its own": lambda d: {MESSAGES: [message(newest(d)["id"], DRAFT_CREATED_AT, role="draft")]},
    "a field that nobody knows": lambda _d: {CHATS: [chat(colour=sealed())]},
    "an app's own setting": lambda d: {
        ENTRIES: [
            following(d.records(ENTRIES)[d.person.manifest["id"]], sealed=sealed()),
            {**first_manifest(new_id()), "id": new_id()},
        ]
    },
    "no manifest that vouches for it": lambda d: {MESSAGES: [message(newest(d)["id"])], ENTRIES: []},
}


@pytest.mark.parametrize("what", INVALID)
def test_what_can_never_be_written_is_refused(member: Person, what: str) -> None:
    writer = member.warmed("writer")
    answer = writer.refused(INVALID[what](writer))  # type: ignore[arg-type]
    assert (answer.reason, bool(answer.message)) == (Refusal.INVALID, True)
    as_the_server_has_it(writer)


def test_a_draft_is_written_changed_and_emptied(writer: Device) -> None:
    of = newest(writer)["id"]
    draft = message(of, DRAFT_CREATED_AT, id=draft_id(of), role="draft")
    for content in (sealed(), sealed(), None):
        writer.written({MESSAGES: [{**draft, "content": content}]})
        draft = following(draft)
    as_the_server_has_it(writer)
    assert writer.person.warmed().records(MESSAGES)[draft_id(of)]["content"] is None


def test_a_deleted_chat_takes_its_messages_along(writer: Device) -> None:
    of = newest(writer)
    answer = writer.written({CHATS: [tombstone(CHATS, of)]})
    assert writer.tables[CHATS][of["id"]]["deleted_at"] == answer.changed_at
    fresh = writer.person.device("fresh")
    fresh.send(fresh.hello())
    fresh.take_until(WarmingComplete)
    brought = [row for load in fresh.frames for row in load.get(MESSAGES, []) if row["chat_id"] == of["id"]]
    assert brought == []


def test_writes_are_answered_in_their_order(writer: Device) -> None:
    of = newest(writer)["id"]
    own, sent = writer.records(ENTRIES)[writer.person.manifest["id"]], []
    for number in range(5):
        own = following(own, sealed=sealed())
        sent.append(writer.write({MESSAGES: [message(of)], ENTRIES: [own]}, f"mutation-{number}"))
    answers = [writer.answer() for _ in sent]
    assert [tuple(answer.mutations) for answer in answers] == sent
    assert {type(answer) for answer in answers} == {Written}
    as_the_server_has_it(writer)
