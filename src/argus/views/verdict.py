"""The sentence that a run comes down to, cut where it names a step, so that each name can be a link."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from argus.model.detection import SEVERITIES, Detection
from argus.model.forensics import Proof
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.views.chain import NAMED_FROM, story
from argus.views.timeline import Role, roles_of

__all__ = ["Segment", "StepName", "Verdict", "cause_of", "symptom_of", "verdict"]

_QUOTED = re.compile(r"`([^`]*)`")


class StepName(Record, frozen=True, kw_only=True):
    """A step, and what it is called.

    Attributes:
        step_number: Its number.
        node: Its node.
        code: The code of the gravest finding there; empty without one.
        confidence: That this step is to blame, from 0 to 1; of a symptom that of its finding.
    """

    step_number: int
    node: str
    code: str = ""
    confidence: float = 1.0


class Segment(Record, frozen=True, kw_only=True):
    """A piece of the sentence; all pieces joined are the sentence.

    Attributes:
        text: What it says; names stand in backquotes.
        step_number: The step that it names, or None for running text.
        role: That step's part in the blame, or None.
    """

    text: str
    step_number: int | None = None
    role: Role | None = None


class Verdict(Record, frozen=True, kw_only=True):
    """What a run comes down to.

    Attributes:
        sentence: One sentence; never empty.
        segments: The same in pieces.
        explanation: One or two sentences more; empty without any.
        named: Whether a cause is named; below a confidence of 0.6 suspects are listed instead.
        score: Confidence of the blame, from 0 to 1; None when nothing was investigated.
        proof: How far the blame is proved, or None when nothing was investigated.
    """

    sentence: str
    segments: tuple[Segment, ...]
    explanation: str = ""
    named: bool = False
    score: float | None = None
    proof: Proof | None = None


def verdict(trace: Trace) -> Verdict:
    """What a run comes down to.

    Args:
        trace: A run; its values are not looked at.
    """
    told = story(trace)
    return Verdict(
        sentence=told.sentence,
        segments=tuple(_segments(told.sentence, _links(trace), roles_of(trace))),
        explanation=told.explanation,
        named=told.cause is not None,
        score=told.confidence if trace.forensics else None,
        proof=told.proof,
    )


def cause_of(trace: Trace) -> StepName | None:
    """The step that is named as the cause, or None when none is.

    Args:
        trace: A run; its values are not looked at.
    """
    blame = trace.forensics
    if blame is None or blame.root_cause_step is None or blame.confidence < NAMED_FROM:
        return None
    step = trace.step(blame.root_cause_step)
    if step is None:
        return None
    here = _gravest([one for one in trace.detections if one.step_id == step.id])
    code = (here or _gravest(trace.detections) or _NOTHING).code
    return StepName(step_number=step.step_number, node=step.node_name, code=code, confidence=blame.confidence)


def symptom_of(trace: Trace) -> StepName | None:
    """The step where the failure showed: the end of the chain, else the gravest finding's; None without either.

    Args:
        trace: A run; its values are not looked at.
    """
    links = trace.forensics.causal_chain if trace.forensics else ()
    ends = [link.step_id for link in links if link.role == "symptom"]
    gravest = _gravest(trace.detections)
    step = trace.step(ends[-1]) if ends else trace.step(gravest.step_id) if gravest else None
    if step is None:
        return None
    here = _gravest([one for one in trace.detections if one.step_id == step.id])
    return StepName(
        step_number=step.step_number,
        node=step.node_name,
        code=here.code if here else "",
        confidence=here.confidence if here else 1.0,
    )


_NOTHING = Detection(layer="", severity="info", message="", step_id="")


def _gravest(detections: Sequence[Detection]) -> Detection | None:
    standing = [one for one in detections if one.suppressed is None]
    return max(standing, key=lambda one: SEVERITIES.index(one.severity), default=None)


def _links(trace: Trace) -> dict[str, TraceStep]:
    """The step that each node's name stands for in the sentence: the blamed one, the symptom, else its only one."""
    found: dict[str, TraceStep] = {}
    times: dict[str, int] = {}
    for step in trace.steps:
        times[step.node_name] = times.get(step.node_name, 0) + 1
        found[step.node_name] = step
    named = {name: step for name, step in found.items() if times[name] == 1}
    ends = symptom_of(trace)
    if ends is not None:
        named.update({step.node_name: step for step in trace.steps if step.step_number == ends.step_number})
    roles = roles_of(trace)
    for role in ("path", "symptom", "cause"):
        for step in trace.steps:
            if roles.get(step.id) == role:
                named[step.node_name] = step
    return named


def _segments(sentence: str, links: Mapping[str, TraceStep], roles: Mapping[str, Role]) -> Iterator[Segment]:
    said = 0
    for quoted in _QUOTED.finditer(sentence):
        step = links.get(quoted[1])
        if step is None:
            continue
        if quoted.start() > said:
            yield Segment(text=sentence[said : quoted.start()])
        yield Segment(text=quoted[0], step_number=step.step_number, role=roles.get(step.id))
        said = quoted.end()
    if said < len(sentence):
        yield Segment(text=sentence[said:])
