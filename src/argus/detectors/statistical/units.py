"""Which mix-up of units explains a number that is out of its range."""

from __future__ import annotations

import math
from typing import Final

from argus.detectors.statistical.deviation import Baseline

__all__ = ["is_unit_factor", "unit_of"]

_FACTORS: Final = (
    (100.0, "percent or cents"),
    (1000.0, "thousands"),
    (10.0, ""),
    (60.0, "minutes or seconds"),
    (3600.0, "hours and seconds"),
    (12.0, "months and years"),
    (24.0, "hours and days"),
    (10_000.0, ""),
    (100_000.0, ""),
    (1_000_000.0, "millions"),
)
"""From the one that is met most often; a factor without a word is a misplaced decimal point."""


def is_unit_factor(distance: float, slack: float) -> bool:
    """Whether a factor is one that units and decimal points bring about.

    Args:
        distance: The natural logarithm of the factor.
        slack: How far its logarithm may be from that of such a factor.
    """
    return any(abs(abs(distance) - math.log(factor)) <= slack for factor, _ in _FACTORS)


def unit_of(size: float, earlier: Baseline) -> str | None:
    """A factor that would bring a number back to where such numbers are, in words, or None.

    Args:
        size: The number without its sign.
        earlier: What is usual.
    """
    is_large = size > earlier.median
    for factor, unit in _FACTORS:
        if earlier.smallest <= (size / factor if is_large else size * factor) <= earlier.largest:
            verb = "divided" if is_large else "multiplied"
            hint = f" ({unit}?)" if unit else ""
            return f"{verb} by {factor:,.0f}{hint} it would be usual"
    return None
