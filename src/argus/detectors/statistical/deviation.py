"""How far a measurement lies from earlier ones, told in a way that outliers do not spoil."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Final

__all__ = ["Baseline", "baseline_of"]

_MAD_TO_SIGMA: Final = 1.4826
_SCATTER: Final = 0.15
"""The least scatter of a logarithm that is taken for granted: 15 %."""


@dataclass(frozen=True)
class Baseline:
    """Earlier measurements of one metric at one node.

    Attributes:
        median: Their median.
        scale: The scatter of their logarithms, as a standard deviation, at least 0.15.
        smallest: The smallest.
        largest: The largest.
        count: How many.
    """

    median: float
    scale: float
    smallest: float
    largest: float
    count: int

    def z(self, value: float) -> float:
        """How many deviations a value lies above (or, negative, below) the median, on a logarithmic scale.

        Args:
            value: Positive.
        """
        return (math.log(value) - math.log(self.median)) / self.scale


def baseline_of(values: Iterable[float], least: int) -> Baseline | None:
    """What earlier measurements say together, or None when there are too few.

    Args:
        values: Measurements; those that are not positive and finite do not count.
        least: How many are needed.
    """
    usable = [value for value in values if math.isfinite(value) and value > 0]
    if len(usable) < max(1, least):
        return None
    logs = [math.log(value) for value in usable]
    middle = median(logs)
    spread = _MAD_TO_SIGMA * median(abs(one - middle) for one in logs)
    return Baseline(math.exp(middle), max(spread, _SCATTER), min(usable), max(usable), len(usable))
