"""The kept view of the page: sealed, bound to account and build, gone with what is deleted, and never in the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hearth.core.errors import QuotaExceeded, SealError
from hearth.core.view.screen import Screen
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.writing import DeleteChat
from hearth.engine.queue_items import KeepView
from hearth.engine.storage.view_keeper import ViewKeeper
from hearth.ports.storage import FIRST_VIEW
from tests.app.hearth.engine.journey import Journey

ROOT = Path(__file__).parents[5]
PLAIN = b"what the page shows"


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    made = Journey()
    await made.sign_in()
    made.warm()
    await made.until(lambda: made.screen.restored and made.screen.groups and made.screen.chat, "warm")
    yield made
    for task in made._tasks:
        task.cancel()


def sealed(journey: Journey) -> Any:
    (disk,) = journey.device.disks.values()
    return disk.values.get(FIRST_VIEW)


async def keep(journey: Journey, screen: Screen | None = None) -> None:
    journey.engine.post(KeepView(screen or journey.screen, "build", PLAIN))
    await journey.until(lambda: sealed(journey) is not None, "kept")


async def test_it_is_sealed_for_the_account_and_the_build(journey: Journey) -> None:
    await keep(journey)
    value = sealed(journey)
    assert PLAIN not in bytes(value)
    session = journey.engine.current.session
    assert session is not None
    assert await session.parts.keyring.open_kept(f"{FIRST_VIEW} build", value) == PLAIN
    with pytest.raises(SealError):
        await session.parts.keyring.open_kept(f"{FIRST_VIEW} another", value)


async def test_what_is_not_so_any_more_is_not_kept(journey: Journey) -> None:
    journey.engine.post(KeepView(replace(journey.screen, groups=()), "build", PLAIN))
    await keep(journey)
    before = sealed(journey)
    journey.engine.post(DeleteChat("b"))
    await journey.until(lambda: sealed(journey) is None, "the deletion takes it along")
    journey.engine.post(KeepView(replace(journey.screen, chat=None), "build", PLAIN))
    await journey.until(lambda: journey.screen.undo)
    assert before is not None
    assert sealed(journey) is None


async def test_a_sign_out_takes_it_along(journey: Journey) -> None:
    await keep(journey)
    journey.engine.post(SignOut())
    await journey.until(lambda: not journey.device.disks, "wiped")


async def test_a_page_that_shows_the_chat_already_marks_it_no_more(journey: Journey) -> None:
    journey.device.marks.clear()
    journey.load()
    journey.page.drawn_early = True
    await journey.until(lambda: journey.screen.restored and journey.screen.chat, "restored")
    assert "first-chat-shown" not in journey.device.marks


class FullDisk:
    """A place that has no room."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def keep(self, *_given: Any) -> None:
        raise QuotaExceeded("full")

    async def forget(self, names: list[str]) -> None:
        self.forgotten += names


async def test_on_a_full_disk_there_is_none(journey: Journey) -> None:
    class Store:
        kept_values = FullDisk()

    session = journey.engine.current.session
    assert session is not None
    keeper = ViewKeeper(Store(), session.parts.keyring)  # type: ignore[arg-type]
    await keeper.keep("build", PLAIN)
    assert Store.kept_values.forgotten == [FIRST_VIEW]
