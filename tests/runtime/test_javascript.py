"""The JavaScript is checked as strictly as the Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runtime.errors import BuildError
from runtime.javascript import PROJECTS, check
from runtime.paths import ROOT

NOT_YET = ("app/hearth/browser/idb", "app/hearth/browser/keys", "app/hearth/browser/storage")
"""Folders whose kernels have no types yet."""

UNTYPED = "function twice(value) {\n  return 2 * value;\n}\ntwice(1);\n"
TYPED = f"/** @param {{number}} value */\n{UNTYPED}"


@pytest.mark.parametrize(
    ("source", "fits"),
    [
        (TYPED, True),
        (UNTYPED, False),
        (TYPED.replace("twice(1)", 'twice("1")'), False),
        (TYPED.replace("twice(1);\n", ""), False),
    ],
    ids=["typed", "a parameter without a type", "another type", "a function that nobody calls"],
)
def test_what_is_found(tmp_path: Path, capfd: pytest.CaptureFixture[str], source: str, fits: bool) -> None:
    (tmp_path / "small.js").write_text(source)
    project = tmp_path / "tsconfig.json"
    project.write_text(json.dumps({"extends": str(ROOT / "tsconfig.json"), "include": ["small.js"]}))
    if fits:
        check([project])
    else:
        with pytest.raises(BuildError, match=r"tsconfig\.json"):
            check([project])
        assert "small.js" in capfd.readouterr().out


def test_every_file_of_the_page_belongs_to_a_project() -> None:
    listed = {
        path.resolve()
        for project in PROJECTS
        for pattern in json.loads((ROOT / project).read_text())["include"]
        for path in (ROOT / project).parent.glob(pattern)
    }
    files = [
        path for folder in ("app", "runtime") for kind in ("*.js", "*.mjs") for path in (ROOT / folder).rglob(kind)
    ]
    left = {str(path.relative_to(ROOT)) for path in files if path not in listed}
    assert {each for each in left if not each.startswith(NOT_YET)} == set()
