"""Tables on the terminal."""

from __future__ import annotations

from e2e.bench.samples import Outcome, amount


def show(outcome: Outcome, runs: int, seconds: float) -> None:
    """Print every series and every goal."""
    print(f"\n{outcome.title} ({runs} runs, {seconds:.0f} s)")
    for each in outcome.series:
        low, high = (amount(value, "").strip() for value in each.quartiles)
        print(f"  {each.measure:52} {each.contender:14} {amount(each.median, each.unit):>12}  [{low} to {high}]")
    for goal in outcome.goals:
        bound = f"{'<=' if goal.at_most else '>='} {goal.bound}"
        print(f"  {'met ' if goal.met else 'MISS'} {goal.text:52} {goal.ratio:.2f} (goal {bound})")


def keep(outcome: Outcome, runs: int) -> None:
    """Nothing is kept yet."""
