"""The manifest: what it says comes back, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import (
    SHARDS,
    Fingerprint,
    Listed,
    Manifest,
    changed_shards,
    join,
    root_of,
    shard_ids,
    shard_of,
)
from hearth.core.records.manifest_checks import WARM_CHATS, Checked, Fault, Finding
from hearth.core.records.schema import SPECS, Collection
from hearth.testing.cpython_cipher import fingerprint_of
from tests.contracts import records

SECRET = b"s" * 32
ONE = Listed(3, 50, Fingerprint(5, 7))


def of(chats: dict[str, Listed], version: int = 9) -> Manifest:
    return Manifest(version, SECRET, chats, Fingerprint(2, 0x1F))


def text(manifest: Manifest) -> str:
    return json.dumps(manifests.write(manifest), separators=(",", ":"))


def test_what_is_written_is_read() -> None:
    manifest = replace(of({"a": ONE, "b": Listed(1, 0, Fingerprint(1, 2**128 - 1))}), shards=Fingerprint(2, 9))
    assert manifests.is_manifest(text(manifest))
    root = manifests.read(text(manifest))
    assert root == root_of(manifest) == replace(manifest, chats={})
    shards = [json.dumps(manifests.write_shard(manifest, number)) for number in range(SHARDS)]
    assert not any(map(manifests.is_manifest, shards))
    told_apart = [manifests.text_of(manifests.write_shard(manifest, 0)), manifests.text_of(manifests.write(manifest))]
    assert [manifests.is_shard(each) for each in (*told_apart, None)] == [True, False, False]
    assert [manifests.is_manifest(each) for each in told_apart] == [False, True]
    assert join(root, map(manifests.read_shard, shards)) == manifest


def test_a_manifest_of_format_1_lists_every_chat_itself() -> None:
    manifest = replace(of({"a": ONE, "b": ONE}), shards=None)
    old = manifests.read(json.dumps(records.manifest_of_format_1(manifest)))
    assert old == manifest == join(manifest, []) == root_of(manifest)
    assert changed_shards(old, old) == sorted({shard_of("a"), shard_of("b")}), "the next writing makes its shards"
    after = old.with_shards(Fingerprint(), Fingerprint(2, 9))
    assert after.shards == Fingerprint(2, 9)
    assert changed_shards(after, after) == []
    many = replace(old, chats={str(number): Listed(1, number, ONE.held) for number in range(manifests.MAX_WHOLE)})
    assert not many.would_list("other", 0)
    assert many.would_list("other", 1)


def test_a_change_of_a_chat_changes_its_shard_and_no_other() -> None:
    before = of({f"{number}": ONE for number in range(400)})
    assert changed_shards(before, before.with_chat("7", None)) == [shard_of("7")]
    assert changed_shards(before, before.with_chat("7", replace(ONE, version=4))) == [shard_of("7")]
    assert changed_shards(before, before.with_chat("new", ONE)) == [shard_of("new")]
    assert changed_shards(before, before.with_entries(Fingerprint(1, 2))) == []
    assert before.with_shards(Fingerprint(1, 3), Fingerprint(1, 5)).shards == Fingerprint(0, 6)


def test_each_account_has_shards_of_its_own() -> None:
    assert len(set(shard_ids("one"))) == SHARDS
    assert not set(shard_ids("one")) & set(shard_ids("two"))


@pytest.mark.parametrize("bad", ["", "null", "[" * 100_000, "{}", '{"shard":{"a":[1]}}', '{"shard":[]}'])
def test_what_is_no_shard_lists_nothing(bad: str) -> None:
    assert manifests.read_shard(bad) == {}


def test_what_devices_agreed_on_does_not_change() -> None:
    assert (manifests.SECRET_BYTES, manifests.SHARDS, manifests.MAX_LISTED) == (32, 128, 16)
    assert shard_of("5f0c9dd7-3f5c-4c2f-8a6e-0d1c6b7f9a10") == 118
    assert shard_ids("5f0c9dd7-3f5c-4c2f-8a6e-0d1c6b7f9a10")[3] == "003bfb9d-2a99-4688-b356-fcb4f217e2ae"
    assert (Finding(Fault.ALTERED).messages, Checked(1, "altered").messages, WARM_CHATS) == (0, 0, 100)
    tagged = manifests.tagged_text(Collection.CHATS, {"id": "ü"})
    assert tagged.startswith('["chats","ü",null'), "text as it is, nothing between: the page's kernel writes the same"


@pytest.mark.parametrize("version", [0, 2**53 - 1])
def test_the_least_and_the_greatest_number_are_read(version: int) -> None:
    assert manifests.read(text(of({}, version))) == of({}, version)


def test_a_digest_is_written_in_full_and_the_secret_is_not_shown() -> None:
    assert manifests.write(of({}))["manifest"]["entries"] == [2, "0" * 30 + "1f"]
    assert "sss" not in repr(of({}))


def test_other_entries_make_the_next_version() -> None:
    assert of({}, 9).with_entries(Fingerprint(1, 2)) == replace(of({}, 10), entries=Fingerprint(1, 2))


def test_an_app_of_the_same_name_is_no_manifest() -> None:
    assert not manifests.is_manifest('{"name":"Hearth"}')
    assert not manifests.is_manifest('{"name":"Hearth","manifest"')
    assert not manifests.is_manifest(None)


def changed(path: tuple[Any, ...], value: object) -> str:
    content = manifests.write(of({"a": ONE}))
    at: Any = content
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "null",
        "[]",
        '{"name":"Hearth","manifest":null}',
        "[" * 100_000,
        changed(("manifest", "format"), 3),
        changed(("manifest", "format"), 1),
        changed(("manifest", "version"), "9"),
        changed(("manifest", "version"), -1),
        changed(("manifest", "version"), True),
        changed(("manifest", "version"), 2**53),
        changed(("manifest", "secret"), "not base64!"),
        changed(("manifest", "secret"), "bm90!"),
        changed(("manifest", "shards"), None),
        changed(("manifest", "shards"), [1, "xyz"]),
        changed(("manifest", "shards", 0), 2.5),
        changed(("manifest", "entries"), [1]),
    ],
)
def test_what_is_no_manifest_is_not_read(bad: str) -> None:
    assert manifests.read(bad) is None


@pytest.mark.parametrize("collection", Collection)
def test_every_field_but_the_servers_own_is_tagged(collection: Collection) -> None:
    made = {
        Collection.CHATS: records.chat("a"),
        Collection.MESSAGES: records.message("a", 1),
        Collection.SETTINGS_AND_MEMORIES: records.entry("e"),
    }[collection]
    before = fingerprint_of(SECRET, collection, [made])
    for name in SPECS[collection].fields:
        after = fingerprint_of(SECRET, collection, [{**made, name: "other" if name != "deleted_at" else None}])
        assert (after == before) is (name in ("changed_at", "deleted_at")), name
    assert fingerprint_of(b"t" * 32, collection, [made]) != before
    assert fingerprint_of(SECRET, collection, [{**made, "deleted_at": 1}]) == Fingerprint()


def test_the_same_fields_in_another_collection_have_another_tag() -> None:
    row = {name: None for each in SPECS.values() for name in each.fields}
    assert len({fingerprint_of(SECRET, each, [row]).digest for each in Collection}) == len(Collection)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_the_order_of_records_does_not_matter_and_they_can_come_one_by_one(order: list[int], cut: int) -> None:
    rows = [records.message("a", number) for number in range(6)]
    mixed = [rows[at] for at in order]
    whole = fingerprint_of(SECRET, Collection.MESSAGES, rows)
    first, rest = (fingerprint_of(SECRET, Collection.MESSAGES, part) for part in (mixed[:cut], mixed[cut:]))
    assert first.plus(rest) == whole
    assert whole.minus(rest) == first
