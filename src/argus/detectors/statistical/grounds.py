"""Why a value may rightly be unusual: what the run was given, or what came before it, was unusual too."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from argus.detectors.base import DetectorContext
from argus.detectors.statistical.readings import Reading, readings_of
from argus.detectors.wording import texts_in
from argus.learning.walking import visits, whole_items
from argus.model.profile import FieldProfile
from argus.model.spread import Spread
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue, cut_of

__all__ = ["Grounds", "Kind", "was_given"]

Kind = Literal["number", "length", "size"]

_BEYOND: Final = math.log(1.2)
_SHARE: Final = 0.4
_OTHER_SHARE: Final = 0.8
"""Of something of another kind, such as the length of a text for a number."""

_TEXTS: Final = 200_000


class _Oddity(NamedTuple):
    """Something outside of what it was before.

    Attributes:
        step: The step that returned it; None for the caller.
        kind: What was measured.
        distance: Of its logarithm from the median; infinite where something was empty that never was.
    """

    step: TraceStep | None
    kind: Kind
    distance: float


class _Line(NamedTuple):
    """The largest distances so far, in the order in which steps ended."""

    moments: list[int]
    largest: list[float]

    def before(self, moment: int) -> float:
        """The largest distance before a moment, 0.0 without any."""
        rank = bisect_left(self.moments, moment)
        return self.largest[rank - 1] if rank else 0.0


class Grounds:
    """What in a run is outside of what it was in earlier runs, in order, the caller's input first.

    Args:
        trace: The run.
        context: Its history says what was before.
    """

    def __init__(self, trace: Trace, context: DetectorContext) -> None:
        self._moments = _moments(trace)
        self._lines: dict[tuple[Kind, bool], _Line] = {}
        odd = [*_in_input(trace, context), *_in_steps(readings_of(trace, context))]
        odd.sort(key=lambda one: self._moment(one.step))
        for one in odd:
            line = self._lines.setdefault((one.kind, one.distance > 0), _Line([], []))
            line.largest.append(max(abs(one.distance), line.largest[-1] if line.largest else 0.0))
            line.moments.append(self._moment(one.step))

    @classmethod
    def of(cls, trace: Trace, context: DetectorContext) -> Grounds:
        """The grounds of a run, shared by its detectors.

        Args:
            trace: The run.
            context: Its memo holds them.
        """
        known = context.memo.get("grounds")
        if not isinstance(known, cls):
            known = context.memo["grounds"] = cls(trace, context)
        return known

    def explain(self, step: TraceStep, kind: Kind, distance: float) -> bool:
        """Whether something before a step was unusual in the same direction and nearly as much, or gone altogether.

        What runs inside of a step is before it; what it runs inside of is not.

        Args:
            step: The step.
            kind: What is unusual in its output.
            distance: Of its logarithm from the median; negative where it is too small.
        """
        moment = self._moment(step)
        return self.something_is_gone(step) or any(
            is_larger == (distance > 0)
            and line.before(moment) >= abs(distance) * (_SHARE if _are_alike(other, kind) else _OTHER_SHARE)
            for (other, is_larger), line in self._lines.items()
        )

    def something_is_gone(self, step: TraceStep) -> bool:
        """Whether something before a step was empty that never was.

        Args:
            step: The step.
        """
        moment = self._moment(step)
        return any(math.isinf(line.before(moment)) for line in self._lines.values())

    def _moment(self, step: TraceStep | None) -> int:
        return self._moments.get(step.id, 0) if step is not None else 0


def _moments(trace: Trace) -> dict[str, int]:
    """When each step ended, by its id: after all that ran inside of it."""
    last = {step.id: step.step_number for step in trace.steps}
    outer: set[str] = set()
    for step in reversed(trace.steps):
        if step.parent_id in last:
            outer.add(step.parent_id)
            last[step.parent_id] = max(last[step.parent_id], last[step.id])
    return {step_id: 2 * number + (step_id in outer) for step_id, number in last.items()}


def was_given(text: str, step: TraceStep) -> bool:
    """Whether a text stands, word for word, in what a step was given.

    Args:
        text: Not empty.
        step: The step.
    """
    left = _TEXTS
    for given in texts_in(step.input_state):
        if text in given[:left]:
            return True
        left -= len(given)
        if left <= 0:
            break
    return False


def _in_input(trace: Trace, context: DetectorContext) -> Iterator[_Oddity]:
    if context.history is None or trace.input is None:
        return
    known = context.history.profile().given
    state = trace.input if isinstance(trace.input, dict) else {ROOT_FIELD: trace.input}
    for visit in visits(state):
        field = known.get(visit.path)
        if field is not None:
            yield from _oddities(None, visit.value, field)


def _in_steps(readings: Iterable[Reading]) -> Iterator[_Oddity]:
    for reading in readings:
        if reading.known is not None:
            yield from _oddities(reading.step, reading.value, reading.known)


def _oddities(step: TraceStep | None, value: JsonValue, known: FieldProfile) -> Iterator[_Oddity]:
    measured = _measured(value)
    if measured is None:
        return
    kind, size = measured
    spreads: Mapping[Kind, Spread | None] = {"number": known.numbers, "length": known.lengths, "size": known.sizes}
    spread = spreads[kind]
    logs = spread.log_range if spread is not None else None
    middle = spread.log_median if spread is not None else None
    if spread is None or logs is None or middle is None:
        return
    if not size:
        if not spread.zeros:
            yield _Oddity(step, kind, -math.inf)
        return
    log = math.log(size)
    lowest, highest = logs[0] * math.log(10), logs[1] * math.log(10)
    if log > highest + _BEYOND or log < lowest - _BEYOND:
        yield _Oddity(step, kind, log - middle * math.log(10))


def _are_alike(one: Kind, other: Kind) -> bool:
    return one == other or {one, other} == {"length", "size"}


def _measured(value: JsonValue) -> tuple[Kind, float] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        try:
            return "number", abs(float(value))
        except OverflowError:
            return None
    if isinstance(value, str):
        cut = cut_of(value)
        return "length", cut.length if cut else len(value)
    if isinstance(value, (list, tuple)):
        return "size", whole_items(value)[1]
    return None
