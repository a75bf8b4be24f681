"""Tasks with an owner: the first error is raised as itself, the others are cancelled, and closing waits."""

from __future__ import annotations

import asyncio

import pytest

from server_mock.protocol.tasks import Tasks, task_group, together


async def test_results_come_in_the_order_of_the_parts() -> None:
    first_may_end = asyncio.Event()

    async def first() -> int:
        await first_may_end.wait()
        return 1

    async def second() -> int:
        first_may_end.set()
        return 2

    assert await together(first(), second()) == [1, 2]


async def test_an_error_is_raised_as_itself_and_cancels_the_others() -> None:
    ended: list[str] = []

    async def fails() -> None:
        raise KeyError("first")

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(KeyError, match="first"):
        await together(waits(), fails())
    assert ended == ["cancelled"]


async def test_a_group_raises_what_its_body_raises() -> None:
    with pytest.raises(ValueError, match="body"):
        async with task_group():
            raise ValueError("body")


async def test_settled_waits_for_what_tasks_start() -> None:
    tasks, done = Tasks(), []

    async def second() -> None:
        done.append("second")

    async def first() -> None:
        await asyncio.sleep(0)
        done.append("first")
        tasks.start(second())

    tasks.start(first())
    assert len(tasks) == 1
    await tasks.settled()
    assert (done, len(tasks)) == (["first", "second"], 0)


async def test_closing_cancels_and_waits_whatever_they_raise() -> None:
    tasks, ended = Tasks(), []

    async def slow_to_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("cleaned up")
            raise RuntimeError("on the way out")

    task = tasks.start(slow_to_end())
    await asyncio.sleep(0)
    await tasks.close()
    assert ended == ["cleaned up"]
    assert isinstance(task.exception(), RuntimeError)
