"""Every name of what is stored in a browser is written down once: no other file spells one out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hearth.browser import storage_names

ROOT = Path(__file__).parents[4]
OWNER = ROOT / "app/hearth/browser/storage_names.py"
TYPES = ROOT / "typings/storage_names.d.ts"

STORED = re.compile(r"^(hearth[.:_-]|IDBMap/|/half/)")
"""How the names of entries, cookies, caches, databases, locks and channels begin."""
MARK = re.compile(r"\.(?:mark|getEntriesByName)\(\s*$")
"""User Timing marks have a prefix of their own, and are not stored."""
OTHERS = {
    "hearth.zip": "a file of the build",
    "hearth-snapshot-": "a folder of the build",
    "hearth-recovery-key.txt": "a file that is downloaded",
    "hearth.json": "a file of an export",
    "hearth-chat": "a format of exports",
    "hearth-export": "a format of exports",
    "hearth-settings-and-memories": "a format of exports",
    "hearth: ": "what the build says before an error",
}
MODULE = re.compile(r"^hearth(\.(browser|core|engine|headless|ports|testing)|_testing)(\.|$)")
STORES = {value for name, value in vars(storage_names).items() if name.isupper() and isinstance(value, str)}
IN_SCRIPT = re.compile(r"""(["'`])((?:\\.|(?!\1)[^\\\n])*)\1""")
COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\w])//[^\n]*", re.DOTALL)
OPENS = re.compile(
    r"\b(?:objectStore|transaction|createObjectStore|deleteObjectStore|deleteDatabase|BroadcastChannel)\(\s*$"
)
STORE_CALLS = {"store", "create_store", "delete_store", "records", "new"}


def in_script(source: str) -> Iterator[str]:
    """The names that a script spells out."""
    text = COMMENT.sub("", source)
    for found in IN_SCRIPT.finditer(text):
        before, literal = text[: found.start()], found[2]
        if OPENS.search(before) or (STORED.search(literal) and not MARK.search(before) and literal not in OTHERS):
            yield literal


def in_python(source: str) -> Iterator[str]:
    """The names that a Python module spells out."""
    tree = ast.parse(source)
    others = {id(arg) for call in calls(tree, {"mark", "getLogger"}) for arg in ast.walk(call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in others:
            text = node.value
            if STORED.search(text) and "\n" not in text and text not in OTHERS and not MODULE.search(text):
                yield text
    for call in calls(tree, STORE_CALLS):
        yield from (arg.value for arg in call.args if isinstance(arg, ast.Constant) and arg.value in STORES)


def calls(tree: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    """The calls of methods of these names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node


def sources() -> list[Path]:
    """Every script and Python module of the product, but the one that has the names."""
    found = [path for folder in ("app", "runtime") for path in (ROOT / folder).rglob("*")]
    kept = [path for path in found if path.suffix in {".js", ".mjs", ".py"} and "__pycache__" not in path.parts]
    return sorted(set(kept) - {OWNER})


def test_no_other_file_spells_a_name_out() -> None:
    assert len(sources()) > 300
    spelt_out = {}
    for path in sources():
        found = list((in_python if path.suffix == ".py" else in_script)(path.read_text(encoding="utf-8")))
        if found:
            spelt_out[str(path.relative_to(ROOT))] = found
    assert spelt_out == {}


@pytest.mark.parametrize(
    "planted",
    [
        'localStorage.setItem("hearth.key", entry);',
        "const isKey = (name) => name.startsWith('hearth.locked:');",
        "const name = `hearth:${account}`;",
        'await caches.open("hearth-halves");',
        'document.cookie = "hearth_unended=1";',
        'navigator.locks.request("hearth:owner:" + account, hold);',
        'db.transaction("search").objectStore("search");',
        'new BroadcastChannel("hearth:keys");',
    ],
)
def test_a_name_that_a_script_spells_out_is_found(planted: str) -> None:
    assert list(in_script(planted))


@pytest.mark.parametrize(
    "planted",
    [
        'js.localStorage.getItem("hearth.wiping")',
        'name = f"hearth:{account}"',
        'PREFIX = "hearth-files-"',
        'tx.store("search").get(name)',
        'upgrade.create_store("outbox", key_path="name")',
        'CHANNEL = "hearth:keys"',
        'js.BroadcastChannel.new("hearth")',
    ],
)
def test_a_name_that_python_spells_out_is_found(planted: str) -> None:
    assert list(in_python(planted))


def test_what_is_no_name_is_not_taken_for_one() -> None:
    assert list(in_script('performance.mark("hearth:python-ready"); // "hearth.key"')) == []
    assert list(in_python('js.performance.mark(f"hearth:{name}")\nlog = getLogger("hearth")\n')) == []
    assert list(in_python('await device.load("hearth.core.zip.writer")')) == []


def test_the_scripts_types_list_what_the_build_gives_them() -> None:
    listed = re.findall(r"^  (\w+): string;$", TYPES.read_text(encoding="utf-8"), re.MULTILINE)
    assert listed == list(storage_names.for_scripts())
    scripts = "".join(path.read_text(encoding="utf-8") for path in sources() if path.suffix == ".js")
    assert set(listed) == set(re.findall(r"\bNAMES\.(\w+)", scripts)), "each is used, and none is missing"


def test_no_prefix_of_one_kind_begins_another_kinds_names() -> None:
    databases = (storage_names.ACCOUNTS, storage_names.PYSCRIPT)
    assert not storage_names.SHARES.startswith(databases), "a wipe of accounts leaves the shares to the key store"
    assert not storage_names.FILES.startswith(storage_names.SHARES), "the page's own files are no shares"
    keys = (storage_names.KEY, storage_names.LOCKED, storage_names.STORED, storage_names.WIPING, storage_names.LOOK)
    assert all(name.startswith(storage_names.ENTRIES) for name in keys), "else a sign-out would leave it behind"
    assert not any(a != b and a.startswith(b) for a in keys for b in keys)
