"""The account's devices in the engine: listed while the settings are open, named once, signed out, and reported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hearth.core.account.devices import AccountDevice
from hearth.core.errors import Unreachable
from hearth.core.protocol.server_events import ErrorCode, ServerError, SessionEnd
from hearth.core.tabs import messages as tab_messages
from hearth.core.view.account import DeviceItem, DevicesView
from hearth.core.view.devices_text import SIGNING_OUT, UNNAMED, WAITS
from hearth.core.view.screen import Phase
from hearth.engine.account.devices import AGAIN_S, WAITING_S
from hearth.engine.intents.account import EndDevice
from hearth.engine.intents.chats import ShowSettings
from hearth.engine.queue_items import TabMessage
from hearth.ports.network import SocketClosed
from hearth.testing.keys import FakeKeyStore
from tests.app.hearth.engine.journey import Journey

HERE, THERE, OTHER = "here", "there", "other"


@pytest.fixture
async def journey() -> AsyncIterator[Journey]:
    made = Journey()
    made.device.api.listed = [AccountDevice(HERE, True, True), AccountDevice(THERE, False, True)]
    yield made
    for task in made._tasks:
        task.cancel()


async def synced(journey: Journey) -> None:
    await journey.sign_in()
    journey.warm()
    await journey.current()


async def opened(journey: Journey) -> tuple[DeviceItem, ...]:
    await synced(journey)
    journey.engine.post(ShowSettings(True))
    await journey.until(lambda: journey.screen.devices.items, "the list")
    return journey.screen.devices.items


async def sealed(journey: Journey, device: str, name: str) -> str:
    keyring = journey.device.keyring(journey.account.id, journey.account.master)
    return await keyring.seal_text("sessions", device, "name", name)


async def test_a_device_names_itself_after_the_sign_in_sealed(journey: Journey) -> None:
    await journey.sign_in()
    assert journey.device.api.names == {}, "nothing before the chats are here"
    journey.warm()
    await journey.until(lambda: journey.device.api.names)
    keyring = journey.device.keyring(journey.account.id, journey.account.master)
    name = journey.device.api.names[HERE]
    assert "Firefox" not in name
    assert await keyring.open_text("sessions", HERE, "name", name) == "Firefox on Linux"


async def test_a_name_that_is_there_is_not_sent_again(journey: Journey) -> None:
    journey.device.api.listed = [AccountDevice(HERE, True, True, await sealed(journey, HERE, "Firefox on Linux"))]
    assert [each.name for each in await opened(journey)] == ["Firefox on Linux"]
    assert journey.device.api.names == {}


@pytest.mark.parametrize("name", ["Firefox on Windows", None])
async def test_a_name_of_before_and_one_that_does_not_open_are_sent_anew(journey: Journey, name: str | None) -> None:
    kept = await sealed(journey, HERE if name else THERE, name or "swapped")
    journey.device.api.listed = [AccountDevice(HERE, True, True, kept)]
    await synced(journey)
    await journey.until(lambda: journey.device.api.names)


async def test_a_reload_asks_for_no_list(journey: Journey) -> None:
    await synced(journey)
    await journey.until(lambda: journey.device.api.names)
    journey.device.api.names.clear()
    journey.load()
    await journey.greeted(2)
    journey.device.api.refusal = Unreachable("Nobody may ask.")
    assert journey.device.api.names == {}
    assert journey.screen.devices == DevicesView()


async def test_the_list_is_there_while_the_settings_are_open(journey: Journey) -> None:
    items = await opened(journey)
    assert [(each.id, each.name, each.current, each.can_end) for each in items] == [
        (HERE, UNNAMED, True, False),
        (THERE, UNNAMED, False, True),
    ]
    journey.engine.post(ShowSettings(False))
    await journey.until(lambda: not journey.screen.devices.items)


async def test_names_are_opened_and_one_that_was_swapped_is_none(journey: Journey) -> None:
    journey.device.api.listed = [
        AccountDevice(HERE, True, True, await sealed(journey, HERE, "Firefox on Linux")),
        AccountDevice(THERE, False, True, await sealed(journey, THERE, "Safari on iPhone")),
        AccountDevice(OTHER, False, True, await sealed(journey, THERE, "Safari on iPhone")),
    ]
    assert [each.name for each in await opened(journey)] == ["Firefox on Linux", "Safari on iPhone", UNNAMED]


async def test_a_device_is_signed_out_and_its_wipe_is_waited_for(journey: Journey) -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)
        await asyncio.Event().wait()

    await synced(journey)
    assert journey.engine.current.session
    journey.engine.current.session.parts.devices._pause = pause
    journey.engine.post(ShowSettings(True))
    await journey.until(lambda: waited and waited[-1] == AGAIN_S)
    end = journey.device.api.end_device

    async def ends(account: str, device: str | None) -> None:
        await end(account, device)
        journey.device.api.listed[1] = AccountDevice(THERE, False, False, ended_at=0)

    journey.device.api.end_device = ends  # type: ignore[method-assign]
    journey.engine.post(EndDevice(THERE))
    await journey.until(lambda: journey.screen.devices.items[1].about == WAITS)
    assert journey.device.api.ended == [THERE]
    assert any(screen.devices.items[1].about == SIGNING_OUT for screen in journey.page.screens if screen.devices.items)
    await journey.until(lambda: waited[-1] == WAITING_S)


async def test_a_server_that_keeps_no_names_is_not_asked_for_ever(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def named(account: str, device: str, name: str) -> None:
        asked.append(device)

    monkeypatch.setattr(journey.device.api, "name_device", named)
    await opened(journey)
    for _ in range(100):
        await asyncio.sleep(0)
    assert 1 <= len(asked) <= 2, "after the sign-in, and once for the list"


async def test_all_others_are_signed_out_at_once(journey: Journey) -> None:
    journey.device.api.listed.append(AccountDevice(OTHER, False, False))
    await opened(journey)
    journey.engine.post(EndDevice())
    await journey.until(lambda: journey.device.api.ended == [None])


async def test_this_device_is_not_signed_out_this_way(journey: Journey) -> None:
    await opened(journey)
    journey.engine.post(EndDevice(HERE))
    journey.engine.post(EndDevice("nobody"))
    journey.engine.post(EndDevice(THERE))
    await journey.until(lambda: journey.device.api.ended == [THERE])


async def test_a_server_that_does_not_answer_leaves_the_list_and_says_so(journey: Journey) -> None:
    await opened(journey)
    journey.device.api.refusal = Unreachable("The server does not answer.")
    journey.engine.post(EndDevice(THERE))
    await journey.until(lambda: journey.screen.devices.problem == "The server does not answer.")
    assert journey.screen.devices.items[1].can_end


async def revoked(journey: Journey) -> None:
    over = ServerError(code=ErrorCode.SESSION, message="You have been signed out.", reason=SessionEnd.REVOKED)
    journey.deliver(over)
    await journey.until(lambda: journey.screen.phase is Phase.SIGNED_OUT)


async def test_a_revoked_device_reports_once_all_is_deleted(journey: Journey) -> None:
    await synced(journey)
    order: list[str] = []
    wipe, report = journey.device.wipe_stores, journey.device.api.report_wiped

    async def wiping(account: str | None = None) -> list[str]:
        order.append("wiped")
        return await wipe(account)

    async def reporting(account: str | None) -> None:
        order.append("reported")
        await report(account)

    journey.device.wipe_stores, journey.device.api.report_wiped = wiping, reporting  # type: ignore[method-assign]
    await revoked(journey)
    await journey.until(lambda: journey.device.api.wiped == [journey.account.id])
    assert order == ["wiped", "reported"]
    assert not journey.device.key_store.owes_sign_out
    assert journey.device.api.signed_out == 0, "the session is over already, and the cookie may be another's by now"


async def test_a_wipe_that_another_tab_holds_up_is_reported_when_it_is_finished(journey: Journey) -> None:
    await synced(journey)
    freed = asyncio.Event()
    wipe, calls = journey.device.wipe_stores, [0]

    async def held(account: str | None = None) -> list[str]:
        calls[0] += 1
        if calls[0] == 1:
            return ["held"]
        await freed.wait()
        return await wipe(account)

    journey.device.wipe_stores = held  # type: ignore[method-assign]
    await revoked(journey)
    assert journey.device.api.wiped == []
    freed.set()
    await journey.until(lambda: journey.device.api.wiped == [journey.account.id])


async def test_a_report_that_fails_is_made_by_the_next_page(journey: Journey) -> None:
    await synced(journey)
    journey.device.api.refusal = Unreachable("The server does not answer.")
    await revoked(journey)
    await journey.until(lambda: journey.device.key_store.owes_sign_out)
    journey.device.api.refusal = None
    journey.load()
    await journey.until(lambda: journey.device.api.wiped == [None] and not journey.device.key_store.owes_sign_out)


async def test_a_device_that_was_away_reports_at_its_next_contact(journey: Journey) -> None:
    await synced(journey)
    journey.device.refuse_connections = SocketClosed(SessionEnd.REVOKED)
    journey.load()
    await journey.until(lambda: journey.device.api.wiped == [journey.account.id])
    assert journey.device.disks == {}


async def test_the_tab_that_only_heard_of_it_reports_nothing(journey: Journey) -> None:
    await synced(journey)

    over: Any = tab_messages.SignedOut(account=journey.account.id, over=True)
    journey.engine.post(TabMessage(tab_messages.write(over)))
    await journey.until(lambda: "signed-out" in journey.device.marks)
    assert journey.device.api.wiped == []
    assert isinstance(journey.device.key_store, FakeKeyStore)
    assert not journey.device.key_store.owes_sign_out
