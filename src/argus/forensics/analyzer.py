"""From a finished run with findings to the story of its failure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from argus._internal.ids import forensics_id
from argus.dataflow.lineage import Lineage
from argus.dataflow.values import ABSENT, is_empty
from argus.forensics.chain import chain_of, rooted_again
from argus.forensics.conversation.blame import investigate_conversation
from argus.forensics.conversation.talk import is_conversation
from argus.forensics.doubts import doubts_on, lessened, told
from argus.forensics.expected import Gaps
from argus.forensics.explain import explain_cause, explain_given, explain_near_misses, explain_unknown
from argus.forensics.findings import Findings
from argus.forensics.links import Hop, Slice
from argus.forensics.loops import asking_hops, inner_hops, is_loop, loop_hops, own_weight
from argus.forensics.signs import Sign, Signs
from argus.forensics.slicing import Slicer
from argus.forensics.suggest import suggestions_for
from argus.forensics.suspects import Candidate, rank
from argus.forensics.symptoms import Symptom, symptoms_of
from argus.model.forensics import Forensics, Suspect
from argus.model.trace import Trace, TraceStep

__all__ = ["NAMED_FROM", "investigate"]

NAMED_FROM: Final = 0.6
"""Confidence below which no cause is named."""

_TRACED: Final = 8
"""Symptoms that are traced back; further ones are explained when they lie on what was found."""

_SUSPECTS: Final = 5
_RIVAL: Final = 0.9
_ONLY_ASKED: Final = 0.3
"""The weight against a step that only does what it is asked for."""


@dataclass(frozen=True)
class _Case:
    """One symptom, traced back."""

    symptom: Symptom
    result: Slice
    candidates: Sequence[Candidate]

    @property
    def best(self) -> Candidate | None:
        return self.candidates[0] if self.candidates else None

    @property
    def confidence(self) -> float:
        """How sure the best candidate is; a rival that is nearly as likely takes some of it away."""
        if self.best is None:
            return 0.0
        node = self.best.step.node_name  # another round of the same node is no rival
        rivals = [one for one in self.candidates[1:] if not one.explained and one.step.node_name != node]
        close = bool(rivals) and rivals[0].score >= _RIVAL * self.best.score
        return round(self.best.score * (_RIVAL if close else 1.0), 3)


def investigate(trace: Trace, *, near_misses: bool = False) -> Forensics | None:
    """Traces the symptoms of a run back to the step whose output was wrong first.

    Args:
        trace: A finished run with its findings; never changed.
        near_misses: Whether a run without anything to explain is looked through for what came close.

    Returns:
        The causal story; without a named cause where nothing in the trace is sure enough; None where there is nothing
        to explain.
    """
    if is_conversation(trace):
        return investigate_conversation(trace)
    lineage = Lineage(trace)
    found = _investigated(lineage, near_misses=near_misses)
    return found if found is None or lineage.trace is trace else rooted_again(found)


def _investigated(lineage: Lineage, *, near_misses: bool) -> Forensics | None:
    trace = lineage.trace
    findings = Findings(lineage)
    signs = Signs(lineage, findings)
    symptoms = symptoms_of(lineage, findings)
    if not symptoms:
        return _near_misses(trace, signs) if near_misses else None
    slicer = Slicer(lineage, signs, Gaps(lineage))
    cases = [_traced(symptom, slicer, lineage) for symptom in symptoms[:_TRACED]]
    main = _main(cases, lineage)
    given = _caller_to_blame(cases[0])
    if given is not None and (main is None or main is not cases[0]):
        return _blame_caller(trace, cases[0], given, findings)
    if main is None or main.best is None:
        return _no_cause(lineage, cases, findings)
    return _named(trace, _seen_latest(main, cases), main, cases, lineage, findings)


def _main(cases: Sequence[_Case], lineage: Lineage) -> _Case | None:
    """The first case with a cause that can be named; a loop gives way to data that are more surely wrong."""
    named = [case for case in cases if case.confidence >= NAMED_FROM]
    if not named or not is_loop(named[0].symptom, lineage):
        return named[0] if named else None
    return max(named, key=lambda case: case.confidence)


def _traced(symptom: Symptom, slicer: Slicer, lineage: Lineage) -> _Case:
    links = inner_hops(symptom, lineage)
    asked = asking_hops(symptom, lineage)
    if asked and not is_loop(symptom, lineage):
        links = [*links, *asked]
        symptom = replace(symptom, own=replace(symptom.own, weight=_ONLY_ASKED, inborn=False))
    elif is_loop(symptom, lineage):
        links = loop_hops(symptom, lineage)
        symptom = replace(symptom, own=replace(symptom.own, weight=own_weight(symptom), inborn=False))
    result = slicer.slice(symptom.step, symptom.paths, symptom.stumbles, links, choices=symptom.choices)
    return _Case(symptom, result, rank(symptom, result))


def _seen_latest(main: _Case, cases: Iterable[_Case]) -> _Case:
    """Of the symptoms that come from one cause, the one that ended the run, else the latest; the main one otherwise."""
    if main.symptom.ends or main.best is None:
        return main
    cause = main.best.step
    alike = [
        case
        for case in cases
        if case.best is not None and case.best.step.id == cause.id and case.confidence >= NAMED_FROM
    ]
    return max(alike, key=lambda case: (case.symptom.ends, case.symptom.step.step_number), default=main)


def _named(
    trace: Trace, shown: _Case, main: _Case, cases: Sequence[_Case], lineage: Lineage, findings: Findings
) -> Forensics:
    best = shown.best or main.best
    if best is None:
        raise AssertionError("a named cause has a candidate")
    path = shown.result.path_from(best.step)
    doubts = doubts_on(best.step, path, lineage)
    confidence = lessened(shown.confidence, doubts)
    chain = chain_of(best.step, best.sign, path, shown.symptom)
    on_chain = {link.step_id for link in chain}
    explained = {
        case.symptom.finding.detection.id
        for case in cases
        if case.symptom.finding is not None and case.best is not None and case.best.step.id == best.step.id
    }
    ids = [
        finding.detection.id
        for finding in findings.all
        if finding.detection.id in explained or finding.step.id in on_chain
    ]
    return Forensics(
        id=forensics_id(trace.id),
        root_cause_step=best.step.id,
        explanation=explain_cause(best.step, best.sign, shown.symptom, chain) + told(confidence, doubts),
        causal_chain=chain,
        detection_ids=tuple(dict.fromkeys(ids)),
        confidence=confidence,
        proof="lineage" if path else "observed",
        suspects=_suspects(cases),
        suggestions=suggestions_for(best.step, best.sign, path, shown.symptom, lineage),
    )


def _no_cause(lineage: Lineage, cases: Sequence[_Case], findings: Findings) -> Forensics:
    first = cases[0]
    suspects = _suspects(cases)
    best = first.best.step if first.best is not None else None
    doubts = doubts_on(None, first.result.path_from(best) if best is not None else (), lineage)
    confidence = lessened(first.confidence, doubts)
    return Forensics(
        id=forensics_id(lineage.trace.id),
        root_cause_step=None,
        explanation=explain_unknown(first.symptom, len(suspects)) + told(confidence, doubts),
        detection_ids=tuple(finding.detection.id for finding in findings.at(first.symptom.step)),
        confidence=confidence,
        proof="lineage" if first.result.hops else "observed",
        suspects=suspects,
    )


def _caller_to_blame(case: _Case) -> Hop | None:
    """The input that the caller should have given, where nobody else writes it."""
    pointed = set(case.symptom.paths)
    return next(
        (
            hop
            for hop in case.result.given
            if hop.path in pointed and (hop.found is ABSENT or is_empty(hop.found)) and hop.reader.parent_id is None
        ),
        None,
    )


def _blame_caller(trace: Trace, case: _Case, hop: Hop, findings: Findings) -> Forensics:
    return Forensics(
        id=forensics_id(trace.id),
        root_cause_step=None,
        explanation=explain_given(hop, case.symptom),
        detection_ids=tuple(finding.detection.id for finding in findings.at(case.symptom.step)),
        confidence=hop.quality * _RIVAL,
        proof="lineage",
        suspects=_suspects([case]),
    )


def _suspects(cases: Iterable[_Case]) -> tuple[Suspect, ...]:
    """The steps that may be to blame for any of the symptoms, each with its best score."""
    best: dict[str, Candidate] = {}
    for case in cases:
        for candidate in case.candidates[:_SUSPECTS]:
            known = best.get(candidate.step.id)
            if known is None or candidate.score > known.score:
                best[candidate.step.id] = candidate
    ranked = sorted(best.values(), key=lambda one: (-round(one.score, 2), one.step.step_number))
    return tuple(
        Suspect(
            step_id=one.step.id, node_name=one.step.node_name, score=round(one.score, 3), reasons=tuple(_reasons(one))
        )
        for one in ranked[:_SUSPECTS]
    )


def _reasons(candidate: Candidate) -> list[str]:
    reasons = [candidate.sign.clause]
    if candidate.sign.inborn:
        reasons.append("no input can bring this about")
    elif candidate.input_right:
        reasons.append("nothing speaks against what it was given")
    elif candidate.explained:
        reasons.append("what it was given was already wrong")
    return reasons


def _near_misses(trace: Trace, signs: Signs) -> Forensics | None:
    """What could be held against the steps of a run that has nothing to explain."""
    found: list[tuple[TraceStep, Sign]] = []
    for step in trace.steps:
        against = signs.of(step, None)
        if against:
            found.append((step, against[0]))
        elif step.attempt > 1:
            found.append((step, Sign(0.2, f"needed {step.attempt} attempts", ())))
    found.sort(key=lambda entry: (-entry[1].weight, entry[0].step_number))
    return Forensics(
        id=forensics_id(trace.id),
        root_cause_step=None,
        explanation=explain_near_misses(found),
        suspects=tuple(
            Suspect(step_id=step.id, node_name=step.node_name, score=round(sign.weight, 3), reasons=(sign.clause,))
            for step, sign in found[:_SUSPECTS]
        ),
    )
