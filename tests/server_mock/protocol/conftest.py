"""A world with an account in it, and a device that writes; a module with another world says so itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.server_mock.world import World, a_world
from tests.server_mock.writing import Pen, a_device


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed()
        yield world


@pytest.fixture
async def pen(world: World) -> Pen:
    return Pen(await a_device(world, "one"))
