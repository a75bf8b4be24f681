"""What the documents name is there: tests, modules and folders; and they count right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
PATH = re.compile(r"`((?:app|docs|e2e|runtime|server_mock|tests)/[\w./-]*?)(?:::(\w+))?`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_named_exists(page: Path) -> None:
    for name, test in PATH.findall(page.read_text(encoding="utf-8")):
        found = [path for path in (ROOT / name, ROOT / f"{name}.py", ROOT / f"{name}.js") if path.exists()]
        assert found, f"{page.name} names {name}, which is not there"
        assert not test or f"def {test}(" in found[0].read_text(encoding="utf-8"), f"{name} has no {test}"


def test_every_fault_names_a_test_and_the_figures_count_them() -> None:
    page = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    tables = re.findall(r"^\| fault or attack \|.*\n\| -.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    unnamed = [row for row in rows if "`" not in row.split("|")[3] and "the same" not in row.split("|")[3]]
    assert unnamed == []
    assert f"| faults and attacks survived | {len(rows)}," in page
