"""What to change, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from argus.dataflow.lineage import Lineage
from argus.dataflow.values import ABSENT, at
from argus.forensics.findings import Finding
from argus.forensics.links import Hop
from argus.forensics.signs import Sign
from argus.forensics.symptoms import Symptom
from argus.forensics.wording import name
from argus.model.forensics import Suggestion
from argus.model.trace import TraceStep

__all__ = ["suggestions_for"]


def suggestions_for(
    cause: TraceStep, sign: Sign, path: Sequence[Hop], symptom: Symptom, lineage: Lineage
) -> tuple[Suggestion, ...]:
    """What to change at the cause, and what to make firmer at the symptom.

    Args:
        cause: The step to blame.
        sign: What speaks against it.
        path: The hops from the cause down to the symptom's step; empty when they are one.
        symptom: Where it surfaced.
        lineage: The run's data flow; it knows where the nodes are written.
    """
    first = path[0].path if path else sign.field
    file, line = _place(cause, lineage)
    if cause.error is not None and not path and cause.error.file is not None:
        file, line = cause.error.file, cause.error.line
    found = [Suggestion(text=_mend(cause, sign, first), file=file, line=line)]
    if path and path[-1].found is ABSENT and symptom.step.error is not None:
        file, line = _where_read(symptom.step, path[-1].path, lineage)
        text = f"Let {name(symptom.step.node_name)} say clearly when {name(path[-1].path)} is missing."
        found.append(Suggestion(text=text, file=file, line=line))
    return tuple(found)


def _mend(cause: TraceStep, sign: Sign, field: str | None) -> str:
    node = name(cause.node_name)
    if sign.inborn and sign.field is not None and field is not None and sign.field != field and not sign.whole:
        return f"Let {node} return {name(field)} where it returns {name(sign.field)}."
    if sign.finding is not None and (dropped := _dropped(sign.finding)) is not None:
        key, meant = dropped
        if meant is None:
            return f"Declare {name(key)} in the state, or let {node} return a declared field in its place."
        return f"Let {node} return {name(meant)} where it returns {name(key)}."
    if sign.finding is not None and sign.finding.subject == "cost":
        return f"Find out what kept {node}."
    if sign.finding is not None and sign.finding.subject == "raised":
        return f"Look at the line of {node} that raised; what it was given looks right."
    if _is_decision(sign, field):
        return f"Look at how it is decided where the run goes after {node}; what it was given looks right."
    if field is not None and _unwritten(cause, field):
        return f"Let {node} write {name(field)} in every case."
    if field is not None:
        return f"Look at how {node} makes {name(field)}; what it was given looks right."
    return f"Look at what {node} puts out; what it was given looks right."


def _is_decision(sign: Sign, field: str | None) -> bool:
    """Whether not a value is in question but the way on."""
    return field == "" or (field is None and sign.finding is not None and sign.finding.subject == "control")


def _unwritten(step: TraceStep, field: str) -> bool:
    """Whether a step's output lacks a field; an item may be there, at the place that it had before it was merged."""
    if at(step.output_state, field) is not ABSENT:
        return False
    top, *inner = field.split(".")
    return top not in step.output_state or not any(part.isdigit() for part in inner)


def _dropped(finding: Finding) -> tuple[str, str | None] | None:
    """The key that the state does not declare, and the declared one that was meant; None if it is not about that."""
    dropped, key, meant = finding.step.metadata.get("dropped"), finding.path, finding.detection.details.get("nearest")
    if key is None or not isinstance(dropped, list) or key not in dropped:
        return None
    return key, meant if isinstance(meant, str) else None


def _place(step: TraceStep, lineage: Lineage) -> tuple[str | None, int | None]:
    spec = lineage.order.node(step)
    return (spec.file, spec.line) if spec is not None else (None, None)


def _where_read(step: TraceStep, path: str, lineage: Lineage) -> tuple[str | None, int | None]:
    read = next((one for one in lineage.reads(step) if one.path == path and one.line is not None), None)
    if read is not None:
        return read.file, read.line
    if step.error is not None and step.error.file is not None:
        return step.error.file, step.error.line
    return _place(step, lineage)
