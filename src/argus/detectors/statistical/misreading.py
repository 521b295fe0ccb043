"""Which figure of its input a number was misread from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from argus.learning.figures import is_telling

__all__ = ["misread_figure"]

_POWERS: Final = (1, 2, 3, 4, 5, 6)
_SAME: Final = 1e-9


def misread_figure(value: float, figures: Iterable[float]) -> float | None:
    """The figure that a number has the digits of, while its point or its sign stands elsewhere.

    Args:
        value: Not zero.
        figures: What its node was given; the value itself is not among them.

    Returns:
        The figure, or None when there is none or several.
    """
    found = {figure for figure in figures if figure and is_telling(figure) and _is_misread(value, figure)}
    return found.pop() if len(found) == 1 else None


def _is_misread(value: float, figure: float) -> bool:
    if math.isclose(value, -figure, rel_tol=_SAME):
        return True
    ratio = abs(value / figure)
    return any(
        math.isclose(ratio, power, rel_tol=_SAME) for exponent in _POWERS for power in (10.0**exponent, 10.0**-exponent)
    )
