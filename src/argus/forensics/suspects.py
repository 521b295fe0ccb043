"""Which of the steps that a symptom rests on is to blame.

A step is weighed by the strongest sign against it. A step whose own input was already wrong is explained by whoever
made that input, unless its fault is one that no input can bring about. What is left are the steps whose output was
wrong although their input was right; the weight of the sign and the surety of the links decide between several.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from argus.forensics.links import Hop, Slice
from argus.forensics.signs import Sign
from argus.forensics.symptoms import Symptom
from argus.model.trace import TraceStep

__all__ = ["Candidate", "rank"]

_WORTH_NAMING: Final = 0.1
_EXPLAINS: Final = 0.6
_EXPLAINED_SHARE: Final = 0.5
_PER_LINK: Final = 0.99
_LONG_WAY: Final = 0.85
_CLEAN: Final = 0.1


@dataclass(frozen=True)
class Candidate:
    """A step that may be the cause of a symptom.

    Attributes:
        step: The step.
        score: From 0 to 1.
        sign: The strongest sign against it.
        explained: Whether its input was already wrong.
        input_right: Whether nothing speaks against anything it was given.
    """

    step: TraceStep
    score: float
    sign: Sign
    explained: bool
    input_right: bool


def rank(symptom: Symptom, result: Slice) -> list[Candidate]:
    """The steps that may be to blame for a symptom, the likeliest first.

    Args:
        symptom: The symptom.
        result: What it rests on.
    """
    signs = {symptom.step.id: symptom.own}
    steps = {symptom.step.id: symptom.step}
    by_reader: dict[str, list[Hop]] = defaultdict(list)
    for hop in result.hops:
        writer = hop.writer
        if writer is None or writer.id == hop.reader.id:
            _weigh(signs, steps, hop)
            continue
        by_reader[hop.reader.id].append(hop)
        _weigh(signs, steps, hop)
    upstream = _upstream(steps, by_reader, signs)
    surety = _surety(result)
    candidates = [
        _candidate(steps[step_id], sign, upstream.get(step_id, 0.0), surety[step_id])
        for step_id, sign in signs.items()
        if sign.weight >= _WORTH_NAMING and step_id in surety
    ]
    candidates.sort(key=lambda one: (-round(one.score, 2), one.step.step_number))
    return candidates


def _weigh(signs: dict[str, Sign], steps: dict[str, TraceStep], hop: Hop) -> None:
    if hop.writer is None:
        return
    steps[hop.writer.id] = hop.writer
    old = signs.get(hop.writer.id)
    if hop.sign is not None and (old is None or hop.sign.weight > old.weight):
        signs[hop.writer.id] = hop.sign


def _upstream(steps: dict[str, TraceStep], by_reader: dict[str, list[Hop]], signs: dict[str, Sign]) -> dict[str, float]:
    """How wrong the input of each step was: the heaviest sign above it, lessened by every unsure link on the way."""
    upstream: dict[str, float] = {}
    for step in sorted(steps.values(), key=lambda one: one.step_number):
        heaviest = 0.0
        for hop in by_reader.get(step.id, ()):
            if hop.writer is None or hop.writer.step_number > step.step_number:
                continue
            weight = hop.sign.weight if hop.sign is not None else 0.0
            heaviest = max(heaviest, hop.quality * max(weight, upstream.get(hop.writer.id, 0.0)))
        sign = signs.get(step.id)
        upstream[step.id] = 0.0 if sign is not None and sign.inborn else heaviest
    return upstream


def _surety(result: Slice) -> dict[str, float]:
    """How sure the way from each step to the symptom is: its weakest link, and a little less for every link."""
    weakest = {result.start.id: 1.0}
    surety = {result.start.id: 1.0}
    length = {result.start.id: 0}
    for step_id, hop in result.reached.items():
        weakest[step_id] = min(weakest[hop.reader.id], hop.quality)
        same_node = hop.writer is not None and hop.writer.node_name == hop.reader.node_name
        length[step_id] = length[hop.reader.id] + (not same_node)  # the rounds of one node count once
        surety[step_id] = weakest[step_id] * max(_PER_LINK ** length[step_id], _LONG_WAY)
    return surety


def _candidate(step: TraceStep, sign: Sign, upstream: float, surety: float) -> Candidate:
    explained = upstream >= _EXPLAINS * sign.weight
    score = sign.weight * surety * (_EXPLAINED_SHARE if explained else 1.0)
    return Candidate(step, min(score, 1.0), sign, explained, upstream < _CLEAN)
