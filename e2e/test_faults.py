"""What goes wrong on the way costs time, never data, and is told in a sentence."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import Page, expect

from hearth.core.protocol.server_events import EventName
from hearth_testing import journey
from hearth_testing.server import Hearth

BOUNDARIES = [
    EventName.FIRST_CHAT_READY,
    EventName.RECENT_CHATS_READY,
    EventName.SETTINGS_AND_MEMORIES_READY,
    EventName.REMAINING_CHATS_READY,
    EventName.WARMING_COMPLETE,
]

SILENCE_S = 50
"""A ping after 25 s without a frame, 15 s for its answer, and what the steps of the clock add."""


def everything_is_here(page: Page, hearth: Hearth) -> None:
    """The device equals the server."""
    account = hearth.account()
    expect(journey.chats(page)).to_have_count(len(account["chats"]))
    rows = journey.stored(page)["databases"]
    messages = next(each for name, each in rows.items() if name.endswith("/messages"))
    assert {row["id"] for row in messages} == {each for chat in account["chats"] for each in ids(chat)}


def ids(chat: dict[str, list[object]]) -> list[object]:
    """A chat's message ids, however the server lists them."""
    return [each["id"] if isinstance(each, dict) else each for each in chat["messages"]]


def test_the_socket_closes_after_each_event(page: Page, fresh: Hearth) -> None:
    for event in BOUNDARIES:
        fresh.reset()
        fresh.fault(drop_socket_after=event.value, times=1)
        journey.sign_in(page, fresh)
        expect(journey.status(page)).to_contain_text("Up to date")
        everything_is_here(page, fresh)
        journey.sign_out(page)


def test_events_come_twice_or_out_of_order(page: Page, fresh: Hearth) -> None:
    for fault in ("duplicate_events", "reorder_events"):
        fresh.reset()
        fresh.fault(**{fault: True})
        journey.sign_in(page, fresh)
        everything_is_here(page, fresh)
        assert journey.marks(page).count("warm") == 1
        journey.sign_out(page)


def test_a_damaged_message_is_one_notice_and_heals(page: Page, fresh: Hearth) -> None:
    account = fresh.account()
    chat = next(each for each in account["chats"] if each["id"] == account["last_opened"])
    broken = ids(chat)[-1]
    fresh.fault(corrupt_message=broken)
    journey.sign_in(page, fresh)
    expect(journey.messages(page).last).to_contain_text("This message cannot be read")
    expect(journey.messages(page).nth(-2)).not_to_contain_text("cannot be read")
    fresh.fault()
    page.evaluate("() => sessionStorage.getItem('hearth.key')")
    journey.open_chat(page, chat["title"])


def test_a_slow_or_stumbling_disk_costs_only_time(page: Page, fresh: Hearth) -> None:
    stumbling, slow = {"directus_status": 503, "times": 2}, {"directus_latency_ms": 2000}
    for fault in (stumbling, slow):
        fresh.reset()
        fresh.fault(**fault)
        journey.sign_in(page, fresh)
        everything_is_here(page, fresh)
        journey.sign_out(page)


def test_what_is_under_way_is_there_by_its_role(
    page: Page, fresh: Hearth, faults: Callable[..., AbstractContextManager[None]]
) -> None:
    with faults(stall_after=EventName.RECENT_CHATS_READY.value):
        journey.sign_in(page, fresh, until="recent-chats-stored")
        progress = page.get_by_role("progressbar", name="Sync")
        expect(progress).to_be_visible()
        expect(journey.status(page)).to_contain_text("of 12 chats on this device")
        expect(journey.heading(page)).to_be_visible()
    journey.wait_for_mark(page, "up-to-date")
    expect(progress).to_be_hidden()
    everything_is_here(page, fresh)


def test_a_disk_that_refuses_is_told_and_tried_again(
    page: Page, fresh: Hearth, faults: Callable[..., AbstractContextManager[None]]
) -> None:
    journey.sign_in(page, fresh)
    page.get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    fresh.reset()
    with faults(directus_status=401, times=1000):
        journey.fill_in(page, fresh)
        page.get_by_role("button", name="Sign in").click()
        journey.wait_for_mark(page, "signed-in")
        expect(journey.status(page)).to_contain_text("Offline")
    expect(journey.status(page)).to_contain_text("Up to date", timeout=40_000)
    everything_is_here(page, fresh)


UNREADABLE: tuple[tuple[dict[str, object], str], ...] = (
    ({"raw_frame": "this is not JSON"}, "not a JSON object"),
    ({"raw_frame": '{"v":1,"event":"surprise","seq":1}'}, "surprise"),
    ({"raw_frame": '{"v":1,"event":"first_chat_ready","seq":1}'}, "chat_id"),
    ({"frame_bytes": 20 * 1024 * 1024}, "more than"),
)


def test_a_frame_that_cannot_be_read_is_told_and_the_sync_goes_on(page: Page, fresh: Hearth) -> None:
    for fault, says in UNREADABLE:
        fresh.reset()
        fresh.fault(**fault, times=1)
        journey.sign_in(page, fresh, until="signed-in")
        seen = said_until_up_to_date(page)
        assert any(says in said for said in seen), seen
        everything_is_here(page, fresh)
        journey.sign_out(page)


def said_until_up_to_date(page: Page) -> list[str]:
    """Every sentence of the status line until it says that all is here."""
    seen: list[str] = page.evaluate(
        """
        () => new Promise((resolve) => {
          const seen = [];
          const timer = setTimeout(() => resolve(seen), 30000);
          const look = () => {
            const said = [...document.querySelectorAll("[role=status]")].map((line) => line.textContent).join(" ");
            if (seen.at(-1) !== said) seen.push(said);
            if (!said.includes("Up to date")) return requestAnimationFrame(look);
            clearTimeout(timer);
            resolve(seen);
          };
          look();
        })
        """
    )
    return seen


def test_a_newer_protocol_asks_for_a_reload(page: Page, fresh: Hearth) -> None:
    fresh.fault(raw_frame='{"v":2,"event":"first_chat_ready","seq":1}', times=1)
    journey.sign_in(page, fresh, until="signed-in")
    expect(journey.status(page)).to_contain_text(re.compile("Reload"))


def test_the_server_going_away_and_coming_back(page: Page, serve: Callable[..., Hearth], tmp_path: Path) -> None:
    server = serve("--chats", "12", "--messages", "6", "--data", str(tmp_path / "data"))
    journey.sign_in(page, server)
    page.evaluate("() => { window.sameDocument = true; }")
    server.stop()
    expect(journey.status(page)).to_contain_text("Offline")
    expect(journey.heading(page)).to_be_visible()
    server.start(server.port)
    server.change(rename_chat={"title": "Written while the network was gone"})
    expect(journey.chat_link(page, "Written while the network was gone")).to_be_visible()
    expect(journey.status(page)).to_have_text("Up to date")
    assert page.evaluate("() => window.sameDocument")


def test_a_server_that_is_killed_in_a_warming_and_afterwards_signs_nobody_out(
    page: Page, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    server = serve("--chats", "12", "--messages", "6", "--data", str(tmp_path / "hearth.sqlite"))
    server.fault(stall_after=EventName.RECENT_CHATS_READY.value)
    page.goto(server.url)
    page.evaluate("() => { window.sameDocument = true; }")
    journey.fill_in(page, server)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "recent-chats-stored")
    title = journey.heading(page).inner_text()
    assert "warm" not in journey.marks(page)
    server.kill()
    server.start(server.port)
    journey.wait_for_mark(page, "up-to-date")
    everything_is_here(page, server)
    server.kill()
    expect(journey.status(page)).to_contain_text("Offline")
    server.start(server.port)
    expect(journey.status(page)).to_have_text("Up to date", timeout=40_000)
    server.change(rename_chat={"title": "After both"})
    expect(journey.chat_link(page, "After both")).to_be_visible()
    everything_is_here(page, server)
    expect(journey.heading(page)).to_have_text(re.compile(f"{re.escape(title)}|After both"))
    assert page.evaluate("() => window.sameDocument"), "nobody was signed out, and nothing was loaded anew"


def test_a_server_that_falls_silent_is_noticed(page: Page, fresh: Hearth) -> None:
    """The process stands still: the connection is there, and nothing comes."""
    page.clock.install()
    page.goto(fresh.url)
    journey.fill_in(page, fresh)
    page.get_by_role("button", name="Sign in").click()
    expect(journey.status(page)).to_have_text("Up to date")
    title = fresh.account()["chats"][3]["title"]
    os.kill(fresh.pid, signal.SIGSTOP)
    try:
        assert time_passes(page, "Syncing has stalled. Trying again") <= SILENCE_S
        journey.open_chat(page, title)
    finally:
        os.kill(fresh.pid, signal.SIGCONT)
    time_passes(page, "Up to date")


def time_passes(page: Page, says: str) -> int:
    """Turn the page's clock on until the status line says something; the seconds that it took."""
    step_s, most_s = 1, 120
    for seconds in range(0, most_s, step_s):
        if says in journey.status(page).inner_text():
            return seconds
        page.clock.fast_forward(step_s * 1000)
    raise AssertionError(f"After {most_s} s the status line says: {journey.status(page).inner_text()}")
