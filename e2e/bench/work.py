"""The work: Hearth beside a plain JavaScript twin, from the press of "Sign in" to the last chat after a reload."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser as Running
from playwright.sync_api import Page

from e2e.bench.browsers import browsing, mark, quiet, serving
from e2e.bench.samples import Collector, Outcome, alternating
from hearth_testing.server import Hearth
from runtime.browsers import Browser

PATHS = {"Hearth": "/", "twin": "/twin/"}
PAGE = 40

OPEN = """
async ({ title, first, count }) => {
  const links = [...document.querySelectorAll("nav#chats a")];
  const link = links.find((each) => each.querySelector(".title").textContent === title);
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(performance.now());
    port2.postMessage(0);
  }));
  const heading = document.getElementById("chat-title");
  const items = document.getElementById("message-items");
  const reach = (least) => new Promise((resolve) => {
    const look = () => {
      if (heading.textContent !== title || items.querySelectorAll("article").length < least) return;
      observer.disconnect();
      resolve(painted());
    };
    const observer = new MutationObserver(look);
    for (const each of [heading, items]) observer.observe(each, { childList: true, subtree: true });
  });
  const begin = performance.now();
  const some = reach(first), all = reach(count);
  link.click();
  return { first: (await some) - begin, full: (await all) - begin };
}
"""


@dataclass(frozen=True, slots=True)
class Chats:
    """The titles of the chats to open: one of about forty messages, the long one, and one to return to."""

    usual: str
    long: str
    usual_count: int


def choose(hearth: Hearth) -> Chats:
    """Pick the chats, none of which is the one that opens by itself."""
    account = hearth.account()
    rows = [each for each in account["chats"][:100] if each["id"] != account["last_opened"]]
    counted = [(len(each["messages"]), each["title"]) for each in rows]
    titles = [title for _, title in counted]
    once = [each for each in counted if titles.count(each[1]) == 1]
    count, usual = min(once, key=lambda each: (abs(each[0] - PAGE - 1), each[1]))
    return Chats(usual, max(once)[1], min(count, PAGE))


def fill_in(page: Page, hearth: Hearth) -> None:
    """Sign in, as a person would."""
    page.locator("#email").fill(hearth.email)
    page.locator("#password").fill(hearth.password)
    page.locator("#sign-in-button").click()


def journey(browser: Running, hearth: Hearth, chats: Chats, contender: str, found: Collector) -> None:
    """One contender's journey on a device of its own; every part of it is a sample."""
    hearth.reset()
    context = browser.new_context()
    page = context.new_page()
    page.goto(hearth.url + PATHS[contender])
    mark(page, "python-ready")
    quiet(page)
    fill_in(page, hearth)
    pressed = mark(page, "sign-in")
    warm = mark(page, "warm")
    signed_in, shown = mark(page, "signed-in"), mark(page, "first-chat-shown")
    found.add("press → first chat shown", contender, shown - pressed)
    found.add("press → all stored", contender, warm - pressed)
    found.add("of it: press → signed in (PBKDF2, two requests)", contender, signed_in - pressed)
    found.add("of it: signed in → first chat shown", contender, shown - signed_in)
    found.add("of it: signed in → all stored", contender, warm - signed_in)
    if contender == "Hearth":
        mark(page, "search-ready")  # the twin has no search, whose index is built after warming
    for name, title, count in (("40", chats.usual, chats.usual_count), ("1,000", chats.long, PAGE)):
        quiet(page)
        times = page.evaluate(OPEN, {"title": title, "first": min(12, count), "count": count})
        found.add(f"open a chat of {name}: first 12 painted", contender, times["first"])
        found.add(f"open a chat of {name}: full page painted", contender, times["full"])
    quiet(page)
    page.reload()
    found.add("reload → last chat shown", contender, mark(page, "first-chat-shown") - mark(page, "python-ready"))
    context.close()


def run(runs: int) -> Outcome:
    """Alternate the two and hold the goals against their medians."""
    found = Collector()
    with serving() as hearth, browsing(Browser.CHROMIUM) as browser:
        chats = choose(hearth)
        for contender in PATHS:
            journey(browser, hearth, chats, contender, Collector())
        for number in range(runs):
            for contender in alternating(PATHS, number):
                journey(browser, hearth, chats, contender, found)
    outcome = Outcome("work", "The work, beside a plain JavaScript twin (Chromium)", found.series())
    for measure in dict.fromkeys(each.measure for each in outcome.series):
        if not measure.startswith("of it"):
            bound = 1.3 if measure.endswith("first chat shown") else 1.5
            outcome.hold(measure, "Hearth", "twin", bound)
    return outcome
