"""`python -m e2e.bench [--only NAME] [--runs N] [--quick]`: measures, prints, and keeps the report.

A benchmark is a module of this package with `run(runs) -> Outcome`, and its line in `BENCHES`.
"""

from __future__ import annotations

import argparse
import importlib
import time

from e2e.bench import report
from e2e.bench.browsers import versions

BENCHES = {
    "work": 11,
    "start": 7,
    "jank": 7,
    "storage": 7,
    "growth": 3,
    "server": 5,
    "background": 5,
    "search": 5,
    "tabs": 7,
}
"""Each benchmark and how often it runs unless told otherwise."""

QUICK_RUNS = 3


def main() -> None:
    """Run what was asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m e2e.bench", description=__doc__)
    parser.add_argument("--only", choices=BENCHES, action="append", help="run this one (may be repeated)")
    parser.add_argument("--runs", type=int, help="how often each contender runs")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_RUNS} runs; nothing is kept")
    asked = parser.parse_args()
    for name in asked.only or BENCHES:
        began = time.monotonic()
        runs = asked.runs or (QUICK_RUNS if asked.quick else BENCHES[name])
        outcome = importlib.import_module(f"e2e.bench.{name}").run(runs)
        report.show(outcome, runs, time.monotonic() - began)
        if not asked.quick:
            report.keep(outcome, report.conditions(runs, versions()))


if __name__ == "__main__":
    main()
