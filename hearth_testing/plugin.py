"""The pytest plugin: options, markers, and which fixtures there are.

The fixtures are registered after every other plugin's, so that `device` is the one of this plugin: pytest-playwright
has one, too, that tells what `--device` says.
"""

from __future__ import annotations

import importlib
from collections.abc import Generator

import pytest

from hearth_testing.evidence import FAILED

FIXTURES = "hearth_testing.fixtures"
API = "hearth_playwright"

MARKERS = (
    "hearth(*options): options of the server that `hearth_server` starts, such as '--chats', '40'",
    "hearth_account(chats, messages, seed): the account that the test signs in with, instead of the demo account",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("hearth")
    group.addoption(
        "--hearth-url",
        metavar="URL",
        help="a server with --control that runs already; by default each test starts one of its own",
    )
    group.addoption("--server-url", metavar="URL", help="the server that hearth_testing.conformance is about")
    group.addoption(
        "--server-invites",
        metavar="CODES",
        default="",
        help="invite codes, with commas between them, where that server asks for them",
    )
    group.addoption(
        "--server-wait-s",
        metavar="SECONDS",
        type=float,
        default=10.0,
        help="how long that server may take for a frame (default: %(default)s)",
    )
    parser.addini(
        API,
        "which of Playwright's APIs the fixtures are for: sync, async, or auto, which follows the installed plugin",
        default="auto",
    )


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register markers and fixtures."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if config.getoption("--hearth-url") and getattr(config.option, "numprocesses", None):
        raise pytest.UsageError("--hearth-url names one server, and its tests would disturb each other: leave out -n.")
    for name in ("server", *_page_fixtures(config)):
        module = importlib.import_module(f"{FIXTURES}.{name}")
        config.pluginmanager.register(module, f"hearth-{name}")


def _page_fixtures(config: pytest.Config) -> list[str]:
    """The modules of the fixtures about pages: those of the API in use, or none without Playwright."""
    chosen = config.getini(API)
    if chosen not in {"auto", "sync", "async"}:
        raise pytest.UsageError(f"{API} must be auto, sync or async, not {chosen!r:.40}.")
    if chosen == "auto":
        names = {"playwright": "sync", "playwright-asyncio": "async"}
        chosen = next((api for plugin, api in names.items() if config.pluginmanager.hasplugin(plugin)), "")
    return {"sync": ["pages", "sync_pages"], "async": ["pages", "async_pages"]}.get(chosen, [])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep whether the test failed, for the fixtures that end after it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = call.when
    return report
