"""Hearth's own settings: what is chosen holds at once, waits in the outbox, and comes to the other devices."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hearth.core.records.manifest import manifest_id, shard_ids
from hearth.core.records.schema import Collection
from hearth.core.settings.preferences import record_id
from hearth.engine.intents.chats import Choose
from hearth.engine.writing.preferences_sync import WISHES
from hearth.ports.storage import Batch
from hearth.testing.cpython_cipher import fingerprint_of
from server_mock.directus.client import DirectusClient, DirectusError
from tests.app.hearth.engine.writing.live import Live, screen
from tests.app.hearth.engine.writing.test_manifest_writer import make_format_1, standing
from tests.peers import Browser

ENTRIES = Collection.SETTINGS_AND_MEMORIES


def choice(browser: Browser, name: str = "theme") -> str:
    return screen(browser).preferences.of(name)


def holds(there: Live, browser: Browser) -> None:
    """Nothing waits, and the manifest vouches for what is stored."""
    assert browser.disk.outbox == {}
    assert screen(browser).status.sentence == "Up to date"
    now = standing(there)
    stored = {row["id"]: row for row in there.stored(ENTRIES.value)}
    assert {name: row["sealed"] for name, row in browser.disk.entries.items()} == {
        name: row["sealed"] for name, row in stored.items()
    }
    root = manifest_id(there.stored("users")[0]["id"])
    shards = [stored.pop(name) for name in shard_ids(root) if name in stored]
    del stored[root]
    assert fingerprint_of(now.manifest.secret, ENTRIES, shards) == now.manifest.shards
    assert fingerprint_of(now.manifest.secret, ENTRIES, stored.values()) == now.manifest.entries


def test_what_one_device_chooses_reaches_the_other(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    for theme in ("dark", "light"):
        there.do(one, Choose("theme", theme))
        assert (choice(one), choice(two)) == (theme, theme)
    holds(there, one)
    holds(there, two)


def test_what_was_chosen_never_falls_back_on_its_way(there: Live) -> None:
    one = there.signed_in()
    there.do(one, Choose("theme", "dark"))
    before = len(one.page.screens)
    there.do(one, Choose("theme", "light"))
    themes = [each.preferences.of("theme") for each in one.page.screens[before:]]
    assert themes == sorted(themes), "first dark, then light"


def test_it_holds_at_once_and_waits_for_the_network_without_being_counted(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    one.go_offline()
    there.wait()
    there.do(one, Choose("theme", "dark"), Choose("theme", "light"), Choose("text_size", "large"))
    assert (choice(one), choice(one, "text_size")) == ("light", "large")
    assert screen(one).unsent == 0
    assert len(one.disk.outbox) == 1, "one write brings all of it"
    there.reload(one)
    assert (choice(one), choice(one, "text_size")) == ("light", "large")
    there.do(two, Choose("theme", "dark"))
    one.device.network.heal()
    there.until(lambda: choice(two) == "light")
    assert (choice(one), choice(two, "text_size")) == ("light", "large")
    holds(there, one)


def test_what_holds_already_is_not_written(there: Live) -> None:
    one = there.signed_in()
    before = there.stored(ENTRIES.value)
    there.do(one, Choose("theme", choice(one)))
    one.go_offline()
    there.wait()
    there.do(one, Choose("theme", "dark"))
    there.do(one, Choose("theme", "system"))
    assert one.disk.outbox == {}
    one.device.network.heal()
    there.wait(60)
    assert there.stored(ENTRIES.value) == before


def test_two_devices_that_choose_at_once_both_get_their_wish(there: Live) -> None:
    one, two = there.signed_in(), there.signed_in()
    for browser in (one, two):
        browser.device.network.delays_s = [0.5]
    there.do(one, Choose("theme", "dark"), wait=0)
    there.do(two, Choose("text_size", "large"), wait=20)
    for browser in (one, two):
        assert (choice(browser), choice(browser, "text_size")) == ("dark", "large")
        holds(there, browser)


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "answer-lost"])
def test_a_write_that_breaks_off_is_made_whole_or_not_at_all(
    there: Live, monkeypatch: pytest.MonkeyPatch, is_first: bool, arrives: bool
) -> None:
    one = there.signed_in()
    if not is_first:
        there.do(one, Choose("theme", "dark"))
    update_each = DirectusClient.update_each

    async def broken(client: DirectusClient, *rest: Any) -> int:
        if arrives:
            await update_each(client, *rest)
        raise DirectusError("The disk has gone.")

    monkeypatch.setattr(DirectusClient, "update_each", broken)
    there.do(one, Choose("theme", "light"))
    assert choice(one) == "light"
    monkeypatch.undo()
    there.wait(60)
    holds(there, one)
    assert choice(there.signed_in()) == "light"


def test_a_disk_that_does_not_answer_loses_no_wish(there: Live) -> None:
    one = there.signed_in()
    there.run(there.world.control("faults", {"directus_status": 503, "times": 99}))
    there.do(one, Choose("theme", "dark"))
    there.run(there.world.control("faults", {}))
    there.wait(90)
    assert choice(there.signed_in()) == "dark"
    holds(there, one)


def test_a_field_that_is_not_known_here_stays_as_it_came(there: Live) -> None:
    one = there.signed_in()
    there.do(one, Choose("theme", "dark"))
    own = record_id(there.stored("users")[0]["id"])
    one.disk.entries[own]["icon"] = "AQ" + "A" * 62
    one.go_offline()
    there.wait()
    there.do(one, Choose("theme", "light"))
    session = one.engine.current.session
    assert session
    (mutation,) = session.parts.outbox.mutations
    change = there.run(session.parts.sender._preferences.next([json.loads(mutation.text)], {}))
    assert change.after == {**change.before, "version": change.before["version"] + 1, "sealed": change.after["sealed"]}
    assert change.after["icon"] == "AQ" + "A" * 62


def test_a_choice_costs_one_read_and_two_writes_at_first_and_one_then(there: Live) -> None:
    one = there.signed_in()
    for theme, expected in (("dark", ["PATCH", "POST", "SEARCH"]), ("light", ["PATCH", "SEARCH"])):
        there.world.services.client.log.reset()
        there.do(one, Choose("theme", theme))
        assert sorted(each["method"] for each in there.world.log()) == expected


def test_an_account_with_the_earlier_manifest_gets_its_shards_with_a_choice(there: Live) -> None:
    make_format_1(there)
    one = there.signed_in()
    there.do(one, Choose("theme", "dark"))
    assert standing(there).manifest.shards is not None
    holds(there, one)


def test_without_a_manifest_a_choice_holds_here_and_waits(there: Live) -> None:
    account = there.stored("users")[0]["id"]
    for row in there.stored(ENTRIES.value):
        if row["app_id"] == manifest_id(account):
            there.run(there.world.direct.delete(ENTRIES.value, row["id"]))
    one = there.signed_in()
    there.do(one, Choose("theme", "dark"))
    assert choice(one) == "dark"
    assert len(one.disk.outbox) == 1
    there.run(there.world.change(add_message={"text": "with it comes a manifest"}))
    there.wait()
    holds(there, one)


def test_wishes_that_an_earlier_version_kept_are_sent(there: Live) -> None:
    one = there.signed_in()
    session = one.engine.current.session
    assert session
    sealed = there.run(session.parts.keyring.seal_kept(WISHES, b'{"theme": "dark"}'))
    there.run(session.parts.store.kept_values.keep(WISHES, sealed))
    there.run(session.parts.store.apply(Batch()))
    there.reload(one)
    assert choice(one) == "dark"
    assert WISHES not in there.run(one.engine.current.session.parts.store.kept_values.names())  # type: ignore[union-attr]
    holds(there, one)
    assert choice(there.signed_in()) == "dark"
