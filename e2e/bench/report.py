"""What a benchmark leaves behind: a table on the terminal, and its part of docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from e2e.bench import plot, tables
from e2e.bench.samples import Outcome
from runtime.paths import ROOT

PAGE = ROOT / "docs/benchmarks.md"
FOLDER = ROOT / "docs/benchmarks"


def show(outcome: Outcome, runs: int, seconds: float) -> None:
    """Print every series and every goal."""
    print(f"\n{outcome.title} ({runs} runs, {seconds:.0f} s)\n{tables.terminal(outcome)}", flush=True)


def keep(outcome: Outcome, about: dict[str, Any], page: Path = PAGE, folder: Path = FOLDER) -> None:
    """Write the samples as JSON, draw them, and put the tables into the page; its prose stays."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**outcome.as_json(), "conditions": about}, indent=1, ensure_ascii=False)
    (folder / f"{outcome.name}.json").write_text(text + "\n", encoding="utf-8")
    (folder / f"{outcome.name}.svg").write_text(plot.draw(outcome), encoding="utf-8")
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    page.write_text(tables.rewritten(before, outcome, sentence(about)), encoding="utf-8")


def conditions(runs: int, browsers: list[str]) -> dict[str, Any]:
    """What the figures depend on and may be told: nothing names the machine or its folders."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "runs": runs,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "browsers": browsers,
    }


def sentence(about: dict[str, Any]) -> str:
    """The conditions in words."""
    named = ", ".join([*about["browsers"], f"{about['system']} on {about['cores']} cores"])
    return f"{about['runs']} runs on {about['date']}: {named}."
