"""A server that lies about what the account's devices wrote is found out; one that does not is not accused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearth.core.protocol.server_events import (
    Changes,
    FirstChatReady,
    RecentChatsReady,
    Refetched,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.screen import Tone
from hearth.engine.intents.chats import FetchAgain, OpenChat
from hearth.ports.records import Records
from hearth.ports.storage import Position
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone

CHATS, MESSAGES, ENTRIES = Collection
Row = dict[str, Any]


class Told(Journey):
    """An account with three chats and two settings, as a server that the test plays tells of it."""

    def __init__(self) -> None:
        super().__init__()
        make = self.account
        self.rows: dict[str, Row] = {}
        for chat, title, at in (("a", "Alpha", 30), ("b", "Beta", 20), ("c", "Gamma", 10)):
            self.put(make.chat(chat, title, last_updated=at))
            for number in range(4):
                self.put(make.message(chat, number, f"{title} {number}"))
        self.put(make.app("mail", "Mail"))
        self.put(make.setting("mail", "e1", "Signature", "Yours"))
        self.version = 7

    def put(self, *rows: Row) -> None:
        """Write rows."""
        for row in rows:
            self.rows[row["id"]] = row

    def manifest(self) -> Row:
        """The manifest of what is written."""
        return self.account.manifest(self.version, *self.rows.values())

    def split(self, without: set[str]) -> tuple[list[Row], list[Row], list[Row]]:
        """Chats, messages and entries, but for some."""
        rows = [row for row in self.rows.values() if row["id"] not in without]
        chats, messages = [row for row in rows if "title" in row], [row for row in rows if "chat_id" in row]
        return chats, messages, [row for row in rows if "app_id" in row]

    def tell(self, *without: str, manifest: Row | None = None, stamp: str = "100", listed: bool = True) -> None:
        """A whole warming, without some rows."""
        chats, messages, entries = self.split(set(without))
        entries = [*entries, manifest or self.manifest()] if listed else entries
        self.deliver(FirstChatReady(chat_id=None))
        complete = {row["id"]: 1 for row in chats}
        self.deliver(RecentChatsReady(total_chats=len(chats), complete=complete), chats=chats, messages=messages)
        self.deliver(SettingsAndMemoriesReady(), entries=entries)
        sent = {CHATS: len(chats), MESSAGES: len(messages), ENTRIES: len(entries)}
        self.deliver(WarmingComplete(stamp=stamp, sent=sent, total_chats=len(chats)))

    def answer(self, asked: dict[str, Any], *without: str, manifest: Row | None = None) -> None:
        """Answer a refetch of a chat, or of everything there is in settings and memories."""
        chats, messages, entries = self.split(set(without))
        record, collection = asked["record_id"], Collection(asked["collection"])
        event = Refetched(collection=collection, record_id=record)
        if collection is ENTRIES:
            self.deliver(event, entries=[*entries, manifest or self.manifest()])
            return
        self.deliver(
            event,
            chats=[row for row in chats if row["id"] == record],
            messages=[row for row in messages if row["chat_id"] == record],
            entries=[manifest or self.manifest()],
        )

    async def asked(self, count: int = 1) -> dict[str, Any]:
        """Wait for the n-th refetch."""
        await self.until(lambda: len(self.sent("refetch")) >= count, f"refetch {count}")
        return self.sent("refetch")[count - 1]

    async def checked(self) -> None:
        """Wait until everything is checked."""
        await self.until(lambda: "checked" in self.device.marks, "checked")

    def flags(self) -> dict[str, str]:
        """The marked chats of the list."""
        return {item.title: item.flag for group in self.screen.groups for item in group.items if item.flag}

    async def flagged(self, flags: dict[str, str]) -> None:
        """Wait until these chats are marked, and no others."""
        await self.until(lambda: self.flags() == flags, str(flags))


@pytest.fixture
async def told() -> AsyncIterator[Told]:
    made = Told()
    yield made
    for task in made._tasks:
        task.cancel()


async def test_an_honest_warming_is_checked_and_nothing_is_said(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    assert told.flags() == {}
    assert told.sent("refetch") == []
    assert told.screen.status.sentence == "Up to date"


async def test_the_manifest_is_no_app_that_a_person_sees(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    apps = await told.engine.current.session.parts.entries.apps()  # type: ignore[union-attr]
    assert [app.name for app in apps] == ["Mail"]


async def test_a_missing_message_is_asked_for_once_and_then_told(told: Told) -> None:
    await told.sign_in()
    told.tell("b-2", "b-3")
    asked = await told.asked()
    assert (asked["collection"], asked["record_id"], asked["manifest_id"]) == ("chats", "b", "hearth")
    assert told.flags() == {}, "nothing is said before the server was asked again"
    told.answer(asked, "b-2", "b-3")
    await told.flagged({"Beta": "Messages missing"})
    await told.checked()
    assert told.screen.status.tone is Tone.WARNING
    assert told.screen.status.sentence == "1 chat is not as your devices wrote it. It is marked in the list."
    told.engine.post(OpenChat("b"))
    await told.until(lambda: told.screen.chat and told.screen.chat.id == "b")
    assert told.screen.chat
    assert told.screen.chat.warning.startswith("2 messages are missing from this chat. The server may have")
    assert len(told.sent("refetch")) == 1
    told.engine.post(OpenChat("a"))
    await told.until(lambda: told.screen.chat and told.screen.chat.id == "a" and not told.screen.chat.warning)


async def test_what_was_lost_on_the_way_heals_without_a_word(told: Told) -> None:
    await told.sign_in()
    told.tell("b-2")
    told.answer(await told.asked())
    await told.checked()
    assert told.flags() == {}
    assert all(screen.status.tone is not Tone.WARNING for screen in told.page.screens)


async def test_fetching_again_brings_back_what_the_server_gives_at_last(told: Told) -> None:
    await told.sign_in()
    told.tell("b-2")
    told.answer(await told.asked(), "b-2")
    await told.flagged({"Beta": "Messages missing"})
    told.engine.post(OpenChat("b"))
    told.engine.post(FetchAgain("b"))
    told.answer(await told.asked(2))
    await told.flagged({})
    await told.until(lambda: told.screen.chat and not told.screen.chat.warning)
    await told.until(lambda: told.screen.status.sentence == "Up to date")


async def test_an_older_copy_of_a_message_is_told(told: Told) -> None:
    old = told.rows["a-1"]
    await told.sign_in()
    told.put(told.account.message("a", 1, "edited", 2))
    manifest = told.manifest()
    told.put(old)
    told.tell(manifest=manifest)
    told.answer(await told.asked(), manifest=manifest)
    await told.flagged({"Alpha": "Not as it was written"})


async def test_a_clear_field_that_was_changed_is_told(told: Told) -> None:
    manifest = told.manifest()
    await told.sign_in()
    told.put(told.rows["a-1"] | {"role": "assistant", "version": 9})
    told.tell(manifest=manifest)
    told.answer(await told.asked(), manifest=manifest)
    await told.flagged({"Alpha": "Not as it was written"})


async def test_an_older_state_of_a_chat_is_told(told: Told) -> None:
    await told.sign_in()
    old = told.rows["c"]
    told.put(told.account.chat("c", "Gamma renamed", 2, last_updated=11), told.account.message("c", 9, "new"))
    manifest = told.manifest()
    told.put(old)
    told.tell("c-9", manifest=manifest)
    told.answer(await told.asked(), "c-9", manifest=manifest)
    await told.flagged({"Gamma": "Older than it was"})


async def test_a_chat_that_is_withheld_has_a_line_of_its_own(told: Told) -> None:
    await told.sign_in()
    gone = ("b", *(f"b-{number}" for number in range(4)))
    told.tell(*gone)
    told.answer(await told.asked(), *gone)
    await told.flagged({"Missing chat": "Missing"})
    told.engine.post(OpenChat("b"))
    await told.until(lambda: told.screen.chat and told.screen.chat.id == "b")
    assert told.screen.chat
    assert told.screen.chat.warning.startswith("This chat is missing.")


async def test_a_deletion_that_no_device_made_is_told(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    told.deliver(Changes(since="100", stamp="101"), chats=[tombstone("b", 9)])
    asked = await told.asked()
    told.deliver(Refetched(collection=CHATS, record_id=asked["record_id"]), chats=[tombstone("b", 9)])
    await told.flagged({"Missing chat": "Missing"})


async def test_a_deleted_chat_that_comes_back_is_told(told: Told) -> None:
    without = [row for row in told.rows.values() if row["id"] != "b" and row.get("chat_id") != "b"]
    manifest = told.account.manifest(8, *without)
    await told.sign_in()
    told.tell(manifest=manifest)
    told.answer(await told.asked(), manifest=manifest)
    await told.flagged({"Beta": "Not confirmed"})


async def test_settings_that_are_missing_are_told(told: Told) -> None:
    manifest = told.manifest()
    await told.sign_in()
    told.tell("e1", manifest=manifest)
    asked = await told.asked()
    assert (asked["collection"], asked["record_id"]) == ("settings_and_memories", "hearth")
    told.answer(asked, "e1", manifest=manifest)
    await told.until(lambda: told.screen.status.sentence.startswith("Settings and memories are not as"))
    assert told.flags() == {}


async def test_an_older_state_of_the_whole_account_is_noticed_by_who_has_seen_a_newer(told: Told) -> None:
    old = told.manifest()
    await told.sign_in()
    told.version = 9
    told.put(told.account.message("a", 9, "new"), told.account.chat("a", "Alpha", 2, last_updated=40))
    told.tell()
    await told.checked()
    told.socket.fail()
    await told.greeted(2)
    del told.rows["a-9"]
    told.put(told.account.chat("a", "Alpha", 1, last_updated=30))
    told.tell(manifest=old, stamp="50")
    await told.until(lambda: told.screen.status.sentence.startswith("The server answers with an older state"))
    assert told.flags() == {}, "what is on the device is newer, and is right"


async def test_a_manifest_under_a_newer_number_is_still_an_older_one_after_a_reload(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    older = told.account.manifest(3, *told.rows.values(), clear_version=99)
    told.deliver(Changes(since="100", stamp="101"), entries=[older])
    await told.until(lambda: told.sent("ack")[-1]["stamp"] == "101")
    told.device.marks.clear()
    told.load()
    await told.greeted(2)
    told.deliver(UpToDate(stamp="101"))
    await told.until(lambda: told.screen.status.sentence.startswith("The server answers with an older state"))


async def test_a_manifest_that_is_taken_away_is_missed(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    deleted = told.manifest() | {"version": 99, "deleted_at": 5, "sealed": None, "wrapped_key": None}
    told.deliver(Changes(since="100", stamp="101"), entries=[deleted])
    await told.until(lambda: told.sent("ack")[-1]["stamp"] == "101")
    told.load()
    await told.greeted(2)
    told.deliver(UpToDate(stamp="101"))
    await told.until(lambda: "no longer has the record" in told.screen.status.sentence)


async def test_two_histories_are_told_apart_when_they_meet(told: Told) -> None:
    await told.sign_in()
    told.put(told.account.chat("a", "Alpha", 3, last_updated=50))
    told.tell()
    await told.checked()
    told.version = 8
    other = [*(row for row in told.rows.values() if row["id"] != "a"), told.account.chat("a", "Alpha", 2)]
    told.deliver(Changes(since="100", stamp="101"), entries=[told.account.manifest(8, *other)])
    await told.until(lambda: "different histories" in told.screen.status.sentence)


async def test_an_account_without_a_manifest_is_shown_without_alarm(told: Told) -> None:
    await told.sign_in()
    told.tell("a-1", listed=False)
    await told.checked()
    assert told.flags() == {}
    assert told.sent("refetch") == []
    assert told.screen.status.sentence == "Up to date"


async def test_live_changes_with_their_manifest_raise_nothing(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    for number in range(5):
        told.version += 1
        new = told.account.message("a", 10 + number, f"live {number}")
        chat = told.account.chat("a", "Alpha", 2 + number, last_updated=40 + number)
        told.put(new, chat)
        told.deliver(
            Changes(since=str(100 + number), stamp=str(101 + number)),
            chats=[chat],
            messages=[new],
            entries=[told.manifest()],
        )
    await told.until(lambda: told.sent("ack")[-1]["stamp"] == "105")
    await told.until(lambda: told.engine.current.session and told.engine.current.session.parts.integrity.done)
    assert told.sent("refetch") == []
    assert told.flags() == {}


async def test_half_of_a_change_is_not_held_against_the_manifest_that_comes_with_the_other(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    told.version += 1
    new, chat = told.account.message("a", 10, "live"), told.account.chat("a", "Alpha", 2, last_updated=40)
    told.put(new, chat)
    told.deliver(Changes(since="100", stamp="100", batch=1, of=2), chats=[chat], messages=[new])
    await told.until(lambda: "10" in str(told.device.disks[told.account.id].messages["a"].keys()), "the first half")
    for _ in range(20):
        await asyncio.sleep(0)
    told.deliver(Changes(since="100", stamp="101", batch=2, of=2), entries=[told.manifest()])
    await told.until(lambda: told.sent("ack")[-1]["stamp"] == "101")
    await told.until(lambda: told.engine.current.session and told.engine.current.session.parts.integrity.done)
    assert told.sent("refetch") == []
    assert told.flags() == {}


async def test_a_push_that_an_answer_has_overtaken_is_no_rollback(told: Told) -> None:
    await told.sign_in()
    older = told.manifest()
    told.version = 9
    told.tell()
    await told.checked()
    told.deliver(Changes(since="100", stamp="101"), entries=[older])
    asked = await told.asked()
    assert asked["record_id"] == "hearth"
    told.answer(asked)
    await told.until(lambda: told.engine.current.session and told.engine.current.session.parts.integrity.done)
    assert told.screen.status.sentence == "Up to date"


async def test_a_writing_upon_an_older_state_is_noticed(told: Told) -> None:
    older = told.manifest()
    await told.sign_in()
    told.version = 9
    told.tell()
    await told.checked()
    told.deliver(Changes(since="100", stamp="101"), entries=[older])
    told.answer(await told.asked(), manifest=older)
    await told.until(lambda: told.screen.status.sentence.startswith("The server answers with an older state"))


async def test_a_part_of_an_old_chat_is_no_alarm_and_comes_whole_when_it_is_opened(told: Told) -> None:
    make = told.account
    await told.sign_in()
    gone = ("c", *(f"c-{number}" for number in range(4)))
    before = make.manifest(7, *(row for row in told.rows.values() if row["id"] not in gone))
    told.tell(*gone, manifest=before)
    await told.checked()
    told.version = 8
    told.put(make.chat("c", "Gamma", 2, last_updated=60), make.message("c", 9, "new"))
    told.deliver(
        Changes(since="100", stamp="101"),
        chats=[told.rows["c"]],
        messages=[told.rows["c-9"]],
        entries=[told.manifest()],
    )
    await told.until(lambda: "Gamma" in told.titles())
    await told.until(lambda: told.engine.current.session and told.engine.current.session.parts.integrity.done)
    assert told.sent("refetch") == []
    assert told.flags() == {}
    told.engine.post(OpenChat("c"))
    await told.until(lambda: told.sent("want"), "want")
    whole = [row for row in told.rows.values() if row.get("chat_id") == "c"]
    told.deliver(Changes(since="101", stamp="101", complete={"c": 1}), chats=[told.rows["c"]], messages=whole)
    await told.until(lambda: told.screen.chat and len(told.screen.chat.messages) == 5)
    await told.until(lambda: told.engine.current.session and told.engine.current.session.parts.integrity.done)
    assert told.flags() == {}
    assert told.sent("refetch") == []


async def test_a_finding_is_there_at_once_after_a_reload_and_asked_about_again(told: Told) -> None:
    await told.sign_in()
    told.tell("b-2")
    told.answer(await told.asked(), "b-2")
    await told.flagged({"Beta": "Messages missing"})
    await told.checked()
    told.load()
    await told.flagged({"Beta": "Messages missing"})
    await told.greeted(2)
    told.deliver(UpToDate(stamp="100"))
    told.answer(await told.asked())
    await told.flagged({})


async def test_nothing_is_checked_twice_on_a_reload(told: Told) -> None:
    await told.sign_in()
    told.tell()
    await told.checked()
    told.device.marks.clear()
    told.load()
    await told.greeted(2)
    read: list[str] = []
    store = told.device.stores[-1]
    messages = store.messages

    async def counting(chat_id: str, limit: int, before: Position | None = None) -> Records:
        read.append(chat_id)
        return await messages(chat_id, limit, before)

    store.messages = counting  # type: ignore[method-assign]
    told.deliver(UpToDate(stamp="100"))
    await told.checked()
    assert read == []


async def test_a_mismatch_of_counts_asks_only_for_what_is_missing(told: Told) -> None:
    await told.sign_in()
    chats, messages, entries = told.split(set())
    told.deliver(FirstChatReady(chat_id=None))
    whole = [row for row in messages if row["chat_id"] != "c"]
    told.deliver(RecentChatsReady(total_chats=3, complete={"a": 1, "b": 1}), chats=chats, messages=whole)
    told.deliver(SettingsAndMemoriesReady(), entries=[*entries, told.manifest()])
    told.deliver(WarmingComplete(stamp="100", sent={CHATS: 3, MESSAGES: 12, ENTRIES: 3}, total_chats=3))
    hello = await told.greeted(2)
    assert hello["have"] == {"a": 1, "b": 1, "c": 0}
    assert set(hello["have_settings"]) == {"mail", "e1", "hearth"}


class Honest(Told):
    """The same server, telling the truth, whatever happens to the account and to the connection."""

    def __init__(self) -> None:
        super().__init__()
        self.stamp = 100
        self.connections = 1
        self.next = 100

    async def write(self, *rows: Row, gone: str = "") -> None:
        """A writing: records, the manifest, and a push of both."""
        self.version += 1
        self.put(*rows)
        told = list(rows)
        if gone:
            told.append(tombstone(gone, self.rows[gone]["version"] + 1))
            self.rows = {name: row for name, row in self.rows.items() if gone not in (name, row.get("chat_id"))}
        since, self.stamp = self.stamp, self.stamp + 1
        self.deliver(
            Changes(since=str(since), stamp=str(self.stamp)),
            chats=[row for row in told if "title" in row],
            messages=[row for row in told if "chat_id" in row],
            entries=[*(row for row in told if "app_id" in row), self.manifest()],
        )
        await self.until(lambda: self.sent("ack")[-1:] and self.sent("ack")[-1]["stamp"] == str(self.stamp))

    async def step(self, kind: str, number: int) -> None:
        """One thing that happens."""
        make, chats = self.account, sorted(name for name, row in self.rows.items() if "title" in row)
        chat = chats[number % len(chats)] if chats else None
        self.next += 1
        at = self.next
        match kind:
            case "new" | "message" | "rename" | "delete" if kind == "new" or chat is None:
                await self.write(make.chat(f"n{at}", f"New {at}", last_updated=at), make.message(f"n{at}", at, "one"))
            case "message" | "rename":
                version = self.rows[chat]["version"] + 1 if chat else 0
                row = make.chat(chat or "", f"Title {at}", version, last_updated=at)
                await self.write(row, *([make.message(chat or "", at, f"text {at}")] if kind == "message" else []))
            case "delete":
                await self.write(gone=chat or "")
            case "setting":
                version = self.rows["e1"]["version"] + 1
                await self.write(make.setting("mail", "e1", "Signature", at, version))
            case "lost" | "reload":
                self.connections += 1
                if kind == "lost":
                    self.socket.fail()
                else:
                    self.load()
                hello = await self.greeted(self.connections)
                assert hello["since"] == str(self.stamp)
                self.deliver(UpToDate(stamp=str(self.stamp)))


KINDS = ("new", "message", "rename", "delete", "setting", "lost", "reload")


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5)), max_size=7))
def test_an_honest_server_is_never_accused(history: list[tuple[str, int]]) -> None:
    async def play() -> None:
        told = Honest()
        await told.sign_in()
        told.tell()
        await told.checked()
        for kind, number in history:
            await told.step(kind, number)
        await told.until(lambda: told.engine.current.session and told.engine.current.session.parts.integrity.done)
        assert all(not item.flag for screen in told.page.screens for group in screen.groups for item in group.items)
        assert all(screen.status.tone is not Tone.WARNING for screen in told.page.screens)
        assert told.sent("refetch") == []
        for task in told._tasks:
            task.cancel()

    asyncio.run(play())
