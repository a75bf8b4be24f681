"""The fast start of other people's apps: what is read of them, what is made, and what is refused with a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from runtime.errors import BuildError
from runtime.fast_start import App, fast_start

PAGE = """<!doctype html>
<html lang="en"><head><title>Small</title><link rel="stylesheet" href="../look.css">
<script type="module" src="https://pyscript.example/2026/core.js"></script></head>
<body><script type="py" src="main.py" config="pyscript.toml"></script></body></html>
"""
SETTINGS = """
name = "Small"
interpreter = "/somewhere/pyodide.mjs"
packages = ["mdurl"]
[files]
"words.py" = ""
"words.txt" = ""
"""
MAIN = """
import json, words
from mdurl import encode
from pyscript import document
from js import window
document.title = words.hello()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    app = tmp_path / "small"
    app.mkdir()
    (app / "index.html").write_text(PAGE)
    (app / "pyscript.toml").write_text(SETTINGS)
    (app / "main.py").write_text(MAIN)
    (app / "words.py").write_text("def hello():\n    return 'Hello'\n")
    (app / "words.txt").write_text("Hello")
    (tmp_path / "look.css").write_text("body { margin: 0 }")
    return app


def test_an_app_is_read(folder: Path) -> None:
    app = App.read(folder)
    assert app.imports() == ["json", "words", "mdurl"]
    assert set(app.own_modules()) == {"words.py"}
    assert set(app.static_files()) == {"/main.py", "/pyscript.toml", "/words.py", "/words.txt", "/look.css"}
    assert "core.js" not in app.page


def test_the_page_starts_from_a_snapshot_with_its_packages_in_it(folder: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    manifest = fast_start(folder, dist)
    page = (dist / "index.html").read_text()
    settings = json.loads(re.findall(r'<script type="py" config="([^"]*)"', page)[0].replace("&quot;", '"'))
    assert settings["name"] == "Small"
    assert settings["files"] == {"words.txt": ""}
    assert "packages" not in settings
    assert settings["interpreter"].startswith("/-/interpreter.")
    assert "pyscript.example" not in page
    served = {entry["path"] for entry in manifest["files"]}
    assert {"/index.html", "/main.py", "/look.css", settings["interpreter"]} <= served
    assert set(re.findall(r'"(/-/[\w./-]+)"', page)) <= served


INLINE = '<script config=\'{"packages": ["mdurl"]}\' src="./main.py" type="py" async></script>'
ELEMENT = '<py-config>packages = ["mdurl"]</py-config><script type="py" src="/main.py"></script>'
NAMED = '<py-config src="pyscript.toml"></py-config><script type="py" src="main.py"></script>'


@pytest.mark.parametrize("script", [INLINE, ELEMENT, NAMED])
def test_settings_may_stand_wherever_pyscript_takes_them(folder: Path, script: str) -> None:
    written = '<script type="py" src="main.py" config="pyscript.toml"></script>'
    (folder / "index.html").write_text(PAGE.replace(written, script))
    app = App.read(folder)
    assert app.settings["packages"] == ["mdurl"]
    assert "config" not in app.page
    assert app.page.count('<script type="py" src=') == 1
    assert app.entry.samefile(folder / "main.py")


def refuses(folder: Path, sentence: str, dist: Path | None = None) -> None:
    with pytest.raises(BuildError, match=sentence):
        fast_start(folder, dist or folder.parent / "dist")


def test_what_cannot_be_made_is_said(folder: Path) -> None:
    (folder / "index.html").write_text(PAGE.replace('type="py"', 'type="py" worker'))
    refuses(folder, "in a worker cannot start from a snapshot")
    (folder / "index.html").write_text(PAGE.replace('type="py"', 'type="mpy"'))
    refuses(folder, r'needs exactly one script of Python.*and has <script type="mpy"')
    (folder / "index.html").write_text(PAGE.replace("</body>", "<py-script>print(1)</py-script></body>"))
    refuses(folder, r"needs exactly one script of Python.*<py-script>")
    (folder / "index.html").write_text("<!doctype html><title>Empty</title>")
    refuses(folder, r"and has none")
    (folder / "index.html").write_text(PAGE.replace("main.py", "absent.py"))
    refuses(folder, "needs the file of its Python as src")
    (folder / "index.html").write_text(PAGE)
    (folder / "pyscript.toml").write_text("packages = [")
    refuses(folder, r"pyscript\.toml cannot be read")
    (folder / "pyscript.toml").write_text('[files]\n"absent.py" = ""')
    refuses(folder, r"absent\.py, which the settings list under files")
    (folder / "pyscript.toml").write_text('packages = ["numpy"]')
    refuses(folder, "numpy cannot be taken in")
    (folder / "pyscript.toml").unlink()
    refuses(folder, r"no pyscript\.toml in")
    (folder / "index.html").unlink()
    refuses(folder, r"no index\.html")


def test_an_entry_that_does_not_import_is_said(folder: Path) -> None:
    (folder / "main.py").write_text("import no_such_module")
    refuses(folder, "No module named 'no_such_module'")
    (folder / "main.py").write_text("import (")
    refuses(folder, r"main\.py cannot be read, line 1")


def test_a_folder_that_holds_something_else_is_left_alone(folder: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "letter.txt").write_text("Dear")
    refuses(folder, "is not empty", dist)
    assert (dist / "letter.txt").exists()
    refuses(folder, "would become part of it", folder / "dist")
