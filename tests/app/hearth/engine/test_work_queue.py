"""The engine's queue: the person first, then the network, idle work last; equals in their order."""

from __future__ import annotations

from hearth.core.sync.table import Signal
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import OpenChat
from hearth.engine.queue_items import (
    ChatShown,
    CompletePage,
    ConnectionEvent,
    ContinueChecks,
    LostLeadership,
    StorageLost,
    TabMessage,
)
from hearth.engine.work_queue import Item, WorkQueue


async def taken(queue: WorkQueue, count: int) -> list[Item]:
    return [await queue.get() for _ in range(count)]


async def test_the_more_urgent_comes_first_whatever_the_order_in_which_they_were_put_in() -> None:
    queue = WorkQueue()
    idle, network, shown = ContinueChecks(), ConnectionEvent(Signal.OPENED), ChatShown("a")
    rest, intent = CompletePage(), OpenChat("a")
    for each in (idle, network, shown, rest, intent):
        queue.put(each)
    assert await taken(queue, 5) == [intent, rest, shown, network, idle]


async def test_equals_keep_their_order() -> None:
    queue = WorkQueue()
    chats = [OpenChat(str(number)) for number in range(20)]
    for each in chats:
        queue.put(each)
    assert await taken(queue, 20) == chats


async def test_a_tab_that_lost_the_lead_hears_of_it_before_any_frame() -> None:
    queue = WorkQueue()
    lost = LostLeadership(object())
    queue.put(ConnectionEvent(Signal.OPENED))
    queue.put(lost)
    assert (await queue.get()) is lost


async def test_an_ended_session_leaves_what_the_person_did_and_what_other_tabs_said() -> None:
    queue = WorkQueue()
    for each in (ConnectionEvent(Signal.LOST), TabMessage("text"), StorageLost(), SignOut(), ContinueChecks()):
        queue.put(each)
    queue.drop_session()
    queue.put(ContinueChecks())
    assert await taken(queue, 3) == [SignOut(), TabMessage("text"), ContinueChecks()]
