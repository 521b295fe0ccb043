"""How the numbers that a node returns depend on what it was given: copied, or at a steady ratio."""

from __future__ import annotations

import math

from argus.model.record import Record

__all__ = ["FINENESS", "Ratio", "Tie"]

FINENESS = 10_000
"""Logarithms are kept as whole numbers of this part, so that sums are the same in any order."""


class Ratio(Record, frozen=True, array_like=True):
    """The quotients of two quantities, over runs.

    Attributes:
        count: How many; at least one.
        total: The sum of their natural logarithms, signs left out, in units of :data:`FINENESS`.
        squares: The sum of the squares of those.
        lowest: The smallest.
        highest: The largest.
        negatives: How many quotients were negative.
    """

    count: int
    total: int
    squares: int
    lowest: int
    highest: int
    negatives: int = 0

    @property
    def mean(self) -> float:
        """The mean logarithm."""
        return self.total / self.count / FINENESS

    @property
    def deviation(self) -> float:
        """The standard deviation of the logarithms; 0.0 with fewer than two."""
        if self.count < 2:
            return 0.0
        return math.sqrt(max(0.0, self.squares - self.total * self.total / self.count) / (self.count - 1)) / FINENESS

    @property
    def reach(self) -> float:
        """How far the logarithm lay from its mean at most."""
        return max(self.highest / FINENESS - self.mean, self.mean - self.lowest / FINENESS)


class Tie(Record, frozen=True, kw_only=True):
    """One number, list or text that a node returns, under its path.

    Attributes:
        numbers: How many numbers there were that say something: at least ten or with a fraction.
        stated: Of those, the ones that also stood in what the node was given, as a number or in a text.
        ratios: Its quotients with other quantities, by the name of the other one: a path, with ``<`` before it where it
            is of what the node was given; the quantity of a list is its size, of a text its length.
    """

    numbers: int = 0
    stated: int = 0
    ratios: dict[str, Ratio] = {}
