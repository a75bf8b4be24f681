"""The manifest's records: read with what its shards list, and written so that only what changed is written."""

from __future__ import annotations

from dataclasses import replace

from hearth.core.records.manifest import Fingerprint, Listed, Manifest, shard_ids, shard_of
from tests.app.hearth.engine.settings.test_preferences_record import ROOT, Settings

ONE = Listed(3, 50, Fingerprint(5, 7))


async def test_an_account_without_one_has_none() -> None:
    assert await Settings().manifest.read() is None


async def test_what_is_written_is_read_with_its_shards() -> None:
    made = Settings()
    await made.with_manifest()
    state = await made.manifest.read()
    assert state is not None
    assert (state.id, state.record_version, state.manifest.version) == (ROOT, 4, 4)
    rows = await made.manifest.next(state, replace(state.manifest, chats={"a": ONE}), {})
    assert {row["id"] for row in rows} == {ROOT, shard_ids(ROOT)[shard_of("a")]}
    await made.put(*rows)
    after = await made.manifest.read()
    assert after is not None
    assert (after.manifest.version, dict(after.manifest.chats)) == (5, {"a": ONE})
    assert after.manifest.shards is not None
    assert after.manifest.shards.records == 1


async def test_only_the_shard_of_the_chat_that_changed_is_written() -> None:
    made = Settings()
    await made.with_manifest()
    state = await made.manifest.read()
    assert state is not None
    other = next(name for name in map(str, range(99)) if shard_of(name) != shard_of("a"))
    await made.put(*await made.manifest.next(state, replace(state.manifest, chats={"a": ONE, other: ONE}), {}))
    state = await made.manifest.read()
    assert state is not None
    changed = replace(state.manifest, chats={**state.manifest.chats, "a": Listed(4, 60, Fingerprint(6, 8))})
    rows = await made.manifest.next(state, changed, {})
    assert [row["id"] for row in rows] == [shard_ids(ROOT)[shard_of("a")], ROOT]
    assert [row["version"] for row in rows] == [2, 6]


async def test_a_version_that_was_spent_is_passed_over_in_the_record_and_in_the_manifest() -> None:
    made = Settings()
    await made.with_manifest()
    state = await made.manifest.read()
    assert state is not None
    (*_, root) = await made.manifest.next(state, replace(state.manifest, chats={"a": ONE}), {ROOT: 6})
    assert root["version"] == 7
    await made.put(root)
    after = await made.manifest.read()
    assert after is not None
    assert after.manifest.version == 7


async def test_without_the_manifests_record_nothing_is_made() -> None:
    made, other = Settings(), Settings()
    await other.with_manifest()
    state = await other.manifest.read()
    assert state is not None
    assert await made.manifest.next(state, Manifest(5, b"s" * 32, {"a": ONE}), {}) == []
