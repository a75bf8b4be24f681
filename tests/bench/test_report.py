"""The report: the terminal's table, the page between its markers, the samples as JSON, the picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from e2e.bench import plot, report, tables
from e2e.bench.samples import Outcome, Series

ABOUT = {"date": "2030-01-02", "runs": 3, "cores": 2, "system": "Linux", "browsers": ["Chromium 1"]}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def outcome() -> Outcome:
    made = Outcome(
        "work",
        "The <work>",
        [
            Series("open", "Hearth", "ms", (30.0, 20.0, 40.0)),
            Series("open", "twin", "ms", (20.0, 20.0, 20.0)),
            Series("memory & heap", "Hearth", "MB", (0.0,)),
        ],
    )
    made.hold("open", "Hearth", "twin", 1.2)
    return made


def test_the_terminal_shows_every_series_and_goal(outcome: Outcome) -> None:
    lines = tables.terminal(outcome).splitlines()
    assert len(lines) == 4
    assert "30.0 ms" in lines[0]
    assert "[25.0 to 35.0]" in lines[0]
    assert "MISS" in lines[3]
    assert "1.50" in lines[3]


def test_a_page_without_the_benchmark_gets_a_part_for_it(outcome: Outcome) -> None:
    page = tables.rewritten("# Figures\n", outcome, "Then.")
    assert page.startswith("# Figures\n\n## The <work>\n\n<!-- bench:work -->\n")
    assert page.endswith("<!-- /bench:work -->\n")
    assert "| open | Hearth | 30.0 ms | 25.0 to 35.0 |" in page
    assert "| open: at most 1.2 | 1.50 (Hearth 30.0 ms, twin 20.0 ms) | **missed** |" in page


def test_prose_and_other_benchmarks_stay_and_a_second_writing_changes_nothing(outcome: Outcome) -> None:
    around = "# Figures\n\nWhy.\n\n<!-- bench:work -->\nold\n<!-- /bench:work -->\n\nAfter.\n<!-- bench:other -->\nx\n"
    page = tables.rewritten(around, outcome, "Then.")
    assert "old" not in page
    assert page.startswith("# Figures\n\nWhy.\n\n<!-- bench:work -->")
    assert page.endswith("<!-- /bench:work -->\n\nAfter.\n<!-- bench:other -->\nx\n")
    assert tables.rewritten(page, outcome, "Then.") == page


def test_what_limits_a_goal_stays_when_its_figures_change(outcome: Outcome) -> None:
    page = tables.rewritten("", outcome, "Then.").replace(tables.UNSAID, "Python is slow; so be it")
    outcome.goals.clear()
    outcome.hold("open", "twin", "Hearth", 1.2)
    again = tables.rewritten(page, outcome, "Now.")
    assert "| open: at most 1.2 | 0.67 (twin 20.0 ms, Hearth 30.0 ms) | met |" in again
    assert "Python is slow; so be it |" in again


def test_the_picture_has_a_bar_for_each_series_and_its_text_escaped(outcome: Outcome) -> None:
    picture = ET.fromstring(plot.draw(outcome))  # noqa: S314 - our own
    bars = [each for each in picture.iter(f"{SVG}rect") if each.get("class") in {"bar", "ours"}]
    assert [each.get("class") for each in bars] == ["ours", "bar", "ours"]
    assert float(bars[0].get("width", 0)) == pytest.approx(1.5 * float(bars[1].get("width", 0)), abs=0.2)
    texts = [each.text for each in picture.iter(f"{SVG}text")]
    assert "memory & heap" in texts
    width, height = (float(picture.get(side, 0)) for side in ("width", "height"))
    for each in (*bars, *picture.iter(f"{SVG}text")):
        assert 0 <= float(each.get("x", 0)) < width
        assert 0 <= float(each.get("y", 0)) < height


def test_json_picture_and_page_are_kept(outcome: Outcome, tmp_path: Path) -> None:
    report.keep(outcome, ABOUT, tmp_path / "page.md", tmp_path / "kept")
    kept = json.loads((tmp_path / "kept/work.json").read_text())
    assert kept["conditions"] == ABOUT
    assert kept["series"][0]["values"] == [30.0, 20.0, 40.0]
    assert kept["goals"][0]["met"] is False
    assert (tmp_path / "kept/work.svg").read_text().startswith("<svg")
    assert "3 runs on 2030-01-02: Chromium 1, Linux on 2 cores." in (tmp_path / "page.md").read_text()


def test_conditions_name_neither_machine_nor_folder() -> None:
    told = json.dumps(report.conditions(3, ["Firefox 1"]))
    assert set(json.loads(told)) == {"date", "runs", "cores", "system", "browsers"}
    assert "/" not in told
