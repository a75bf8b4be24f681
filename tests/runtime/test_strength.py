"""The modules of the strength hint: each of their imports leads to another of them, and they run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from posixpath import dirname, join, normpath

import pytest

from runtime.node import node_command
from runtime.paths import NODE_MODULES
from runtime.strength import ENTRY, strength_files

IMPORT = re.compile(r"""(?:\bfrom|^import)\s*["']([^"']+)["']""", re.MULTILINE)
PASSWORDS = ("password123", "iloveyou2024", "correct horse battery staple river", "qwertyuiop")


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return strength_files(NODE_MODULES)


def test_every_import_leads_to_another_module(files: dict[str, bytes]) -> None:
    for name, content in files.items():
        for target in IMPORT.findall(content.decode()):
            assert target.startswith("."), (name, target)
            assert normpath(join(dirname(name), target)) in files, (name, target)
        assert b"sourceMappingURL" not in content


def test_it_tells_common_passwords_from_a_phrase(files: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    program = f"import('./{ENTRY}').then(({{ score }}) => console.log({list(PASSWORDS)}.map(score).join(' ')))"
    done = subprocess.run([*node_command(), "-e", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    scores = [int(each) for each in done.stdout.split()]
    assert max(scores[0], scores[1], scores[3]) <= 1
    assert scores[2] == 4
