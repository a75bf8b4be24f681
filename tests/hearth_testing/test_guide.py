"""The guide's page is true: its tests pass, and it names every fixture, option and module that there is."""

from __future__ import annotations

import re

import pytest

import hearth_testing.conformance
from runtime.paths import ROOT
from tests.hearth_testing.guide import PAGE, shown

pytest_plugins = ["pytester"]


def test_its_tests_of_the_server_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_server=shown()["test_server.py"])
    run = pytester.runpytest_inprocess("-p", "hearth_testing.plugin", "-p", "no:playwright", "-q")
    run.assert_outcomes(passed=2)


def test_the_others_are_run_in_a_browser() -> None:
    assert shown().keys() == {"test_chats.py", "test_server.py", "test_async.py"}


def test_it_names_every_fixture_option_and_module() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sources = "".join(path.read_text() for path in (ROOT / "hearth_testing/fixtures").glob("*.py"))
    fixtures = set(re.findall(r"fixture\n(?:async )?def ([a-z]\w+)\(", sources))
    assert len(fixtures) == 11
    assert {name for name in fixtures if f"`{name}`" not in text} == set()
    options = re.findall(r'"(--(?:hearth|server)-[\w-]+)"', (ROOT / "hearth_testing/plugin.py").read_text())
    assert {name for name in options if name not in text} == set()
    modules = {path.stem for path in (ROOT / "hearth_testing/conformance").glob("test_*.py")}
    assert hearth_testing.conformance.__file__
    assert {name for name in modules if f"`{name}`" not in text} == set()
