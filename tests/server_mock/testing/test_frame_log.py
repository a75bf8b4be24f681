"""The log of frames: what it tells of each, and that it keeps nothing of what they hold."""

from __future__ import annotations

import json

from hearth.core.protocol import device_events
from hearth.core.protocol.server_events import WarmingComplete
from server_mock.testing.frame_log import FrameLog
from tests.server_mock.world import World, a_world


async def logged(world: World, log: FrameLog) -> None:
    """A device that warms and leaves."""
    world.app = log.around(world.app)
    device = await (await world.sign_in()).connect()
    await device.take_until(WarmingComplete)
    device.socket.send(device_events.Ping())
    await device.take()
    await device.disconnect()


async def test_every_frame_has_an_entry_with_its_name_and_its_numbers() -> None:
    async with a_world() as world:
        await world.seed(chats=12)
        log = FrameLog(lambda: 7.0)
        await logged(world, log)
        entries = log.entries()
        names = [(each["direction"], each["event"]) for each in entries]
        assert [name for at, name in enumerate(names) if names[at - 1] != name] == [
            ("out", "(open)"),
            ("in", "hello"),
            ("out", "first_chat_ready"),
            ("out", "recent_chats_ready"),
            ("out", "settings_and_memories_ready"),
            ("out", "remaining_chats_ready"),
            ("out", "warming_complete"),
            ("in", "ping"),
            ("out", "pong"),
            ("in", "(close 1005)"),
        ]
        assert {each["at_ms"] for each in entries} == {7000.0}
        sent = [each["numbers"].get("seq") for each in entries if each["direction"] == "out"]
        assert sent == [None, *range(1, len(sent))]
        first = entries[2]
        assert first["counts"]["chats"] == 1
        assert first["chars"] > 1000
        log.reset()
        assert log.entries() == []


async def test_nothing_of_a_frame_but_its_header_is_kept() -> None:
    async with a_world() as world:
        await world.seed(chats=2)
        log = FrameLog()
        await logged(world, log)
        kept = json.dumps(log.entries())
        account = await world.account()
        ids = [account["account"], *(chat["id"] for chat in account["chats"]), account["chats"][0]["messages"][0]]
        assert not [each for each in ids if each in kept]


async def test_it_is_bounded_and_takes_what_is_no_frame() -> None:
    async with a_world() as world:
        await world.seed(chats=1)
        log = FrameLog(max_entries=3)
        world.app = log.around(world.app)
        device = await (await world.sign_in()).connect_silently()
        device.socket.send_bytes(b"\xff\xfe")
        assert await device.socket.closed()
        await device.socket.ended()
        assert len(log.entries()) == 3
        assert "(unreadable)" in {each["event"] for each in log.entries()}
