"""How a failure travelled: from the step that caused it, along the fields that carried it, to where it surfaced."""

from __future__ import annotations

from argus.model.forensics import CausalLink, Forensics, Proof, Suggestion, Suspect
from argus.model.record import Record
from argus.model.trace import Trace, TraceStep
from argus.views.amounts import count
from argus.views.paths import MISSING, lookup
from argus.views.timeline import Role
from argus.views.values import preview

__all__ = ["NAMED_FROM", "Hop", "Story", "Suspicion", "story"]

NAMED_FROM = 0.6
"""Confidence below which no cause is named; suspects are listed instead."""

_CARRIED_CHARACTERS = 40


class Hop(Record, frozen=True, kw_only=True):
    """One step of the chain.

    Attributes:
        step_id: The step.
        step_number: Its number, or None if the trace does not hold it.
        node_name: Its node.
        role: ``cause``, ``path`` or ``symptom``.
        why: What happened there, one clause.
        field: The field that carried the fault on, or None.
        carried: What the field held after this step, in one line; empty when unknown or for the last hop.
        file: The source file of the node, or of the line that raised for a symptom; None when unknown.
        line: The line in it.
    """

    step_id: str
    step_number: int | None
    node_name: str
    role: Role
    why: str = ""
    field: str | None = None
    carried: str = ""
    file: str | None = None
    line: int | None = None


class Suspicion(Record, frozen=True, kw_only=True):
    """A step that may be the cause.

    Attributes:
        step_number: Its number, or None if the trace does not hold it.
        node_name: Its node.
        score: From 0 to 1.
        reasons: One clause each.
    """

    step_number: int | None
    node_name: str
    score: float
    reasons: tuple[str, ...] = ()


class Story(Record, frozen=True, kw_only=True):
    """What a run comes down to.

    Attributes:
        sentence: One sentence; never empty.
        explanation: One or two sentences from forensics; empty without any.
        cause: The hop that caused it, or None when no cause is named.
        chain: From cause to symptom; empty when no cause is named.
        suspects: Ranked; only when no cause is named.
        confidence: Of the blame, from 0 to 1.
        proof: How far the blame is proved, or None without forensics.
        suggestions: What to change.
    """

    sentence: str
    explanation: str = ""
    cause: Hop | None = None
    chain: tuple[Hop, ...] = ()
    suspects: tuple[Suspicion, ...] = ()
    confidence: float = 0.0
    proof: Proof | None = None
    suggestions: tuple[Suggestion, ...] = ()


def story(trace: Trace) -> Story:
    """What a run comes down to.

    Args:
        trace: A finalized trace.
    """
    sentence = trace.summary or _plain_sentence(trace)
    blame = trace.forensics
    if blame is None:
        return Story(sentence=sentence)
    named = blame.root_cause_step is not None and blame.confidence >= NAMED_FROM
    chain = _chain(trace, blame) if named else ()
    return Story(
        sentence=sentence,
        explanation=blame.explanation if blame.explanation != sentence else "",
        cause=next((hop for hop in chain if hop.role == "cause"), None),
        chain=chain,
        suspects=() if named else tuple(_suspicion(trace, suspect) for suspect in blame.suspects),
        confidence=blame.confidence,
        proof=blame.proof,
        suggestions=blame.suggestions,
    )


def _plain_sentence(trace: Trace) -> str:
    steps = count(len(trace.steps), "step")
    if trace.status == "incomplete":
        return f"The process ended during the run; {steps} were recorded."
    first = next((finding for finding in trace.detections if finding.suppressed is None), None)
    return first.message if first else f"No findings in {steps}."


def _chain(trace: Trace, blame: Forensics) -> tuple[Hop, ...]:
    links = blame.causal_chain
    return tuple(_hop(trace, link, last=index == len(links) - 1) for index, link in enumerate(links))


def _hop(trace: Trace, link: CausalLink, *, last: bool) -> Hop:
    step = trace.step(link.step_id)
    file, line = _place(trace, step, link)
    return Hop(
        step_id=link.step_id,
        step_number=step.step_number if step else None,
        node_name=link.node_name,
        role=link.role,
        why=link.why,
        field=link.field,
        carried="" if last or step is None or link.field is None else _carried(step, link.field),
        file=file,
        line=line,
    )


def _place(trace: Trace, step: TraceStep | None, link: CausalLink) -> tuple[str | None, int | None]:
    if step is None:
        return None, None
    if link.role == "symptom" and step.error is not None and step.error.file is not None:
        return step.error.file, step.error.line
    spec = trace.node_spec(step)
    return (spec.file, spec.line) if spec else (None, None)


def _carried(step: TraceStep, field: str) -> str:
    """What a field held once this step was done: what the step wrote, else what it was left at."""
    written = lookup(step.output_state, field)
    if written is not MISSING:
        return preview(written, _CARRIED_CHARACTERS)
    if not step.state_after:
        return ""
    left = lookup(step.state_after, field)
    return "absent" if left is MISSING else f"stays {preview(left, _CARRIED_CHARACTERS)}"


def _suspicion(trace: Trace, suspect: Suspect) -> Suspicion:
    step = trace.step(suspect.step_id)
    return Suspicion(
        step_number=step.step_number if step else None,
        node_name=suspect.node_name,
        score=suspect.score,
        reasons=suspect.reasons,
    )
