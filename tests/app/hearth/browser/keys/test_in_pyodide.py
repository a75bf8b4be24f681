"""The key store's way across the border to JavaScript, in Pyodide under Node.js: no browser has to start for it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import markdown_it
import pytest

from hearth.browser import storage_names
from runtime.node import node_command
from runtime.paths import NODE_MODULES
from runtime.vendor import package_folder

HERE = Path(__file__).parent
APP = Path(__file__).parents[5] / "app"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the scenario answers."""
    plan = tmp_path_factory.mktemp("node") / "plan.json"
    scripts = [APP / "hearth/browser/idb/idb_kernel.js", APP / "hearth/browser/keys/first_key.js"]
    what = {
        "pyodide": str(package_folder(NODE_MODULES, "pyodide")),
        "folders": {"/app": str(APP), "/packages": str(Path(markdown_it.__file__).parents[1])},
        "scripts": [str(path) for path in scripts],
        "names": storage_names.for_scripts(),
        "scenario": str(HERE / "scenario_in_node.py"),
    }
    plan.write_text(json.dumps(what))
    command = [*node_command(), str(HERE / "page_in_node.mjs"), str(plan)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, "\n".join(line[:200] for line in done.stderr.splitlines()[-20:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_a_key_is_kept_recalled_and_never_readable(said: dict[str, Any]) -> None:
    assert said["extractable"] is False
    assert said["local"] == ["hearth.key:a", "hearth.stored:a"]
    assert (said["shares"], said["held"]) == (1, 1)
    assert said["recalled"]
    assert said["same key"] == "text"


def test_no_byte_of_a_key_or_a_share_comes_into_pythons_heap(said: dict[str, Any]) -> None:
    assert said["keys"] >= 3, "the master key twice, and the share"
    assert said["in Python's heap"] == 0


def test_a_key_is_handed_over_and_a_lock_leaves_a_note(said: dict[str, Any]) -> None:
    assert said["handed over"] == [True, "a", ["hearth.key", "hearth.stored:a"]]
    assert said["note"] == ["a", "somebody@hearth.test", True]
    assert "hearth.locked:a" in said["after the lock"]


def test_what_does_not_open_is_said_and_what_is_forgotten_is_gone(said: dict[str, Any]) -> None:
    assert "changed or damaged" in said["refused"]
    assert said["recalls nothing"] == [True, True]
    assert said["cookie"] == ["hearth_unended=1", True]
    assert said["left"] == [0, []]
    assert said["storages"] == [[], []]
    assert said["caches"] == []


def test_tabs_claim_an_account_one_after_the_other_and_leave_no_proxy_behind(said: dict[str, Any]) -> None:
    told = ["two owns", "one lost", "one owns", "in turn"]
    assert sorted(map(str, said["claims"])) == sorted(map(str, [True, False, 2, *told, 0, 0]))
    assert said["proxies"] == 0
