"""What is written beside Playwright's trace when a test fails: frames, requests, a picture, what the device holds.

None of it is secret: of the frames there are names and sizes, of the device's records their ciphertext, and of anything
else that it keeps only how long it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from hearth_testing import steps
from hearth_testing.control import HearthServer
from hearth_testing.picture import bars_of, draw
from hearth_testing.steps import Steps

SEALED_STORES = ("chats", "messages", "settings_and_memories")
"""The object stores of records: what is in them is ciphertext, and clear metadata that the server knows, too."""

ALIVE_MS = 2_000
"""How long a page may take to say that it is alive; one that does not is left alone."""

MARKS = """
() => performance.getEntriesByType("mark").filter(({ name }) => name.startsWith("hearth:"))
  .map(({ name, startTime }) => [name.slice(7), performance.timeOrigin + startTime])
"""

FAILED: pytest.StashKey[str] = pytest.StashKey()
"""The phase in which a test has failed; there for those alone."""

PAGES: pytest.StashKey[list[tuple[list[Any], dict[str, Any]]]] = pytest.StashKey()
"""What the pages of a test that failed have told, for the picture: marks and what is stored."""


def folder_of(request: pytest.FixtureRequest) -> Path:
    """Where a test's files go: where Playwright puts its own."""
    if request.config.pluginmanager.hasplugin("playwright"):
        return Path(request.getfixturevalue("output_path"))
    name = re.sub(r"[^\w]+", "-", request.node.nodeid).strip("-").lower()
    return request.config.rootpath / "test-results" / name[-150:]


def without_secrets(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What a device keeps, with the ciphertext of its records and nothing that could open it."""
    databases = {
        name: [
            row if name.rpartition("/")[2] in SEALED_STORES else {key: _size(value) for key, value in row.items()}
            for row in rows
        ]
        for name, rows in stored["databases"].items()
    }
    sizes = {place: {name: _size(value) for name, value in stored[place].items()} for place in ("session", "local")}
    return {"databases": databases, **sizes, "caches": stored["caches"]}


def _size(value: object) -> str:
    return f"({len(value if isinstance(value, str) else json.dumps(value))} characters)"


def ask_pages(pages: Sequence[Any], server: HearthServer) -> Steps[list[tuple[list[Any], dict[str, Any]]]]:
    """The marks of each page of the server, and what its device holds."""
    told: list[tuple[list[Any], dict[str, Any]]] = []
    for page in pages:
        if page.is_closed() or not page.url.startswith(server.url):
            continue
        try:
            yield page.locator("html").wait_for(state="attached", timeout=ALIVE_MS)
            marks = yield page.evaluate(MARKS)
            stored = yield from steps.stored(page)
        except Exception as error:  # noqa: BLE001 - the test has failed already: whatever this is, it is noted
            told.append(([], {"not told": type(error).__name__}))
        else:
            told.append((marks, without_secrets(stored)))
    return told


def write(item: pytest.Item, server: HearthServer, folder: Path) -> None:
    """Write the files, and say in the test's report where they are."""
    told = item.stash.get(PAGES, [])
    files = {f"device-{number}.json": _json(stored) for number, (_marks, stored) in enumerate(told, 1)}
    try:
        frames, requests = server.frames(), server.directus_log()
    except OSError as error:
        files["server.txt"] = f"The server does not answer: {type(error).__name__}\n"
    else:
        marks = [(str(name), float(at)) for each, _stored in told for name, at in each]
        files |= {"frames.json": _json(frames), "directus.json": _json(requests)}
        files["warming.svg"] = draw(bars_of(requests, frames, marks))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
        item.user_properties.append((f"hearth_{Path(name).stem}", str(folder / name)))
    item.add_report_section("teardown", "hearth", f"{', '.join(sorted(files))} in {folder}")


def _json(content: object) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"
