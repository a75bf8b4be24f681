"""A database of any earlier schema opens in today's page with all that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from hearth_testing import journey
from hearth_testing.server import Hearth

FIRST = """
(db) => {
  db.createObjectStore("chats", { keyPath: "id" });
  db.createObjectStore("messages", { keyPath: ["chat_id", "created_at", "id"] });
  db.createObjectStore("settings_and_memories", { keyPath: "id" });
  db.createObjectStore("sync", { keyPath: "name" });
}
"""

SECOND = """
(db) => {
  db.createObjectStore("chats", { keyPath: "id" });
  db.createObjectStore("messages", { keyPath: ["chat_id", "created_at", "id"] });
  db.createObjectStore("settings_and_memories", { keyPath: "id" });
  db.createObjectStore("sync", { keyPath: "name" });
  db.createObjectStore("search", { keyPath: "name" });
  db.createObjectStore("unindexed", { keyPath: "id" });
}
"""

FOURTH = """
(db) => {
  db.createObjectStore("chats", { keyPath: "id" });
  db.createObjectStore("messages", { keyPath: ["chat_id", "created_at", "id"] });
  db.createObjectStore("settings_and_memories", { keyPath: "id" });
  db.createObjectStore("sync", { keyPath: "name" });
  db.createObjectStore("search", { keyPath: "name" });
  db.createObjectStore("unindexed", { keyPath: "id" });
  db.createObjectStore("outbox", { keyPath: "name" });
}
"""

FIFTH = """
(db) => {
  db.createObjectStore("chats", { keyPath: "id" });
  db.createObjectStore("messages", { keyPath: ["chat_id", "created_at", "id"] });
  db.createObjectStore("settings_and_memories", { keyPath: "id" });
  db.createObjectStore("sync", { keyPath: "name" });
  db.createObjectStore("search", { keyPath: "name" });
  db.createObjectStore("unindexed", { keyPath: "id" });
  db.createObjectStore("outbox", { keyPath: "name" });
  db.createObjectStore("kept", { keyPath: "name" });
}
"""

MADE_BY = {1: FIRST, 2: SECOND, 3: SECOND, 4: FOURTH, 5: FIFTH}
"""For each schema what made a database of it from nothing, as it was then: history, which never changes.

Who adds a migration to `app/hearth/browser/storage/schema.py` adds what it leaves behind here, written out in full.
"""

NOTED_SINCE = {"settled": 3}
"""What `sync` says since which schema only."""

SETTLED = {"name": "settled", "value": True}

DERIVED = {"search", "unindexed", "kept"}
"""What the page makes of the rest, whenever it likes."""

SCHEMA = max(MADE_BY)
"""Today's schema."""

REPLACE = """
async ([schema, unknown]) => {
  const name = (await indexedDB.databases()).map(({ name }) => name).find((name) => name.startsWith("hearth:"));
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const now = await done(indexedDB.open(name));
  const rows = {};
  for (const store of now.objectStoreNames) {
    rows[store] = await done(now.transaction(store).objectStore(store).getAll());
  }
  now.close();
  await done(indexedDB.deleteDatabase(name));
  const request = indexedDB.open(name, schema);
  request.onupgradeneeded = () => made_by(request.result);
  const old = await done(request);
  const kept = {};
  for (const store of old.objectStoreNames) {
    kept[store] = (rows[store] ?? []).filter((row) => store !== "sync" || !unknown.includes(row.name));
    const transaction = old.transaction(store, "readwrite");
    for (const row of kept[store]) transaction.objectStore(store).put(row);
    await new Promise((resolve) => { transaction.oncomplete = resolve; });
  }
  old.close();
  return kept;
}
"""

SHAPE = """
async () => {
  const found = (await indexedDB.databases()).find(({ name }) => name.startsWith("hearth:"));
  if (!found) return null;
  const db = await new Promise((resolve) => {
    indexedDB.open(found.name).onsuccess = ({ target }) => resolve(target.result);
  });
  const stores = {};
  for (const name of db.objectStoreNames) {
    const store = db.transaction(name).objectStore(name);
    const indexes = [...store.indexNames].map((each) => store.index(each));
    stores[name] = [store.keyPath, store.autoIncrement, indexes.map((each) => [each.name, each.keyPath, each.unique])];
  }
  db.close();
  return { version: found.version, stores };
}
"""


@contextmanager
def away(page: Page, hearth: Hearth) -> Iterator[None]:
    """A page of the same origin and tab without the app in it; then the app again."""
    blank = f"{hearth.url}/blank.html"
    page.route(blank, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(blank)
    yield
    page.goto(hearth.url)


def rebuild(page: Page, schema: int, made_by: str) -> dict[str, list[Any]]:
    """Put a database of another schema in the place of the account's, with the same rows where it has the stores."""
    script = REPLACE.replace("made_by(request.result)", f"({made_by})(request.result)")
    return dict(page.evaluate(script, [schema, [name for name, since in NOTED_SINCE.items() if since > schema]]))


def rows(page: Page) -> dict[str, list[Any]]:
    """What the account's database holds, by store, but for what a visit notes down when it has checked a chat."""
    found = journey.stored(page)["databases"]
    held = {name.split("/")[1]: each for name, each in found.items() if name.startswith("hearth:")}
    return held | {"sync": [each for each in held["sync"] if not each["name"].startswith("checked:")]}


def test_what_an_earlier_schema_holds_is_all_there(page: Page, fresh: Hearth) -> None:
    fresh.change(add_chat={"title": "Nothing said yet", "messages": []})
    for schema in MADE_BY:
        fresh.reset()
        journey.sign_in(page, fresh)
        assert_all_is_there(page, fresh, schema)
        journey.sign_out(page)


def assert_all_is_there(page: Page, fresh: Hearth, schema: int) -> None:
    """Put a database of an earlier schema in the place of today's, and go on."""
    expect(journey.chats(page)).to_have_count(13)
    title = journey.heading(page).inner_text()
    shape = page.evaluate(SHAPE)
    with away(page, fresh):
        before = rebuild(page, schema, MADE_BY[schema])
        before["sync"] = [each for each in before["sync"] if not each["name"].startswith("checked:")]
        assert [each for each in before["sync"] if each["name"] == "settled"] == ([SETTLED] if schema >= 3 else [])
        assert len(before["chats"]) == 13
        fresh.reset()
    journey.wait_for_mark(page, "up-to-date")
    journey.wait_for_mark(page, "checked")
    expect(journey.heading(page)).to_have_text(title)
    expect(journey.chats(page)).to_have_count(13)
    assert fresh.directus_log() == [], "a migration costs no data, and nobody asks for what a chat without messages has"
    after = rows(page)
    assert SETTLED in after["sync"], "else each reload would look through all messages for what is here in part"
    before["sync"] = [each for each in before["sync"] if each != SETTLED] + [SETTLED]
    after["sync"] = [each for each in after["sync"] if each != SETTLED] + [SETTLED]
    assert {name: after[name] for name in before if name not in DERIVED} == {
        name: each for name, each in before.items() if name not in DERIVED
    }
    assert page.evaluate(SHAPE) == shape


def test_the_history_of_schemas_is_complete_and_ends_with_todays(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    shape = page.evaluate(SHAPE)
    assert list(MADE_BY) == list(range(1, shape["version"] + 1)), "add the schema that the last migration leaves"
    with away(page, fresh):
        rebuild(page, SCHEMA, MADE_BY[SCHEMA])
        assert page.evaluate(SHAPE) == shape
    journey.wait_for_mark(page, "up-to-date")
