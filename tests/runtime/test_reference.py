"""The API reference: it is built, no link in it leads nowhere, and the page that lists its modules is in step."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from runtime.paths import ROOT
from runtime.reference import PAGE, PUBLIC, build, updated

LINK = re.compile(r'href="(?!https?:|data:|\$)([^"]+)"')


def test_the_page_lists_the_modules() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert updated(page) == page, "run `make docs`"


def test_no_link_in_it_leads_nowhere(tmp_path: Path) -> None:
    # In a process of its own: it puts stand-ins in the place of the browser's modules.
    command = f"from pathlib import Path; from {build.__module__} import build; build(Path({str(tmp_path)!r}))"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'app'}"}
    subprocess.run([sys.executable, "-c", command], check=True, env=environment, cwd=tmp_path)
    pages = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")}
    assert {f"{module.replace('.', '/')}.html" for module in PUBLIC} <= {
        path.relative_to(tmp_path).as_posix() for path in pages
    }
    broken = []
    for path, text in pages.items():
        for link in LINK.findall(text):
            name, _, part = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.exists() or (part and f'id="{part}"' not in pages[target]):
                broken.append(f"{path.relative_to(tmp_path)}: {link}")
    assert broken == []
