"""The types of the JavaScript kernels, for Python (`typings/js_kernels.pyi`), say what their files have."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
STUB = ast.parse((ROOT / "typings/js_kernels.pyi").read_text(encoding="utf-8"))
PROTOCOLS = {
    node.name: {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    for node in STUB.body
    if isinstance(node, ast.ClassDef) and node.name.endswith("Kernel")
}
FILES = {
    node.name: re.findall(r"`([\w/]+\.js)`", ast.get_docstring(node) or "")[0]
    for node in STUB.body
    if isinstance(node, ast.ClassDef) and node.name in PROTOCOLS
}
REGISTERED = re.compile(r"\(globalThis\.hearth \?\?= \{\}\)\.(\w+) = \{([^}]*)\};")


def parameters(source: str, name: str) -> tuple[int, int]:
    """How many parameters a function has, and how many of them have no default."""
    found = re.search(rf"function {name}\(([^)]*)\)", source)
    assert found, f"{name} is not a function of the file"
    given = re.sub(r"\{[^}]*\}", "object", found[1])
    listed = [each for each in given.split(",") if each.strip()]
    return len(listed), sum("=" not in each for each in listed)


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_a_protocol_has_the_functions_of_its_kernel(protocol: str) -> None:
    source = (ROOT / FILES[protocol]).read_text(encoding="utf-8")
    ((registered, names),) = REGISTERED.findall(source)
    assert protocol == f"{registered.capitalize()}Kernel"
    assert set(re.findall(r"\w+", names)) == set(PROTOCOLS[protocol])
    for name, stub in PROTOCOLS[protocol].items():
        most = len(stub.args.args) - 1
        assert parameters(source, name) == (most, most - len(stub.args.defaults)), name


def test_every_kernel_that_adds_itself_to_the_page_has_a_protocol() -> None:
    adding = {
        str(path.relative_to(ROOT))
        for folder in ("app", "runtime")
        for path in (ROOT / folder).rglob("*.js")
        if REGISTERED.search(path.read_text(encoding="utf-8"))
    }
    assert adding == set(FILES.values())
