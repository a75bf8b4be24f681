"""Stories of one browser and one server, told on a loop whose clock jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from hearth.core.view.screen import Phase
from server_mock.directus_standin import app as standin_app
from server_mock.directus_standin.app import StandIn
from tests.peers import Browser, LiveWorld, LoopTime, make_task
from tests.server_mock.world import TOKEN
from tests.virtual import VirtualLoop, in_place

Story = Callable[[LiveWorld, Browser], Coroutine[Any, Any, None]]
Tell = Callable[..., None]
"""Tells a story; `chats` is how many the account has."""
LATEST_S = 200.0


@contextmanager
def telling() -> Iterator[Tell]:
    """Lends what runs a story of one browser and one server."""
    loop = VirtualLoop()
    loop.set_task_factory(make_task)
    asyncio.set_event_loop(loop)

    async def begin_and_end(story: Story, chats: int) -> None:
        standin = StandIn(TOKEN)
        world = LiveWorld(standin, LoopTime(), sleep=asyncio.sleep)
        world.start()
        await world.seed(chats=chats, messages=3)
        browser = world.browse()
        await until(lambda: browser.phase is Phase.SIGNED_OUT)
        await story(world, browser)
        await world.end_connections()
        await world.stop()
        standin.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    with mock.patch.object(standin_app, "run_in_threadpool", in_place):
        yield lambda story, chats=14: loop.run_until_complete(begin_and_end(story, chats))
    loop.close()
    asyncio.set_event_loop(None)


async def until(condition: Callable[[], Any], within_s: float = LATEST_S) -> float:
    """Let virtual time pass until a condition holds: how many seconds that took."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    while not condition():
        assert loop.time() - begin < within_s, "it never came to that"
        await asyncio.sleep(0.01)
    return loop.time() - begin
