"""Which browsers the journeys are driven in, and the servers that they sign in to.

Without a browser the journeys are skipped here and fail where CI is set.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pytest

from hearth_testing.server import Hearth
from runtime.browsers import Browser, find


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], browser_name: str) -> dict[str, Any]:
    """Playwright's own browser when it is installed, else the system's; `E2E_CHROMIUM`, `E2E_FIREFOX` decide."""
    found = find(Browser(browser_name))
    if found is None:
        absent(browser_name, f"E2E_{browser_name.upper()}")
    return {**browser_type_launch_args, **found.launch_options()}


def absent(browser: str, variable: str = "") -> NoReturn:
    """Skip what needs a browser that is not here, or fail where CI is set."""
    say = f"There is no {browser} here: run 'make setup'" + (f", or set {variable} to its path." if variable else ".")
    if os.environ.get("CI"):
        pytest.fail(say)
    pytest.skip(say)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long journeys of crash points can be taken in slices."""
    parser.addoption("--steps", default="", metavar="FIRST-LAST", help="of each crash-point soak, only these steps")


@pytest.fixture(scope="session")
def steps_wanted(pytestconfig: pytest.Config) -> slice:
    """The steps that are to be tried, as a slice of all; all of them unless told otherwise."""
    first, _, last = pytestconfig.getoption("--steps").partition("-")
    return slice(int(first or 1) - 1, int(last) if last else None)


IN_FIREFOX = {"every_browser", "test_contracts"}
"""What `make test` takes in Firefox, too, by folder: the journeys told once for every browser, and the contracts of the
adapters. All others it takes in Chromium, and `make soak` in Firefox.

All journeys in both browsers would take two cores half an hour; `make test` has 25 minutes.
"""

PRIVATE_IN_WEBKIT = {"test_signing_in", "test_staying", "test_key_share"}
"""The journeys of every browser that `make test` takes in WebKit in a private window, too, for they are about what such
a window keeps. All of them it takes in an ordinary one; `make soak` takes the others in a private one.
"""

REPEATED_IN_WEBKIT = ("private-webkit-stay", "ordinary-webkit-leave")
"""Of `test_staying`, these two combinations `make soak` takes: `make test` has each window and each choice once."""

NOT_AT_FIRST_IN_WEBKIT = {
    "test_the_second_tab_shows_what_the_first_one_is_told_and_leaves_with_it",
    "test_when_the_first_tab_is_closed_the_second_one_goes_on",
}
"""Journeys that `make soak` takes in WebKit: of two tabs, `make test` has the one that is handed the other's key."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave to `make soak` what `make test` has no time for, and out what a browser has no journey for."""
    for item in items:
        if window_of(item) == ("webkit", "private") and item.path.stem not in PRIVATE_IN_WEBKIT:
            item.add_marker(pytest.mark.soak)
        if item.path.stem == "test_staying" and any(each in item.name for each in REPEATED_IN_WEBKIT):
            item.add_marker(pytest.mark.soak)
        if window_of(item)[0] == "webkit" and item.name.partition("[")[0] in NOT_AT_FIRST_IN_WEBKIT:
            item.add_marker(pytest.mark.soak)
        if "[firefox" not in item.name and "-firefox" not in item.name:
            continue
        kept = IN_FIREFOX & {item.path.parent.name, item.path.stem}
        if not kept:
            item.add_marker(pytest.mark.soak)
    left_out = [item for item in items if not is_told_in_its_browser(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def is_told_in_its_browser(item: pytest.Item) -> bool:
    """WebKit has the journeys of every browser; in Chromium and Firefox a window is private unless the journey is
    about that."""
    browser, window = window_of(item)
    if browser == "webkit":
        return item.path.parent.name == "every_browser"
    return window == "private" or item.get_closest_marker("ordinary") is not None


def window_of(item: pytest.Item) -> tuple[str, str]:
    """The browser of a journey, and its kind of window."""
    chosen: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
    return str(chosen.get("browser_name", "")), str(chosen.get("window", "private"))


@pytest.fixture(scope="session")
def hearth() -> Iterator[Hearth]:
    """The default server with its 120 chats, for journeys that change nothing on it."""
    server = Hearth().start()
    yield server
    server.kill()


@pytest.fixture
def serve(start_hearth: Callable[..., Hearth]) -> Callable[..., Hearth]:
    """Starts servers with options of the test's own; they end with it."""
    return start_hearth


@pytest.fixture
def fresh(hearth_server: Hearth) -> Hearth:
    """A small server of the test's own: 12 chats of about 6 messages."""
    return hearth_server
