"""Writing: from the press of Enter to the message on screen, at the server and on another device, beside the twin.

The twin seals the same message, keeps it in an outbox, makes the next manifest, and sends and takes the same frames. It
has no drafts, no other tabs and no search.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Running
from playwright.sync_api import BrowserContext, Page

from e2e.bench.browsers import browsing, mark, quiet, serving
from e2e.bench.samples import Collector, Outcome, alternating
from e2e.bench.work import PATHS, choose, fill_in
from hearth_testing.server import Hearth
from runtime.browsers import Browser

MESSAGES = 10
"""How many messages a device writes, one after the other."""

KEYSTROKES = 25
QUEUED = 1_000
FRAME_MS = 16
SIZES = (100, 1_000)
"""Chats of the account whose messages are counted in bytes and requests."""

DRAWN, WRITTEN = "press → own message painted", "press → written"
ELSEWHERE = "press → painted on another device"
TYPING = "longest task after a keystroke, chat of 1,000 messages"
SENT = f"{QUEUED:,} queued messages: connected → all written"
LONGEST = f"{QUEUED:,} queued messages: longest task meanwhile"
BYTES, READS, WRITES = "a message: bytes of its frame", "a message: reads", "a message: writes"
FLAT = "a message: bytes beside its own ciphertext"

HOOKS = """
globalThis.frames = [];
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (text) {
  if (text.includes('"event":"write"')) frames.push(JSON.parse(text));
  return send.call(this, text);
};
const { WebSocket: Socket } = globalThis;
globalThis.WebSocket = class extends Socket {
  constructor(...options) {
    super(...options);
    this.addEventListener("open", () => { globalThis.connected = performance.now(); });
  }
};
globalThis.painted = () => new Promise((resolve) => requestAnimationFrame(() => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve(performance.timeOrigin + performance.now());
  port2.postMessage(0);
}));
globalThis.reaches = (holds) => new Promise((resolve) => {
  const look = () => {
    if (!holds()) return;
    observer.disconnect();
    resolve(performance.timeOrigin + performance.now());
  };
  const observer = new MutationObserver(look);
  observer.observe(document.getElementById("message-items"), { childList: true, subtree: true, characterData: true });
  look();
});
globalThis.articleOf = (text) => {
  const last = [...document.querySelectorAll("#message-items article")].at(-1);
  return last?.textContent.includes(text) ? last : null;
};
globalThis.longestGap = () => {
  let longest = 0, last = performance.now(), on = true;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (on) port2.postMessage(0);
  };
  port2.postMessage(0);
  return () => { on = false; return longest; };
};
"""
"""Runs before the page: counts frames of writes, and watches messages and the main thread."""

WATCH = """
(text) => {
  const pressed = new Promise((resolve) => document.addEventListener("keydown", (event) => {
    resolve(performance.timeOrigin + event.timeStamp);
  }, { capture: true, once: true }));
  const drawn = reaches(() => articleOf(text)).then(painted);
  const written = reaches(() => articleOf(text) && !articleOf(text).textContent.includes("Sending"));
  globalThis.measured = Promise.all([pressed, drawn, written]);
}
"""
SEEN = "(text) => { globalThis.seen = reaches(() => articleOf(text)).then(painted); }"

GAP = "() => { globalThis.stopGap = longestGap(); }"

QUEUE = """
async (count) => {
  const field = document.getElementById("message"), form = document.getElementById("composer");
  const soon = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  });
  for (let number = 0; number < count; number += 1) {
    field.value = `Message ${number} of a day without a network`;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    form.requestSubmit();
    while (field.value) await soon();
  }
}
"""
ALL_SENT = """
() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const at = list.getEntries().find(({ name }) => name === "hearth:outbox-empty")?.startTime;
    if (at) resolve([at - connected, stopGap()]);
  }).observe({ type: "mark" });
})
"""


def device(browser: Running, hearth: Hearth, contender: str) -> tuple[BrowserContext, Page]:
    """A new device, signed in, with everything stored."""
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script(HOOKS)
    page.goto(hearth.url + PATHS[contender])
    mark(page, "python-ready")
    fill_in(page, hearth)
    mark(page, "up-to-date")
    if contender == "Hearth":  # the twin has no search, and checks nothing against the manifest
        mark(page, "search-ready")
        mark(page, "checked")
    quiet(page)
    return context, page


def open_chat(page: Page, title: str) -> None:
    """Open a chat of the list."""
    page.locator("nav#chats a", has_text=title).first.click()
    page.locator("#chat-title", has_text=title).wait_for()
    page.locator("#message-items article").first.wait_for()
    quiet(page)


def write_messages(browser: Running, hearth: Hearth, title: str, contender: str, found: Collector) -> None:
    """One device writes, and nobody else is connected."""
    context, page = device(browser, hearth, contender)
    open_chat(page, title)
    for number in range(MESSAGES):
        pressed, drawn, written = press(page, f"A message of a few words, number {number} {contender}")
        found.add(DRAWN, contender, drawn - pressed)
        found.add(WRITTEN, contender, written - pressed)
        quiet(page)
    context.close()


def press(page: Page, text: str) -> list[float]:
    """Write a message and send it: when Enter was pressed, when it was painted, and when it was written."""
    page.locator("#message").fill(text)
    page.evaluate(WATCH, text)
    page.keyboard.press("Enter")
    return list(page.evaluate("() => measured"))


def look_on(browser: Running, hearth: Hearth, title: str, found: Collector) -> None:
    """One device writes, another one shows it."""
    devices = [device(browser, hearth, "Hearth") for _ in range(2)]
    for _, page in devices:
        open_chat(page, title)
    (_, one), (_, other) = devices
    for number in range(MESSAGES):
        text = f"A message of a few words, number {number} for another device"
        other.evaluate(SEEN, text)
        pressed, *_ = press(one, text)
        found.add(ELSEWHERE, "Hearth", other.evaluate("() => seen") - pressed)
        quiet(one)
        quiet(other)
    for context, _ in devices:
        context.close()


def type_keys(browser: Running, hearth: Hearth, title: str, found: Collector) -> None:
    """Somebody types in a long chat; each keystroke is a sample."""
    context, page = device(browser, hearth, "Hearth")
    open_chat(page, title)
    page.locator("#message").click()
    for number in range(KEYSTROKES):
        page.evaluate(GAP)
        page.keyboard.press("abcdefghij "[number % 11])
        page.wait_for_timeout(90)  # as a person types
        found.add(TYPING, "Hearth", page.evaluate("() => stopGap()"))
    context.close()


def send_queued(browser: Running, found: Collector) -> None:
    """A day without a network, then the server is back; the data of the server lasts."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--chats", "100", "--messages", "4", "--assistant", "none", "--data", str(Path(folder) / "data"))
        with serving(*options) as hearth:
            context, page = device(browser, hearth, "Hearth")
            open_chat(page, hearth.account()["chats"][0]["title"])
            port = hearth.port
            hearth.stop()
            page.locator("#sync[data-tone]", has_text="Offline").wait_for()
            page.evaluate(QUEUE, QUEUED)
            sent = page.evaluate_handle(f"() => {{ stopGap = longestGap(); return {{ all: ({ALL_SENT})() }}; }}")
            hearth.start(port)
            took, longest = sent.evaluate("({ all }) => all")
            found.add(SENT, "Hearth", took)
            found.add(LONGEST, "Hearth", longest)
            context.close()


def count_costs(browser: Running, chats: int, found: Collector) -> None:
    """What a message costs on the wire and at Directus."""
    who = f"{chats:,} chats"
    with serving("--chats", str(chats), "--messages", "2", "--assistant", "none") as hearth:
        context, page = device(browser, hearth, "Hearth")
        open_chat(page, hearth.account()["chats"][0]["title"])
        for number in range(3):
            page.evaluate("() => { frames.length = 0; }")
            hearth.reset()
            page.locator("#message").fill(f"A message of a few words, number {number}")
            page.keyboard.press("Enter")
            page.locator("article", has_text=f"words, number {number}").wait_for()
            page.locator(".delivery").wait_for(state="detached")
            frame: dict[str, Any] = page.evaluate("() => frames[0]")
            size = page.evaluate("() => JSON.stringify(frames[0]).length")
            requests = [entry["method"] for entry in hearth.directus_log()]
            reads = sum(method in ("GET", "SEARCH") for method in requests)
            found.add(BYTES, who, size, "B")
            found.add(FLAT, who, size - len(frame["records"]["messages"][0]["content"]), "B")
            found.add(READS, who, reads, "")
            found.add(WRITES, who, len(requests) - reads, "")
            quiet(page)
        context.close()


def run(runs: int, many: bool = True) -> Outcome:
    """Alternate the two, then what is Hearth's alone; `many` also queues a thousand messages."""
    found = Collector()
    with serving("--assistant", "none") as hearth, browsing(Browser.CHROMIUM) as browser:
        chats = choose(hearth)
        for number in range(-1, runs):
            for contender in alternating(PATHS, max(number, 0)):
                into = found if number >= 0 else Collector()
                write_messages(browser, hearth, chats.usual, contender, into)
        look_on(browser, hearth, chats.usual, found)
        type_keys(browser, hearth, chats.long, found)
    with browsing(Browser.CHROMIUM) as browser:
        for _ in range((runs + 1) // 3 if many else 0):
            send_queued(browser, found)
        for size in SIZES:
            count_costs(browser, size, found)
    outcome = Outcome("write", "Writing, beside a plain JavaScript twin (Chromium)", found.series())
    outcome.limit(DRAWN, "Hearth", 50)
    outcome.hold(DRAWN, "Hearth", "twin", 1.3, text=f"{DRAWN}, beside the twin")
    outcome.hold(WRITTEN, "Hearth", "twin", 1.5, text=f"{WRITTEN}, beside the twin")
    outcome.limit(ELSEWHERE, "Hearth", 150)
    outcome.limit(TYPING, "Hearth", FRAME_MS)
    if many:
        outcome.limit(SENT, "Hearth", 5_000)
    for size in SIZES:
        outcome.limit(FLAT, f"{size:,} chats", 4_096, text=f"{FLAT}, {size:,} chats")
        outcome.limit(READS, f"{size:,} chats", 2, text=f"{READS}, {size:,} chats")
        outcome.limit(WRITES, f"{size:,} chats", 3, text=f"{WRITES}, {size:,} chats")
    return outcome
