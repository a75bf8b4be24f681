"""Chats that are read from the server and not stored."""

from __future__ import annotations

import json

from tests.app.hearth.engine.transfer.exporting.test_exporter import chats_of, exported, transfer
from tests.app.hearth.engine.writing.live import items, live


def test_chats_that_are_not_on_the_device_are_fetched_a_hundred_at_a_time_and_not_stored() -> None:
    with live(chats=330) as there:
        browser = there.signed_in()
        stored = len(browser.disk.messages)
        before = there.world.requests.count
        archive = exported(there, browser)
        assert there.world.requests.count == before + 6
        chats = chats_of(archive)
        assert len({chat["id"] for chat in chats}) == len(chats) == 330
        told = [(chat["id"], each["id"]) for chat in chats for each in chat["messages"]]
        assert sorted(told) == sorted((row["chat_id"], row["id"]) for row in there.stored())
        assert len(browser.disk.messages) == stored
        assert len(items(browser)) == 100


def test_what_could_not_be_fetched_is_said_in_the_page_and_in_the_archive() -> None:
    with live(chats=120) as there:
        browser = there.signed_in()
        browser.go_offline()
        there.wait()
        archive = exported(there, browser)
        assert len(chats_of(archive)) == 100
        (missing,) = json.loads(archive.read("hearth.json"))["missing"]
        assert missing.startswith("20 chats are not on this device")
        assert missing in archive.read("README.txt").decode()
        assert transfer(browser).details == (missing,)
