"""Draws what happened as a picture (SVG) on one axis of time: requests to Directus, frames, and the page's marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

WIDTH, LEFT, ROW, TOP = 1000, 190, 18, 40
COLOURS = {"Directus": "#7a5cc4", "frame": "#2a7ab8", "mark": "#b8562a"}
TICKS = 8

Entries = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the picture; moments are in milliseconds since 1970."""

    kind: str
    label: str
    begin: float
    end: float
    told: str


def bars_of(requests: Entries, frames: Entries, marks: Sequence[tuple[str, float]]) -> list[Bar]:
    """The lines of the picture, in the order of their beginnings."""
    bars = [_request(each) for each in requests]
    bars += [_frame(each) for each in frames]
    bars += [Bar("mark", f"mark {name}", at, at, f"the page's mark {name}") for name, at in marks]
    return sorted(bars, key=lambda bar: bar.begin)


def _request(entry: Mapping[str, Any]) -> Bar:
    begin = float(entry["at_ms"])
    lasted = (entry["finished_ms"] or entry["started_ms"]) - entry["started_ms"]
    told = f"{entry['method']} {entry['collection']}: {entry['rows']} rows, {entry['bytes']} bytes, {entry['status']}"
    return Bar("Directus", f"Directus {entry['collection']}", begin, begin + lasted, told)


def _frame(entry: Mapping[str, Any]) -> Bar:
    arrow = "→" if entry["direction"] == "out" else "←"
    counts = ", ".join(f"{count} {name}" for name, count in entry["counts"].items())
    told = f"connection {entry['connection']}, {entry['chars']} characters" + (f", {counts}" if counts else "")
    return Bar("frame", f"{arrow} {entry['event']}", float(entry["at_ms"]), float(entry["at_ms"]), told)


def draw(bars: Sequence[Bar]) -> str:
    """The picture as SVG; each line has a title that says what it stands for."""
    begin = min((bar.begin for bar in bars), default=0.0)
    lasted = max((bar.end for bar in bars), default=1.0) - begin or 1.0
    scale = (WIDTH - LEFT - 60) / lasted
    height = TOP + ROW * len(bars) + 20
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="11">',
        "<title>What happened, in milliseconds</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
    ]
    for number in range(TICKS + 1):
        at = lasted * number / TICKS
        x = LEFT + at * scale
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{height - 10}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="middle" fill="#555">{at:.0f} ms</text>')
    for row, bar in enumerate(bars):
        x, y, width = LEFT + (bar.begin - begin) * scale, TOP + row * ROW, max(3.0, (bar.end - bar.begin) * scale)
        told = f"{bar.label} at {bar.begin - begin:.1f} ms: {bar.told}"
        parts.append(
            f"<g><title>{escape(told)}</title>"
            f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(bar.label)}</text>'
            f'<rect x="{x:.1f}" y="{y + 3}" width="{width:.1f}" height="{ROW - 7}" fill="{COLOURS[bar.kind]}"/></g>'
        )
    return "\n".join([*parts, "</svg>", ""])
