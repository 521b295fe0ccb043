"""A value that was never empty and now is, while nothing in the run says why."""

from __future__ import annotations

from typing import Final, NamedTuple

from argus.detectors.aftermath import Aftermath, is_cleared, is_filled_later, is_starved
from argus.detectors.base import DetectorContext
from argus.detectors.blanks import blank_word, is_blank
from argus.detectors.run_index import RunIndex
from argus.detectors.statistical.grounds import Grounds
from argus.detectors.structural.learned_keys import is_missed
from argus.detectors.structural.learned_values import ENOUGH
from argus.detectors.wording import may_be_empty, sifts
from argus.learning.walking import Visit
from argus.model.detection import Severity
from argus.model.profile import FieldProfile, NodeProfile
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["Emptiness", "Fullness"]

_LENIENT: Final = ("any", "none", "opaque")

_RUNS_FOR_CONTAINERS: Final = 30
"""Healthy runs without an empty list or dict before one is a warning.

What never happened in n runs may still happen in 3 of n (the rule of three: Hanley and Lippman-Hand, "If nothing goes
wrong, is everything all right?", JAMA 1983), and a search without a hit is an honest answer; after 30 runs that is one
run in ten. An empty text says nothing at all, and needs no more than a few runs.
"""


class Emptiness(NamedTuple):
    """An empty value that nothing explains.

    Attributes:
        what: As the end of a sentence.
        severity: How grave: a warning where it was needed.
        confidence: How sure that is.
    """

    what: str
    severity: Severity
    confidence: float


class Fullness:
    """The values of a run that must not be empty, because they never were.

    Args:
        trace: The run.
        context: Its history says what never was.
    """

    def __init__(self, trace: Trace, context: DetectorContext) -> None:
        self._index = RunIndex.of(trace, context)
        self._aftermath = Aftermath(self._index)
        self._grounds = Grounds.of(trace, context)

    def emptiness(self, visit: Visit, step: TraceStep, known: FieldProfile) -> Emptiness | None:
        """What is wrong with an empty value, or None.

        Args:
            visit: The value, of any kind.
            step: The step that returned it.
            known: What healthy runs had in its place.
        """
        value, name = visit.value, visit.path.rpartition(".")[2]
        if not is_blank(value) or not _was_never_empty(known) or name.endswith("[]"):
            return None
        if may_be_empty(name) or sifts(step.node_name) or self._is_explained(step, visit):
            return None
        top = visit.path.partition(".")[0].removesuffix("[]")
        is_read = any(True for _ in self._index.readers_after(step, top))
        if not isinstance(value, str) and self._aftermath.branches_on(step, top):
            is_read = False
        needed = is_read or (self._index.reaches_caller(step, top) and not self._is_aside(step, value))
        usual = isinstance(value, str) or value is None or known.runs >= _RUNS_FOR_CONTAINERS
        grave = needed and usual and "[]" not in visit.path and not self._may_be_none(step, visit)
        what = f"is {blank_word(value)}, which it was in none of {known.runs} earlier runs"
        return Emptiness(what, "warning" if grave else "info", 0.7 if grave else 0.5)

    def silence(self, step: TraceStep, node: NodeProfile) -> str | None:
        """The field that is missed most because a step returned nothing at all, or None.

        Args:
            step: One that returned nothing.
            node: What healthy runs have shown of its node.
        """
        if node.silent or node.runs < ENOUGH or sifts(step.node_name) or self._grounds.something_is_gone(step):
            return None
        spec = self._index.node(step)
        if spec is not None and spec.returns is not None and () not in spec.returns:
            return None  # what its source always returns is known, and told by another detector
        always = [path for path in node.fields if "." not in path and "[]" not in path and node.is_always_present(path)]
        return next((field for field in always if is_missed(step, field, self._index)), None)

    def _is_aside(self, step: TraceStep, value: JsonValue) -> bool:
        """Whether an empty value is only one thing among others that a step said."""
        return not isinstance(value, str) and not self._aftermath.is_all(step)

    def _is_explained(self, step: TraceStep, visit: Visit) -> bool:
        if self._grounds.something_is_gone(step) or self._aftermath.is_accounted_for(step, visit.value):
            return True
        if "." in visit.path or "[]" in visit.path:
            return False
        field, index = visit.path, self._index
        return (
            is_cleared(step, field, index)
            or is_filled_later(step, field, index)
            or is_starved(step, field, visit.value, index)
        )

    def _may_be_none(self, step: TraceStep, visit: Visit) -> bool:
        """Whether None is declared to be a value like any other; inside of fields nothing is known of that."""
        if visit.value is not None:
            return False
        spec = self._index.fields(step).get(visit.path)
        return spec is None or spec.nullable or spec.type.kind in _LENIENT


def _was_never_empty(known: FieldProfile) -> bool:
    seen = known.types.keys() & {"str", "list", "dict"}
    return known.runs >= ENOUGH and not known.blank and "null" not in known.types and bool(seen)
