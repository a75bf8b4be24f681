"""The words that these journeys are told in: sign in, open a chat, look into what is stored."""

from __future__ import annotations

from typing import Any

from e2e.driver.tab import Role, Seen, Tab
from hearth_testing import journey
from hearth_testing.server import Hearth

CHATS = Role("navigation", "Chats")
CHAT = Role("link", within=CHATS)
HEADING = Role("heading", level=1, within=Role("main"))
MESSAGE = Role("article", within=Role("log", "Messages"))
STATUS = Role("status")
ALERT = Role("alert")
SIGN_IN = Role("button", "Sign in")
SIGN_OUT = Role("button", "Sign out")
SEARCH = Role("searchbox", "Search")
RESULT = Role("listitem", within=Role("list", "Search results"))


def chat(title: str) -> Role:
    """The link to a chat in the list."""
    return Role("link", starts=title, within=CHATS)


def fill_in(tab: Tab, hearth: Hearth, password: str | None = None) -> None:
    """Fill in the sign-in form."""
    tab.fill(Role("textbox", "Email"), hearth.email)
    tab.fill(Role("textbox", "Password"), hearth.password if password is None else password)


def sign_in(tab: Tab, hearth: Hearth, stay: bool = False, until: str = "up-to-date") -> None:
    """Open the page, sign in, and wait for a mark."""
    tab.open(hearth.url)
    sign_in_here(tab, hearth, stay, until)


def sign_in_here(tab: Tab, hearth: Hearth, stay: bool = False, until: str = "up-to-date") -> None:
    """Sign in on the page that is open, and wait for a mark."""
    fill_in(tab, hearth)
    if stay:
        tab.click(Role("checkbox", "Stay signed in"))
    tab.click(SIGN_IN)
    tab.wait_for_mark(until)


def sign_out(tab: Tab) -> None:
    """Sign out, and wait until the device is empty."""
    tab.click(SIGN_OUT)
    tab.wait_for_mark("signed-out")
    tab.wait_for(SIGN_IN)


def open_chat(tab: Tab, title: str) -> None:
    """Open a chat from the list and wait for its heading."""
    tab.click(chat(title))
    tab.wait_for(HEADING, title)


def title_with_messages(hearth: Hearth) -> str:
    """The title of a chat that somebody has written in, and that was not opened last."""
    account = hearth.account()
    chats = (each for each in account["chats"] if each["messages"] and each["id"] != account["last_opened"])
    return str(list(chats)[-1]["title"])


def count(tab: Tab, role: Role, expected: int) -> list[Seen]:
    """Wait until as many elements are shown as there should be."""
    return tab.wait_until(role, lambda found: len(found) == expected)


def title_of(tab: Tab) -> str:
    """The title of the open chat."""
    return tab.wait_until(HEADING, lambda found: bool(found) and found[0].text != "")[0].text


def marks(tab: Tab) -> list[str]:
    """The User Timing marks so far, in order, without their prefix."""
    names = tab.evaluate("() => performance.getEntriesByType('mark').map(({ name }) => name)")
    return [name.removeprefix("hearth:") for name in names if name.startswith("hearth:")]


def stored(tab: Tab) -> dict[str, Any]:
    """Everything that this origin keeps on the device: databases, storages, caches."""
    return dict(tab.evaluate(journey.STORED))


def left(tab: Tab) -> dict[str, Any]:
    """What is stored beside the page's own files, which are the same for everybody."""
    kept = stored(tab)
    for name, paths in kept["caches"].items():
        assert name.startswith("hearth-files-"), f"{name} is still there, with {paths}"
        assert not any("/api/" in path for path in paths)
    del kept["caches"]
    return kept


EMPTY: dict[str, Any] = {"databases": {}, "session": {}, "local": {}}
