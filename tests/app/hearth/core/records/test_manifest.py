"""The manifest: what it says comes back, what it refuses, and how a chat is judged by it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import FINE, Fault, Finding, Fingerprint, Listed, Manifest, absent, judge, went_back
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
    manifest = of({"a": ONE, "b": Listed(1, 0, Fingerprint(1, 2**128 - 1))})
    assert manifests.is_manifest(text(manifest))
    assert manifests.read(text(manifest)) == manifest


def test_what_devices_agreed_on_does_not_change() -> None:
    assert (manifests.SECRET_BYTES, manifests.MAX_LISTED, manifests.WARM_CHATS) == (32, 1_000, 100)
    assert (Finding(Fault.ALTERED).messages, manifests.Checked(1, "altered").messages) == (0, 0)
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
        changed(("manifest", "format"), 2),
        changed(("manifest", "version"), "9"),
        changed(("manifest", "version"), -1),
        changed(("manifest", "version"), True),
        changed(("manifest", "version"), 2**53),
        changed(("manifest", "secret"), "not base64!"),
        changed(("manifest", "secret"), "bm90!"),
        changed(("manifest", "chats"), []),
        changed(("manifest", "chats", "a"), [1, 2, 3]),
        changed(("manifest", "chats", "a", 3), "xyz"),
        changed(("manifest", "chats", "a", 1), 2.5),
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


@pytest.mark.parametrize(
    ("version", "held", "finding"),
    [
        (3, Fingerprint(5, 7), FINE),
        (3, Fingerprint(5, 6), Finding(Fault.ALTERED)),
        (3, Fingerprint(2, 7), Finding(Fault.MISSING, 3)),
        (3, Fingerprint(6, 7), Finding(Fault.EXTRA, 1)),
        (2, Fingerprint(4, 7), Finding(Fault.OLDER, 1)),
        (2, Fingerprint(6, 7), Finding(Fault.OLDER, 0)),
        (4, Fingerprint(5, 7), Finding(Fault.UNCONFIRMED)),
    ],
)
def test_a_chat_is_judged(version: int, held: Fingerprint, finding: Finding) -> None:
    assert judge(of({"a": ONE}), "a", version, 50, held) == finding


def test_a_chat_that_is_not_listed_is_unconfirmed_where_all_are() -> None:
    assert judge(of({"a": ONE}), "b", 1, 1, Fingerprint(1, 1)).fault is Fault.UNCONFIRMED


def test_beyond_the_longest_list_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manifests, "MAX_LISTED", 2)
    manifest = of({"a": ONE})
    for number, name in enumerate("bcd"):
        manifest = manifest.with_chat(name, Listed(1, 40 + number, Fingerprint(1, 1)))
    assert set(manifest.chats) == {"a", "d"}
    assert manifest.version == 12
    assert judge(manifest, "b", 1, 40, Fingerprint(1, 1)) == FINE
    assert judge(manifest, "other", 1, 42, Fingerprint(1, 1)) == FINE, "as old as the oldest that is listed"
    assert judge(manifest, "new", 1, 60, Fingerprint(1, 1)).fault is Fault.UNCONFIRMED


def listed(count: int) -> Manifest:
    return of({f"{number:03}": Listed(1, number, Fingerprint(1, 1)) for number in range(count)})


def test_of_a_small_account_every_chat_is_expected() -> None:
    here = dict.fromkeys(f"{number:03}" for number in range(1, 12))
    assert list(absent(listed(12), here)) == ["000"]
    assert absent(listed(12), {**here, "000": None}) == {}


def test_of_as_many_as_a_warming_brings_every_chat_is_expected() -> None:
    assert list(absent(listed(100), dict.fromkeys(f"{number:03}" for number in range(1, 100)))) == ["000"]


def test_of_a_large_account_the_last_updated_are_expected() -> None:
    newest = dict.fromkeys(f"{number:03}" for number in range(20, 120))
    assert absent(listed(120), newest) == {}
    assert absent(listed(120), {**newest, "000": None}) == {}, "the last opened one comes in addition"
    assert list(absent(listed(120), {each: None for each in newest if each != "090"})) == ["090"]
    rest = {**newest, "000": None}
    del rest["021"]
    assert list(absent(listed(120), rest)) == ["021"], "the last one that is expected of as many as there are"


def test_a_deletion_elsewhere_makes_no_older_chat_expected() -> None:
    newest = dict.fromkeys(f"{number:03}" for number in range(20, 120) if number != 90)
    assert absent(listed(120).with_chat("090", None), newest) == {}


def test_a_list_that_goes_further_down_has_to_have_each_chat_that_it_passes() -> None:
    manifest = listed(300)
    order = sorted(manifest.chats, key=lambda each: -manifest.chats[each].last_updated)
    end = manifest.chats[order[199]].last_updated
    here = dict.fromkeys(order[:200])
    assert absent(manifest, here, lambda updated, _id: updated >= end) == {}
    del here[order[150]]
    assert list(absent(manifest, here, lambda updated, _id: updated >= end)) == [order[150]]
    assert absent(manifest, here) == {}, "of a list that is not known to go so far, nothing is expected"
    del here[order[50]]
    assert set(absent(manifest, here)) == {order[50]}


def test_a_writer_who_was_shown_another_history_is_noticed() -> None:
    older = of({"a": ONE, "b": ONE, "c": ONE})
    newer = of({"a": Listed(2, 60, Fingerprint(1, 1)), "b": Listed(4, 60, Fingerprint(1, 1)), "d": ONE}, 10)
    newer = newer.with_chat("c", ONE)
    assert went_back(older, newer) == ["a"]
