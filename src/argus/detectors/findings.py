"""From the findings of all detectors to the findings of a run: merged, marked, in order, numbered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from argus._internal.ids import detection_id
from argus.config.settings import IgnoreRule
from argus.model.detection import SEVERITIES, Detection, Evidence
from argus.model.trace import Trace

__all__ = ["Found", "arrange", "marked"]

_LAYERS = ("structural", "semantic", "statistical", "behavioral")
"""Where two findings see one fault with the same weight, the one that names the data speaks first."""


_POSITIONS = re.compile(r"\.\d+(?=\.|$)")
"""Positions in lists, within a dotted path."""

_SHOWN = 20
"""Further steps with the same fault that a finding shows; ``details.times`` counts them all."""


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
    once = _once_per_node(_merged(found), nodes, numbers)
    merged = [marked(finding, nodes.get(finding.step_id, ""), ignore) for finding in once]
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
    """One finding for each step, field and fault; one that names no field joins another detector's that does."""
    groups: dict[tuple[str, str], dict[str | None, list[Detection]]] = {}
    for one in found:
        fields = groups.setdefault((one.finding.step_id, one.fault), {})
        fields.setdefault(one.finding.field, []).append(one.finding)
    merged: list[Detection] = []
    for fields in groups.values():
        unnamed = {one.code for one in fields.get(None, ())}
        voices = [_one_of(group) for field, group in fields.items() if field and unnamed.isdisjoint(_codes(group))]
        if unnamed and voices:
            fields[min(voices, key=_voice).field] += fields.pop(None)
        merged += map(_one_of, fields.values())
    return merged


def _codes(group: Iterable[Detection]) -> set[str]:
    return {one.code for one in group}


def _once_per_node(
    findings: Iterable[Detection], nodes: Mapping[str, str], numbers: Mapping[str, int]
) -> Iterator[Detection]:
    """What a node does wrong each time it runs is one fault, shown where it is gravest and first.

    Findings without a code stay as they are: what they mean is known to their detector alone.
    """
    groups: dict[tuple[str, str, str], list[Detection]] = {}
    for one in findings:
        node = nodes.get(one.step_id)
        if not one.code or node is None:
            yield one
        else:
            groups.setdefault((one.code, node, _POSITIONS.sub("", one.field or "")), []).append(one)
    for group in groups.values():
        first, *others = sorted(
            group, key=lambda one: (-SEVERITIES.index(one.severity), numbers[one.step_id], *_voice(one))
        )
        again = tuple(Evidence(step_id=one.step_id, field=one.field, note="again") for one in others[:_SHOWN])
        yield (
            first
            if not others
            else msgspec.structs.replace(
                first, evidence=(*first.evidence, *again), details={**first.details, "times": len(group)}
            )
        )


def _one_of(group: list[Detection]) -> Detection:
    """The finding that speaks for a group, the others as its evidence."""
    if len(group) == 1:
        return group[0]
    first, *others = sorted(group, key=_voice)
    if first.field is None:  # a field that only another one names is worth keeping
        first = msgspec.structs.replace(first, field=next((one.field for one in others if one.field), None))
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


def marked(finding: Detection, node: str, ignore: Sequence[IgnoreRule]) -> Detection:
    """The finding, suppressed with the reason of the first rule that fits it.

    Args:
        finding: Any.
        node: The node at whose step it is.
        ignore: What is silenced.
    """
    for rule in ignore:
        if _fits(rule, finding, node):
            return msgspec.structs.replace(finding, suppressed=rule.reason or "ignored by configuration")
    return finding


def _fits(rule: IgnoreRule, finding: Detection, node: str) -> bool:
    """Whether all parts of a rule fit; a rule without parts fits nothing, so that an empty entry hides nothing."""
    parts = [(rule.code, finding.code), (rule.node, node), (rule.field, finding.field)]
    given = [(pattern, value) for pattern, value in parts if pattern is not None]
    return bool(given) and all(value is not None and fnmatchcase(value, pattern) for pattern, value in given)
