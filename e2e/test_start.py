"""How Python gets into the page: from the snapshot, without it, within the policy, and at what cost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from hearth_testing import journey
from hearth_testing.journey import wait_for_mark
from hearth_testing.server import Hearth
from runtime.paths import DIST

BUDGET = 8_500_000
"""The most that a first visit may take over the wire, in bytes."""

SNAPSHOT = re.compile(r"/-/snapshot\.")
STDLIB = re.compile(r"/python_stdlib\.zip$")


@dataclass(slots=True)
class Visit:
    """What a page asked for and what its console said."""

    requests: list[str] = field(default_factory=list)
    console: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def asked_for(self, address: re.Pattern[str]) -> bool:
        return any(address.search(url) for url in self.requests)

    def said(self, kind: str) -> list[str]:
        return [text for its_kind, text in self.console if its_kind == kind]

    def lines_about_the_snapshot(self) -> list[str]:
        return [text for text in self.said("info") if "without the snapshot" in text]


@pytest.fixture
def visit(page: Page) -> Visit:
    seen = Visit()
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("console", lambda message: seen.console.append((message.type, message.text)))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    return seen


def how_it_started(page: Page) -> str:
    wait_for_mark(page, "python-ready")
    script = "() => performance.getEntriesByName('hearth:interpreter-ready', 'mark')[0].detail.how"
    return str(page.evaluate(script))


def test_python_starts_from_the_snapshot_alone(page: Page, visit: Visit, hearth: Hearth) -> None:
    page.goto(hearth.url)
    assert how_it_started(page) == "snapshot"
    assert visit.asked_for(SNAPSHOT)
    assert not visit.asked_for(STDLIB)
    assert not [url for url in visit.requests if not url.startswith((hearth.url, "data:"))]
    page.wait_for_timeout(4_000)  # browsers complain of a preload that nobody used after three seconds
    assert visit.said("warning") == []
    assert visit.said("error") == []
    assert visit.lines_about_the_snapshot() == []
    assert visit.errors == []


def missing(route: Route) -> None:
    route.fulfill(status=404, body="gone")


def truncated(route: Route) -> None:
    route.fulfill(body=(snapshot_bytes())[:-4096], content_type="application/octet-stream")


def damaged(route: Route) -> None:
    image = bytearray(snapshot_bytes())
    image[len(image) // 2] ^= 1
    route.fulfill(body=bytes(image), content_type="application/octet-stream")


def unreachable(route: Route) -> None:
    route.abort()


def snapshot_bytes() -> bytes:
    (path,) = (DIST / "-").glob("snapshot.*.bin")
    return Path(path).read_bytes()


@pytest.mark.parametrize(
    "fault", [damaged, *(pytest.param(each, marks=pytest.mark.soak) for each in (missing, truncated, unreachable))]
)
def test_a_snapshot_that_cannot_be_used_costs_only_time(
    page: Page, visit: Visit, hearth: Hearth, fault: Callable[[Route], None]
) -> None:
    page.route(SNAPSHOT, fault)
    page.goto(hearth.url)
    assert how_it_started(page) == "ordinary"
    assert len(visit.lines_about_the_snapshot()) == 1
    assert visit.errors == []
    assert page.get_by_role("button", name="Sign in").is_enabled()


def test_a_first_visit_stays_within_its_budget(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    wait_for_mark(page, "python-ready")
    script = "() => performance.getEntriesByType('resource').map(({ transferSize }) => transferSize)"
    sizes = page.evaluate(script)
    assert len(sizes) > 10
    assert sum(sizes) <= BUDGET


def in_python(page: Page, source: str) -> Any:
    """Run `source` in the page's own interpreter; what its last expression is, by way of JSON."""
    wait_for_mark(page, "python-ready")
    script = """
    async (source) => {
      const url = performance.getEntriesByType("resource").find(({ name }) => name.includes("/interpreter.")).name;
      const { loadPyodide } = await import(url);
      return (await loadPyodide()).runPythonAsync(source);
    }
    """
    return json.loads(page.evaluate(script, f"import json\n{source}"))


def test_a_snapshot_replays_no_chance(page: Page, hearth: Hearth) -> None:
    drawn = []
    for _ in range(2):
        page.goto(hearth.url)
        drawn.append(
            in_python(
                page,
                "import random, secrets, uuid\n"
                "json.dumps([random.getrandbits(64), random.Random().getrandbits(64), secrets.randbits(64),"
                " uuid.uuid4().int])",
            )
        )
    assert not set(drawn[0]) & set(drawn[1])


def test_local_time_is_the_persons_own(new_context: Callable[..., BrowserContext], hearth: Hearth) -> None:
    context = new_context(timezone_id="America/New_York")
    page = context.new_page()
    page.goto(hearth.url)
    source = "import time\njson.dumps([time.timezone, time.altzone, time.daylight, time.localtime(0).tm_hour])"
    assert in_python(page, source) == [5 * 3600, 4 * 3600, 1, 19]
    page = context.new_page()
    today = datetime.now(ZoneInfo("America/New_York"))
    # The device's clock stands in the other season: the messages keep the hours that they were written at.
    page.clock.set_fixed_time(datetime(today.year, 1 if today.dst() else 7, 15, 12, tzinfo=UTC))
    journey.sign_in_by_another_clock(page, hearth)
    times = "() => [...document.querySelectorAll('time')].map((each) => [each.dateTime, each.textContent])"
    shown = page.evaluate(times)
    assert len(shown) > 2
    for written, hour in shown:
        assert datetime.fromisoformat(written).astimezone(today.tzinfo).strftime("%H:%M") == hour


def test_a_module_that_the_snapshot_lacks_is_fetched_when_it_is_imported(
    page: Page, visit: Visit, hearth: Hearth
) -> None:
    page.goto(hearth.url)
    assert in_python(page, "import colorsys\njson.dumps(colorsys.rgb_to_hsv(1, 1, 1))") == [0.0, 0.0, 1]
    assert visit.asked_for(STDLIB)


def test_a_module_that_cannot_be_fetched_fails_to_import_and_python_goes_on(
    new_context: Callable[..., BrowserContext], hearth: Hearth
) -> None:
    page = new_context(service_workers="block").new_page()
    page.route(STDLIB, unreachable)
    page.goto(hearth.url)
    source = """
try:
    import colorsys
except (ImportError, OSError) as error:
    said = type(error).__name__
json.dumps(bool(said))"""
    assert in_python(page, source) is True
    assert in_python(page, "json.dumps(6 * 7)") == 42


ON_DEMAND = re.compile(r"/-/on_demand\.")
LOAD = """
from hearth.browser import on_demand
from hearth.core.errors import NotLoaded
try:
    said = [(await on_demand.load("hearth.core.zip.writer")).ZipWriter.__name__]
    said.append((await on_demand.load("hearth.core.zip.layout")).DEFLATED)
except NotLoaded as error:
    said = str(error)
json.dumps(said)
"""


def test_what_is_seldom_used_is_fetched_when_it_is_needed_and_once_only(
    page: Page, visit: Visit, hearth: Hearth
) -> None:
    page.goto(hearth.url)
    wait_for_mark(page, "python-ready")
    assert not visit.asked_for(ON_DEMAND)
    page.route(ON_DEMAND, unreachable)
    assert "connection" in in_python(page, LOAD)
    page.unroute(ON_DEMAND)
    before = len(visit.requests)
    assert in_python(page, LOAD) == ["ZipWriter", 8]
    assert [bool(ON_DEMAND.search(url)) for url in visit.requests[before:]] == [True]


def test_what_is_seldom_used_is_there_without_a_network_once_the_service_worker_has_it(
    page: Page, context: BrowserContext, hearth: Hearth
) -> None:
    page.goto(hearth.url)
    wait_for_mark(page, "python-ready")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    context.set_offline(True)
    assert in_python(page, LOAD) == ["ZipWriter", 8]


def test_a_traceback_shows_the_apps_own_lines(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    source = "import linecache, app.main\njson.dumps(linecache.getlines(app.main.__file__, vars(app.main)))"
    assert any("def start() -> None:" in line for line in in_python(page, source))


def test_pyscripts_own_package_is_there_for_who_uses_it(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    assert in_python(page, "import sys\njson.dumps('pyscript.web' in sys.modules)") is False
    assert in_python(page, "from pyscript import document\njson.dumps(document.title)") == page.title()


def test_micropip_is_there_for_who_prototypes(page: Page, hearth: Hearth) -> None:
    page.goto(hearth.url)
    wait_for_mark(page, "python-ready")
    script = """
    async () => {
      const url = performance.getEntriesByType("resource").find(({ name }) => name.includes("/interpreter.")).name;
      const { loadPyodide } = await import(url);
      const pyodide = await loadPyodide();
      await pyodide.loadPackage("micropip");
      return pyodide.runPython("import micropip; micropip.__name__");
    }
    """
    assert page.evaluate(script) == "micropip"
