"""From the findings of all detectors to the findings of a run: merged, marked, in order, numbered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

import msgspec

from argus._internal.ids import detection_id
from argus.config.settings import IgnoreRule
from argus.model.detection import SEVERITIES, Detection, Evidence
from argus.model.trace import Trace

__all__ = ["Found", "arrange"]

_LAYERS = ("structural", "semantic", "statistical", "behavioral")
"""Where two findings see one fault with the same weight, the one that names the data speaks first."""


class Found(msgspec.Struct, frozen=True):
    """A finding and the kind of fault it is about.

    Attributes:
        finding: As the detector gave it.
        fault: Findings about the same step, field and fault are one.
    """

    finding: Detection
    fault: str


def arrange(trace: Trace, found: Iterable[Found], ignore: Sequence[IgnoreRule] = ()) -> tuple[Detection, ...]:
    """The findings of a run.

    The order of ``found`` does not matter: those that count come before suppressed ones, then the gravest, then they
    follow step, code, field and message.

    Args:
        trace: The run.
        found: What all detectors found.
        ignore: What configuration silences; such findings stay, marked.

    Returns:
        With ids.
    """
    numbers = {step.id: step.step_number for step in trace.steps}
    nodes = {step.id: step.node_name for step in trace.steps}
    merged = [_marked(finding, nodes.get(finding.step_id, ""), ignore) for finding in _merged(found)]
    merged.sort(
        key=lambda one: (
            one.suppressed is not None,
            -SEVERITIES.index(one.severity),
            numbers.get(one.step_id, 0),
            one.code,
            one.field or "",
            one.message,
        )
    )
    return tuple(
        msgspec.structs.replace(finding, id=detection_id(trace.id, rank))
        for rank, finding in enumerate(merged, start=1)
    )


def _merged(found: Iterable[Found]) -> list[Detection]:
    groups: dict[tuple[str, str | None, str], list[Detection]] = {}
    for one in found:
        groups.setdefault((one.finding.step_id, one.finding.field, one.fault), []).append(one.finding)
    return [_one_of(group) for group in groups.values()]


def _one_of(group: list[Detection]) -> Detection:
    """The finding that speaks for a group, the others as its evidence."""
    if len(group) == 1:
        return group[0]
    first, *others = sorted(group, key=_voice)
    evidence = list(first.evidence)
    for other in others:
        if (other.code, other.message) != (first.code, first.message):
            note = f"{other.code or other.layer}: {other.message}"
            evidence.append(Evidence(step_id=other.step_id, field=other.field, note=note))
        evidence += (fact for fact in other.evidence if fact not in evidence)
    also: list[str] = sorted({other.code for other in others if other.code} - {first.code})
    return msgspec.structs.replace(
        first,
        severity=max((one.severity for one in group), key=SEVERITIES.index),
        evidence=tuple(evidence),
        details={**first.details, "also": also} if also else first.details,
    )


def _voice(finding: Detection) -> tuple[int, int, float, int, str, str]:
    """The gravest speaks for a group, then the one that names the data, the surest, the one with most to show."""
    layer = _LAYERS.index(finding.layer) if finding.layer in _LAYERS else len(_LAYERS)
    weight = -SEVERITIES.index(finding.severity)
    return (weight, layer, -finding.confidence, -len(finding.evidence), finding.code, finding.message)


def _marked(finding: Detection, node: str, ignore: Sequence[IgnoreRule]) -> Detection:
    for rule in ignore:
        if _fits(rule, finding, node):
            return msgspec.structs.replace(finding, suppressed=rule.reason or "ignored by configuration")
    return finding


def _fits(rule: IgnoreRule, finding: Detection, node: str) -> bool:
    """Whether all parts of a rule fit; a rule without parts fits nothing, so that an empty entry hides nothing."""
    parts = [(rule.code, finding.code), (rule.node, node), (rule.field, finding.field)]
    given = [(pattern, value) for pattern, value in parts if pattern is not None]
    return bool(given) and all(value is not None and fnmatchcase(value, pattern) for pattern, value in given)
