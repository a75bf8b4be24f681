"""What is refused of a write, rule by rule: nothing of it is on the disk, and the device is told why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from hearth.core.protocol.device_events import Write
from hearth.core.protocol.server_events import Refusal
from hearth.core.records.drafts import draft_id
from hearth.core.records.schema import Collection
from hearth.core.settings import preferences
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.protocol import write_rules as rules
from tests.contracts.records import SEALED
from tests.server_mock.world import World, a_world
from tests.server_mock.writing import Pen, Records, a_device

CHATS, MESSAGES, ENTRIES = Collection


async def everything(world: World) -> list[Any]:
    return [await world.direct.search(name, sort=("id",)) for name in Collection]


def of_message(**values: Any) -> Callable[[Pen], Records]:
    """A new message that has these values."""
    return lambda pen: {MESSAGES: [pen.message(pen.chat["id"], **values)], CHATS: [pen.touched()]}


def of_edit(**values: Any) -> Callable[[Pen], Records]:
    """The next version of a message, with these values."""
    return lambda pen: {MESSAGES: [pen.next(pen.messages(pen.chat["id"])[0], **values)], CHATS: [pen.touched()]}


def of_chat(**values: Any) -> Callable[[Pen], Records]:
    """The next version of a chat, with these values."""
    return lambda pen: {CHATS: [pen.touched(**values)]}


def of_new_chat(**values: Any) -> Callable[[Pen], Records]:
    """A chat that was not there, with these values."""
    return lambda pen: {CHATS: [pen.new_chat(**values)[0]]}


def of_draft(**values: Any) -> Callable[[Pen], Records]:
    """A draft with these values."""
    return lambda pen: {MESSAGES: [pen.draft(pen.chat["id"], **values)]}


def of_entry(**values: Any) -> Callable[[Pen], Records]:
    """The account's preferences, with these values."""

    def records(pen: Pen) -> Records:
        row = dict.fromkeys(pen.manifest) | {"version": 1, "changed_at": 0, "sealed": SEALED}
        row |= {"id": preferences.record_id(pen.device.account), "app_id": pen.manifest["id"]}
        return {ENTRIES: [pen.next(pen.manifest), row | values]}

    return records


def of_manifest(**values: Any) -> Callable[[Pen], Records]:
    """A message with a manifest that has these values."""
    return lambda pen: {**pen.say(), ENTRIES: [pen.next(pen.manifest, **values)]}


def another_chat(pen: Pen) -> str:
    return next(each for each in pen.device.records(CHATS) if each != pen.chat["id"])


NOWHERE = "00000000-0000-4000-8000-000000000000"

INVALID: dict[str, tuple[Callable[[Pen], Records], str]] = {
    "a message whose id is no UUID": (of_message(id="m-1"), rules.NO_UUID),
    "a message whose chat is no UUID": (
        lambda pen: {MESSAGES: [pen.message("c", key=pen.key(pen.chat["id"]))]},
        rules.NO_UUID,
    ),
    "a message with a field of later": (of_message(reactions=SEALED), rules.UNKNOWN_FIELD),
    "a message that names its owner": (of_message(hashed_user_id=SEALED), rules.UNKNOWN_FIELD),
    "a chat with the column of the answers": (of_chat(answered=SEALED), rules.UNKNOWN_FIELD),
    "a message in the clear": (
        of_message(content="AQ in the clear, and long enough to pass at a glance"),
        rules.NOT_SEALED,
    ),
    "a key that is none": (of_new_chat(wrapped_key="AQ" + "\0" * 62), rules.NOT_SEALED),
    "a first version that is deleted": (of_message(deleted_at=1, content=None), rules.NOT_FIRST),
    "a version 0": (of_message(version=0), rules.NOT_FIRST),
    "a message that is not there": (of_message(version=2), rules.NOT_THERE),
    "a chat that is not there": (of_new_chat(version=2), rules.NOT_THERE),
    "a message in no chat": (
        lambda pen: {MESSAGES: [pen.message(NOWHERE, key=pen.key(pen.chat["id"]))]},
        rules.NO_CHAT,
    ),
    "a tombstone that holds something": (of_edit(deleted_at=1), rules.NOT_EMPTY),
    "a deleted chat that keeps its title": (of_chat(deleted_at=1), rules.NOT_EMPTY),
    "a message of another role": (of_edit(role="assistant"), rules.IDENTITY_CHANGED),
    "a message of another time": (of_edit(created_at=5), rules.IDENTITY_CHANGED),
    "a message that moves to another chat": (
        lambda pen: {MESSAGES: [pen.next(pen.messages(pen.chat["id"])[0], chat_id=another_chat(pen))]},
        rules.IDENTITY_CHANGED,
    ),
    "a chat of another time": (of_chat(created_at=5), rules.IDENTITY_CHANGED),
    "a chat with another key": (of_chat(wrapped_key=SEALED), rules.IDENTITY_CHANGED),
    "a new chat without a key": (of_new_chat(wrapped_key=None), rules.NO_KEY),
    "a chat that loses its key": (of_chat(wrapped_key=None), rules.NO_KEY),
    "a draft of another id": (of_draft(id=str(uuid4())), rules.NOT_A_DRAFT),
    "a draft of another role": (of_draft(role="user"), rules.NOT_A_DRAFT),
    "a draft with a time": (of_draft(created_at=5), rules.NOT_A_DRAFT),
    "a draft of another chat": (
        lambda pen: {MESSAGES: [pen.draft(pen.chat["id"], id=draft_id(another_chat(pen)))]},
        rules.NOT_A_DRAFT,
    ),
    "a draft that is deleted": (of_draft(version=2, deleted_at=1, content=None), rules.NOT_A_DRAFT),
    "an entry of another app": (of_entry(app_id=NOWHERE), rules.NOT_WRITABLE),
    "an entry that is not Hearth's": (of_entry(id=NOWHERE), rules.NOT_WRITABLE),
    "an entry that is deleted": (of_entry(version=2, sealed=None, deleted_at=1), rules.NOT_WRITABLE),
    "an entry that holds nothing": (of_entry(sealed=None), rules.NOT_WRITABLE),
    "an entry with a key": (of_entry(wrapped_key=SEALED), rules.NO_KEY),
    "an entry that is too long": (of_entry(sealed=SEALED[:4] * 16_400), rules.TOO_LONG),
    "a manifest with another key": (of_manifest(wrapped_key=SEALED), rules.IDENTITY_CHANGED),
    "a manifest without a key": (of_manifest(wrapped_key=None), rules.NO_KEY),
    "no manifest": (lambda pen: {**pen.say(), ENTRIES: []}, rules.NO_MANIFEST),
    "a message that is too long": (of_message(content=SEALED[:4] * 250_000), rules.TOO_LONG),
}

MOVED_ON: dict[str, Callable[[Pen], Records]] = {
    "a message in the version that is there": of_edit(version=1, content=SEALED),
    "a message two versions on": of_edit(version=3),
    "a chat in the version that is there": lambda pen: {CHATS: [{**pen.touched(), "version": pen.chat["version"]}]},
    "a chat two versions on": lambda pen: {CHATS: [{**pen.touched(), "version": pen.chat["version"] + 2}]},
    "a manifest in the version that is there": lambda pen: {**pen.say(), ENTRIES: [{**pen.manifest, "sealed": SEALED}]},
    "a new message with the id of another": lambda pen: {
        MESSAGES: [{**pen.messages(pen.chat["id"])[0], "content": SEALED}],
        CHATS: [pen.touched()],
    },
}


@pytest.mark.parametrize("what", INVALID)
async def test_what_can_never_be_written(world: World, pen: Pen, what: str) -> None:
    make, sentence = INVALID[what]
    before = await everything(world)
    frame = pen.send(make(pen))
    refused = await pen.refused()
    assert (refused.reason, refused.message) == (Refusal.INVALID, sentence)
    sent = {row["id"] for rows in frame.records.values() for row in rows}
    assert set(refused.ids) < sent if sentence != rules.NO_MANIFEST else refused.ids == ()
    assert await everything(world) == before
    await pen.write(pen.say("it goes on"))


@pytest.mark.parametrize("what", MOVED_ON)
async def test_what_does_not_follow(world: World, pen: Pen, what: str) -> None:
    before = await everything(world)
    frame = pen.send(MOVED_ON[what](pen))
    refused = await pen.refused()
    assert (refused.reason, refused.message) == (Refusal.MOVED_ON, rules.SENTENCES[Refusal.MOVED_ON])
    assert set(refused.ids) <= {row["id"] for rows in frame.records.values() for row in rows}
    assert refused.ids
    assert await everything(world) == before
    await pen.write(pen.say("it goes on"))


async def test_one_bad_record_keeps_the_whole_write_off_the_disk(world: World, pen: Pen) -> None:
    before = await everything(world)
    good, bad = pen.message(pen.chat["id"]), pen.message(pen.chat["id"], version=9)
    pen.send({MESSAGES: [good, bad], CHATS: [pen.touched()]})
    refused = await pen.refused()
    assert refused.ids == (bad["id"],)
    assert await everything(world) == before


async def test_an_id_of_another_account_is_not_there_and_nothing_of_it_is_told(world: World, pen: Pen) -> None:
    await world.seed(chats=2, email=GUEST_EMAIL, password=GUEST_PASSWORD)
    guest = Pen(await a_device(world, "one", GUEST_EMAIL, GUEST_PASSWORD))
    theirs = pen.chat
    message = pen.messages(theirs["id"])[0]
    key = guest.key(guest.chat["id"])
    before = await everything(world)
    attempts: list[Records] = [
        {CHATS: [pen.next(theirs)]},
        {CHATS: [theirs]},
        {MESSAGES: [pen.next(message)]},
        {MESSAGES: [message]},
        {MESSAGES: [guest.message(theirs["id"], key=key)]},
        {MESSAGES: [guest.message(guest.chat["id"], id=message["id"])], CHATS: [guest.touched()]},
        {CHATS: [guest.new_chat(id=theirs["id"])[0]]},
        {ENTRIES: [guest.next(guest.manifest), pen.next(pen.manifest)]},
    ]
    for records in attempts:
        guest.send(records if ENTRIES in records else {**records, ENTRIES: [guest.next(guest.manifest)]})
        refused = await guest.refused()
        assert refused.reason is Refusal.INVALID, records
        assert refused.message in (rules.NOT_THERE, rules.NO_CHAT, rules.NOT_WRITABLE)
    assert theirs["title"] not in "".join(guest.device.socket.texts)
    assert await everything(world) == before


async def test_a_chat_and_its_messages_that_go_together_are_not_written_first(world: World, pen: Pen) -> None:
    chat = pen.chat
    said = pen.message(chat["id"])
    await pen.write({MESSAGES: [said], CHATS: [pen.tombstone(CHATS, chat)]})
    assert await world.direct.read(MESSAGES.value, said["id"]) is None


async def test_a_write_longer_than_a_request_becomes_several() -> None:
    async with a_world() as world:
        world.max_payload = 100_000
        world.start()
        await world.seed()
        pen = Pen(await a_device(world, "one"))
        long = [pen.message(pen.chat["id"], content=SEALED[:4] * 15_000) for _ in range(3)]
        world.services.client.log.reset()
        await pen.write({MESSAGES: long, CHATS: [pen.touched()]})
        requests = [f"{entry['method']} {entry['collection']}" for entry in world.log()]
        assert requests.count("POST messages") == 3
        # One of them is there already, with other content: nothing is written.
        before = await everything(world)
        changed = {**long[1], "content": SEALED}
        others = [pen.message(pen.chat["id"], content=SEALED[:4] * 15_000) for _ in range(2)]
        pen.send({MESSAGES: [others[0], changed, others[1]], CHATS: [pen.touched()]})
        assert (await pen.refused()).ids == (changed["id"],)
        assert await everything(world) == before
        pen.send({MESSAGES: [pen.message(pen.chat["id"], content=SEALED[:4] * 25_000)], CHATS: [pen.touched()]})
        assert (await pen.refused()).message == rules.TOO_LONG


@pytest.mark.parametrize(
    "records",
    [
        {},
        {"chats": []},
        {"users": [{"id": NOWHERE}]},
        {"messages": [5]},
        {"messages": [{"id": NOWHERE}]},
        {"chats": {}},
    ],
)
async def test_a_frame_without_the_shape_of_a_write_ends_the_connection(pen: Pen, records: Any) -> None:
    pen.device.socket.send(Write(mutations=("m",), records=records))
    assert await pen.device.socket.closed() == 1007


class TestAVersionIsSkipped:
    async def send(self, pen: Pen, records: Records, skip: int = 2, ahead: int | None = 0) -> None:
        """Send a write whose records are so many versions later, and which follows on the manifest, or one `ahead`."""
        follows = None if ahead is None else pen.manifest["version"] + ahead
        whole = {name: [row | {"version": row["version"] + skip} for row in rows] for name, rows in records.items()}
        pen.device.socket.send(Write(mutations=("skips",), records=whole, follows=follows))

    async def test_by_a_write_that_follows_on_the_manifest_that_is_there(self, pen: Pen) -> None:
        draft = pen.draft(pen.chat["id"])
        await self.send(pen, pen.vouched({MESSAGES: [draft], CHATS: [pen.touched()]}))
        await pen.written()
        rows = {row["id"]: row for row in await pen.device.world.rows(MESSAGES, pen.device.account)}
        assert rows[draft["id"]]["version"] == draft["version"] + 2

    async def test_by_none_that_does_not_say_so(self, pen: Pen) -> None:
        await self.send(pen, pen.vouched({CHATS: [pen.touched()]}), ahead=None)
        assert (await pen.refused()).reason is Refusal.MOVED_ON

    @pytest.mark.parametrize("ahead", [1, -1])
    async def test_by_none_that_follows_on_another_manifest(self, pen: Pen, ahead: int) -> None:
        await self.send(pen, pen.vouched({CHATS: [pen.touched()]}), ahead=ahead)
        refused = await pen.refused()
        assert (refused.reason, refused.ids) == (Refusal.MOVED_ON, (pen.manifest["id"],))

    async def test_by_none_without_the_manifest(self, pen: Pen) -> None:
        await self.send(pen, {CHATS: [pen.touched()]})
        refused = await pen.refused()
        assert (refused.reason, refused.message) == (Refusal.INVALID, rules.NO_MANIFEST)

    async def test_backwards_by_nobody(self, pen: Pen) -> None:
        records = pen.vouched({CHATS: [pen.touched()]})
        await self.send(pen, records | {CHATS: [pen.chat | {"last_updated": pen.now()}]}, skip=0)
        assert (await pen.refused()).reason is Refusal.MOVED_ON

    async def test_by_no_message_that_was_never_there(self, pen: Pen) -> None:
        await self.send(pen, pen.vouched(pen.say()))
        assert (await pen.refused()).message == rules.NOT_THERE


def test_of_several_problems_the_gravest_counts() -> None:
    problems = [rules.Problem(each, each.value, f"{each}.") for each in (Refusal.MOVED_ON, Refusal.DELETED)]
    assert rules.WriteRefused(problems).reason is Refusal.DELETED
    problems.append(rules.Problem(Refusal.INVALID, "", "Never."))
    refused = rules.WriteRefused(problems)
    assert (refused.reason, refused.ids, str(refused)) == (Refusal.INVALID, (), "Never.")
