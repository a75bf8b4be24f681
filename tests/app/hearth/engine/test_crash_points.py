"""The page is killed at every step of a session, one after the other: what is stored is as before or as after.

A step is the moment before or after any operation of the store, the key store, the socket or the wipe. After each kill
a new page starts on what the last one left, finishes, and the device equals the server.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hearth.core.protocol.server_events import (
    Changes,
    ErrorCode,
    FirstChatReady,
    RecentChatsReady,
    RemainingChatsReady,
    ServerError,
    ServerEvent,
    SessionEnd,
    SettingsAndMemoriesReady,
    UpToDate,
    WarmingComplete,
)
from hearth.core.records.schema import Collection
from hearth.core.view.screen import Phase
from hearth.engine.intents.account import SignIn, SignOut
from hearth.engine.storage.memory_store import Disk
from hearth.testing.device import FakeDevice
from hearth.testing.network import FakeSocket
from hearth.testing.storage import weight
from tests.account import EMAIL, PASSWORD, MadeAccount
from tests.app.hearth.engine.journey import Journey
from tests.contracts.records import tombstone

CHATS, MESSAGES, ENTRIES = Collection
Rows = list[dict[str, Any]]
SECURITY = Path(__file__).parents[4] / "docs/security.md"
SAYS = ("the page is killed at any step of warming, delta or wipe", "the page dies while room is made")
VAULT = ("admit", "lock", "tidy", "forget", "begin_wipe", "end_wipe", "note_stored", "owe_sign_out")


class Killed(BaseException):
    """The page is gone: nothing in it runs any longer."""


class Steps:
    """Counts the steps of one page, and kills it at number `at`; a killed page never takes another step."""

    def __init__(self, at: int | None = None) -> None:
        self.names: list[str] = []
        self.at = at

    @property
    def dead(self) -> bool:
        """Whether the page was killed."""
        return self.at is not None and len(self.names) >= self.at

    def __call__(self, name: str) -> None:
        """Take a step, or die."""
        if self.dead:
            raise Killed
        self.names.append(name)
        if self.dead:
            raise Killed

    def around(self, owner: object, *names: str) -> None:
        """Make steps of the beginning and the end of an object's methods."""
        for name in names:
            method = getattr(owner, name)
            wrapped = self._awaited(name, method) if inspect.iscoroutinefunction(method) else self._called(name, method)
            setattr(owner, name, wrapped)

    def _called(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            self(f"before {name}")
            result = method(*args, **kwargs)
            self(f"after {name}")
            return result

        return call

    def _awaited(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        async def call(*args: Any, **kwargs: Any) -> Any:
            self(f"before {name}")
            result = await method(*args, **kwargs)
            self(f"after {name}")
            return result

        return call


class Server:
    """The far end: three chats and a setting, and one change in which a chat goes and another is renamed."""

    def __init__(self, make: MadeAccount) -> None:
        self._make = make
        self.chats = {name: make.chat(name, name.title(), last_updated=n) for n, name in enumerate("abc")}
        self.messages = {name: [make.message(name, n, f"{name} {n}") for n in range(5)] for name in "abc"}
        self.before = {name: list(rows) for name, rows in self.messages.items()}
        self.entries = [make.app("mail", "Mail"), make.setting("mail", "e1", "Signature", "Yours")]
        self.stamp = "100"
        self.change: tuple[Rows, Rows] = ([], [])
        self.socket: FakeSocket | None = None

    def happen(self) -> None:
        """Something changes elsewhere; it is pushed."""
        rows = [self._make.chat("a", "Renamed", 2, last_updated=9), tombstone("c")]
        self.chats.update((row["id"], row) for row in rows)
        self.messages["a"].append(self._make.message("a", 9, "news"))
        self.messages["c"] = []
        self.change = (rows, self.messages["a"][-1:])
        self.stamp = "101"
        if self.socket:
            self._send_changes(self.socket, 0)

    def expire(self) -> None:
        """The session has run out."""
        assert isinstance(self.socket, ServedSocket)
        seq = len(self.socket.delivered) + 1
        over = ServerError(seq=seq, code=ErrorCode.SESSION, message="Sign in.", reason=SessionEnd.EXPIRED)
        self.socket.deliver(over)

    def greet(self, socket: FakeSocket, hello: dict[str, Any]) -> None:
        """Answer a hello."""
        self.socket = socket
        if hello["since"] == self.stamp:
            socket.deliver(UpToDate(seq=1, stamp=self.stamp))
        elif hello["since"] == "100":
            self._send_changes(socket, 0)
        else:
            self._warm(socket, hello["have"])

    def _send_changes(self, socket: FakeSocket, sent: int) -> None:
        chats, messages = self.change
        counts = {CHATS: len(chats), MESSAGES: len(messages)}
        seq = len(socket.delivered) + 1 if isinstance(socket, ServedSocket) else sent
        change = Changes(seq=seq, since="100", stamp="101", counts=counts, complete={})
        socket.deliver(change, {CHATS: chats, MESSAGES: messages})

    def _warm(self, socket: FakeSocket, have: dict[str, int]) -> None:
        """The warming in its order; what the device has of a chat does not travel again."""
        live = {name: row for name, row in self.chats.items() if row["deleted_at"] is None or name in have}
        sent: dict[Collection, int] = dict.fromkeys(Collection, 0)
        frames: list[tuple[ServerEvent, dict[Collection, Rows]]] = []

        def add(make: Callable[..., ServerEvent], chats: Rows, of: list[str], entries: Rows) -> None:
            messages = [row for name in of if not have.get(name) for row in self.messages[name]]
            records = {CHATS: chats, MESSAGES: messages, ENTRIES: entries}
            counts = {name: len(rows) for name, rows in records.items() if rows}
            for name, count in counts.items():
                sent[name] += count
            complete = {} if make is SettingsAndMemoriesReady else {"complete": dict.fromkeys(of, 1)}
            frames.append((make(seq=len(frames) + 1, counts=counts, **complete), records))

        add(functools.partial(FirstChatReady, chat_id="a"), [live["a"]], ["a"], [])
        total = sum(row["deleted_at"] is None for row in live.values())
        recent = [row for name, row in live.items() if name != "a"]
        add(functools.partial(RecentChatsReady, total_chats=total), recent, ["b"], [])
        add(SettingsAndMemoriesReady, [], [], self.entries)
        if self.chats["c"]["deleted_at"] is None:
            add(RemainingChatsReady, [], ["c"], [])
        complete = WarmingComplete(seq=len(frames) + 1, stamp=self.stamp, sent=sent, total_chats=total)
        for event, records in [*frames, (complete, {})]:
            socket.deliver(event, records)


class ServedSocket(FakeSocket):
    """A connection to a `Server`, whose every frame is a step."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server
        self.delivered: list[ServerEvent] = []

    def send(self, text: str) -> None:
        """Send a frame; the server answers a hello."""
        super().send(text)
        frame = json.loads(text)
        if frame["event"] == "hello":
            self._server.greet(self, frame)

    def deliver(self, event: ServerEvent, records: dict[Collection, Rows] | None = None) -> None:
        """The server sends an event."""
        self.delivered.append(event)
        super().deliver(event, records)


class Life(Journey):
    """A person's session, page after page on one browser."""

    def __init__(self, full: bool = False) -> None:
        super().__init__()
        self.server = Server(self.account)
        self.signing_out = False
        self.expired = False
        """Whether the session has run out once."""
        self.budget = self._all_but_one_chat() if full else None

    def _all_but_one_chat(self) -> int:
        """Room for everything, less the messages of one chat."""
        messages = {name: {row["id"]: row for row in rows} for name, rows in self.server.messages.items() if name > "a"}
        disk = Disk(self.server.chats, messages, {row["id"]: row for row in self.server.entries})
        return weight(disk) + 400

    def start(self, steps: Steps) -> None:
        """A new page on what the last one left."""
        last, self.device = self.device, FakeDevice()
        self.device.disks, self.device.key_store, self.device.api = last.disks, last.key_store, last.api
        self.device.budget = self.budget
        for name in VAULT:
            vars(self.device.key_store).pop(name, None)
        self.device.on_step = steps
        self.device.key_store.on_step = steps
        steps.around(self.device.key_store, *VAULT)
        steps.around(self.device, "open_store", "connect", "wipe_stores", "wipe_others")
        connect = self.device.connect

        async def served(account: str) -> FakeSocket:
            self.device.sockets.append(socket := ServedSocket(self.server))
            steps.around(socket, "send", "receive")
            await connect(account)
            self.device.sockets.pop()
            return socket

        self.device.connect = served  # type: ignore[method-assign]
        self.load()

    async def live(self, steps: Steps) -> None:
        """What the person does, from where things stand; ends at the kill, or when all is done."""

        async def reached(condition: Callable[[], Any]) -> None:
            for _ in range(4000):
                if steps.dead or (self.page.screens and condition()):
                    return
                await asyncio.sleep(0.0005)
            raise AssertionError(f"never: {steps.names[-3:]}; {self.screen.status} {self.screen.notice}")

        await reached(lambda: self.screen.phase in (Phase.SIGNED_OUT, Phase.SIGNED_IN))
        if not steps.dead and self.screen.phase is Phase.SIGNED_OUT and self.signing_out:
            return  # The sign-out that was killed is finished by this page.
        if not steps.dead and self.screen.phase is Phase.SIGNED_OUT:
            self.engine.post(SignIn(EMAIL, PASSWORD))
        await reached(self.is_current)
        if not steps.dead and not self.expired:
            self.expired = True
            self.server.expire()
            await reached(lambda: "locked" in self.device.marks)
            if not steps.dead:
                assert self.device.key_store.kept is None
                self.engine.post(SignIn(EMAIL, PASSWORD))
            await reached(self.is_current)
        if steps.dead:
            return
        if self.server.stamp == "100":
            self.server.happen()
        await reached(lambda: self.disk.sync.get("cursor") == "101" and self.is_current())
        if steps.dead:
            return
        self.signing_out = True
        self.engine.post(SignOut())
        await reached(lambda: "signed-out" in self.device.marks)

    def is_current(self) -> bool:
        """Whether the status line says so."""
        return self.screen.status.sentence.startswith("Up to date")

    @property
    def disk(self) -> Disk:
        """What is stored of the account."""
        return self.device.disks.get(self.account.id, Disk())

    @property
    def partial(self) -> set[str]:
        """The chats that had to make room."""
        return set(self.disk.sync.get("partial", ())) | {
            name
            for name in self.disk.chats
            if "cursor" in self.disk.sync and not self.disk.sync["settled"] and not self.disk.messages.get(name)
        }

    def stored(self, chat: str) -> Rows:
        """A chat's stored messages."""
        return sorted(self.disk.messages.get(chat, {}).values(), key=lambda row: row["created_at"])

    def assert_as_before_or_as_after(self) -> None:
        """Nothing is half there: what the sync state stands for is stored, and every record is one of the server's."""
        at = self.disk.sync.get("cursor")
        assert at in (None, "100", "101")
        wanted = set("abc") if at == "100" else {"a", "b"} if at == "101" else set(self.disk.sync.get("have", {}))
        for chat in self.partial:
            assert self.stored(chat) == [], f"{chat} made room by half"
        for chat in wanted - self.partial:
            if chat in self.disk.chats and self.disk.chats[chat]["deleted_at"] is not None:
                assert self.stored(chat) == []
                continue
            have = [row["content"] for row in self.stored(chat)]
            now = [row["content"] for row in self.server.messages[chat]]
            before = [row["content"] for row in self.server.before[chat]]
            assert have in ([now] if at == "101" else [before, now]), f"{chat} is half there at {at}"
        if at == "101":
            assert self.disk.chats["c"]["deleted_at"] is not None
            assert self.stored("c") == []

    def assert_equal_to_the_server(self) -> None:
        """The device holds what the server holds."""
        assert self.disk.sync["cursor"] == self.server.stamp == "101"
        for chat, row in self.server.chats.items():
            if row["deleted_at"] is None:
                assert self.disk.chats[chat] == row
            assert self.stored(chat) == ([] if chat in self.partial else self.server.messages[chat])
        assert bool(self.partial) is (self.budget is not None)
        assert list(self.disk.entries.values()) == self.server.entries


async def whole_life(full: bool) -> list[str]:
    """The steps of a session that nobody disturbs."""
    life = Life(full)
    life.start(steps := Steps())
    await life.live(steps)
    end(life)
    return steps.names


def end(life: Life) -> None:
    for task in life._tasks:
        task.cancel()


@pytest.mark.parametrize("full", [False, True], ids=["", "on a full disk"])
async def test_every_step_is_a_crash_point_that_loses_nothing(
    record_property: Callable[[str, object], None], full: bool
) -> None:
    names = await whole_life(full)
    assert ("after drop" in names) is full
    assert {"before apply", "after apply", "before receive", "after send", "after wipe_stores"} <= set(names)
    assert len(names) > 60
    for at in range(1, len(names) + 1):
        life = Life(full)
        life.start(steps := Steps(at))
        try:
            await life.live(steps)
            if not steps.dead:
                continue  # Two tasks took their steps in another order, and this life was a step shorter.
            where = f"killed at step {at}, {steps.names[-1]}"
            life.assert_as_before_or_as_after()
            being_wiped = life.device.key_store.being_wiped is not None
            life.start(again := Steps())
            if being_wiped or (life.signing_out and life.device.key_store.kept is None):
                await life.until(lambda life=life: life.screen.phase is Phase.SIGNED_OUT, where)  # type: ignore[misc]
                assert life.screen.notice == "", where
                assert life.device.disks == {}, where
                assert life.device.key_store.kept is None, where
                assert life.device.key_store.halves == set(), where
                assert not life.device.key_store.wiping, where
                await life.until(lambda life=life: not life.device.key_store.owes_sign_out, where)  # type: ignore[misc]
                assert life.device.api.signed_out, f"{where}: the server was never told"
                assert all(screen.groups == () for screen in life.page.screens), where
                continue
            signing_out, life.signing_out = life.signing_out, False
            post = life.engine.post

            def before_sign_out(item: Any, life: Life = life, post: Callable[[Any], None] = post) -> None:
                if isinstance(item, SignOut):
                    life.assert_equal_to_the_server()
                post(item)

            life.engine.post = before_sign_out  # type: ignore[method-assign]
            await life.live(again)
            assert life.device.disks == {}, where
            assert not signing_out or life.device.key_store.kept is None
            assert life.device.key_store.halves == set(), where
        except AssertionError as error:
            raise AssertionError(f"killed at step {at} of {len(names)}, {names[at - 1]}: {error}") from error
        finally:
            end(life)
            await asyncio.sleep(0)
    record_property("crash points", len(names))
    table = SECURITY.read_text(encoding="utf-8")
    stated = re.search(f"{SAYS[full]}.*?\\(at least ([0-9]+) points, all of them\\)", table)
    assert stated
    assert int(stated[1]) <= len(names) <= int(stated[1]) + 10, "the figure in the table of faults"


async def test_a_page_that_is_killed_again_and_again_still_finishes() -> None:
    for every in (7, 11, 13, 17):
        life = Life()
        for _page in range(60):
            life.start(steps := Steps(every + _page))
            await life.live(steps)
            life.assert_as_before_or_as_after()
            if not steps.dead or (life.signing_out and life.device.key_store.kept is None):
                break
        life.start(Steps())
        await life.until(lambda life=life: life.screen.phase is Phase.SIGNED_OUT)  # type: ignore[misc]
        assert life.device.disks == {}
        end(life)


@pytest.mark.parametrize("step", ["before apply", "after apply"])
async def test_the_kill_is_one(step: str) -> None:
    """The wrapper itself: a killed page takes no further step."""
    steps = Steps(1)
    with pytest.raises(Killed):
        steps(step)
    with pytest.raises(Killed):
        steps("after that")
    assert steps.names == [step]
