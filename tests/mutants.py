"""Mutation testing of the core: `make mutants`. Each small change of a module has to be noticed by its tests.

A mutant is one change at one place: a comparison turned, a boundary moved, an operator exchanged, a condition
negated, a constant changed, a statement dropped. Each runs in a process of its own (forked, so that nothing is imported
twice) against the tests of its module; one that no test notices is printed, unless `EQUIVALENT` explains it.
"""

from __future__ import annotations

import ast
import copy
import importlib.util
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "app" / "hearth" / "core"
ADDITIVE = "tests/app/hearth/core/records/test_additive_schema.py"
TESTS = {
    "sync.table": [
        "tests/app/hearth/core/sync/test_table.py",
        "tests/app/hearth/core/sync/test_invariants.py",
        "tests/app/hearth/core/sync/test_machine.py",
        "tests/runtime/test_picture.py",
    ],
    "sync.machine": ["tests/app/hearth/core/sync/test_machine.py"],
    "sync.backoff": ["tests/app/hearth/core/sync/test_backoff.py"],
    "dataclass_json": ["tests/app/hearth/core/test_dataclass_json.py"],
    "protocol.reorder_buffer": ["tests/app/hearth/core/protocol/test_reorder_buffer.py"],
    "protocol.codec": ["tests/app/hearth/core/protocol/test_codec.py"],
    "protocol.server_events": [
        "tests/app/hearth/core/protocol/test_codec.py",
        "tests/app/hearth/core/protocol/test_server_events.py",
        "tests/app/hearth/core/sync/test_machine.py",
    ],
    "protocol.device_events": [
        "tests/app/hearth/core/protocol/test_codec.py",
        "tests/app/hearth/core/protocol/test_device_events.py",
    ],
    "records.schema": [
        "tests/app/hearth/core/records/test_schema.py",
        "tests/app/hearth/core/protocol/test_codec.py",
        ADDITIVE,
    ],
    "records.merge": ["tests/app/hearth/core/records/test_merge.py"],
    "records.manifest": ["tests/app/hearth/core/records/test_manifest.py", ADDITIVE],
    "records.manifest_checks": ["tests/app/hearth/core/records/test_manifest_checks.py"],
    "records.integrity_table": ["tests/app/hearth/core/records/test_integrity_table.py"],
    "settings.preferences": ["tests/app/hearth/core/settings/test_preferences.py"],
    "sync.status": ["tests/app/hearth/core/sync/test_status.py"],
    "tabs.messages": ["tests/app/hearth/core/tabs/test_messages.py"],
    "records.envelope": [
        "tests/app/hearth/core/records/test_envelope.py",
        "tests/app/hearth/testing/test_cpython_cipher.py",
        ADDITIVE,
    ],
}
EXAMPLES = 30
"""Hypothesis examples for each property: what a mutant does wrong shows early or not at all."""
LONGEST_S = 60

EQUIVALENT: dict[tuple[str, str], str] = {
    ("sync.backoff", "span = min(most_s, first_s * float(2 ** min(attempt, 16)))"): (
        "the exponent is bounded so that no float overflows; beyond 6 the longest wait rules already"
    ),
}
"""Mutants that change nothing that can be seen, with the reason; the key is the module and the changed line."""

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module."""

    module: str
    line: int
    what: str
    before: str
    source: str


def source_of(module: str) -> str:
    """The source of a module of the core, named by its dotted path below `hearth.core`."""
    return (CORE / f"{module.replace('.', '/')}.py").read_text()


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module's source."""
    tree = ast.parse(source)
    lines = source.splitlines()
    # Annotations are never evaluated, and decorators declare (frozen, slots): the type checker holds the code to both.
    declared = {
        id(part) for node in ast.walk(tree) for each in getattr(node, "decorator_list", ()) for part in ast.walk(each)
    }
    for node in ast.walk(tree):
        for each in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if each is not None:
                declared |= {id(part) for part in ast.walk(each)}
    for at, node in enumerate(ast.walk(tree)):
        if id(node) in declared:
            continue
        for number, what in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            target = next(each for place, each in enumerate(ast.walk(changed)) if place == at)
            _apply(target, number, changed)
            line = getattr(node, "lineno", 0)
            yield Mutant(module, line, what, lines[line - 1].strip(), ast.unparse(ast.fix_missing_locations(changed)))


def _changes(node: ast.AST) -> list[str]:
    """What can be changed at a node; `_apply` does the n-th of it."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
            return [f"{type(op).__name__} becomes {_COMPARISONS[type(op)].__name__}"]
        case ast.Compare(ops=ops) if all(type(op) in _COMPARISONS for op in ops):
            return [f"{type(op).__name__} becomes {_COMPARISONS[type(op)].__name__}" for op in ops]
        case ast.BinOp(op=op) if type(op) in _OPERATORS and not _is_text(node):
            return [f"{type(op).__name__} becomes {_OPERATORS[type(op)].__name__}"]
        case ast.BoolOp(op=op):
            return [f"{type(op).__name__} becomes its other"]
        case ast.UnaryOp(op=ast.Not()):
            return ["not is dropped"]
        case ast.If() | ast.IfExp() | ast.While():
            return ["the condition is negated"]
        case ast.Constant(value=bool()):
            return ["the truth is turned"]
        case ast.Constant(value=int()):
            return ["one more"]
        case ast.Return(value=value) if value is not None and not _is_none(value):
            return ["None is returned"]
        case ast.FunctionDef(body=body):
            return [f"statement {at + 1} of {node.name} is dropped" for at, each in enumerate(body) if _droppable(each)]
        case _:
            return []


def _apply(node: ast.AST, number: int, tree: ast.Module) -> None:
    match node:
        case ast.Compare():
            node.ops[number] = _COMPARISONS[type(node.ops[number])]()
        case ast.BinOp():
            node.op = _OPERATORS[type(node.op)]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp():
            _replace(tree, node, node.operand)
        case ast.If() | ast.IfExp() | ast.While():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant(value=int(value)):
            node.value = value + 1
        case ast.Return():
            node.value = ast.Constant(None)
        case ast.FunctionDef():
            at = [place for place, each in enumerate(node.body) if _droppable(each)][number]
            node.body[at] = ast.Pass()


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and old in value:
                value[value.index(old)] = new


def _droppable(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr | ast.AugAssign) and not (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.BinOp) -> bool:
    return any(isinstance(side, ast.JoinedStr) for side in (node.left, node.right))


class _Changed:
    """Puts a mutant in the place of its module when that is imported."""

    def __init__(self, mutant: Mutant) -> None:
        self._name = f"hearth.core.{mutant.module}"
        self._file = Path(tempfile.mkdtemp()) / f"{mutant.module.replace('.', '_')}.py"
        self._file.write_text(mutant.source)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> object:
        """The mutant's module, or None for every other."""
        return importlib.util.spec_from_file_location(name, self._file) if name == self._name else None


def survives(mutant: Mutant) -> bool:
    """Whether no test notices the mutant; one that hangs is noticed."""
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status) == 0
    code = 1
    try:
        import signal  # noqa: PLC0415 - of the child alone

        signal.alarm(LONGEST_S)
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        sys.meta_path.insert(0, _Changed(mutant))  # type: ignore[arg-type]
        options = ["-x", "-q", "-p", "no:playwright", "-p", "no:cacheprovider", "--hypothesis-profile=mutants"]
        code = int(pytest.main([*options, *(str(ROOT / each) for each in TESTS[mutant.module])]))
    finally:
        os._exit(code)


def main(names: list[str]) -> int:
    """Try the mutants of these modules, or of all; how many unexplained ones survive."""
    os.chdir(ROOT)
    os.environ["HEARTH_MUTANTS"] = "1"
    hypothesis.settings.register_profile(
        "mutants",
        deadline=None,
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.generate],
    )
    share = float(os.environ.get("SHARE", "1"))
    tried = survived = explained = 0
    for module in names or list(TESTS):
        for mutant in mutants(module, source_of(module)):
            if random.Random(mutant.source).random() >= share:
                continue
            tried += 1
            if not survives(mutant):
                continue
            if (module, mutant.before) in EQUIVALENT:
                explained += 1
                continue
            survived += 1
            sys.stdout.write(f"survives: {module}.py:{mutant.line}: {mutant.what}: {mutant.before}\n")
            sys.stdout.flush()
    sys.stdout.write(
        f"{tried} mutants, {tried - survived - explained} noticed, {explained} explained, {survived} left\n"
    )
    return min(survived, 100)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
