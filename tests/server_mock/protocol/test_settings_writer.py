"""A device writes settings of Hearth's own: two records at most, newer than what is stored, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from hearth.core.protocol import events
from hearth.core.records import manifest
from hearth.core.records.manifest import manifest_id, shard_ids
from hearth.core.records.schema import Collection
from hearth.core.settings import preferences
from hearth.engine.settings.entry_repository import EntryRepository
from hearth.engine.settings.manifest_record import ManifestReader, ManifestRecord
from hearth.engine.settings.preferences_sync import ActivePreferences, PreferencesSync
from hearth.engine.storage.memory_store import Disk, MemoryStore
from hearth.testing.cpython_cipher import fingerprint_of
from server_mock.directus.client import DirectusClient, DirectusError
from tests.server_mock.world import Device, World, a_world

ENTRIES = Collection.SETTINGS_AND_MEMORIES


@dataclass
class Chooser:
    """A device with the client's own way of writing preferences."""

    device: Device

    def __post_init__(self) -> None:
        self.store = MemoryStore(Disk())
        self.sent: list[events.Setting] = []
        self.entries = EntryRepository(self.store, self.device.keyring, {})
        self.active = ActivePreferences()
        self.keeper = PreferencesSync(
            self.device.account,
            self.active,
            self.store,
            self.entries,
            ManifestRecord(self.store, self.device.keyring, ManifestReader(self.entries)),
            self.device.keyring,
            keep=self.store.search_index.keep,
            may_send=lambda: True,
            send=self._send,
            on_changed=lambda _preferences: None,
        )

    def _send(self, event: events.Setting) -> bool:
        self.sent.append(event)
        self.device.socket.send(event)
        return True

    async def in_step(self) -> None:
        """What the device has is what the store has."""
        await self.device.settled()
        self.store._disk.entries = dict(self.device.tables[ENTRIES])
        self.entries.invalidate()
        await self.keeper.reread()

    async def choose(self, **wishes: str | bool) -> None:
        await self.keeper.wish(wishes)
        await self.keeper.push()
        await self.in_step()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_world() as world:
        await world.seed()
        yield world


@pytest.fixture
async def one(world: World) -> Chooser:
    device = await (await (await world.sign_in()).connect("one")).synchronised()
    chooser = Chooser(device)
    await chooser.in_step()
    return chooser


async def stored(world: World, device: Device) -> dict[str, Any]:
    rows = await world.rows(ENTRIES, device.account)
    return {row["id"]: row for row in rows}


async def vouches(world: World, one: Chooser) -> bool:
    """Whether the manifest is that of what is stored."""
    rows = await stored(world, one.device)
    row = rows.pop(manifest_id(one.device.account))
    (opened,) = one.device.keyring.open_records_now(ENTRIES, [row])
    read = manifest.read(opened["texts"]["sealed"] or "")
    assert read
    shards = [rows.pop(each) for each in shard_ids(row["id"]) if each in rows]
    assert read.shards == fingerprint_of(read.secret, ENTRIES, shards)
    return read.entries == fingerprint_of(read.secret, ENTRIES, rows.values())


async def test_what_one_device_chooses_comes_back_and_reaches_the_other(world: World, one: Chooser) -> None:
    other = await (await (await world.sign_in()).connect("other")).synchronised()
    await one.choose(theme="dark")
    assert one.active.now.of("theme") == "dark"
    assert preferences.open_wishes(one.keeper._stored, one.keeper._wishes) == {}
    chooser = Chooser(other)
    await chooser.in_step()
    assert chooser.active.now.of("theme") == "dark"
    await other.assert_equals_server()
    await one.device.assert_equals_server()


async def test_the_manifest_vouches_for_what_was_chosen(world: World, one: Chooser) -> None:
    for theme in ("dark", "light"):
        await one.choose(theme=theme)
    assert await vouches(world, one)


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "answer-lost"])
async def test_a_write_that_breaks_off_is_made_whole_or_not_at_all(
    world: World, one: Chooser, monkeypatch: pytest.MonkeyPatch, is_first: bool, arrives: bool
) -> None:
    if not is_first:
        await one.choose(theme="dark")
    update_each = DirectusClient.update_each

    async def broken(client: DirectusClient, *rest: Any) -> int:
        if arrives:
            await update_each(client, *rest)
        raise DirectusError("The disk has gone.")

    monkeypatch.setattr(DirectusClient, "update_each", broken)
    await one.keeper.wish({"theme": "light"})
    await one.keeper.push()
    await one.device.socket.closed()
    monkeypatch.undo()
    assert await vouches(world, one)
    await (await one.device.connect("one")).synchronised()
    await one.in_step()
    assert bool(one.keeper._wishes) is not arrives
    await one.device.assert_equals_server()
    await one.keeper.push()
    await one.in_step()
    assert one.keeper._wishes == {}
    assert one.active.now.of("theme") == "light"
    assert await vouches(world, one)
    other = Chooser(await (await (await world.sign_in()).connect("other")).synchronised())
    await other.in_step()
    assert other.active.now.of("theme") == "light"


async def test_two_devices_that_choose_at_once_both_get_their_wish(world: World, one: Chooser) -> None:
    other = Chooser(await (await (await world.sign_in()).connect("other")).synchronised())
    await other.in_step()
    await one.keeper.wish({"theme": "dark"})
    await other.keeper.wish({"text_size": "large"})
    await one.keeper.push()
    await other.keeper.push()
    for _ in range(3):
        for each in (one, other):
            await each.in_step()
            await each.keeper.push()
    for each in (one, other):
        await each.in_step()
        assert (each.active.now.of("theme"), each.active.now.of("text_size")) == ("dark", "large")
        assert each.keeper._wishes == {}


async def test_a_record_that_is_not_the_next_is_refused_and_the_stored_one_told(world: World, one: Chooser) -> None:
    await one.choose(theme="dark")
    before = await stored(world, one.device)
    again = one.sent[-1]
    one.device.socket.send(again)
    told = await one.device.take_until(events.Refetched)
    assert isinstance(told, events.Refetched)
    await one.device.settled()
    assert await stored(world, one.device) == before


@pytest.mark.parametrize("what", ["other-id", "other-app", "too-long", "first-with-a-key", "a-jump"])
async def test_what_is_not_hearths_own_is_not_written(world: World, one: Chooser, what: str) -> None:
    await one.keeper.wish({"theme": "dark"})
    entry, vouching = await one.keeper._write()
    some_id = next(row["id"] for row in (await stored(world, one.device)).values() if row["id"] != row["app_id"])
    changed = {
        "other-id": {**entry, "id": some_id},
        "other-app": {**entry, "app_id": some_id},
        "too-long": {**entry, "sealed": entry["sealed"] + "A" * preferences.MAX_SEALED_CHARS},
        "first-with-a-key": {**entry, "wrapped_key": entry["sealed"]},
        "a-jump": {**entry, "version": 7},
    }[what]
    before = await stored(world, one.device)
    one.device.socket.send(events.Setting(written=(changed, vouching)))
    await one.device.settled()
    assert await stored(world, one.device) == before


async def test_a_field_that_the_disk_lacks_is_refused_and_not_dropped(world: World, one: Chooser) -> None:
    await one.choose(theme="dark")
    before = await stored(world, one.device)
    await one.keeper.wish({"theme": "light"})
    entry, vouching = await one.keeper._write()
    for later in ({"icon": entry["sealed"]}, {"icon": None}):
        one.device.socket.send(events.Setting(written=({**entry, **later}, vouching)))
        if later["icon"]:
            told = await one.device.take_until(events.Refetched)
            assert isinstance(told, events.Refetched)
            assert told.record_id == entry["id"]
        await one.device.settled()
        assert (await stored(world, one.device) == before) is bool(later["icon"])


async def test_a_device_writes_again_what_it_does_not_know(one: Chooser) -> None:
    await one.choose(theme="dark")
    for row in one.store._disk.entries.values():
        row["icon"] = "AQ" + "A" * 62
    await one.keeper.wish({"theme": "light"})
    written = await one.keeper._write()
    before = [one.store._disk.entries[row["id"]] for row in written]
    for row, old in zip(written, before, strict=True):
        assert row == {**old, "version": old["version"] + 1, "sealed": row["sealed"]}
        assert row["sealed"] != old["sealed"]
    opened = [(await one.device.keyring.open_records(ENTRIES, rows))[1] for rows in (before, written)]
    had, has = (manifest.read(each["texts"]["sealed"] or "") for each in opened)
    assert had
    assert has
    one_more = fingerprint_of(had.secret, ENTRIES, written[:1])
    assert has.entries == had.entries.minus(fingerprint_of(had.secret, ENTRIES, before[:1])).plus(one_more)


async def test_a_choice_costs_one_read_and_two_writes(world: World, one: Chooser) -> None:
    await world.control("reset", {})
    await one.choose(theme="dark")
    log = (await world.http.get("/control/directus-log")).json()
    assert sorted(each["method"] for each in log) == ["PATCH", "POST", "SEARCH"]
    await world.control("reset", {})
    await one.choose(theme="light")
    log = (await world.http.get("/control/directus-log")).json()
    assert sorted(each["method"] for each in log) == ["PATCH", "SEARCH"]


async def test_a_disk_that_does_not_answer_loses_no_wish(world: World, one: Chooser) -> None:
    await world.control("faults", {"directus_status": 503, "times": 99})
    await one.keeper.wish({"theme": "dark"})
    await one.keeper.push()
    await one.device.socket.closed()
    await world.control("faults", {})
    assert await one.store.search_index.read("wishes") is not None
    await (await one.device.connect("one")).synchronised()
    await one.in_step()
    await one.keeper.push()
    await one.in_step()
    assert one.keeper._wishes == {}
    assert one.active.now.of("theme") == "dark"
