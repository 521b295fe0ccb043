"""A run as a short row of ticks: one for each step, or for several when there are many, with the thread of blame."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from argus.model.record import Record
from argus.model.trace import TraceStep
from argus.views.timeline import Role

__all__ = ["MOST_TICKS", "Ribbon", "ribbon"]

MOST_TICKS = 40
"""Ticks drawn at most; longer runs are binned, and each bin stands for its slowest step."""


class Ribbon(Record, frozen=True, kw_only=True):
    """Ticks to draw.

    Attributes:
        ticks: Heights from 0 to 1 on a logarithmic scale of duration, in order of start.
        cause: The index of the tick that holds the cause, or None.
        path: Indexes of ticks that hold steps on the path, in order.
        symptom: The index of the tick that holds the symptom, or None.
    """

    ticks: tuple[float, ...]
    cause: int | None = None
    path: tuple[int, ...] = ()
    symptom: int | None = None


def ribbon(steps: Sequence[TraceStep], roles: Mapping[str, Role]) -> Ribbon | None:
    """The ribbon of a run, or None without steps.

    Args:
        steps: In order of start; values are not looked at.
        roles: The part that each blamed step plays, by step id.
    """
    if not steps:
        return None
    bins = min(len(steps), MOST_TICKS)
    slowest = [0.0] * bins
    places: dict[Role, list[int]] = {"cause": [], "path": [], "symptom": []}
    for index, step in enumerate(steps):
        tick = index * bins // len(steps)
        slowest[tick] = max(slowest[tick], _finite(step.duration_ms))
        role = roles.get(step.id)
        if role is not None and tick not in places[role]:
            places[role].append(tick)
    tallest = math.log1p(max(slowest))
    return Ribbon(
        ticks=tuple(round(math.log1p(one) / tallest, 3) if tallest else 0.0 for one in slowest),
        cause=places["cause"][0] if places["cause"] else None,
        path=tuple(places["path"]),
        symptom=places["symptom"][-1] if places["symptom"] else None,
    )


def _finite(milliseconds: float) -> float:
    return milliseconds if math.isfinite(milliseconds) and milliseconds > 0 else 0.0
