"""The manifest as it is stored and as it is offered: older ones, other ones of one version, and none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, cast

from hearth.core.records import manifest as manifests
from hearth.core.records.manifest import Fingerprint, Listed, Manifest
from hearth.core.records.manifest_checks import AccountFault
from hearth.engine.settings.manifest_record import ManifestState
from hearth.engine.sync.findings import Findings
from hearth.engine.sync.manifest_watch import ManifestWatch
from hearth.ports.keys import OpenedRecord

ONE = Listed(3, 50, Fingerprint(5, 7))
BASE = Manifest(5, b"s" * 32, {"a": ONE, "b": ONE}, Fingerprint(2, 3), Fingerprint(1, 1))


class Stored:
    """The manifest's record, as the test has it."""

    def __init__(self, manifest: Manifest | None) -> None:
        self.manifest = manifest

    async def read(self) -> ManifestState | None:
        return ManifestState("record", self.manifest, 1) if self.manifest else None


def watch(manifest: Manifest | None, seen: int = 0) -> tuple[ManifestWatch, Findings, Stored]:
    findings, stored = Findings(), Stored(manifest)
    findings.seen = seen
    return ManifestWatch(cast(Any, stored), findings), findings, stored


def offered(manifest: Manifest | None) -> OpenedRecord:
    text = json.dumps(manifests.write(manifest)) if manifest else "nonsense"
    return cast(OpenedRecord, {"clear": {"id": "record"}, "texts": {"sealed": text}, "faults": {}})


async def test_what_is_listed_differently_is_named_in_order() -> None:
    watched, _, stored = watch(BASE)
    assert await watched.read() == [], "nothing was known before"
    other = Listed(4, 60, Fingerprint(6, 8))
    stored.manifest = replace(BASE, version=6, chats={"c": ONE, "a": other})
    assert await watched.read() == ["c", "a", "b"]
    assert (watched.lists("c"), watched.lists("b")) == (True, False)


async def test_one_that_knows_a_chat_in_an_older_state_contradicts_the_one_before() -> None:
    watched, findings, stored = watch(BASE)
    await watched.read()
    stored.manifest = replace(BASE, version=6, chats={"a": Listed(2, 50, Fingerprint(5, 7)), "b": ONE})
    await watched.read()
    assert findings.account is AccountFault.FORKED


async def test_a_stored_one_that_is_older_than_what_was_seen_is_told_and_one_that_is_gone() -> None:
    watched, findings, _ = watch(BASE, seen=6)
    await watched.read()
    watched.begin()
    assert findings.account is AccountFault.ROLLED_BACK
    watched, findings, _ = watch(None, seen=6)
    await watched.read()
    watched.begin()
    assert findings.account is AccountFault.REMOVED
    watched, findings, _ = watch(None)
    watched.begin()
    assert findings.account is AccountFault.NONE


async def test_an_offer_is_older_newer_or_contradicts() -> None:
    watched, findings, _ = watch(BASE)
    assert not watched.offer(offered(BASE))
    assert findings.seen == 5
    assert watched.offer(offered(replace(BASE, version=4)))
    assert findings.summary == "", "whoever asked decides what that means"
    assert not watched.offer(offered(replace(BASE, entries=Fingerprint(9, 9))))
    assert findings.account is AccountFault.FORKED


async def test_what_is_no_manifest_is_no_offer() -> None:
    watched, findings, _ = watch(BASE)
    assert not watched.offer(offered(None))
    assert (findings.seen, watched.record_id) == (0, None)
