"""Storage that is missing, refuses, fails or is taken away: the page goes on, and the status line says why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e.test_faults import ids
from e2e.test_migrations import MADE_BY, away, rebuild
from hearth_testing import journey
from hearth_testing.server import Hearth

IN_MEMORY = "Your chats are kept in memory until this tab closes."

MISSING = 'Object.defineProperty(globalThis, "indexedDB", { value: undefined });'
FORBIDDEN = """
for (const name of ["open", "databases", "deleteDatabase"]) {
  IDBFactory.prototype[name] = () => { throw new DOMException("The operation is insecure.", "SecurityError"); };
}
"""
CORRUPT = """
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (name, ...version) {
  if (!name.startsWith("hearth:")) return open.call(this, name, ...version);
  const request = new EventTarget();
  request.error = new DOMException("Internal error opening backing store.", "UnknownError");
  setTimeout(() => request.onerror?.({ target: request }));
  return request;
};
"""
READ_ONLY = """
const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
  if (mode === "readwrite") throw new DOMException("Connection to Indexed Database server lost.", "UnknownError");
  return transaction.call(this, stores, mode, ...rest);
};
"""
ABORTING = """
const transaction = IDBDatabase.prototype.transaction;
IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
  const made = transaction.call(this, stores, mode, ...rest);
  if (mode === "readwrite") setTimeout(() => { try { made.abort(); } catch {} });
  return made;
};
"""
IMPATIENT = """
const later = globalThis.setTimeout;
globalThis.setTimeout = (call, ms, ...rest) => later(call, ms === 10_000 ? 300 : ms, ...rest);
"""
"""Ten seconds, the most that opening may take, are less than one."""

SILENT = f"""
{IMPATIENT}
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (name, ...version) {{
  return name.startsWith("hearth:") ? new EventTarget() : open.call(this, name, ...version);
}};
"""
BREAKS = {
    "missing": (MISSING, "does not let Hearth store anything"),
    "corrupt": (CORRUPT, "does not work (UnknownError)"),
    "silent": (SILENT, "does not answer"),
    "read-only": (READ_ONLY, "does not work (UnknownError)"),
    "aborting": (ABORTING, "does not work (AbortError)"),
    "forbidden": (FORBIDDEN, "does not let Hearth store anything"),  # the last one: what it leaves stays for the next
}


def rows(page: Page) -> dict[str, Any]:
    """What the account's database holds."""
    found = journey.stored(page)["databases"]
    return {name: each for name, each in found.items() if name.startswith("hearth:")}


def broken(page: Page, how: str) -> str:
    """Break the page's IndexedDB from its first script on; what the status line then says."""
    script, sentence = BREAKS[how]
    page.add_init_script(f"(() => {{ {script} }})()")
    return sentence


def test_without_working_storage_everything_works_in_memory(context: BrowserContext, fresh: Hearth) -> None:
    for how in BREAKS:
        fresh.reset()
        page = context.new_page()
        assert_works_in_memory(page, fresh, how)
        page.close()


def assert_works_in_memory(page: Page, fresh: Hearth, how: str) -> None:
    """Sign in, read, change a setting's view and sign out, with storage that is broken in some way."""
    sentence = broken(page, how)
    journey.sign_in(page, fresh)
    expect(journey.status(page)).to_contain_text(sentence)
    expect(journey.status(page)).to_contain_text(IN_MEMORY)
    expect(journey.status(page)).to_contain_text("Up to date")
    account = fresh.account()
    expect(journey.chats(page)).to_have_count(12)
    for chat in account["chats"][:3]:
        journey.open_chat(page, chat["title"])
        expect(journey.messages(page).last).to_be_visible()
    fresh.change(add_message={"chat_id": account["chats"][2]["id"], "text": f"Live, in memory: {how}"})
    expect(journey.messages(page).last).to_contain_text(f"Live, in memory: {how}")
    page.get_by_role("button", name="Settings and memories").click()
    expect(page.get_by_role("region", name="Settings and memories").get_by_role("definition").first).to_be_visible()
    page.get_by_role("region", name="Account").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    left = page.evaluate("() => Object.keys({ ...sessionStorage, ...localStorage })")
    # Where nobody may look, nobody can say that nothing is left: the next start tries again.
    assert left == (["hearth.wiping"] if how == "forbidden" else [])


def test_a_newer_schema_is_left_as_it_is(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    fresh.reset()
    blank = f"{fresh.url}/blank.html"
    page.route(blank, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(blank)
    upgrade = """
    async () => {
      const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("hearth:"));
      const request = indexedDB.open(name, 99);
      request.onupgradeneeded = () => request.result.createObjectStore("future").put("kept", 1);
      await new Promise((resolve) => { request.onsuccess = resolve; });
      request.result.close();
    }
    """
    page.evaluate(upgrade)
    before = rows(page)
    page.goto(fresh.url)
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.status(page)).to_contain_text("A newer version of Hearth has stored chats on this device")
    expect(journey.status(page)).to_contain_text("reload the page to get it")
    expect(journey.chats(page)).to_have_count(12)
    assert rows(page) == before
    page.get_by_role("region", name="Account").get_by_role("button", name="Sign out").click()
    journey.wait_for_mark(page, "signed-out")
    assert journey.stored(page)["databases"] == {}, "signing out deletes a newer one, too"


def test_an_upgrade_that_another_tab_blocks_is_told_and_made_when_that_tab_has_gone(
    page: Page, context: BrowserContext, fresh: Hearth
) -> None:
    page.add_init_script(f"(() => {{ {IMPATIENT} }})()")
    journey.sign_in(page, fresh, stay=True)
    holder = context.new_page()
    with away(page, fresh):
        rebuild(page, 1, MADE_BY[1])
        holder.goto(f"{fresh.url}/control/accounts")
        hold = """
        async () => {
          const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("hearth:"));
          await new Promise((resolve) => { indexedDB.open(name).onsuccess = resolve; });
        }
        """
        holder.evaluate(hold)
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.status(page)).to_contain_text("Another tab holds what Hearth stored here: close Hearth's other tabs")
    expect(journey.status(page)).to_contain_text(IN_MEMORY)
    expect(journey.chats(page)).to_have_count(12)
    holder.close()
    fresh.reset()
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.status(page)).to_have_text("Up to date")
    expect(journey.chats(page)).to_have_count(12)
    assert fresh.directus_log() == [], "what was stored is there"


def test_a_removal_between_two_visits_is_explained_and_repaired(page: Page, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    blank = f"{fresh.url}/blank.html"
    page.route(blank, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(blank)
    page.evaluate(
        """
        async () => {
          for (const { name } of await indexedDB.databases()) {
            await new Promise((resolve) => { indexedDB.deleteDatabase(name).onsuccess = resolve; });
          }
        }
        """
    )
    page.goto(fresh.url)
    journey.wait_for_mark(page, "warm")
    expect(journey.status(page)).to_contain_text("Up to date. This browser had removed the chats that Hearth stored")
    expect(journey.chats(page)).to_have_count(12)
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    expect(journey.status(page)).to_have_text("Up to date")


CONNECTIONS = """
const opened = globalThis.connections = [];
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (name, ...version) {
  const request = open.call(this, name, ...version);
  if (name.startsWith("hearth:")) request.addEventListener("success", () => opened.push(request.result));
  return request;
};
"""


def test_a_lost_connection_is_opened_anew(page: Page, fresh: Hearth) -> None:
    """The browser closes it (an event), or its server is gone without a word (the next request fails)."""
    page.add_init_script(f"(() => {{ {CONNECTIONS} }})()")
    journey.sign_in(page, fresh)
    expect(journey.chats(page)).to_have_count(12)
    titles = [chat["title"] for chat in fresh.account()["chats"]]
    closed = '() => { connections.at(-1).close(); connections.at(-1).dispatchEvent(new Event("close")); }'
    lost = "() => connections.at(-1).close()"
    for opened, (lose, title) in enumerate(((closed, titles[4]), (lost, titles[6])), 2):
        fresh.reset()
        page.evaluate(lose)
        journey.open_chat(page, title)
        expect(journey.messages(page).last).to_be_visible()
        page.wait_for_function(f"() => connections.length === {opened}")
        expect(journey.status(page)).to_have_text("Up to date")
        assert {each["method"] for each in fresh.directus_log()} <= {"PATCH"}
        expect(journey.heading(page)).to_have_text(title)


def test_a_newer_tab_may_upgrade_while_this_one_is_open(page: Page, context: BrowserContext, fresh: Hearth) -> None:
    journey.sign_in(page, fresh)
    other = context.new_page()
    blank = f"{fresh.url}/blank.html"
    other.route(blank, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    other.goto(blank)
    upgraded = other.evaluate(
        """
        async () => {
          const { name } = (await indexedDB.databases()).find(({ name }) => name.startsWith("hearth:"));
          const request = indexedDB.open(name, 99);
          return new Promise((resolve) => {
            request.onupgradeneeded = () => request.result.createObjectStore("future");
            request.onsuccess = () => resolve("upgraded");
          });
        }
        """
    )
    assert upgraded == "upgraded", "the open page lets go at once"
    expect(journey.status(page)).to_contain_text("Up to date. A newer version of Hearth has stored chats")
    expect(journey.chats(page)).to_have_count(12)


def test_a_full_disk_keeps_the_newest_chats_and_fetches_the_others_when_they_are_opened(
    page: Page, serve: Callable[..., Hearth]
) -> None:
    if page.context.browser and page.context.browser.browser_type.name != "chromium":
        pytest.skip("only Chromium lets a test set its quota")
    hearth = serve("--chats", "60", "--messages", "100")
    account = hearth.account()
    page.goto(hearth.url)
    quota = page.context.new_cdp_session(page)
    quota.send("Storage.overrideQuotaForOrigin", {"origin": hearth.url, "quotaSize": 3_000_000})
    journey.fill_in(page, hearth)
    page.get_by_role("button", name="Sign in").click()
    journey.wait_for_mark(page, "warm")
    expect(journey.status(page)).to_contain_text("Up to date. This device has no room for all chats. The newest ")
    expect(journey.chats(page)).to_have_count(60)
    kept = whole(page, account)
    newest = [chat["id"] for chat in account["chats"] if chat["id"] != account["last_opened"]]
    assert 10 < len(kept) < 60
    assert kept - {account["last_opened"]} == set(newest[: len(kept - {account["last_opened"]})]), "the newest win"
    expect(journey.status(page)).to_contain_text(f"The newest {len(kept)} chats are kept")
    hearth.reset()
    page.reload()
    journey.wait_for_mark(page, "up-to-date")
    journey.wait_for_mark(page, "checked")
    expect(journey.status(page)).to_have_text("Up to date")
    assert hearth.directus_log() == [], "what is not here is not fetched before it is opened"
    oldest = account["chats"][-1]
    journey.open_chat(page, oldest["title"])
    expect(journey.messages(page).last).to_be_visible()
    expect(journey.status(page)).to_contain_text(
        "Up to date"
    )  # whether others make room depends on the browser's files
    assert oldest["id"] in whole(page, account)
    page.reload()
    journey.wait_for_mark(page, "checked")
    expect(journey.heading(page)).to_have_text(oldest["title"])
    expect(journey.status(page)).to_have_text("Up to date")


def whole(page: Page, account: dict[str, Any]) -> set[str]:
    """The chats that are stored; each of them is there with all its messages, of any other there is none."""
    stored = {name.split("/")[1]: each for name, each in rows(page).items()}
    sync = {row["name"]: row["value"] for row in stored["sync"]}
    assert "cursor" in sync
    here = {
        chat["id"]: {row["id"] for row in stored["messages"] if row["chat_id"] == chat["id"]}
        for chat in stored["chats"]
    }
    for chat in account["chats"]:
        assert here[chat["id"]] == (set() if chat["id"] in sync["partial"] else set(ids(chat)))
    return here.keys() - set(sync["partial"])
