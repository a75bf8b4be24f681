"""Tables on the terminal."""
from __future__ import annotations
from e2e.bench.samples import Outcome, amount


def show(outcome: Outcome, runs: int, seconds: float) -> None:
    print(f"\n{outcome.title} ({runs} runs, {seconds:.0f} s)")
    for each in outcome.series:
        low, high = each.quartiles
        print(f"  {each.measure:52} {each.contender:12} {amount(each.median, each.unit):>12}  [{amount(low,'')}– {amount(high,'')}]")
    for goal in outcome.goals:
        print(f"  {'met ' if goal.met else 'MISS'} {goal.text:52} {goal.ratio:.2f} (goal {'<=' if goal.at_most else '>='} {goal.bound})")


def keep(outcome: Outcome, runs: int) -> None:
    pass
