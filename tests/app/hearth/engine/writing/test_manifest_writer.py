"""The manifest that devices write: what it lists of each chat, in shards, and what is told of one that was put back."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from hearth.core.records.manifest import Manifest, manifest_id, shard_ids, shard_of
from hearth.core.records.schema import Collection
from hearth.core.view.screen import Tone
from hearth.engine.intents.writing import SendMessage
from hearth.testing.cpython_cipher import CryptographyCipher, CryptographyKeyring
from server_mock.testing.manifest_builder import Standing, standing_of
from server_mock.testing.record_factory import Author
from tests.app.hearth.engine.writing.live import Live, items, live, screen
from tests.contracts.records import manifest_of_format_1
from tests.server_mock.world import PASSWORD

ENTRIES = Collection.SETTINGS_AND_MEMORIES


@pytest.fixture
def there() -> Iterator[Live]:
    with live() as made:
        yield made


def author_of(there: Live) -> Author:
    return Author.sign_in(there.stored("users")[0], PASSWORD, os.urandom)


def standing(there: Live) -> Standing:
    """The manifest on the server's disk."""
    author = author_of(there)
    keyring = CryptographyKeyring(CryptographyCipher(), author.account, author.master)
    found = standing_of(keyring, manifest_id(author.account), {row["id"]: row for row in there.stored(ENTRIES)})
    assert found
    return found


def make_format_1(there: Live) -> Manifest:
    """Make the account one of an earlier day: its manifest lists every chat itself."""
    before, author = standing(there), author_of(there)
    row_id = manifest_id(author.account)
    sealed = author.seal_entry(before.key, row_id, manifest_of_format_1(before.manifest))
    disk = there.world.direct
    there.run(disk.update(ENTRIES.value, row_id, {"sealed": sealed}))
    for shard in set(shard_ids(row_id)) & before.rows.keys():
        there.run(disk.delete(ENTRIES.value, shard))
    return before.manifest


def test_a_message_changes_the_shard_of_its_chat_and_the_manifest(there: Live) -> None:
    browser = there.signed_in()
    chat, before = there.open(browser), standing(there)
    there.do(browser, SendMessage(chat, "hello"))
    after = standing(there)
    own = manifest_id(author_of(there).account)
    changed = {each for each, row in after.rows.items() if row != before.rows.get(each)}
    assert changed == {own, shard_ids(own)[shard_of(chat)]}
    assert after.manifest.version == before.manifest.version + 1
    assert after.manifest.chats[chat].messages == before.manifest.chats[chat].messages + 1


def test_an_account_with_the_earlier_manifest_goes_on(there: Live) -> None:
    before = make_format_1(there)
    browser = there.signed_in()
    chat = there.open(browser)
    there.do(browser, SendMessage(chat, "hello"))
    after = standing(there).manifest
    assert after.shards is not None
    assert after.shards.records == len({shard_of(each) for each in after.chats})
    assert {each for each in after.chats if after.chats[each] != before.chats[each]} == {chat}
    other = there.signed_in()
    there.open(other)
    there.do(other, SendMessage(chat, "and on"))
    assert standing(there).manifest.chats[chat].messages == after.chats[chat].messages + 1
    for each in (browser, other):
        assert (screen(each).status.sentence, screen(each).status.tone) == ("Up to date", Tone.QUIET)


def test_a_shard_that_was_put_back_together_with_its_chat_is_told(there: Live) -> None:
    browser = there.signed_in()
    chat = there.open(browser)
    there.do(browser, SendMessage(chat, "hello"))
    shard = shard_ids(manifest_id(author_of(there).account))[shard_of(chat)]
    there.run(there.world.control("faults", {"rollback_chat": chat, "replay_message": shard}))
    other = there.browse()
    there.until(lambda: screen(other).status.tone is Tone.WARNING)
    assert screen(other).status.sentence.startswith("The server lacks a part of the record")
    there.run(there.world.control("faults", {}))
    there.do(browser, SendMessage(chat, "and on"))
    there.until(lambda: screen(other).status.sentence == "Up to date")
    assert not [item for item in items(other) if item.flag]
