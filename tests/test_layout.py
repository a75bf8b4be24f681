"""Every module of the core, the engine and the server has a test module of its own, at the same path below `tests`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOTS = ("app/hearth/core", "app/hearth/engine", "server_mock")

NOTHING_TO_TEST = {
    "app/hearth/core/protocol/event_fields.py": "types and bounds; what they hold frames to is tested with the codec",
    "app/hearth/core/records/contents.py": "dataclasses without a method",
    "app/hearth/core/view/account.py": "dataclasses and enumerations without a method",
    "app/hearth/core/view/chat_list.py": "dataclasses and enumerations without a method",
    "app/hearth/core/view/message.py": "dataclasses and enumerations without a method",
    "app/hearth/engine/intents/chats.py": "dataclasses without a method, and without a secret",
    "app/hearth/engine/intents/intent.py": "unions of types; tested with the intents of writing",
    "app/hearth/engine/intents/search.py": "dataclasses without a method; tested with the intents of writing",
    "app/hearth/engine/intents/transfer.py": "dataclasses without a method, and without a secret",
    "app/hearth/engine/queue_items.py": "dataclasses; the order in which they are served is tested with the queue",
    "app/hearth/engine/transfer/tools.py": "a dataclass without a method",
    "server_mock/protocol/page_manifest.py": "types of the page's manifest, and the endings of its files",
    "server_mock/__main__.py": "the entry alone; tests of the command start it as a process",
    "server_mock/assistant/port.py": "a Protocol",
}
"""Modules in which nothing is decided, each with the reason."""

TESTED_THROUGH = {
    "app/hearth/engine/assistant/keeper.py": "app/hearth/engine/assistant/test_controller.py",
    "app/hearth/engine/search/controller.py": "app/hearth/engine/test_engine.py",
    "app/hearth/engine/session_parts.py": "app/hearth/engine/test_engine.py",
    "app/hearth/engine/ways/before_sign_in.py": "test_accounts.py",
    "app/hearth/engine/ways/changes.py": "test_accounts.py",
    "app/hearth/engine/writing/composer.py": "app/hearth/engine/writing/test_controller.py",
    "server_mock/cli/data_source.py": "server_mock/cli/test_run.py",
    "server_mock/cli/new_account.py": "server_mock/cli/test_accounts.py",
    "server_mock/cli/options.py": "server_mock/cli/test_run.py",
    "server_mock/directus/request.py": "server_mock/directus/test_client.py",
    "server_mock/protocol/app.py": "server_mock/protocol/test_api.py",
    "server_mock/protocol/passkeys.py": "server_mock/protocol/test_passkeys_api.py",
    "server_mock/protocol/services.py": "server_mock/protocol/test_device_connection.py",
    "server_mock/testing/simulated_device.py": "server_mock/testing/test_control.py",
}
"""Modules that have no test module of their own yet, each with the one that runs them. No module is added here."""


def modules() -> list[Path]:
    found = [path for root in ROOTS for path in sorted((ROOT / root).rglob("*.py")) if path.name != "__init__.py"]
    return [path.relative_to(ROOT) for path in found]


def own_test(module: Path) -> Path:
    return ROOT / "tests" / module.parent / f"test_{module.name}"


@pytest.mark.parametrize("root", ROOTS)
def test_every_module_has_a_test_module_at_its_path(root: str) -> None:
    named = NOTHING_TO_TEST.keys() | TESTED_THROUGH.keys()
    ours = [each for each in modules() if each.is_relative_to(root)]
    assert [str(each) for each in ours if str(each) not in named and not own_test(each).exists()] == []


@pytest.mark.parametrize("module", sorted(NOTHING_TO_TEST.keys() | TESTED_THROUGH.keys()))
def test_an_exception_is_one(module: str) -> None:
    assert (ROOT / module).exists(), "there is no such module any longer"
    assert not own_test(Path(module)).exists(), "it has a test module by now"


@pytest.mark.parametrize("module", sorted(TESTED_THROUGH))
def test_what_is_tested_through_another_module_names_tests_that_are_there(module: str) -> None:
    assert (ROOT / "tests" / TESTED_THROUGH[module]).exists()


def test_a_test_module_tests_something() -> None:
    empty = []
    for module in modules():
        if own_test(module).exists():
            names = [each.name for each in ast.walk(ast.parse(own_test(module).read_text())) if isinstance(each, _DEFS)]
            if not any(name.startswith(("test_", "Test")) for name in names):
                empty.append(str(module))
    assert empty == []


_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
