"""An outcome as text: the terminal's table, and the tables between a page's markers."""

from __future__ import annotations

import re

from e2e.bench.samples import Goal, Outcome, Series, amount

UNSAID = "not yet looked into"
"""Stands in the last column of a goal until somebody writes there what limits it."""


def terminal(outcome: Outcome) -> str:
    """Every series with its quartiles, then every goal."""
    lines = []
    for each in outcome.series:
        median, low, high = figures(each)
        lines.append(f"  {each.measure:52} {each.contender:22} {median:>12}  [{low} to {high}]")
    for goal in outcome.goals:
        mark = "met " if goal.met else "MISS"
        lines.append(f"  {mark} {goal.text:52} {told(goal)} ({bound(goal)})")
    return "\n".join(lines)


def rewritten(page: str, outcome: Outcome, conditions: str) -> str:
    """The page with this benchmark's tables made new: between its markers, or, where it has none, at the end.

    The last column of the goals is written by hand, so what is there stays with its goal.
    """
    begin, end = f"<!-- bench:{outcome.name} -->", f"<!-- /bench:{outcome.name} -->"
    found = re.search(f"{re.escape(begin)}\n(.*?){re.escape(end)}", page, re.DOTALL)
    part = f"{begin}\n{markdown(outcome, conditions, limits_in(found[1] if found else ''))}{end}"
    if found:
        return page[: found.start()] + part + page[found.end() :]
    return f"{page.rstrip()}\n\n## {outcome.title}\n\n{part}\n".lstrip()


def markdown(outcome: Outcome, conditions: str, limits: dict[str, str]) -> str:
    """The goals, the picture, and the samples' medians and quartiles."""
    lines = []
    if outcome.goals:
        lines += ["| goal | figure | | how to measure it | what limits it |", "| --- | --- | --- | --- | --- |"]
        command = f'`make bench ARGS="--only {outcome.name}"`'
        for goal in outcome.goals:
            said = limits.get(goal.text, UNSAID)
            mark = "met" if goal.met else "**missed**"
            lines.append(f"| {goal.text}: {bound(goal)} | {told(goal)} | {mark} | {command} | {said} |")
        lines.append("")
    lines += [f"![{outcome.title}](benchmarks/{outcome.name}.svg)", ""]
    lines += ["| | | median | half of the runs |", "| --- | --- | --- | --- |"]
    for each in outcome.series:
        median, low, high = figures(each)
        lines.append(f"| {each.measure} | {each.contender} | {median} | {low} to {high} |")
    return "\n".join(["", *lines, "", conditions, "", ""])


def limits_in(part: str) -> dict[str, str]:
    """The last column of the goals of a part that was written before, by the goals' texts."""
    limits = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == 5 and cells[2] in {"met", "**missed**"}:
            limits[cells[0].rsplit(": ", 1)[0]] = cells[4]
    return limits


def figures(series: Series) -> tuple[str, str, str]:
    """Median and quartiles; the quartiles without their unit."""
    low, high = (amount(value, "").strip() for value in series.quartiles)
    return amount(series.median, series.unit), low, high


def told(goal: Goal) -> str:
    """A goal's value, with the figures behind it."""
    value = amount(goal.value, goal.unit).strip()
    return f"{value} ({goal.figures})" if goal.figures else value


def bound(goal: Goal) -> str:
    """A goal's bound in words."""
    return f"at {'most' if goal.at_most else 'least'} {goal.bound:g} {goal.unit}".strip()
