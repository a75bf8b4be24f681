"""The guide is true: its Python runs, its commands are there, and no link of the documents leads nowhere."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest

from tests.guide import GUIDE, PAGES, ROOT, blocks, page_files, run, stand_in_for_the_browser

DOCUMENTS = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "examples/README.md"))]
DOCUMENTS += [*sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
async def test_the_pythons_of_a_page_run(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in_for_the_browser(monkeypatch)
    count = await run(page)
    shown = [block for block in blocks(page) if block.language == "python" and not block.file]
    assert count == len(shown)


def test_every_page_but_those_of_commands_shows_python() -> None:
    assert {page.stem for page in PAGES if not any(block.language == "python" for block in blocks(page))} <= {
        "fast-start",
        "reference",
        "testing",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings_and_commands_are_right(page: Path) -> None:
    make = (ROOT / "Makefile").read_text(encoding="utf-8")
    for block in blocks(page):
        assert block.language in {"python", "toml", "html", "sh", "text"}, f"{page.name}, line {block.line}"
        if block.language == "toml":
            tomllib.loads(block.code)
        if block.language == "sh":
            for target in re.findall(r"^make ([\w-]+)", block.code, re.MULTILINE):
                assert re.search(rf"^{target}:", make, re.MULTILINE), target
            for module in re.findall(r"^python -m ([\w.]+)", block.code, re.MULTILINE):
                assert importlib.util.find_spec(module), module


def test_the_page_from_nothing_is_whole() -> None:
    files = page_files(GUIDE / "README.md")
    assert set(files) == {"index.html", "pyscript.toml", "main.py"}
    assert 'src="main.py" config="pyscript.toml"' in files["index.html"]


def anchor(heading: str) -> str:
    """The anchor that a heading gets on GitHub."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_leads_nowhere(page: Path) -> None:
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        name, _, part = link.partition("#")
        target = (page.parent / name) if name else page
        assert target.exists(), f"{page.name}: {link}"
        if part and target.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", FENCED.sub("", target.read_text(encoding="utf-8")), re.MULTILINE)
            assert part in {anchor(each) for each in headings}, f"{page.name}: {link}"
