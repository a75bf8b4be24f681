"""What lies beside the trace of a test that failed, and that nothing of it is secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hearth_testing.evidence import without_secrets
from server_mock.demo.accounts import PASSWORD

pytest_plugins = ["pytester"]

ASYNC_PAGE = """
import pytest, pytest_asyncio

class Locator:
    def __init__(self, page, name): self.page, self.name = page, name
    def get_by_role(self, role, **options): return Locator(self.page, options.get("name", role))
    async def fill(self, text): self.page.did.append(("fill", self.name))
    async def click(self): self.page.did.append(("click", self.name))
    async def wait_for(self, **options): self.page.did.append(("wait", self.name))

class Page(Locator):
    def __init__(self): self.page, self.did, self.url = self, [], "about:blank"
    def is_closed(self): return False
    def on(self, *names): pass
    def locator(self, name): return Locator(self, name)
    async def goto(self, url): self.url = url
    async def evaluate(self, script, *arguments):
        if arguments: return 12.5
        if "getEntriesByType" in script: return [["up-to-date", 1000.0]]
        return {"databases": {"hearth/chats": [{"title": "sealed"}]}, "session": {"hearth.key": "SECRET"}, "local": {},
                "caches": {}}

class Clock:
    def __init__(self): self.now = None
    async def install(self): self.now = 0
    async def fast_forward(self, ms): self.now += ms

class Context:
    def __init__(self, **options):
        self.options, self.pages, self.clock, self.heard = options, [], Clock(), lambda page: None
    def on(self, name, heard):
        if name == "page": self.heard = heard
    async def add_init_script(self, script): pass
    async def new_page(self):
        page = Page()
        self.pages.append(page)
        self.heard(page)
        return page

@pytest.fixture
def new_context():
    async def make(**options): return Context(**options)
    return make

@pytest_asyncio.fixture
async def context(new_context): return await new_context()

@pytest_asyncio.fixture
async def page(context):
    return await context.new_page()

@pytest.fixture
def playwright():
    class Playwright: devices = {"iPhone 15": {"viewport": {"width": 393, "height": 659}}}
    return Playwright()
"""

FAILING = """
def test_it(hearth_server, {fixture}):
    hearth_server.reset()
    import urllib.request, json
    body = json.dumps({{"email": hearth_server.email}}).encode()
    asked = urllib.request.Request(hearth_server.url + "/api/challenge", body, {{"Content-Type": "application/json"}})
    urllib.request.urlopen(asked).read()
    assert {passes}
"""

PLAIN = ("-p", "hearth_testing.plugin", "-p", "no:playwright", "-q")


def test_a_test_that_fails_leaves_frames_requests_and_a_picture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING.format(fixture="directus", passes=False))
    run = pytester.runpytest_inprocess(*PLAIN)
    run.assert_outcomes(failed=1)
    run.stdout.fnmatch_lines(["*directus.json, frames.json, warming.svg in *"])
    (folder,) = (pytester.path / "test-results").iterdir()
    assert {path.name for path in folder.iterdir()} == {"directus.json", "frames.json", "warming.svg"}
    (request,) = json.loads((folder / "directus.json").read_text())
    assert request["collection"] == "users"
    assert "Directus users" in (folder / "warming.svg").read_text()


def test_a_test_that_passes_leaves_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(FAILING.format(fixture="directus", passes=True))
    pytester.runpytest_inprocess(*PLAIN).assert_outcomes(passed=1)
    assert not (pytester.path / "test-results").exists()


def test_a_server_that_is_gone_is_said_to_be(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(hearth_server):\n    hearth_server.kill()\n    assert False")
    pytester.runpytest_inprocess(*PLAIN).assert_outcomes(failed=1)
    (folder,) = (pytester.path / "test-results").iterdir()
    assert "does not answer" in (folder / "server.txt").read_text()


def test_the_fixtures_of_the_async_api(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nhearth_playwright = async\nasyncio_mode = auto")
    pytester.makeconftest(ASYNC_PAGE)
    pytester.makepyfile(
        """
async def test_a_device(signed_in, hearth_server, device, wait_for, clock, page):
    assert signed_in is page
    assert page.url == hearth_server.url
    assert page.did == [("fill", "Email"), ("fill", "Password"), ("click", "Sign in")]
    assert await wait_for("up-to-date") == 12.5
    phone = await device("phone")
    assert phone.did == page.did and phone is not page
    assert (await device("iPhone 15", signed_in=False)).did == []
    before = hearth_server._ask("clock", {"advance_s": 0})["now"]
    await clock.advance(hours=2)
    assert hearth_server._ask("clock", {"advance_s": 0})["now"] >= before + 7_200_000

async def test_no_plaintext(signed_in, assert_no_plaintext, hearth_server):
    await assert_no_plaintext("nothing of this")
    await assert_no_plaintext("up-to-date")

async def test_plaintext(signed_in, assert_no_plaintext, hearth_server):
    await assert_no_plaintext("sealed", "nothing of this")

async def test_it_fails(signed_in): assert False
"""
    )
    run = pytester.runpytest_inprocess(*PLAIN)
    run.assert_outcomes(passed=2, failed=2)
    run.stdout.fnmatch_lines(["*'sealed' is in what the device keeps in databases.*"])
    for folder in (pytester.path / "test-results").iterdir():
        device = (folder / "device-1.json").read_text()
        assert json.loads(device)["databases"] == {"hearth/chats": [{"title": "sealed"}]}
        assert "mark up-to-date" in (folder / "warming.svg").read_text()
        _nothing_secret(folder)


def _nothing_secret(folder: Path) -> None:
    for path in folder.iterdir():
        text = path.read_text()
        assert "SECRET" not in text, path
        assert PASSWORD not in text, path


def test_of_what_is_no_record_only_the_size_is_kept() -> None:
    stored = {
        "databases": {
            "hearth 1/messages": [{"id": "m", "content": "AWNpcGhlcg=="}],
            "hearth 1/sync": [{"name": "cursor", "value": "opaque"}],
            "hearth.keys/keys": [{"name": "share", "bytes": {"0": 1, "1": 2}, "key": {}}],
        },
        "session": {"hearth.key": "half of a key"},
        "local": {"hearth.stay": "the other half"},
        "caches": {"page": ["/index.html"]},
    }
    kept = without_secrets(stored)
    assert kept["databases"]["hearth 1/messages"] == stored["databases"]["hearth 1/messages"]  # type: ignore[index]
    text = json.dumps(kept)
    for secret in ("half of a key", "the other half", "opaque", '"0": 1'):
        assert secret not in text
    assert kept["session"] == {"hearth.key": "(13 characters)"}
