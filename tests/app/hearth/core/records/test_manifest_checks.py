"""What is on the device held against the manifest: how a chat is judged, and which chats should be there."""

from __future__ import annotations

import pytest

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import (
    Fingerprint,
    Listed,
    Manifest,
)
from hearth.core.records.manifest_checks import FINE, WARM_CHATS, Checked, Fault, Finding, absent, judge, went_back
from tests.app.hearth.core.records.test_manifest import ONE, of


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
    monkeypatch.setattr(manifests, "shard_of", lambda _chat: 0)
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


def test_what_is_not_counted_is_none_and_a_warming_brings_a_hundred_chats() -> None:
    assert (Finding(Fault.ALTERED).messages, Checked(1, Fault.ALTERED).messages) == (0, 0)
    assert WARM_CHATS == 100, "the protocol says so"
