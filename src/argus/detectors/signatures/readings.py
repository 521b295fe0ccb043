"""All texts of a run, read once against all signatures, for the detectors of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from argus.detectors.base import DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.signatures.echo import Given
from argus.detectors.signatures.matcher import Match, Matcher, matcher_of
from argus.detectors.signatures.passages import Passage, passages_of
from argus.detectors.signatures.registry import bundled
from argus.detectors.signatures.signature import Kind, SignatureSet
from argus.model.trace import Trace, TraceStep

__all__ = ["Reading", "Readings"]


@dataclass(frozen=True)
class Reading:
    """A passage and the signatures that fit it.

    Attributes:
        passage: Where it stands.
        hits: By kind, what fits; in order of the signatures.
    """

    passage: Passage
    hits: dict[Kind, list[Hit]] = field(default_factory=dict)


@dataclass(frozen=True)
class Hit:
    """One signature that fits.

    Attributes:
        match: Where in the part that was read.
        text: The part of the passage, or the shape of its record.
    """

    match: Match
    text: str

    @property
    def words(self) -> str:
        """What the signature fits."""
        return self.text[self.match.start : self.match.end].strip()


class Readings:
    """What the signatures say about a run. Built in time linear in the run; the detectors of one run share it.

    Args:
        index: The run.
        known: The signatures.
    """

    def __init__(self, index: RunIndex, known: SignatureSet) -> None:
        self.index = index
        self.all: list[Reading] = []
        self._given: dict[str, Given] = {}
        self._known: dict[str, str] = {}
        matcher = matcher_of(known)
        for step in index.trace.steps:
            if step.outcome in ("ok", "cached", "parent_command") and index.is_leaf(step):
                self.all += (_read(one, matcher) for one in passages_of(step, list(_own_fields(step))))

    @classmethod
    def of(cls, trace: Trace, context: DetectorContext) -> Readings:
        """The readings of a run.

        Args:
            trace: The run.
            context: Its memo holds the readings; its signatures are used, the bundled ones when it has none.
        """
        readings = context.memo.get("signature_readings")
        if not isinstance(readings, cls) or readings.index.trace is not trace:
            known = context.signatures or bundled()
            readings = context.memo["signature_readings"] = cls(RunIndex.of(trace, context), known)
        return readings

    def given(self, step: TraceStep) -> Given:
        """What a step was given, to tell what it only passed on.

        Args:
            step: The step.
        """
        if step.id not in self._given:
            self._given[step.id] = Given(step, self._known)
        return self._given[step.id]


def _own_fields(step: TraceStep) -> Iterator[str]:
    """The fields that do not leave as they came."""
    for name, value in step.output_state.items():
        if name not in step.input_state or step.input_state[name] != value:
            yield name


def _read(passage: Passage, matcher: Matcher) -> Reading:
    reading = Reading(passage)
    found: list[Hit] = []
    if passage.given is None:
        parts = passage.parts
        whole = len(parts) == 1
        for number, part in enumerate(parts):
            found += (Hit(one, part) for one in matcher.in_text(part, opening=number == 0, whole=whole))
    if passage.shape:
        found += (Hit(one, passage.shape) for one in matcher.in_shape(passage.shape))
    for hit in found:
        reading.hits.setdefault(hit.match.signature.kind, []).append(hit)
    return reading
