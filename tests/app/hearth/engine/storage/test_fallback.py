"""Storage that refuses, fails or is taken away: the person goes on reading, and is told why it may not last."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hearth.core.errors import HeldElsewhere, NewerSchema, QuotaExceeded, StorageError, StorageUnavailable
from hearth.core.protocol.server_events import Changes, UpToDate
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import OpenChat, ShowSettings
from hearth.engine.session import EVICTED
from hearth.engine.storage.fallback import IN_MEMORY, SOON_S, TRIES, StoreSelector
from hearth.engine.storage.memory_store import Disk
from hearth.ports.device import OnGone
from hearth.testing.device import FakeDevice
from hearth.testing.storage import FakeStore
from tests.app.hearth.engine.journey import Journey

REFUSED = StorageUnavailable("This browser does not let Hearth store anything.")
NEWER = NewerSchema("A newer version of Hearth has stored chats on this device: reload the page to get it.")
HELD = HeldElsewhere("Another tab holds what Hearth stored here: close Hearth's other tabs and reload the page.")
FULL = QuotaExceeded("This device has no room left for more chats.")
BROKEN = StorageError("The storage of this browser does not work (UnknownError).")


async def says(journey: Journey, sentence: str) -> None:
    await journey.until(lambda: journey.screen.status.sentence == sentence, sentence)


async def in_step(journey: Journey, steps: Callable[[str], bool], times: int = 1) -> None:
    """Make the storage fail at the next steps that are meant."""
    left = [times]

    def fail(step: str) -> None:
        if left[0] and steps(step):
            left[0] -= 1
            raise BROKEN

    journey.device.on_step = fail


@pytest.mark.parametrize("error", [REFUSED, NEWER, HELD], ids=["refused", "newer", "held"])
async def test_storage_that_does_not_open_is_replaced_by_memory(journey: Journey, error: StorageError) -> None:
    journey.device.disks["account-1"] = kept = Disk(sync={"cursor": "9"})
    journey.device.key_store.kept = ("account-1", journey.account.master)
    journey.device.refuse_storage = error
    journey.load()
    hello = await journey.greeted()
    assert hello["since"] is None, "what lies in a store that does not open is not relied on"
    journey.warm()
    await says(journey, f"Up to date. {error} {IN_MEMORY}")
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]
    journey.engine.post(OpenChat("b"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "b" and journey.screen.chat.messages)
    journey.engine.post(ShowSettings(True))
    await journey.until(lambda: journey.screen.settings_ready)
    journey.deliver(
        Changes(since="100", stamp="101"),
        chats=[journey.account.chat("b", "Beta renamed", 2)],
        messages=[journey.account.message("b", 2, "live")],
    )
    await journey.until(lambda: "live" in journey.texts()[-1] and "Beta renamed" in journey.titles())
    assert (kept.chats, kept.sync) == ({}, {"cursor": "9"}), "nothing was written to what did not open"
    assert not journey.device.key_store.stored
    journey.engine.post(SignOut())
    await journey.until(lambda: "signed-out" in journey.device.marks)


@pytest.mark.parametrize(("error", "times"), [(REFUSED, TRIES), (NEWER, 1), (HELD, 1), (FULL, 1)])
async def test_opening_is_tried_again_where_that_may_help(error: StorageError, times: int) -> None:
    device, tried = FakeDevice(), []

    async def refuse(account: str, on_gone: OnGone) -> FakeStore:
        tried.append(account)
        raise error

    device.open_store = refuse  # type: ignore[method-assign]
    _, why = await StoreSelector(device).open("account-1", lambda _by_tab: None)
    assert (len(tried), why) == (times, f"{error} {IN_MEMORY}")


async def test_a_store_that_fails_once_is_opened_anew_and_nobody_notices(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    await in_step(journey, lambda step: step == "before apply")
    news = {"chats": [journey.account.chat("a", "Alpha", 2)], "messages": [journey.account.message("a", 60, "news")]}
    journey.deliver(Changes(since="100", stamp="101"), **news)
    assert (await journey.greeted(2))["since"] == "100"
    journey.deliver(Changes(since="100", stamp="101"), **news)
    await journey.until(lambda: "news" in journey.texts()[-1])
    await journey.current()
    assert all(isinstance(store, FakeStore) for store in journey.device.stores)
    assert journey.device.stores[0].closed


@pytest.mark.parametrize("step", ["before apply", "after apply"])
async def test_a_store_that_goes_on_failing_is_replaced_by_memory(journey: Journey, step: str) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.engine.post(OpenChat("b"))
    await journey.until(lambda: journey.screen.chat and journey.screen.chat.id == "b" and journey.screen.chat.messages)
    await journey.until(lambda: journey.sent("opened"), "the opened chat is recorded, so that this write is over")
    await in_step(journey, lambda each: each == step, times=99)
    news = [journey.account.message("b", 2, "news")]
    journey.deliver(Changes(since="100", stamp="101"), messages=news)
    since = (await journey.greeted(2))["since"]
    assert since == ("100" if step == "before apply" else "101"), "what was committed counts"
    journey.deliver(Changes(since=since, stamp="102"), messages=news)
    assert (await journey.greeted(3))["since"] is None
    journey.warm()
    await says(journey, f"Up to date. {BROKEN} {IN_MEMORY}")
    assert journey.screen.chat
    assert journey.screen.chat.id == "b", "what the person reads stays"
    assert journey.screen.chat.state is ChatState.READY
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]


async def test_a_store_that_cannot_be_read_at_the_start_is_replaced_by_memory(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    await in_step(journey, lambda step: step == "before beginning", times=99)
    before = journey.socket
    journey.load()
    await journey.until(lambda: len(journey.device.stores) == 4)
    await journey.until(lambda: journey.socket is not before and not journey.socket.closed and journey.sent("hello"))
    assert (await journey.greeted())["since"] is None
    journey.warm()
    await says(journey, f"Up to date. {BROKEN} {IN_MEMORY}")


async def test_failures_that_lie_apart_are_each_forgiven(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    for connection in range(2, 5):
        journey.device.clock += SOON_S
        await in_step(journey, lambda step: step == "before apply")
        journey.engine.post(OpenChat("b"))
        assert (await journey.greeted(connection))["since"] == "100"
        journey.deliver(UpToDate(stamp="100"))
        await journey.current()


async def test_a_removal_between_two_visits_is_explained_and_repaired(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.disks.clear()
    journey.load()
    assert (await journey.greeted(2))["since"] is None
    await journey.until(lambda: EVICTED in journey.screen.status.sentence)
    journey.warm()
    await says(journey, f"Up to date. {EVICTED}")
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]
    journey.load()
    await journey.greeted(3)
    journey.deliver(UpToDate(stamp="100"))
    await journey.current()


async def test_an_interrupted_first_warming_is_no_removal(journey: Journey) -> None:
    await journey.sign_in()
    journey.load()
    await journey.greeted(2)
    journey.warm()
    await journey.current()


async def test_storage_and_key_cleared_by_hand_ends_the_visit(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    journey.device.key_store.kept = None
    assert journey.device.on_gone
    journey.device.on_gone(False)
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)
    assert "was cleared" in journey.screen.notice
    assert journey.device.disks == {}


async def test_what_the_old_connection_had_brought_is_not_taken_for_the_new_ones(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()
    await in_step(journey, lambda step: step == "before apply")
    for stamp in range(100, 104):
        message = journey.account.message("a", 60 + stamp, f"news {stamp}")
        journey.deliver(Changes(since=str(stamp), stamp=str(stamp + 1)), messages=[message])
    assert (await journey.greeted(2))["since"] == "100"
    journey.deliver(UpToDate(stamp="100"))
    await journey.current()
    assert journey.device.disks["account-1"].sync["cursor"] == "100"


async def test_a_disk_that_takes_nothing_more_keeps_the_open_chat_and_memory_the_rest(journey: Journey) -> None:
    await journey.sign_in()
    tries: list[str] = []

    def fail(step: str) -> None:
        if step == "before apply":
            tries.append(step)
            if len(tries) > 2:
                raise FULL

    journey.device.on_step = fail
    journey.warm()
    assert (await journey.greeted(2))["since"] is None
    disk = journey.device.disks["account-1"]
    assert set(disk.sync["have"]) == {"a"}, "whatever made room, it was not enough"
    assert "cursor" not in disk.sync, "it never stands for what is not stored"
    journey.warm()
    await says(journey, f"Up to date. {FULL} {IN_MEMORY}")
    assert journey.titles() == ["Beta", "Gamma", "Alpha"]
    assert len(tries) == 5, "a disk that stays full is not tried again"
    journey.device.on_step = lambda step: None
    journey.load()
    hello = await journey.greeted(3)
    assert (hello["since"], hello["have"]) == (None, {"a": 1, "b": 0, "c": 0})
