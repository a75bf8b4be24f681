"""An outcome as a picture: a bar for each contender's median, with a line over the middle half of the samples."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby

from e2e.bench.samples import Outcome, Series, amount

WIDTH = 760
EDGE = 16
NAMES = 190
"""Where the bars begin: the contenders' names stand before them."""

VALUES = 110
"""Room after the longest bar for its figure."""

BAR = 14
LINE = 20
HEAD = 30

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2430 } .head { font-weight: 600 } .quiet { fill: #5b6270 }
.ground { fill: #fff } .bar { fill: #8b93a3 } .ours { fill: #c2571a } .spread { stroke: #1f2430; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
text { fill: #e6e8ee } .quiet { fill: #a7aebb } .ground { fill: #14171d } .bar { fill: #6b7486 }
.ours { fill: #e07b3c } .spread { stroke: #e6e8ee }
}
"""


def draw(outcome: Outcome) -> str:
    """The whole picture as SVG text; each measure has a scale of its own."""
    parts: list[str] = []
    y = EDGE
    for measure, group in groupby(outcome.series, key=lambda each: each.measure):
        series = list(group)
        parts.append(_text(EDGE, y + 14, measure, "head"))
        y += HEAD - 6
        longest = max(max(each.quartiles[1], each.median) for each in series) or 1.0
        scale = (WIDTH - NAMES - VALUES) / longest
        for each in series:
            parts += _row(each, y, scale, ours=each.contender == outcome.ours)
            y += LINE
        y += 12
    note = "Medians; the thin line spans the middle half of the runs. Each group has a scale of its own."
    parts.append(_text(EDGE, y + 10, note, "quiet"))
    y += EDGE + 14
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{y}" rx="8"/>'
    named = f"<title>{escape(outcome.title)}</title>"
    return "\n".join([head, named, f"<style>{STYLE}</style>", ground, *parts, "</svg>\n"])


def _row(series: Series, y: int, scale: float, ours: bool) -> Iterator[str]:
    low, high = (NAMES + value * scale for value in series.quartiles)
    length = max(series.median * scale, 1.0)
    middle = y + BAR / 2
    yield _text(EDGE, y + 12, series.contender)
    yield f'<rect class="{"ours" if ours else "bar"}" x="{NAMES}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
    yield f'<line class="spread" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    yield _text(max(NAMES + length, high) + 8, y + 12, amount(series.median, series.unit))


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<text{named} x="{x:g}" y="{y:g}">{escape(text)}</text>'
