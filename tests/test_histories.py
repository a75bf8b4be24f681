"""Random histories of devices, network and server: after every step the invariants hold, after quiet all are equal.

The client is `hearth.engine.engine.Session` with the real cipher over a store in memory, the server the whole of
`server_mock` over its stand-in; between them lies a network that delays, repeats, reorders, cuts and falls
silent. The clock is virtual, so that minutes of waiting cost nothing and the same choices make the same history.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hearth.core.protocol.server_events import EventName, SessionEnd
from hearth.core.records.schema import DRAFT, Collection, check_record
from hearth.core.sync.status import BLOCKED
from hearth.core.view.message import Delivery
from hearth.core.view.open_chat import ChatState
from hearth.core.view.screen import Phase, Screen, Tone
from hearth.engine import engine as session_module
from hearth.engine.intents.account import SignOut
from hearth.engine.intents.chats import OpenChat, ShowSettings
from hearth.engine.intents.writing import (
    DeleteChat,
    DeleteMessage,
    EditMessage,
    NewChat,
    PinChat,
    RenameChat,
    SendMessage,
    TypeDraft,
    UndoDelete,
    WritingIntent,
)
from hearth.engine.storage.eviction import disk_full
from hearth.engine.storage.fallback import IN_MEMORY
from hearth.engine.writing.outbox import Outbox, Parcel
from hearth.testing.storage import weight
from server_mock.demo.accounts import GUEST_EMAIL, GUEST_PASSWORD
from server_mock.directus.schema import Row
from server_mock.directus_standin import app as standin_app
from server_mock.directus_standin.app import StandIn
from server_mock.protocol import change_log, delta, packing, warming, warming_stream
from tests.peers import Browser, LiveWorld, LoopTime, make_task
from tests.server_mock.world import EMAIL, PASSWORD, TOKEN, owner_of
from tests.virtual import VirtualLoop, in_place

CHATS, MESSAGES, ENTRIES = Collection
BROWSERS = 2
PEOPLE = ((EMAIL, PASSWORD), (GUEST_EMAIL, GUEST_PASSWORD))

QUIET_S = 300.0
"""Longer than every wait together that may lie between a device and its next try."""

SMALL = (
    (packing.pack, "__defaults__", (900,)),
    (warming_stream, "REMAINING_CHARS", 600),
    (change_log, "MAX_JOURNAL_ENTRIES", 3),
    (warming, "RECENT", 2),
)
"""Limits so small that these histories come to them: frames are cut, journals overflow."""

browsers = st.integers(0, BROWSERS - 1)
waits = st.sampled_from([0.0, 0.0, 0.05, 0.6, 3.0, 45.0])
picks = st.integers(0, 99)

histories: Counter[str] = Counter()
"""How many histories and steps this process has run."""


class Failures(logging.Handler):
    """Collects what is logged as an error: nothing may be."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(f"{record.name}: {record.getMessage()} {record.exc_info}")


class Histories(RuleBasedStateMachine):
    """Two browsers, two accounts, one server."""

    limits: tuple[tuple[Any, str, Any], ...] = SMALL

    def __init__(self) -> None:
        super().__init__()
        histories["histories"] += 1
        self.patches = [mock.patch.object(*each) for each in self.limits]
        self.patches.append(mock.patch.object(standin_app, "run_in_threadpool", in_place))
        # The ids that the other devices make, so that the same choices make the same history.
        self.patches.append(mock.patch("os.urandom", random.Random(0).randbytes))
        for patch in self.patches:
            patch.start()
        self.failures = Failures()
        logging.getLogger().addHandler(self.failures)
        self.loop = VirtualLoop()
        self.loop.set_exception_handler(lambda _loop, context: self.failures.said.append(str(context)))
        self.loop.set_task_factory(make_task)
        asyncio.set_event_loop(self.loop)
        self.standin = StandIn(TOKEN)
        self.texts = 0
        self.sealed: list[tuple[Any, dict[tuple[str, int], str | None]]] = []
        begin, note = Outbox.begin, self.note_sealed

        async def beginning(outbox: Outbox, parcel: Parcel) -> None:
            await begin(outbox, parcel)
            note(outbox._store._disk, parcel)  # type: ignore[attr-defined]

        self.patches.append(mock.patch.object(Outbox, "begin", beginning))
        self.patches[-1].start()
        self.seen: list[dict[tuple[str, str], int]] = [{} for _ in range(BROWSERS)]
        self.run(self.begin())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def inside(self, act: Callable[..., Any], *args: Any) -> Any:
        """Call something as the loop would."""

        async def acting() -> Any:
            return act(*args)

        return self.run(acting())

    async def begin(self) -> None:
        self.world = LiveWorld(self.standin, LoopTime(), sleep=asyncio.sleep)
        self.world.start()
        await self.world.seed(chats=4, messages=2)
        await self.world.seed(chats=2, messages=1, email=GUEST_EMAIL, password=GUEST_PASSWORD)
        for _ in range(BROWSERS):
            self.world.browse()

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self.quiet()
        finally:
            self.run(self.end())
            logging.getLogger().removeHandler(self.failures)
            for patch in self.patches:
                patch.stop()
            self.loop.close()
            asyncio.set_event_loop(None)

    async def end(self) -> None:
        await self.world.end_connections()
        await self.world.stop()
        self.standin.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def browser(self, which: int) -> Browser:
        return self.world.browsers[which]

    def wait(self, seconds: float) -> None:
        histories["steps"] += 1
        self.run(asyncio.sleep(seconds))

    # --- what people do ---

    @initialize(person=st.sampled_from([0, 0, 0, 1]), wait=waits)
    def somebody_signs_in(self, person: int, wait: float) -> None:
        self.wait(1)
        self.sign_in(0, person, wait)

    @rule(which=browsers, person=st.sampled_from([0, 0, 0, 1]), wait=waits)
    def sign_in(self, which: int, person: int, wait: float) -> None:
        if self.browser(which).phase is Phase.SIGNED_OUT:
            self.browser(which).sign_in(*PEOPLE[person])
        self.wait(wait)

    @rule(which=browsers, wait=waits)
    def sign_out(self, which: int, wait: float) -> None:
        if self.browser(which).phase is Phase.SIGNED_IN:
            self.browser(which).do(SignOut())
        self.wait(wait)

    @rule(which=browsers, wait=waits)
    def reload(self, which: int, wait: float) -> None:
        self.inside(self.browser(which).load)
        self.wait(wait)

    @rule(which=browsers, pick=picks, wait=waits)
    def open_chat(self, which: int, pick: int, wait: float) -> None:
        chats = sorted(self.browser(which).disk.chats)
        if chats:
            self.browser(which).do(OpenChat(chats[pick % len(chats)]))
        self.wait(wait)

    @rule(which=browsers, opened=st.booleans())
    def show_settings(self, which: int, opened: bool) -> None:
        self.browser(which).do(ShowSettings(opened))
        self.wait(0)

    @rule(
        which=browsers,
        pick=picks,
        kind=st.sampled_from(
            ["send", "send", "draft", "new", "rename", "pin", "edit", "delete message", "delete", "undo"]
        ),
        wait=waits,
    )
    def write(self, which: int, pick: int, kind: str, wait: float) -> None:
        browser = self.browser(which)
        screen = browser.page.screen
        if browser.phase is Phase.SIGNED_IN and (intent := self.written(screen, pick, kind)):
            browser.do(intent)
        self.wait(wait)

    def written(self, screen: Screen, pick: int, kind: str) -> WritingIntent | None:
        """Something that the page lets a person write."""
        chat = screen.chat
        listed = sorted(item.id for group in screen.groups for item in group.items)
        if kind in ("send", "draft", "edit", "delete message") and (chat is None or not chat.writable):
            return None
        own = [message for message in chat.messages if message.role == "user"] if chat else []
        self.texts += 1
        match kind:
            case "send" if chat:
                return SendMessage(chat.id, f"text {self.texts}")
            case "draft" if chat:
                return TypeDraft(chat.id, f"text {self.texts}")
            case "edit" if chat and own:
                return EditMessage(chat.id, own[pick % len(own)].id, f"text {self.texts}")
            case "delete message" if chat and own:
                return DeleteMessage(chat.id, own[pick % len(own)].id)
            case "new":
                return NewChat()
            case "rename" if listed:
                return RenameChat(listed[pick % len(listed)], f"title {self.texts}")
            case "pin" if listed:
                return PinChat(listed[pick % len(listed)], pick % 2 == 0)
            case "delete" if listed:
                return DeleteChat(listed[pick % len(listed)])
            case "undo":
                return UndoDelete()
            case _:
                return None

    # --- what happens elsewhere ---

    def change(self, wait: float, **change: Any) -> None:
        self.run(self.world.change(**change))
        self.wait(wait)

    def chat(self, pick: int) -> str | None:
        chats = sorted(row["id"] for row in self.rows(CHATS, EMAIL) if row["deleted_at"] is None)
        return chats[pick % len(chats)] if chats else None

    @rule(pick=picks, length=st.sampled_from([5, 1_500]), wait=waits)
    def add_message(self, pick: int, length: int, wait: float) -> None:
        chat = self.chat(pick)
        if chat:
            self.change(wait, add_message={"chat_id": chat, "text": "x" * length})

    @rule(messages=st.integers(0, 3), wait=waits)
    def add_chat(self, messages: int, wait: float) -> None:
        self.change(wait, add_chat={"title": "New", "messages": ["a message"] * messages})

    @rule(pick=picks, wait=waits)
    def rename_chat(self, pick: int, wait: float) -> None:
        chat = self.chat(pick)
        if chat:
            self.change(wait, rename_chat={"chat_id": chat, "title": "Renamed"})

    @rule(pick=picks, wait=waits)
    def delete_chat(self, pick: int, wait: float) -> None:
        chat = self.chat(pick)
        if chat:
            self.change(wait, delete_chat=chat)

    @rule(name=st.sampled_from(["One", "Two"]), value=st.sampled_from("ab"), wait=waits)
    def set_setting(self, name: str, value: str, wait: float) -> None:
        self.change(wait, set_setting={"app": "Mail", "name": name, "value": value})

    @rule(name=st.sampled_from(["One", "Two"]), wait=waits)
    def delete_setting(self, name: str, wait: float) -> None:
        self.run(self.world.http.post("/control/changes", json={"delete_setting": {"app": "Mail", "name": name}}))
        self.wait(wait)

    # --- what goes wrong ---

    @rule(which=browsers, frames=st.integers(0, 12), wait=waits)
    def the_connection_is_cut(self, which: int, frames: int, wait: float) -> None:
        self.browser(which).device.network.cut_after = frames
        self.wait(wait)

    @rule(which=browsers, wait=waits)
    def the_connection_is_cut_now(self, which: int, wait: float) -> None:
        for socket in self.browser(which).device.live:
            self.inside(socket.cut)
        self.wait(wait)

    @rule(which=browsers, silent=st.booleans(), down=st.booleans(), twice=st.booleans(), wait=waits)
    def the_network_changes(self, which: int, silent: bool, down: bool, twice: bool, wait: float) -> None:
        network = self.browser(which).device.network
        network.silent, network.down, network.twice = silent, down, twice
        self.wait(wait)

    @rule(which=browsers, refuses=st.booleans(), mutes=st.booleans(), wait=waits)
    def a_proxy_comes_or_goes(self, which: int, refuses: bool, mutes: bool, wait: float) -> None:
        network = self.browser(which).device.network
        network.refuses_websockets, network.mutes_websockets = refuses, mutes
        self.wait(wait)

    @rule(which=browsers, delays=st.lists(st.sampled_from([0.0, 0.2, 1.5]), max_size=4), wait=waits)
    def frames_are_late(self, which: int, delays: list[float], wait: float) -> None:
        self.browser(which).device.network.delays_s = delays
        self.wait(wait)

    @rule(wait=waits)
    def the_server_restarts(self, wait: float) -> None:
        self.run(self.world.die())
        self.wait(wait)

    @rule(which=browsers, end=st.sampled_from(SessionEnd), wait=waits)
    def the_session_ends(self, which: int, end: SessionEnd, wait: float) -> None:
        sessions = self.world.services.sessions
        session = sessions.find(self.browser(which).device.live_api.http.cookies.get("hearth_session"))
        if session is not None:
            ways = {
                SessionEnd.REVOKED: sessions.end,
                SessionEnd.EXPIRED: sessions.expire,
                SessionEnd.UNKNOWN: sessions.forget,
            }
            self.inside(ways[end], session)
        self.wait(wait)

    @rule(
        fault=st.sampled_from(
            [
                {},
                {"directus_status": 503, "times": 2},
                {"directus_status": 503, "times": 9},
                {"directus_status": 401, "times": 3},
                {"directus_latency_ms": 300},
                {"directus_latency_ms": 2000},
                {"directus_latency_ms": 12_000},
                {"duplicate_events": True},
                {"reorder_events": True},
                {"raw_frame": "nonsense"},
                *({"drop_socket_after": name.value} for name in EventName),
                *({"stall_after": name.value} for name in EventName),
            ]
        ),
        wait=waits,
    )
    def the_server_stumbles(self, fault: dict[str, Any], wait: float) -> None:
        self.inside(self.world.faults.apply, fault)
        self.wait(wait)

    @rule(wait=waits)
    def time_passes(self, wait: float) -> None:
        self.wait(wait)

    # --- what always holds ---

    def note_sealed(self, disk: Any, parcel: Parcel) -> None:
        """Note what a device is about to send: it never seals two values for one record and version."""
        sealed = next((known for each, known in self.sealed if each is disk), None)
        if sealed is None:
            sealed = {}
            self.sealed.append((disk, sealed))
        for collection, name in ((MESSAGES, "content"), (ENTRIES, "sealed")):
            for row in parcel.records.get(collection, []):
                if sealed.setdefault((row["id"], row["version"]), row[name]) != row[name]:
                    self.failures.said.append(f"{collection} {row['id']} is sealed twice as version {row['version']}")

    def rows(self, collection: Collection, email: str) -> list[Row]:
        """Everything that the disk of the server holds of an account, tombstones included."""
        owner = owner_of(self.accounts[email])
        which = {"hashed_user_id": {"_eq": owner}}
        return list(self.run(self.world.direct.search(collection.value, filter=which)))

    @property
    def accounts(self) -> dict[str, str]:
        """The accounts' ids by address."""
        if not hasattr(self, "_accounts"):
            answer = self.run(self.world.http.get("/control/accounts")).json()
            self._accounts = {each["email"]: each["account"] for each in answer}
        return self._accounts

    def on_server(self, account: str) -> dict[str, dict[str, Row]]:
        email = next(each for each, name in self.accounts.items() if name == account)
        return {name: {row["id"]: row for row in self.rows(name, email)} for name in Collection}

    @staticmethod
    def on_device(browser: Browser) -> Iterator[tuple[Collection, Row]]:
        disk = browser.disk
        yield from ((CHATS, row) for row in disk.chats.values())
        yield from ((MESSAGES, row) for rows in disk.messages.values() for row in rows.values())
        yield from ((ENTRIES, row) for row in disk.entries.values())

    @invariant()
    def nothing_has_failed(self) -> None:
        assert self.failures.said == []
        for browser in self.world.browsers:
            assert browser._task is not None
            assert not browser._task.done()
            assert [socket.failure for socket in browser.device.live if socket.failure] == []
            assert session_module.UNEXPECTED not in [screen.status.sentence for screen in browser.page.screens[-3:]]

    @invariant()
    def a_sentence_says_how_things_stand(self) -> None:
        for browser in self.world.browsers:
            session = browser.engine.current.session
            if browser.phase is Phase.SIGNED_IN and session is not None and session.parts.role.is_leader:
                assert browser.page.screen.status.sentence, session.parts.machine.state

    @invariant()
    def nothing_of_another_account_and_nothing_after_a_sign_out(self) -> None:
        for browser in self.world.browsers:
            screen, stored = browser.page.screen if browser.page.screens else None, set(browser.device.disks)
            if screen and screen.phase is Phase.SIGNED_OUT:
                assert browser.device.key_store.kept is None
                assert browser.account is None or screen.locked
                assert stored <= {browser.account}
                assert (screen.groups, screen.chat, browser.engine.current.session) == ((), None, None)
                assert not any(socket.open for socket in browser.device.live)
            elif screen and (screen.groups or screen.chat):
                assert stored <= {browser.account}

    @invariant()
    def what_is_told_to_be_sent_is_on_the_disk(self) -> None:
        for browser in self.world.browsers:
            chat = browser.page.screen.chat
            if browser.phase is not Phase.SIGNED_IN or chat is None or browser.account is None:
                continue
            done = {message.id for message in chat.messages if message.delivery is Delivery.DONE}
            assert done <= self.on_server(browser.account)[MESSAGES].keys()

    @invariant()
    def what_is_stored_is_the_servers_and_never_goes_back(self) -> None:
        for browser, seen in zip(self.world.browsers, self.seen, strict=True):
            if browser.account is None:
                seen.clear()
                continue
            server = self.on_server(browser.account)
            for collection, row in self.on_device(browser):
                there = server[collection].get(row["id"])
                assert there is not None, "a record that is not the account's"
                assert check_record(collection, row) is None
                assert row["version"] <= there["version"]
                # A chat's tombstone empties its messages on the server; a device drops them with the chat.
                if row["version"] == there["version"] and row["deleted_at"] == there["deleted_at"]:
                    # Of a chat in which only a draft was written the server notes that it changed, and no more.
                    noted = {"changed_at"} if collection is CHATS else set()
                    other = {name: (row[name], there[name]) for name in row.keys() - noted if row[name] != there[name]}
                    assert not other, (collection, row["id"], other)
                key = (collection.value, row["id"])
                assert row["version"] >= seen.get(key, 0), "a version went down"
                seen[key] = row["version"]
            if browser.memory:
                seen.clear()  # What follows it is the disk, which took nothing meanwhile.

    @invariant()
    def the_cursor_is_never_ahead_of_what_is_stored(self) -> None:
        for browser in self.world.browsers:
            account = browser.account
            if account is None:
                continue
            server = self.on_server(account)
            # Asking the server lets time pass for the device, too: it is looked at afterwards, in one moment.
            cursor = browser.disk.sync.get("cursor")
            if browser.account == account and cursor is not None:
                stamp = self.world.services.stamps.parse(cursor)
                assert stamp is not None
                self.holds_everything_up_to(browser, stamp, server)

    def holds_everything_up_to(self, browser: Browser, stamp: int, server: dict[str, dict[str, Row]]) -> None:
        """What changed last before the stamp is on the device as the server has it."""
        device = {(collection, row["id"]): row for collection, row in self.on_device(browser)}
        for collection in Collection:
            for row in server[collection].values():
                if row["changed_at"] > stamp:
                    continue
                here = device.get((collection, row["id"]))
                if row["deleted_at"] is not None:
                    assert here is None or here["deleted_at"] is not None, (collection, "a deletion was missed")
                elif here is None:
                    assert not self.promised(browser, collection, row), (collection, "the cursor says that it is here")
                else:
                    assert here["version"] == row["version"]

    def promised(self, _browser: Browser, _collection: Collection, _row: Row) -> bool:
        """Whether a record has to be on a device that stands at a later stamp."""
        return True

    # --- what holds after quiet ---

    @precondition(lambda self: True)
    @rule()
    def quiet(self) -> None:
        """Nothing goes wrong any more: every device that is signed in comes to hold what the server holds."""
        self.inside(self.world.faults.clear)
        for browser in self.world.browsers:
            browser.device.network.heal()
        self.wait(QUIET_S)
        if any(browser.page.screen.status.tone is Tone.WORKING for browser in self.world.browsers):
            self.wait(10)  # One of them goes back from HTTP to a WebSocket just now, and connects anew for that.
        for browser in self.world.browsers:
            assert browser.phase in (Phase.SIGNED_IN, Phase.SIGNED_OUT)
            if browser.phase is Phase.SIGNED_IN:
                self.equals_the_server(browser)

    def says_up_to_date(self, sentence: str) -> bool:
        """Whether the status line says so, and nothing else."""
        return sentence == "Up to date"

    def equals_the_server(self, browser: Browser) -> None:
        screen = browser.page.screen
        sentence = screen.status.sentence.replace(f"{BLOCKED} ", "").replace(f". {BLOCKED}", "")
        assert self.says_up_to_date(sentence), sentence
        self.holds_everything_up_to(browser, 2**53, self.on_server(browser.account or ""))
        alive = {row["id"] for row in browser.disk.chats.values() if row["deleted_at"] is None}
        session = browser.engine.current.session
        assert session is not None
        failed = {each.chat_id for each in session.parts.outbox.mutations if each.problem}
        assert all(each.problem for each in session.parts.outbox.mutations), "something still waits"
        listed = {item.id for group in screen.groups for item in group.items}
        assert alive <= listed <= alive | failed
        if screen.chat is not None and screen.chat.state not in (ChatState.GONE, ChatState.ABSENT):
            rows = browser.disk.messages.get(screen.chat.id, {}).values()
            shown = [each.id for each in screen.chat.messages if each.delivery is Delivery.DONE or each.edited]
            assert (
                shown
                == [
                    row["id"]
                    for row in sorted(rows, key=lambda row: (row["created_at"], row["id"]))
                    if row["deleted_at"] is None and row["role"] != DRAFT
                ][-len(shown) or 1_000 :]
            )


class FewAtATime(Histories):
    """The same, where a warming brings two chats and a delta two: of the others a device has what it asks for."""

    limits = (*SMALL, (warming, "CHATS", 2), (delta, "MAX_DELTA_CHATS", 2))

    def promised(self, browser: Browser, collection: Collection, row: Row) -> bool:
        """A chat may be unknown here; of one that is listed, everything is here."""
        if collection is CHATS:
            return False
        return collection is ENTRIES or (
            row["chat_id"] in browser.disk.chats and row["chat_id"] not in browser.disk.sync.get("partial", ())
        )


class FullDisks(Histories):
    """The same on disks that are full: of the chats that had to make room a device has what it asks for."""

    @rule(which=browsers, share=st.sampled_from([None, 0.3, 0.6, 0.8, 0.95, 1.1]), wait=waits)
    def the_disk_is_full(self, which: int, share: float | None, wait: float) -> None:
        """So much of what is stored may be there; nobody takes it away, but nothing is added either."""
        browser = self.browser(which)
        browser.device.budget = None if share is None else int(weight(browser.disk) * share)
        self.wait(wait)

    def promised(self, browser: Browser, collection: Collection, row: Row) -> bool:
        """Everything, but for the messages of chats that the device knows to be here in part."""
        sync = browser.disk.sync
        if collection is not MESSAGES or row["chat_id"] in sync.get("partial", ()):
            return collection is not MESSAGES
        return bool(sync["settled"] or browser.disk.messages.get(row["chat_id"]))

    def says_up_to_date(self, sentence: str) -> bool:
        """With no word of anything missing: what had to make room is no fault of the server's."""
        told = (disk_full(0).split(".")[0], IN_MEMORY)
        return sentence == "Up to date" or (
            sentence.startswith("Up to date. ") and any(each in sentence for each in told)
        )


def run(machine: type[Histories], examples: int, steps: int, *, always_the_same: bool = False) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=checks,
            derandomize=always_the_same,
        ),
    )


@pytest.mark.parametrize("machine", [Histories, FewAtATime, FullDisks])
def test_short_histories(machine: type[Histories]) -> None:
    run(machine, 15, 20, always_the_same=True)


@pytest.mark.soak
@pytest.mark.parametrize("machine", [Histories, FewAtATime, FullDisks])
def test_long_histories(
    machine: type[Histories], capsys: pytest.CaptureFixture[str], pytestconfig: pytest.Config
) -> None:
    histories.clear()
    run(machine, pytestconfig.getoption("--histories"), 50)
    with capsys.disabled():
        print(f"\n{machine.__name__}: {histories['histories']} histories, {histories['steps']} steps")  # noqa: T201
