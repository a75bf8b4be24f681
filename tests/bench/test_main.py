"""The list of benchmarks: each name is a module, and each option of a first look is one of its own."""

from __future__ import annotations

import importlib
import inspect

import pytest

from e2e.bench.__main__ import BENCHES


@pytest.mark.parametrize("name", BENCHES)
def test_a_first_look_passes_options_that_the_benchmark_takes(name: str) -> None:
    run = importlib.import_module(f"e2e.bench.{name}").run
    inspect.signature(run).bind(1, **BENCHES[name].quick)


@pytest.mark.parametrize("name", BENCHES)
def test_a_first_look_runs_no_more_often_than_a_full_one(name: str) -> None:
    assert 1 <= BENCHES[name].quick_runs <= BENCHES[name].runs
