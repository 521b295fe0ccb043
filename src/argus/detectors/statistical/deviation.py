"""How far a measurement lies from earlier ones, told in a way that outliers do not spoil.

All measurements here are positive and compared by their ratio, that is on a logarithmic scale: times, lengths, counts
and amounts scatter by factors, not by differences.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from argus.model.spread import Point, Spread

__all__ = ["MANY", "Baseline", "baseline_of", "baseline_of_spread"]

_MAD_TO_SIGMA: Final = 1.4826
_SCATTER: Final = 0.15
"""The least scatter of a logarithm that is taken for granted: 15 %."""

_DEFAULT_THRESHOLD: Final = 2.5
_NEWEST: Final = 100
"""Older samples no longer say what is usual: pipelines drift."""

MANY: Final = 8
"""With fewer samples a second way of behaving may simply not have come up yet."""

_FEW: Final = 1.5
"""By how much more a value must differ then."""


@dataclass(frozen=True)
class Baseline:
    """Earlier measurements of one quantity.

    Attributes:
        median: Their median.
        scale: The scatter of their logarithms: the median absolute deviation as a standard deviation, at least 0.15.
        deviation: The plain standard deviation of their logarithms, which outliers do widen.
        smallest: The smallest.
        largest: The largest.
        count: How many.
    """

    median: float
    scale: float
    deviation: float
    smallest: float
    largest: float
    count: int

    def z(self, value: float) -> float:
        """How many deviations a value lies above (or, negative, below) the median, on a logarithmic scale.

        Args:
            value: Positive.
        """
        return (math.log(value) - math.log(self.median)) / self.scale

    def is_above(self, value: float, threshold: float, times: float) -> bool:
        """Whether a value is larger than chance explains, heavy tails included.

        A largest value of a heavy-tailed quantity is exceeded again and again, by more the further it lies from the
        median; so the distance from the median to the largest counts too, several times when there are few samples.

        Args:
            value: Positive.
            threshold: Robust z-scores, such as 2.5.
            times: How many times the median it must be, half as much again with few samples.
        """
        reach = math.log(self.largest / self.median) * self._tail(threshold)
        return math.log(value / self.median) > max(self._least(threshold, times), reach)

    def is_below(self, value: float, threshold: float, times: float, *, tailed: bool = False) -> bool:
        """Whether a value is smaller than chance explains.

        Args:
            value: Positive.
            threshold: Robust z-scores, such as 2.5.
            times: How many times smaller than the median it must be, half as much again with few samples.
            tailed: Whether small values may be as scattered as large ones, as those of amounts are and those of times
                and lengths are not.
        """
        reach = math.log(self.median / self.smallest) * (self._tail(threshold) if tailed else 1.0)
        return math.log(self.median / value) > max(self._least(threshold, times), reach)

    def _least(self, threshold: float, times: float) -> float:
        """The distance that one more sample of a normal distribution hardly ever lies from the median of so few."""
        caution = 1.2 + 6.5 / self.count  # close to a t distribution's 0.9995 quantile over 2.5, for 5 samples or more
        few = 1.0 if self.count >= MANY else _FEW
        return max(threshold * caution * max(self.scale, self.deviation), math.log(times * few))

    def _tail(self, threshold: float) -> float:
        return threshold / _DEFAULT_THRESHOLD * (2.0 + 10.0 / self.count)


def baseline_of(values: Iterable[float], least: int) -> Baseline | None:
    """What earlier measurements say together, or None when there are too few.

    Args:
        values: Measurements, newest first; those that are not positive and finite do not count, and only the newest
            100 of the others do.
        least: How many are needed.
    """
    usable = islice((value for value in values if math.isfinite(value) and value > 0), _NEWEST)
    return _baseline([Point(value, 1) for value in sorted(usable)], least)


def baseline_of_spread(spread: Spread | None, least: int, runs: int) -> Baseline | None:
    """What a learned spread says, by the size of its numbers other than zero; None when there are too few.

    Args:
        spread: Learned from healthy runs.
        least: How many numbers, and how many runs, are needed.
        runs: How many runs they are from; the numbers of one run are akin, so that each run counts for two at most.
    """
    if spread is None or runs < least:
        return None
    sizes = sorted(Point(abs(one.value), one.times) for one in spread.weighted() if one.value)
    whole = _baseline(sizes, least)
    return whole and replace(whole, count=min(whole.count, 2 * runs))


def _baseline(points: Sequence[Point], least: int) -> Baseline | None:
    count = sum(one.times for one in points)
    if count < max(1, least):
        return None
    logs = [Point(math.log(one.value), one.times) for one in points]
    middle = _median(logs, count)
    spread = _MAD_TO_SIGMA * _median(sorted(Point(abs(one.value - middle), one.times) for one in logs), count)
    mean = sum(one.value * one.times for one in logs) / count
    squares = sum((one.value - mean) ** 2 * one.times for one in logs)
    return Baseline(
        median=math.exp(middle),
        scale=max(spread, _SCATTER),
        deviation=math.sqrt(squares / max(1, count - 1)),
        smallest=points[0].value,
        largest=points[-1].value,
        count=count,
    )


def _median(points: Sequence[Point], count: int) -> float:
    """The middle of two where there is no middle one."""
    passed, lower = 0, None
    for one in points:
        passed += one.times
        if lower is not None:
            return (lower + one.value) / 2
        if 2 * passed > count:
            return one.value
        if 2 * passed == count:
            lower = one.value
    return points[-1].value
