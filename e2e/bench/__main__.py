"""`python -m e2e.bench [--only NAME] [--runs N] [--quick]`: measures, prints, and keeps the report.

A benchmark is a module of this package with `run(runs, **options) -> Outcome`, and its line in `BENCHES`.
"""

from __future__ import annotations

import argparse
import importlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from e2e.bench import report
from e2e.bench.browsers import versions


@dataclass(frozen=True, slots=True)
class Bench:
    """How often a benchmark runs unless told otherwise, and what a first look leaves out."""

    runs: int
    quick_runs: int = 1
    quick: Mapping[str, Any] = field(default_factory=dict)
    """Options of the benchmark's `run` that leave out its largest sizes."""


BENCHES = {
    "navigation": Bench(11, 2),
    "work": Bench(11, 3),
    "start": Bench(7),
    "fast_start": Bench(5),
    "write": Bench(5, 1, quick={"many": False}),
    "jank": Bench(7, 2),
    "storage": Bench(7),
    "growth": Bench(3, quick={"sizes": ("1,000", "10,000")}),
    "server": Bench(5),
    "background": Bench(5),
    "search": Bench(5, quick={"many": False}),
    "tabs": Bench(7),
}


def main() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m e2e.bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append", help="run this one (may be repeated)")
    parser.add_argument("--runs", type=int, help="how often each contender runs")
    parser.add_argument("--quick", action="store_true", help="few runs, no large sizes; nothing is kept")
    asked = parser.parse_args()
    for name in asked.only or BENCHES:
        began = time.monotonic()
        bench = BENCHES[name]
        runs = asked.runs or (bench.quick_runs if asked.quick else bench.runs)
        options = bench.quick if asked.quick else {}
        outcome = importlib.import_module(f"e2e.bench.{name}").run(runs, **options)
        report.show(outcome, runs, time.monotonic() - began)
        if not asked.quick:
            report.keep(outcome, report.conditions(runs, versions()))


if __name__ == "__main__":
    main()
