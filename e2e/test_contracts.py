"""The browser's adapters keep the contracts that the fakes and the CPython adapters keep: in Pyodide, in the page."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from playwright.sync_api import Browser, Page

from hearth.core.records.envelope import Place
from hearth.ports.keys import Key
from hearth.testing.cpython_cipher import CryptographyCipher
from hearth_testing.server import Hearth
from tests.app.hearth.core.records.test_schema import GOOD, hostile
from tests.contracts import crypto, indexeddb, schema, store
from tests.vectors import vectors

ROOT = Path(__file__).parent.parent
RAW_KEY = "6b" * 32
TEXT = "Grüße, 世界 🔥 שלום"

START = """
async ({ interpreter, kernels, files }) => {
  for (const url of kernels) await import(url);
  const { loadPyodide } = await import(interpreter);
  const python = await loadPyodide({});
  for (const [path, text] of Object.entries(files)) {
    python.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, text);
  }
  python.runPython("import sys; sys.path.insert(0, '/contracts')");
  globalThis.inPage = python.pyimport("e2e.in_page");
}
"""


class InPage:
    """The browser's Python with the contracts loaded."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def call(self, function: str, *arguments: str) -> Any:
        """Call a function of `e2e.in_page` and read its JSON."""
        script = "([name, args]) => globalThis.inPage[name](...args)"
        return json.loads(self._page.evaluate(script, [function, list(arguments)]))


@pytest.fixture(scope="module")
def in_page(browser: Browser, hearth: Hearth) -> Any:
    """A page of the server's origin without the app in it."""
    paths = [entry["path"] for entry in json.loads((ROOT / "dist/manifest.json").read_text())["files"]]

    def find(stem: str) -> str:
        return str(next(path for path in paths if path.startswith(f"/-/{stem}.")))

    names = ["tests/contracts/__init__.py", "tests/__init__.py", "e2e/__init__.py", "e2e/in_page.py"]
    names += [f"tests/contracts/{name}.py" for name in ("records", "store", "crypto", "indexeddb", "schema")]
    context = browser.new_context()
    page = context.new_page()
    page.route("**/contracts.html", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(f"{hearth.url}/contracts.html")
    page.evaluate(
        START,
        {
            "interpreter": find("interpreter"),
            "kernels": [find(name) for name in ("idb_kernel", "records", "first_key")],
            "files": {f"/contracts/{name}": (ROOT / name).read_text(encoding="utf-8") for name in names},
        },
    )
    yield InPage(page)
    context.close()


@pytest.fixture(scope="module")
def results(in_page: InPage) -> dict[str, str]:
    """What every case said."""
    return dict(in_page.call("contracts"))


@pytest.mark.parametrize("case", [*store.CASES, *crypto.CASES, *schema.CASES])
def test_the_browsers_adapters_keep_the_contract(results: dict[str, str], case: str) -> None:
    assert results[case] == ""


@pytest.fixture(scope="module")
def results_in_memory(in_page: InPage) -> dict[str, str]:
    """What every case of the store said to the one in the page's memory."""
    return dict(in_page.call("contracts_in_memory"))


@pytest.mark.parametrize("case", store.CASES)
def test_the_store_in_memory_keeps_the_same_contract_in_the_page(results_in_memory: dict[str, str], case: str) -> None:
    assert results_in_memory[case] == ""


@pytest.fixture(scope="module")
def results_of_indexeddb(in_page: InPage) -> dict[str, str]:
    """What every case of IndexedDB said."""
    return dict(in_page.call("contracts_of_indexeddb"))


@pytest.mark.parametrize("case", indexeddb.CASES)
def test_the_browsers_indexeddb_keeps_the_contract(results_of_indexeddb: dict[str, str], case: str) -> None:
    assert results_of_indexeddb[case] == ""


def test_webcrypto_passes_the_vectors(in_page: InPage) -> None:
    known = vectors()
    assert len(known) == 39 + 27 + 375
    answers = in_page.call("vectors", json.dumps(known))
    wrong = [
        each for each, got in zip(known, answers, strict=True) if got != (each["plain"] if each["valid"] else None)
    ]
    assert wrong == []


TITLE = Place("account", "chats", "chat", "title")
CONTENT = Place("account", "messages", "m", "content")
WRAPPING = Place("account", "chats", "chat", "key")


async def open_here(sealed: str, wrapped: str, inner: str) -> list[str]:
    """Open with PyPI's `cryptography` what the page sealed."""
    cipher, key = CryptographyCipher(), Key(b"12345678", AESGCM(bytes.fromhex(RAW_KEY)))
    child = await cipher.unwrap_key(key, wrapped, WRAPPING)
    return [await cipher.open(key, sealed, TITLE), await cipher.open(child, inner, CONTENT)]


async def seal_here() -> list[str]:
    """Seal with PyPI's `cryptography` for the page."""
    cipher, key = CryptographyCipher(), Key(b"12345678", AESGCM(bytes.fromhex(RAW_KEY)))
    child, wrapped = await cipher.create_key(key, WRAPPING)
    return [await cipher.seal(key, TEXT, TITLE), wrapped, await cipher.seal(child, TEXT, CONTENT)]


def test_each_cipher_opens_what_the_other_sealed(in_page: InPage) -> None:
    with ThreadPoolExecutor(1) as apart:  # Playwright's own event loop runs in this thread
        values = in_page.call("seal_for_the_other_side", RAW_KEY, TEXT)
        assert apart.submit(asyncio.run, open_here(*values)).result() == [TEXT, TEXT]
        sealed = apart.submit(asyncio.run, seal_here()).result()
    assert in_page.call("open_from_the_other_side", RAW_KEY, json.dumps(sealed)) == [TEXT, TEXT]


def test_the_kernel_refuses_what_the_registry_refuses(in_page: InPage) -> None:
    good = [[collection.value, record] for collection, record in GOOD.items()]
    assert in_page.call("registry", json.dumps(good)) == [True] * len(good)
    bad = [[collection.value, record] for collection, record in hostile()]
    assert in_page.call("registry", json.dumps(bad)) == [False] * len(bad)


def test_no_script_can_read_a_key_back(in_page: InPage) -> None:
    assert in_page.call("keys_are_not_extractable") == []
