"""Whether a number lies where such numbers lay: its size, its sign, its bounds, whether it may have a fraction."""

from __future__ import annotations

from typing import Final

from argus.detectors.statistical.deviation import MANY, Baseline
from argus.detectors.statistical.number_series import Series
from argus.detectors.statistical.units import unit_of
from argus.detectors.wording import is_named
from argus.model.spread import Spread

__all__ = ["bound_passed", "has_odd_fraction", "odd_sign", "odd_size", "shown", "was_seen"]

_TIMES: Final = 8.0
_TIMES_IF_TIGHT: Final = 2.0
_TIGHT: Final = 1.3
_DIFFERENT: Final = 5
_MANY_INTEGERS: Final = 20
_BOUNDS: Final = (1.0, 100.0)
_AT_BOUND: Final = 2
_PAST_BOUND: Final = 1.5
_MAD_TO_SIGMA: Final = 1.4826


def odd_size(value: float, earlier: Baseline, known: Spread, threshold: float) -> str | None:
    """What is to be said of a number that is far too large or too small, or None.

    Args:
        value: Not zero.
        earlier: The sizes of earlier numbers.
        known: Earlier numbers.
        threshold: Robust z-scores, such as 2.5.
    """
    size = abs(value)
    is_tight = earlier.largest <= _TIGHT * earlier.smallest and known.distinct >= _DIFFERENT and known.count >= MANY
    times = _TIMES_IF_TIGHT if is_tight else _TIMES
    if not earlier.is_above(size, threshold, times) and not earlier.is_below(size, threshold, times, tailed=True):
        return None
    unit = unit_of(size, earlier)
    return f"far from the {_span(known)} of earlier runs" + (f"; {unit}" if unit else "")


def bound_passed(value: float, known: Spread) -> str | None:
    """What is to be said of a share or a percentage beyond the whole, or None.

    A bound is learned: at least 8 numbers, fractions among them, reached from zero up to exactly 1 or 100, and more
    than once.

    Args:
        value: Any number.
        known: Earlier numbers.
    """
    if known.count < MANY or known.minimum < 0 or known.only_integers or known.maximum not in _BOUNDS:
        return None
    at_bound = sum(one.times for one in known.points if one.value == known.maximum)
    if at_bound < _AT_BOUND or value < _PAST_BOUND * known.maximum:
        return None
    return f"beyond the {_span(known)} of earlier runs"


def was_seen(value: float, known: Spread) -> bool:
    """Whether any earlier number had the sign that this one has.

    Args:
        value: Not zero.
        known: Earlier numbers.
    """
    return bool(known.negatives if value < 0 else known.count - known.negatives - known.zeros)


def odd_sign(value: float, name: str, known: Spread, threshold: float) -> str | None:
    """What is to be said where no earlier number had the sign that this one has, though it is as large as they were.

    A number that comes out below zero by subtraction comes out small; one whose sign was turned is as large as ever.

    Args:
        value: Not zero.
        name: Its field's name.
        known: Earlier numbers.
        threshold: Robust z-scores, such as 2.5.

    Returns:
        None where the sign is no wonder.
    """
    smallest = min((abs(one.value) for one in known.weighted() if one.value), default=None)
    if smallest is None or was_seen(value, known) or known.count < MANY or abs(value) < smallest:
        return None
    if is_named("signed_fields", name):
        scatter = max(_MAD_TO_SIGMA * known.mad, abs(known.median) * 0.15)
        if abs(value - known.median) <= threshold * (2.0 + 10.0 / known.count) * scatter:
            return None
    return f"though earlier runs had {_span(known)}"


def has_odd_fraction(value: float, series: Series) -> bool:
    """Whether a number has a fraction where earlier ones were integers by type, or so many that it is no chance.

    Args:
        value: Any number.
        series: Earlier ones.
    """
    if value.is_integer() or not series.spread.only_integers or series.runs < MANY:
        return False
    return series.spread.count >= (MANY if series.are_ints else _MANY_INTEGERS)


def shown(value: float) -> str:
    """A number for people: 24,400 or 0.0312."""
    return f"{value:,.10g}" if abs(value) >= 1 else f"{value:.4g}"


def _span(known: Spread) -> str:
    return f"{shown(known.minimum)} to {shown(known.maximum)}"
