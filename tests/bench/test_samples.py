"""Series, goals, and the order of the contenders."""

from __future__ import annotations

import pytest

from e2e.bench.samples import Collector, Goal, Outcome, Series, alternating, amount


def test_median_and_quartiles_of_a_series() -> None:
    series = Series("open", "Hearth", "ms", (5.0, 1.0, 3.0, 2.0, 4.0))
    assert series.median == 3.0
    assert series.quartiles == (2.0, 4.0)
    assert Series("open", "Hearth", "ms", (7.0,)).quartiles == (7.0, 7.0)


def test_samples_are_grouped_by_measure_in_the_order_in_which_they_came() -> None:
    found = Collector()
    for measure, who, value in (("b", "x", 1), ("a", "x", 2), ("b", "y", 3), ("b", "x", 5)):
        found.add(measure, who, value)
    assert [(each.measure, each.contender, each.values) for each in found.series()] == [
        ("b", "x", (1, 5)),
        ("b", "y", (3,)),
        ("a", "x", (2,)),
    ]


def test_each_contender_comes_first_in_its_turn() -> None:
    assert [alternating("abc", run)[0] for run in range(4)] == ["a", "b", "c", "a"]
    assert sorted(alternating("abc", 1)) == ["a", "b", "c"]


@pytest.mark.parametrize(("value", "at_most", "met"), [(1.5, True, True), (1.6, True, False), (1.6, False, True)])
def test_a_goal_is_met_on_the_right_side_of_its_bound(value: float, at_most: bool, met: bool) -> None:
    assert Goal("x", value, 1.5, at_most).met is met


def test_a_goal_tells_the_medians_behind_its_ratio() -> None:
    outcome = Outcome("x", "X", [Series("open", "a", "ms", (30.0,)), Series("open", "b", "ms", (20.0,))])
    outcome.hold("open", "a", "b", 1.4)
    outcome.limit("open", "b", 20)
    ratio, absolute = outcome.goals
    assert (ratio.value, ratio.met, ratio.figures) == (1.5, False, "a 30.0 ms, b 20.0 ms")
    assert (absolute.value, absolute.met, absolute.unit) == (20.0, True, "ms")


@pytest.mark.parametrize(
    ("value", "text"), [(1234.5, "1,234 ms"), (99.94, "99.9 ms"), (9.876, "9.88 ms"), (0.0, "0.00 ms")]
)
def test_an_amount_has_the_digits_that_it_bears(value: float, text: str) -> None:
    assert amount(value, "ms") == text
