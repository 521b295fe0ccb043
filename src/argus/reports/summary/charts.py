"""Figures by day as bars of a chart, ready to be drawn as SVG."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from argus.model.figures import DayFigures
from argus.model.record import Record
from argus.views.amounts import count

__all__ = ["Bar", "Chart", "findings_chart", "runs_chart"]

WIDTH, HEIGHT = 1000, 120
_MOST_BARS = 62
_GAP = 0.2
_SPANS = (1, 7, 28, 91, 364, 3640, 36_400)
_WORST_FIRST = ("failed", "incomplete", "warning", "ok")


class Part(Record, frozen=True, kw_only=True):
    """A piece of a bar, in units of the drawing.

    Attributes:
        kind: ``failed``, ``incomplete``, ``warning``, ``ok`` or ``findings``.
        y: Its upper edge.
        height: Its height.
    """

    kind: str
    y: float
    height: float


class Bar(Record, frozen=True, kw_only=True):
    """One day, or several days together.

    Attributes:
        x: Its left edge.
        width: Its width.
        title: What it says in words.
        parts: From bottom to top.
    """

    x: float
    width: float
    title: str
    parts: tuple[Part, ...]


class Chart(Record, frozen=True, kw_only=True):
    """A chart of at most 62 bars.

    Attributes:
        title: What is counted.
        width: Of the drawing, in its own units.
        height: Of the drawing, in its own units.
        top: The count that the full height stands for.
        first: The first day, ISO 8601.
        last: The last day, ISO 8601.
        bars: In order of time; days without runs have none.
    """

    title: str
    width: int
    height: int
    top: int
    first: str
    last: str
    bars: tuple[Bar, ...]


def runs_chart(days: Sequence[DayFigures]) -> Chart | None:
    """Runs by day and status.

    Args:
        days: In order.

    Returns:
        None without any.
    """
    return _chart("Runs", "run", days, lambda day: {name: day.statuses.get(name, 0) for name in _WORST_FIRST})


def findings_chart(days: Sequence[DayFigures]) -> Chart | None:
    """Findings by day.

    Args:
        days: In order.

    Returns:
        None without any.
    """
    return _chart("Findings", "finding", days, lambda day: {"findings": day.findings})


def _chart(
    noun: str, singular: str, days: Sequence[DayFigures], counted: Callable[[DayFigures], dict[str, int]]
) -> Chart | None:
    if not days:
        return None
    first, last = date.fromisoformat(days[0].day), date.fromisoformat(days[-1].day)
    total = (last - first).days + 1
    span = next((span for span in _SPANS if total <= span * _MOST_BARS), _SPANS[-1])
    slots: dict[int, dict[str, int]] = {}
    for day in days:
        slot = slots.setdefault((date.fromisoformat(day.day) - first).days // span, {})
        for kind, number in counted(day).items():
            slot[kind] = slot.get(kind, 0) + number
    top = max((sum(slot.values()) for slot in slots.values()), default=0)
    pitch = WIDTH / ((total + span - 1) // span)
    return Chart(
        title=f"{noun} a day" if span == 1 else f"{noun}, {span} days to a bar",
        width=WIDTH,
        height=HEIGHT,
        top=top,
        first=first.isoformat(),
        last=last.isoformat(),
        bars=tuple(
            Bar(
                x=round(index * pitch + pitch * _GAP / 2, 1),
                width=round(pitch * (1 - _GAP), 1),
                title=_title(first, index, span, singular, slot),
                parts=_parts(slot, top),
            )
            for index, slot in sorted(slots.items())
        ),
    )


def _parts(slot: dict[str, int], top: int) -> tuple[Part, ...]:
    parts, bottom = [], float(HEIGHT)
    for kind, number in slot.items():
        if number:
            height = HEIGHT * number / top
            bottom -= height
            parts.append(Part(kind=kind, y=round(bottom, 1), height=round(height, 1)))
    return tuple(parts)


def _title(first: date, index: int, span: int, noun: str, slot: dict[str, int]) -> str:
    begin = first + timedelta(days=index * span)
    days = begin.isoformat() if span == 1 else f"{span} days from {begin.isoformat()}"
    each = [f"{number:,} {kind}" for kind, number in slot.items() if number and kind != "findings"]
    return f"{days}: {count(sum(slot.values()), noun)}{' (' + ', '.join(each) + ')' if each else ''}"
