"""Makes the fast start for any PyScript app: `python -m runtime.fast_start FOLDER DIST`.

FOLDER has an `index.html` with one `<script type="py" src="…" config="…">`. DIST gets the same page, which starts from
a snapshot of Python's memory in which the app's packages, and what its entry module imports at its top, are imported
already. Any server of files can serve DIST, from the top of its origin.
"""

from __future__ import annotations

import argparse
import ast
import html
import json
import posixpath
import re
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from runtime import paths
from runtime.archive import module_names
from runtime.assets import Assets, digest_all
from runtime.compression import Compressor
from runtime.errors import BuildError, exit_with_sentence
from runtime.interpreter_files import add_interpreter
from runtime.page import ATTRIBUTE, assemble, start_tags
from runtime.pure_packages import PurePackages, compiled_packages
from runtime.snapshot import Ingredients
from runtime.vendor import lock, package_folder, package_version
from runtime.wheel import build_wheel
from server_mock.protocol.page_manifest import Manifest

CORE = re.compile(r'\s*<script[^>]*\bsrc="[^"]*/core\.js"[^>]*>\s*</script>|\s*<link[^>]*href="[^"]*/core\.css"[^>]*>')
CONFIG = re.compile(r'<py-config(?:[^>]*\bsrc="(?P<src>[^"]*)")?[^>]*>(?P<inline>.*?)</py-config>', re.DOTALL)
CACHE = paths.CACHE / "fast-start"
"""Beside the snapshots of Hearth's own page, of which only a few are kept."""

STANDARD = ("base64", "html", "importlib.readers", "importlib.resources", "zipfile")
"""What PyScript's own package and files in packages need: else the page would fetch the whole standard library."""

OF_THE_PAGE = ("js", "pyodide", "pyodide_js", "pyscript", "polyscript")
"""What belongs to the page, and is imported there."""


class Scripts(HTMLParser):
    """Finds the scripts that PyScript runs: each with its tag as it is written, and its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a script of Python's."""
        given = {name: value or "" for name, value in attrs}
        if tag in ("py-script", "mpy-script") or (tag == "script" and given.get("type") in ("py", "mpy")):
            self.found.append((self.get_starttag_text() or "", {"": tag, **given}))


@dataclass(frozen=True, slots=True)
class App:
    """A PyScript app in a folder: its page without PyScript, its settings, and the path of its entry module."""

    folder: Path
    page: str
    settings: dict[str, Any]
    entry: Path

    @classmethod
    def read(cls, folder: Path) -> App:
        """Read it. Raises `BuildError` for what a snapshot cannot be made of."""
        try:
            text = (folder / "index.html").read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BuildError(f"there is no index.html in {folder}.") from None
        scripts = Scripts()
        scripts.feed(text)
        if [given.get("type") for _, given in scripts.found] != ["py"]:
            raise BuildError(
                f'{folder}/index.html needs exactly one script of Python\'s, a <script type="py">, '
                f"and has {', '.join(tag for tag, _ in scripts.found) or 'none'}."
            )
        ((tag, given),) = scripts.found
        if "worker" in given:
            raise BuildError("a script that runs in a worker cannot start from a snapshot: leave out 'worker'.")
        entry = folder / given.get("src", "").lstrip("/")
        if not entry.is_file():
            raise BuildError(f'the <script type="py"> of {folder}/index.html needs the file of its Python as src.')
        settings = given.get("config", "")
        if element := CONFIG.search(text):
            settings = settings or element["src"] or html.unescape(element["inline"])
        page = CONFIG.sub("", CORE.sub("", text)).replace(tag, f'<script type="py" src="{html.escape(given["src"])}">')
        return cls(folder, page, read_settings(folder, settings), entry)

    def own_modules(self) -> dict[str, bytes]:
        """The Python files that the settings list under `files`, by the path that they are imported from."""
        files = {name: str(target) for name, target in self.settings.get("files", {}).items() if name.endswith(".py")}
        found = {}
        for name, target in files.items():
            if not (self.folder / name).is_file():
                raise BuildError(f"{name}, which the settings list under files, is not in {self.folder}.")
            where = target + posixpath.basename(name) if not target or target.endswith("/") else target
            found[posixpath.normpath(where)] = (self.folder / name).read_bytes()
        return found

    def imports(self) -> list[str]:
        """The modules that the entry module imports at its top, those of the page left out."""
        source = self.entry.read_text(encoding="utf-8")
        try:
            tree = ast.parse(source, self.entry.name)
        except SyntaxError as error:
            raise BuildError(f"{self.entry.name} cannot be read, line {error.lineno}: {error.msg}.") from None
        names: list[str] = []
        for node in tree.body:
            if isinstance(node, ast.Import):
                names += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.append(node.module)
        return [name for name in names if name.partition(".")[0] not in OF_THE_PAGE]

    def static_files(self) -> dict[str, bytes]:
        """The other files of the app, by the address that the page asks for; those beside the folder, too."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_file() and name != "index.html" and not name.startswith(".") and "__pycache__" not in name:
                found[f"/{name}"] = path.read_bytes()
        for match in ATTRIBUTE.finditer(self.page):
            path = self.folder / match["url"]
            if match["url"].startswith("../") and path.is_file():
                found[posixpath.normpath(f"/{match['url']}")] = path.read_bytes()
        return found


def read_settings(folder: Path, config: str) -> dict[str, Any]:
    """The settings that `config` names, a TOML or JSON file, or that it is itself. Raises `BuildError`."""
    name, text = config.strip(), config
    if name.endswith((".toml", ".json")) and "\n" not in name:
        try:
            text = (folder / name.lstrip("/")).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise BuildError(f"there is no {name} in {folder}, which index.html names as its settings.") from None
    else:
        name = "what index.html has as its settings"
    try:
        return dict(json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text))
    except ValueError as error:
        raise BuildError(f"{name} cannot be read: {error}.") from None


def fast_start(folder: Path, dist: Path, wheels: Sequence[Path] = ()) -> Manifest:
    """Make the fast start of an app; the manifest of what `dist` holds. Raises `BuildError`."""
    if dist.exists() and any(dist.iterdir()) and not (dist / "manifest.json").is_file():
        raise BuildError(f"{dist} is not empty, and nothing that was made here before: name another folder.")
    if dist.resolve().is_relative_to(folder.resolve()):
        raise BuildError(f"{dist} lies in {folder}, and would become part of it: name a folder elsewhere.")
    app = App.read(folder)
    with tempfile.TemporaryDirectory() as made:
        build_wheel(Path(made))
        compiled = compiled_packages(package_folder(paths.NODE_MODULES, "pyodide"))
        folders = [*wheels, Path(made), paths.WHEELS]
        packages = PurePackages(folders, compiled).contents(app.settings.get("packages", []))
    contents = {**packages, **app.own_modules()}
    ingredients = _ingredients(app, contents)
    assets = Assets(Compressor(paths.CACHE / "compressed"))
    files = add_interpreter(assets, ingredients, paths.NODE_MODULES, paths.WHEELS, CACHE)
    for address, content in app.static_files().items():
        assets.add_named(address, content)
    settings = {name: value for name, value in app.settings.items() if name not in ("packages", "interpreter")}
    others = {name: to for name, to in settings.pop("files", {}).items() if not name.endswith(".py")}
    settings |= {"interpreter": files.interpreter, **({"files": others} if others else {})}
    tags = start_tags(early=[files.interpreter], preloads=files.preloads, core=files.core + "core.js")
    page = assemble(app.page, tags, settings)
    assets.add_named("/index.html", page.encode())
    return assets.write(dist, build=ingredients.key(), app=digest_all(contents))


def _ingredients(app: App, contents: dict[str, bytes]) -> Ingredients:
    """What the snapshot is made of: the entry's imports have to succeed, and so has nothing else."""
    required = app.imports()
    known = set(module_names([name for name in contents if name.endswith(".py")]))
    optional = sorted(name for name in known if any(name.startswith(f"{each}.") for each in required))
    pyodide = package_folder(paths.NODE_MODULES, "pyodide")
    locked = lock(pyodide, paths.WHEELS)
    return Ingredients(pyodide, package_version(pyodide), contents, locked, (required, [*STANDARD, *optional]))


def main() -> None:
    """Make it, and say what was made."""
    parser = argparse.ArgumentParser(prog="python -m runtime.fast_start", allow_abbrev=False)
    parser.add_argument("folder", type=Path, help="the app: index.html, its settings, its Python")
    parser.add_argument("dist", type=Path, help="where the page goes that starts fast")
    parser.add_argument(
        "--wheels", type=Path, action="append", default=[], help="a folder with wheels of its packages; may be repeated"
    )
    found = parser.parse_args()
    manifest = fast_start(found.folder, found.dist, found.wheels)
    image = next(each for each in manifest["files"] if each["path"].startswith("/-/snapshot."))
    print(f"Made {found.dist} ({len(manifest['files'])} files, a snapshot of {image['encodings']['br'] / 1e6:.1f} MB).")


if __name__ == "__main__":
    exit_with_sentence(main)
