"""What was sealed and refused: nothing else is sealed for the same record and version, not even after a reload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from hearth.core.records.schema import Collection
from hearth.engine.intents.chats import OpenChat
from hearth.engine.intents.writing import SendMessage, TypeDraft
from hearth.engine.writing.outbox import Outbox, Parcel
from server_mock.protocol import write_rules
from tests.app.hearth.engine.writing.live import Live, last, live, screen, texts
from tests.peers import Browser

ENTRIES, MESSAGES = Collection.SETTINGS_AND_MEMORIES, Collection.MESSAGES


@pytest.fixture
def there() -> Iterator[Live]:
    with live(chats=12) as started:
        yield started


@pytest.fixture
def parcels() -> Iterator[list[Parcel]]:
    """The writes of the devices, in their order."""
    kept: list[Parcel] = []
    begin = Outbox.begin

    async def beginning(outbox: Outbox, parcel: Parcel) -> None:
        await begin(outbox, parcel)
        kept.append(parcel)

    with mock.patch.object(Outbox, "begin", beginning):
        yield kept


def sealed(parcels: list[Parcel]) -> dict[tuple[str, int], set[str]]:
    """What was sealed for a record and version, of the manifest, its shards and drafts."""
    found: dict[tuple[str, int], set[str]] = {}
    for parcel in parcels:
        drafts = [row for row in parcel.records.get(MESSAGES, []) if row["role"] == "draft"]
        for row in [*parcel.records.get(ENTRIES, []), *drafts]:
            found.setdefault((row["id"], row["version"]), set()).add(row.get("sealed") or row.get("content") or "")
    return found


def refuse_once(there: Live, one: Browser, chat: str, *intents: Any) -> None:
    """Have what a device writes refused, as never to be written, so that it makes the write of the rest again."""
    form, refused = write_rules._form_problem, iter([True])

    def problem(owner: Any, collection: Any, record: Any, max_chars: int) -> str | None:
        if collection is MESSAGES and record["role"] == "user" and next(refused, False):
            return write_rules.TOO_LONG
        return form(owner, collection, record, max_chars)

    with mock.patch.object(write_rules, "_form_problem", problem):
        there.do(one, *intents, wait=20)


@pytest.mark.parametrize("reloads", [False, True])
def test_the_manifest_its_shard_and_a_draft_skip_the_version_that_was_refused(
    there: Live, parcels: list[Parcel], reloads: bool
) -> None:
    one, two = there.signed_in(), there.signed_in()
    chat = there.open(one)
    there.do(two, OpenChat(chat))
    there.do(one, TypeDraft(chat, "half a"), wait=10)
    refuse_once(there, one, chat, TypeDraft(chat, "half a thought"), SendMessage(chat, "half a thought"))
    assert last(one).problem == write_rules.TOO_LONG
    if reloads:
        there.reload(one)
        there.do(one, OpenChat(chat))
    there.do(one, SendMessage(chat, "another one"), wait=10)
    assert texts(two)[-1] == "another one"
    assert [key for key, values in sealed(parcels).items() if len(values) > 1] == []
    assert any(parcel.follows for parcel in parcels), "a version was skipped"
    # Nobody is accused, and what comes next skips nothing.
    there.do(two, SendMessage(chat, "an answer"), wait=60)
    for browser in (one, two):
        assert screen(browser).status.sentence == "Up to date"
        assert browser.engine.current.session is not None
        assert browser.engine.current.session.parts.integrity.of(chat) is None
    assert parcels[-1].follows is None


def test_a_shard_that_moved_on_with_another_chat_is_not_sealed_twice(there: Live, parcels: list[Parcel]) -> None:
    one = there.signed_in()
    chat = there.open(one)
    one.go_offline()
    there.do(one, SendMessage(chat, "written on the train"))
    one.device.network.heal()
    one.device.network.delays_s = [0.5]
    there.run(there.world.change(rename_chat={"title": "renamed elsewhere"}))
    there.until(lambda: screen(one).unsent == 0)
    assert texts(one)[-1] == "written on the train"
    assert [key for key, values in sealed(parcels).items() if len(values) > 1] == []
