"""What a benchmark found: series of samples, goals held against their medians, and how to say them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """The samples of one contender in one measure, in `unit`."""

    measure: str
    contender: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle sample."""
        return statistics.median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile; of one sample, the sample itself."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return low, high


@dataclass(frozen=True, slots=True)
class Goal:
    """A value, most often a ratio of two medians, and the bound it is held against."""

    text: str
    value: float
    bound: float
    at_most: bool = True
    unit: str = ""
    figures: str = ""
    """The figures behind the value."""

    @property
    def met(self) -> bool:
        """Whether the value is on the right side of the bound."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound


@dataclass(slots=True)
class Outcome:
    """One benchmark's samples and goals; `ours` is the contender that stands out in the picture."""

    name: str
    title: str
    series: list[Series] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    ours: str = "Hearth"
    details: dict[str, list[str]] = field(default_factory=dict)
    """What is kept beside the samples, by contender."""

    def get(self, measure: str, contender: str) -> Series:
        """The series of a contender in a measure."""
        return next(each for each in self.series if (each.measure, each.contender) == (measure, contender))

    def hold(self, measure: str, one: str, other: str, bound: float, at_most: bool = True, text: str = "") -> None:
        """Set a goal: in this measure, the median of `one` over that of `other`."""
        above, below = self.get(measure, one), self.get(measure, other)
        figures = ", ".join(f"{each.contender} {amount(each.median, each.unit)}" for each in (above, below))
        ratio = above.median / below.median
        self.goals.append(Goal(text or measure, ratio, bound, at_most, figures=figures))

    def limit(self, measure: str, contender: str, bound: float, text: str = "") -> None:
        """Set a goal: in this measure, the median of a contender is at most this."""
        series = self.get(measure, contender)
        self.goals.append(Goal(text or measure, series.median, bound, unit=series.unit))

    def as_json(self) -> dict[str, Any]:
        """Everything, with medians and quartiles beside the samples."""
        return {
            "name": self.name,
            "title": self.title,
            "series": [
                {
                    **asdict(each),
                    "values": [rounded(value) for value in each.values],
                    "median": rounded(each.median),
                    "quartiles": [rounded(value) for value in each.quartiles],
                }
                for each in self.series
            ],
            "goals": [{**asdict(each), "value": rounded(each.value), "met": each.met} for each in self.goals],
            **({"details": self.details} if self.details else {}),
        }


class Collector:
    """Gathers samples by measure and contender, in the order in which they first came."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, str, str], list[float]] = {}

    def add(self, measure: str, contender: str, value: float, unit: str = "ms") -> None:
        """Keep one sample."""
        self._values.setdefault((measure, contender, unit), []).append(value)

    def series(self) -> list[Series]:
        """The samples as series, grouped by measure."""
        order = list(dict.fromkeys(measure for measure, _, _ in self._values))
        made = [Series(measure, who, unit, tuple(values)) for (measure, who, unit), values in self._values.items()]
        return sorted(made, key=lambda each: order.index(each.measure))


def alternating(contenders: Iterable[str], run: int) -> list[str]:
    """The contenders in an order that turns with each run, so that none always comes first."""
    names = list(contenders)
    turn = run % len(names)
    return names[turn:] + names[:turn]


def amount(value: float, unit: str) -> str:
    """A figure with as many digits as it bears."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}"


def rounded(value: float) -> float:
    """A figure without the digits that no clock has."""
    return round(value, 3)
