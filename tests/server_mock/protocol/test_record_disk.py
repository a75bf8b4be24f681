"""What a write costs the disk."""

from __future__ import annotations

import json

import pytest

from hearth.core.protocol import codec
from hearth.core.records import manifest as manifests
from hearth.core.records.envelope import MIN_SEALED_CHARS
from hearth.core.records.manifest import Fingerprint, Listed, Manifest, shard_of
from hearth.core.records.schema import Collection
from tests.server_mock.world import a_world
from tests.server_mock.writing import Pen, a_device, methods

CHATS, MESSAGES, ENTRIES = Collection


@pytest.mark.parametrize("chats", [3, 30])
async def test_a_short_message_costs_two_reads_and_three_writes(chats: int) -> None:
    async with a_world() as world:
        await world.seed(chats=chats)
        pen = Pen(await a_device(world, "one"))
        world.services.client.log.reset()
        await pen.write(pen.say())
        assert sorted(methods(world)[:2]) == ["SEARCH chats", "SEARCH settings_and_memories"]
        assert methods(world)[2:] == ["POST messages", "PATCH chats", "PATCH settings_and_memories"]
        world.services.client.log.reset()
        await pen.write({MESSAGES: [pen.message(pen.chat["id"]) for _ in range(20)], CHATS: [pen.touched()]})
        assert len(world.log()) == 5


@pytest.mark.parametrize("chats", [3, 100, 1_000])
async def test_a_short_message_costs_the_same_whatever_the_number_of_chats(chats: int) -> None:
    async with a_world() as world:
        await world.seed(chats=chats, messages=1)
        pen = Pen(await a_device(world, "one"))
        world.services.client.log.reset()
        frame = pen.frame(pen.say("hello"))
        pen.device.socket.send(frame)
        await pen.written()
        own = len(frame.records[MESSAGES][0]["content"])
        assert len(codec.write_device_frame(frame)) - own < 4_096
        assert [each["method"] for each in world.log()].count("SEARCH") == 2
        assert len(world.log()) == 5


async def test_a_full_shard_costs_no_more_than_a_message_may(pen: Pen) -> None:
    frame = pen.frame(pen.say("hello"))
    shard, _root = frame.records[ENTRIES]
    listed = Listed(10_000, 1_900_000_000_000, Fingerprint(10_001, 2**128 - 1))
    in_one = [each for each in (f"{number:036}" for number in range(20_000)) if shard_of(each) == 0]
    full = manifests.write_shard(Manifest(1, b"", dict.fromkeys(in_one[: manifests.MAX_LISTED], listed)), 0)
    chars = MIN_SEALED_CHARS + 4 * len(json.dumps(full, separators=(",", ":"))) // 3
    own = len(frame.records[MESSAGES][0]["content"]) + len(shard["sealed"])
    assert len(codec.write_device_frame(frame)) - own + chars < 4_096
