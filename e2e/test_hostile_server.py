"""A server that loses, withholds, exchanges or puts back records: the person is told of which chat, others go on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from e2e.test_accessibility import assert_accessible
from hearth_testing import journey
from hearth_testing.server import Hearth


def chat_of(hearth: Hearth, at: int) -> dict[str, Any]:
    """A chat with several messages; `at` counts from the last updated one."""
    return dict([chat for chat in hearth.account()["chats"] if len(chat["messages"]) > 2][at])


def warning(page: Page) -> Locator:
    """What the open chat says is wrong with it."""
    return page.get_by_role("main").get_by_role("alert")


def lose(hearth: Hearth, chat: dict[str, Any]) -> None:
    hearth.fault(drop_message=chat["messages"][1])


def replay(hearth: Hearth, chat: dict[str, Any]) -> None:
    hearth.change(edit_message={"message_id": chat["messages"][-1], "text": "what it says now"})
    hearth.fault(replay_message=chat["messages"][-1])


def swap(hearth: Hearth, chat: dict[str, Any]) -> None:
    hearth.fault(swap_messages=chat["messages"][:2])


def put_back(hearth: Hearth, chat: dict[str, Any]) -> None:
    hearth.change(add_message={"chat_id": chat["id"], "text": "what was written since"})
    hearth.fault(rollback_chat=chat["id"])


Lie = Callable[[Hearth, dict[str, Any]], None]
ATTACKS: dict[str, tuple[Lie, str, str]] = {
    "lost": (lose, "Messages missing", "1 message is missing from this chat. The server may have lost or withheld it."),
    "replayed": (replay, "Not as it was written", "not as your devices wrote it last"),
    "swapped": (swap, "Not as it was written", "not as your devices wrote it last"),
    "put back": (put_back, "Older than it was", "older state of the chat"),
}


def test_a_lie_about_one_chat_is_told_there_and_the_others_go_on(page: Page, fresh: Hearth) -> None:
    for lie, flag, sentence in ATTACKS.values():
        fresh.reset()
        assert_told(page, fresh, lie, flag, sentence)
        journey.sign_out(page)


def assert_told(page: Page, fresh: Hearth, lie: Lie, flag: str, sentence: str) -> None:
    """Sign in to a server that lies about a chat, and have it fetched again when it does not any more."""
    chat, other = chat_of(fresh, 3), chat_of(fresh, 0)
    lie(fresh, chat)
    journey.sign_in(page, fresh, until="checked")
    line = journey.chat_link(page, chat["title"])
    expect(line).to_contain_text(flag)
    expect(journey.chats(page).filter(has_text=flag)).to_have_count(1)
    expect(journey.status(page)).to_contain_text("1 chat is not as your devices wrote it")
    journey.open_chat(page, chat["title"])
    expect(warning(page)).to_contain_text(sentence)
    assert_accessible(page)
    journey.open_chat(page, other["title"])
    expect(warning(page)).to_have_count(0)
    fresh.change(add_message={"chat_id": other["id"], "text": "life goes on"})
    expect(journey.messages(page).last).to_contain_text("life goes on")

    fresh.fault()
    journey.open_chat(page, chat["title"])
    page.get_by_role("button", name="Fetch again").click()
    expect(warning(page)).to_have_count(0)
    expect(line).not_to_contain_text(flag)
    expect(journey.status(page)).to_contain_text("Up to date")


def test_a_chat_that_is_withheld_is_missed(page: Page, fresh: Hearth) -> None:
    chat = chat_of(fresh, 4)
    fresh.fault(drop_chat=chat["id"])
    journey.sign_in(page, fresh, until="checked")
    expect(journey.chats(page)).to_have_count(12)
    journey.chat_link(page, "Missing chat").click()
    expect(warning(page)).to_contain_text("This chat is missing. The server may have lost or withheld it.")
    fresh.fault()
    page.get_by_role("button", name="Fetch again").click()
    expect(journey.heading(page)).to_have_text(chat["title"])
    expect(warning(page)).to_have_count(0)


def test_an_account_that_is_put_back_is_noticed_by_who_has_seen_more(
    page: Page, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    data, backup = tmp_path / "data.sqlite", tmp_path / "backup.sqlite"
    hearth = serve("--chats", "12", "--messages", "6", "--data", str(data))
    port = hearth.port
    journey.sign_in(page, hearth, until="checked")
    hearth.stop()
    shutil.copy(data, backup)
    expect(journey.status(page)).to_contain_text("Offline")
    hearth.start(port)
    expect(journey.status(page)).to_have_text("Up to date", timeout=40_000)
    chat = chat_of(hearth, 2)
    for number in range(3):
        hearth.change(add_message={"chat_id": chat["id"], "text": f"since then {number}"})
    journey.open_chat(page, chat["title"])
    expect(journey.messages(page).last).to_contain_text("since then 2")
    hearth.stop()
    shutil.copy(backup, data)
    hearth.start(port)
    hearth.change(add_message={"chat_id": chat_of(hearth, 0)["id"], "text": "from a device that knows of nothing"})
    expect(journey.status(page)).to_contain_text("The server answers with an older state", timeout=40_000)
    expect(journey.messages(page).last).to_contain_text("since then 2")
    # Writing waits until the person, here in a second tab, takes over what the server has.
    page.get_by_role("textbox", name="Message").fill("written meanwhile")
    page.get_by_role("textbox", name="Message").press("Enter")
    other = page.context.new_page()
    other.goto(hearth.url)
    other.get_by_role("button", name="Use the server's state").click()
    assert_accessible(other)
    other.get_by_role("dialog").get_by_role("button", name="Use it").click()
    for each in (page, other):
        expect(journey.status(each)).to_have_text("Up to date", timeout=40_000)
        expect(each.get_by_role("button", name="Use the server's state")).to_be_hidden()
    expect(journey.messages(page).last).to_contain_text("written meanwhile")
    expect(page.get_by_text("since then 2")).to_have_count(0)


def test_honest_changes_deletions_restarts_and_two_devices_raise_no_alarm(
    page: Page, serve: Callable[..., Hearth], tmp_path: Path
) -> None:
    hearth = serve("--chats", "12", "--messages", "6", "--data", str(tmp_path / "data.sqlite"))
    journey.sign_in(page, hearth, stay=True, until="checked")
    first, second = chat_of(hearth, 0), chat_of(hearth, 1)
    hearth.change(
        add_message={"chat_id": first["id"], "text": "one"},
        rename_chat={"chat_id": second["id"], "title": "Renamed while you read"},
        add_chat={"title": "Quite new", "messages": ["a", "b"]},
        edit_message={"message_id": first["messages"][0], "text": "edited"},
        set_setting={"app": "Mail", "name": "Signature", "value": "Yours"},
        delete_chat=chat_of(hearth, 4)["id"],
    )
    expect(journey.chat_link(page, "Quite new")).to_be_visible()
    port = hearth.port
    hearth.stop()
    expect(journey.status(page)).to_contain_text("Offline")
    hearth.start(port)
    hearth.change(add_message={"chat_id": second["id"], "text": "while you were away"})
    expect(journey.status(page)).to_contain_text("Up to date", timeout=40_000)
    page.reload()
    journey.wait_for_mark(page, "checked")
    expect(journey.status(page)).to_have_text("Up to date")
    flags = re.compile("Missing|Not as|Not confirmed|Older|missing")
    expect(journey.chats(page).filter(has_text=flags)).to_have_count(0)
    rows = journey.stored(page)["databases"]
    sync = next(each for name, each in rows.items() if name.endswith("/sync"))
    verdicts = [row["value"][1] for row in sync if row["name"].startswith("checked:")]
    assert len(verdicts) >= 12
    assert set(verdicts) == {""}
