"""Telling the server that a session is over: owed until it is answered, one request at a time, and said again."""

from __future__ import annotations

import asyncio

import pytest

from hearth.core.errors import Unreachable
from hearth.engine.auth.server_sign_out import ServerSignOut
from hearth.testing.device import FakeDevice


@pytest.fixture
def device() -> FakeDevice:
    return FakeDevice()


async def test_what_is_answered_is_no_longer_owed(device: FakeDevice) -> None:
    told = ServerSignOut(device)
    told.owe()
    assert device.key_store.owes_sign_out
    told.say()
    assert await told.settled()
    assert (device.api.signed_out, device.key_store.owes_sign_out) == (1, False)


async def test_what_is_not_answered_stays_owed_and_is_said_again_at_the_next_start(device: FakeDevice) -> None:
    device.api.refusal = Unreachable("away")
    told = ServerSignOut(device)
    told.owe()
    told.say()
    assert not await told.settled()
    device.api.refusal = None
    again = ServerSignOut(device)
    again.say_again(wiped=True)
    assert await again.settled()
    assert (device.api.wiped, device.api.signed_out) == ([None], 1)


async def test_what_is_not_wiped_yet_is_not_reported_as_wiped(device: FakeDevice) -> None:
    device.key_store.owe_sign_out(True)
    told = ServerSignOut(device)
    told.say_again(wiped=False)
    assert await told.settled()
    assert (device.api.wiped, device.api.signed_out) == ([], 1)


async def test_nothing_is_said_that_is_not_owed(device: FakeDevice) -> None:
    told = ServerSignOut(device)
    told.say_again(wiped=True)
    assert await told.settled()
    assert (device.api.wiped, device.api.signed_out) == ([], 0)


async def test_a_revoked_sessions_wipe_is_reported_and_owed_until_then(device: FakeDevice) -> None:
    told = ServerSignOut(device)
    device.api.refusal = Unreachable("away")
    told.report("account")
    assert not await told.settled()
    device.api.refusal = None
    told.report("account")
    assert await told.settled()
    assert device.api.wiped == ["account"]


async def test_one_request_at_a_time_and_a_sign_in_waits_for_it(device: FakeDevice) -> None:
    gate, asked = asyncio.Event(), 0

    async def sign_out() -> None:
        nonlocal asked
        asked += 1
        await gate.wait()

    device.api.sign_out = sign_out  # type: ignore[method-assign]
    told = ServerSignOut(device)
    told.owe()
    told.say()
    told.say()
    waiting = asyncio.create_task(told.yield_control())
    await asyncio.sleep(0)
    assert (asked, waiting.done()) == (1, False)
    assert not await told.settled(patience_s=0.0)
    gate.set()
    await waiting
    assert await told.settled()


async def test_a_page_that_died_before_its_wipe_owes_nothing_once_somebody_is_signed_in(device: FakeDevice) -> None:
    device.key_store.owe_sign_out(True)
    ServerSignOut(device).call_off()
    assert not device.key_store.owes_sign_out
