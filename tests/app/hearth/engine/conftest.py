"""What the engine's tests begin with: a journey of one tab, tabs of one browser, or a whole client and server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from hearth.testing.tabs import FakeBrowser
from tests.app.hearth.engine.journey import Journey, Open
from tests.app.hearth.engine.writing.live import Live, live


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    """A tab of its own; what it still does at the end is cancelled."""
    made = Journey()
    yield made
    for task in made._tasks:
        task.cancel()


@pytest.fixture
async def opened() -> AsyncIterator[Open]:
    """Opens tabs of one browser, which share what is kept, what is stored, and the person."""
    browser = FakeBrowser()
    made: list[Journey] = []

    def open_tab() -> Journey:
        tab = Journey(browser)
        if made:
            tab.account = made[0].account
            tab.device.key_store, tab.device.disks = made[0].device.key_store, made[0].device.disks
            tab.device.api = made[0].device.api
        made.append(tab)
        return tab

    yield open_tab
    for tab in made:
        for task in tab._tasks:
            task.cancel()


@pytest.fixture
def there() -> Iterator[Live]:
    """A whole client and a whole server, on a loop whose clock jumps."""
    with live() as started:
        yield started
