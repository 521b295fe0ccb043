"""A value that is not what its field has always held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.run_index import RunIndex
from argus.detectors.statistical.grounds import was_given
from argus.detectors.structural.learned_fullness import Fullness
from argus.detectors.structural.learned_keys import LearnedKeys, new_fields
from argus.detectors.structural.learned_values import Oddity, columns, oddity, sequence_oddity
from argus.learning.executions import places_of
from argus.learning.walking import Visit, visits
from argus.model.detection import Detection, Evidence, Severity
from argus.model.profile import NodeProfile
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD

__all__ = ["BrokenContract"]

_STEPS: Final = 500
_BOOKKEEPING: Final = frozenset({"usage_metadata", "response_metadata", "additional_kwargs"})


class BrokenContract(BaseDetector):
    """A value is not what every earlier run had in its place, or is not there at all.

    Finds:
        Keys that were always there and are gone; values that were never empty and are; a type that was never seen; a
        word outside of a small choice; a text of another format or form; a list that was always sorted, or free of
        doubles, and no longer is.

    Why it matters:
        Most of what nodes agree upon is declared nowhere: that a date is written as ``2026-03-01``, a status is one of
        three words, the best hit comes first. Whoever relies on it fails late, or not at all.

    How it decides:
        By what at least eight healthy runs had under the same path of the same node:

        - *Absent.* The key was in every object, or the field in every update, and now it is not: warning, confidence
          0.7. Where the source of the node has a way that returns without the field, or nothing at all, only if a later
          step or the caller needs it, has nothing in it, and the update gives no reason. Several new keys in the place
          of old ones are another kind of record and no fault.
        - *Empty.* It was never empty, and now it is, though what the node was given is not, nothing before it is gone,
          and neither the update nor a later step owns up to having nothing. Warning, if a later step reads it, or the
          caller gets it and it is a text or all that the update says; else, for None where None is allowed, for a list
          that a branch behind the step looks at, and for a list or dict after fewer than 30 runs: info.
        - *Type.* One type was seen, and this is another one; numbers are one type. Warning; info where several were.
        - *Choice.* Another spelling of one of a few texts that were seen: warning. A text outside of them, each of them
          seen twice at least, when chance is small that the next run brings a new one: info, as a new season or product
          brings one too.
        - *Format.* All texts (three different ones at least) were dates, times, addresses, identifiers or JSON, or of
          one form such as ``A-9``, and this one is not: warning. A text that the step was given word for word is not
          the node's own and stays out.
        - *Sequence.* Each of at least eight lists of numbers was sorted, and this one is not: warning; of texts, info.
          Something stands twice where nothing ever did: info.

    When it is wrong:
        When a right but rare kind of answer comes for the first time. Silence it with an ``ignore`` entry for
        ``STR408`` and the field; a run that has no other finding then teaches that it is right.

    Settings:
        ``detection.structural.check_contracts``; ``detection.baseline`` names a frozen file that counts instead.

    References:
        ``STR401``, ``STR403``, ``STR404`` and ``STR405`` compare with what is declared and read. How choices are told
        from chance: I. J. Good, "The population frequencies of species and the estimation of population parameters",
        1953.
    """

    code = "STR408"
    name = "broken_contract"
    layer = "structural"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds values that differ from all that were seen.

        Args:
            trace: The run.
            context: Its history and ``structural.check_contracts`` are used.
        """
        profile = context.history.profile() if context.history is not None else None
        if profile is None or not profile.runs or not context.settings.structural.check_contracts:
            return []
        index, places = RunIndex.of(trace, context), places_of(trace)
        fullness = Fullness(trace, context)
        keys: dict[str, LearnedKeys] = {}
        findings: list[Detection] = []
        for step in trace.steps[:_STEPS]:
            node = profile.node(places[step.id])
            if node is None or step.outcome not in ("ok", "cached") or not index.is_leaf(step):
                continue
            if not step.output_state:
                findings += self._silent(step, node, fullness)
                continue
            known = keys.get(node.place)
            if known is None:
                known = keys[node.place] = LearnedKeys(node)
            findings += self._absent(step, known, index)
            findings += self._odd(step, known, fullness)
        return findings

    def _silent(self, step: TraceStep, node: NodeProfile, fullness: Fullness) -> Iterator[Detection]:
        field = fullness.silence(step, node)
        if field is not None:
            message = (
                f"`{step.node_name}` returned nothing, though it returned `{field}` in all of {node.runs} earlier runs"
            )
            yield self._finding(step, field, message, "warning", 0.7, "absent")

    def _absent(self, step: TraceStep, known: LearnedKeys, index: RunIndex) -> Iterator[Detection]:
        told: set[str] = set()
        for gap in known.gaps(step, index):
            if _without_positions(gap.where) not in told:
                told.add(_without_positions(gap.where))
                others = f" (nor {', '.join(f'`{key}`' for key in gap.others[:3])})" if gap.others else ""
                what = f"is absent{others}, though it was there in all of {gap.runs} earlier runs"
                message = f"{_named(gap.where, step)} {what}"
                yield self._finding(step, gap.where, message, "warning", 0.7, "absent")

    def _odd(self, step: TraceStep, learned: LearnedKeys, fullness: Fullness) -> Iterator[Detection]:
        told: set[str] = set()
        for visit in visits(new_fields(step)):
            if not _BOOKKEEPING.isdisjoint(visit.path.split(".")):
                continue
            known = learned.field(visit.path)
            if known is None:
                continue
            empty = fullness.emptiness(visit, step, known)
            odd = Oddity("empty", *empty) if empty is not None else oddity(visit.value, known)
            if odd is not None and not _is_right(odd, visit, step):
                if visit.path not in told:
                    told.add(visit.path)
                    yield self._shown(step, visit, odd)
            elif isinstance(visit.value, list) and len(visit.value) > 1:
                yield from self._sequences(step, visit, learned)

    def _sequences(self, step: TraceStep, visit: Visit, learned: LearnedKeys) -> Iterator[Detection]:
        for path, column in columns(visit.path, visit.value):
            known = learned.field(path)
            odd = sequence_oddity(column, known) if known is not None else None
            if odd is not None:
                inner = path.removeprefix(visit.path).removeprefix("[]").removeprefix(".")
                whose = f"`{inner}` in the items of `{visit.where}`" if inner else f"`{visit.where}`"
                message = f"{whose} of `{step.node_name}` {odd.what}"
                yield self._finding(step, visit.where, message, odd.severity, odd.confidence, odd.kind)
                return

    def _shown(self, step: TraceStep, visit: Visit, odd: Oddity) -> Detection:
        message = f"{_named(visit.where, step)} {odd.what}"
        evidence = (Evidence(step_id=step.id, field=visit.where, note="differs", value=excerpt(visit.value)),)
        return self._finding(step, visit.where, message, odd.severity, odd.confidence, odd.kind, evidence)

    def _finding(
        self,
        step: TraceStep,
        field: str,
        message: str,
        severity: Severity,
        confidence: float,
        kind: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=message,
            step_id=step.id,
            field=field,
            confidence=confidence,
            details={"contract": kind},
            evidence=evidence or (Evidence(step_id=step.id, field=field, note="differs from all earlier runs"),),
        )


def _named(where: str, step: TraceStep) -> str:
    """A place in what a step returned, as a sentence begins with it."""
    if where == ROOT_FIELD:
        return f"what `{step.node_name}` returned"
    return f"`{where.removeprefix(f'{ROOT_FIELD}.')}` of `{step.node_name}`"


def _without_positions(where: str) -> str:
    return ".".join(part for part in where.split(".") if not part.isdecimal())


def _is_right(odd: Oddity, visit: Visit, step: TraceStep) -> bool:
    """Whether a value that was never seen is no fault of the step: it was given it, or rightly has nothing to say."""
    if isinstance(visit.value, str) and odd.kind in ("choice", "format"):
        return was_given(visit.value, step)
    return False
