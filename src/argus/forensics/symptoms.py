"""What went wrong where it was seen, in the order in which it deserves an explanation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from argus.dataflow.complaints import names_missed
from argus.dataflow.lineage import Lineage
from argus.dataflow.reading import routing_reads
from argus.dataflow.values import ABSENT, at, is_empty
from argus.forensics.expected import fits
from argus.forensics.findings import Finding, Findings
from argus.forensics.flaws import LacksKey
from argus.forensics.signs import Sign, left_unwritten
from argus.forensics.stumbles import Stumble, shapes_named, starved_of, stumbles, unfilled_of
from argus.forensics.wording import clause_of, excerpt, looks, name, raised
from argus.model.detection import Evidence
from argus.model.trace import ErrorInfo, TraceStep

__all__ = ["Symptom", "symptoms_of"]

_OUTSIDE: Final = (
    "timeout", "connect", "http", "ratelimit", "apierror", "apistatus", "network", "socket", "ssl", "unavailable",
    "oserror", "ioerror", "permission", "memory", "authentication",
)  # fmt: skip
"""Parts of exception names that speak of the world outside, not of the data."""

_OUTSIDE_SAID: Final = (
    "timed out",
    "timeout",
    "connection",
    "rate limit",
    "unavailable",
    "too many requests",
    "overload",
)
"""The same in an exception's message."""

_HINTS: Final = ("no ", "empty", "nothing", "missing", "required", "without", "must have")
"""Words in an exception's message that speak of something that is not there."""

_SPELLS_OUT: Final = "SIG512"
"""The code of findings about a blank value that was written out as a word."""

_STARVED: Final = 0.15
_ALL_THERE: Final = 0.72
_ALL_THERE_AS_FAR_AS_KNOWN: Final = 0.66
_OUTSIDE_WEIGHT: Final = 0.9
_READER: Final = 0.2
_STARVED_SHARE: Final = 0.5
_LEFT_OUT: Final = 0.85
_UNMERGED: Final = 0.85


@dataclass(frozen=True)
class Symptom:
    """Something that went wrong, where it was seen.

    Attributes:
        step: The step.
        clause: What it did, to stand behind its name; for a finding that cannot be put so, the whole finding.
        brief: The same in fewer characters.
        paths: The fields or dotted paths in question; empty when everything that the step read is.
        stumbles: The places in the step's input that its exception points at, with what is wrong there.
        own: What speaks for the step itself being the cause.
        finding: The finding it is, or None.
        ends: Whether it ended the run.
        choices: Whether the way on is in question rather than data.
        whole: Whether the clause is a sentence of its own.
        evidence: What shows it.
    """

    step: TraceStep
    clause: str
    brief: str
    paths: tuple[str, ...]
    own: Sign
    finding: Finding | None = None
    ends: bool = False
    choices: bool = False
    whole: bool = False
    evidence: tuple[Evidence, ...] = ()
    stumbles: tuple[Stumble, ...] = ()

    @property
    def field(self) -> str | None:
        """The field it is about, if it is about one."""
        paths = self.paths or tuple(dict.fromkeys(stumble.path for stumble in self.stumbles))
        return paths[0] if len(paths) == 1 else None


def symptoms_of(lineage: Lineage, findings: Findings) -> list[Symptom]:
    """The symptoms of a run: what ended it, then the gravest, then the latest first.

    Args:
        lineage: The run's data flow.
        findings: Its findings.
    """
    found = [_symptom(finding, lineage) for finding in findings.all if finding.detection.severity != "info"]
    found.sort(
        key=lambda one: (
            not one.ends,
            -(one.finding.rank if one.finding else 0),
            one.finding is not None and one.finding.subject in ("cost", "control"),
            -one.step.step_number,
        )
    )
    return found


def _symptom(finding: Finding, lineage: Lineage) -> Symptom:
    step, detection = finding.step, finding.detection
    if finding.subject == "raised":
        return _raised(finding, lineage)
    clause = clause_of(detection, step.node_name)
    note = f"finding {detection.code}".rstrip()
    evidence = (Evidence(step_id=step.id, field=finding.path, note=note), *detection.evidence)
    said = clause or detection.message
    brief = said.partition(": ")[0].partition(", which ")[0]
    if finding.subject == "input":
        path = finding.path or ""
        found = at(step.input_state, path)
        own = Sign(_READER, said, evidence, field=path, whole=not clause, finding=finding)
        seen = f"found {looks(found)} in {name(path)}" if is_empty(found) or found is ABSENT else brief
        return Symptom(step, said, seen, (path,), own, finding, whole=not clause, evidence=evidence)
    inborn = finding.subject in ("cost", "control")
    over = _nothing_to_work_on(finding, lineage)
    weight = finding.weight * (_STARVED_SHARE if over else 1)
    own = Sign(weight, said, evidence, finding.path, inborn=inborn, whole=not clause, finding=finding)
    choices = finding.subject == "control"
    whole = not clause
    return Symptom(step, said, brief, (), own, finding, choices=choices, whole=whole, evidence=evidence, stumbles=over)


def _nothing_to_work_on(finding: Finding, lineage: Lineage) -> tuple[Stumble, ...]:
    """For a step that wrote nothing into a field, or that wrote "None": the places where it had been given nothing."""
    path = finding.path
    seen = lineage.trace.detections
    if any(one.code == _SPELLS_OUT and (one.step_id, one.field) == (finding.step.id, path) for one in seen):
        return tuple(unfilled_of(finding.step, lineage))
    emptiness = finding.subject == "output" and finding.detection.layer == "structural"
    if not emptiness or path is None or path not in finding.step.output_state:
        return ()
    return tuple(starved_of(finding.step, lineage)) if is_empty(finding.step.output_state[path]) else ()


def _raised(finding: Finding, lineage: Lineage) -> Symptom:
    step, detection = finding.step, finding.detection
    error = step.error or lineage.trace.error
    ends = lineage.trace.error is not None or detection.severity == "critical"
    note = f"finding {detection.code}".rstrip()
    evidence: tuple[Evidence, ...] = (Evidence(step_id=step.id, field=finding.path, note=note),)
    if error is None:
        said = clause_of(detection, step.node_name) or detection.message
        own = Sign(_ALL_THERE_AS_FAR_AS_KNOWN, said, evidence, finding=finding)
        return Symptom(step, said, said, (), own, finding, ends=ends, whole=said == detection.message)
    if step.error is None:
        unmerged = _could_not_be_merged(finding, error, lineage)
        if unmerged is not None:
            return unmerged
        said, brief, whole = f"the run ended with {raised(error)}", f"the run ended with {raised(error, 0)}", True
    else:
        said, brief, whole = f"raised {raised(error)}", f"raised {raised(error, 0)}", False
        evidence = (*evidence, Evidence(step_id=step.id, note="raised", value=excerpt(error.type)))
    if (left_out := _left_out_itself(step, lineage)) is not None:
        fact = left_unwritten(step, left_out)
        own = Sign(_LEFT_OUT, f"did not write {name(left_out)}, which its way on depends on", (fact,), left_out, True)
        return Symptom(step, said, brief, (left_out,), own, finding, ends=ends, whole=whole, evidence=evidence)
    paths = _pointed_at(finding, lineage)
    over = tuple(_inside(paths, step))
    if not paths and step.error is not None:
        over = tuple(stumbles(step, step.error, lineage))
    own = _own_fault(finding, step, lineage, said, evidence, pointed=bool(paths or over), whole=whole)
    return Symptom(
        step,
        said,
        brief,
        paths,
        own,
        finding,
        ends=ends,
        choices=step.error is None,
        whole=whole,
        evidence=evidence,
        stumbles=over,
    )


def _could_not_be_merged(finding: Finding, error: ErrorInfo, lineage: Lineage) -> Symptom | None:
    """Where no step raised, but a reducer could not take what one of the last steps wrote."""
    order = lineage.order
    shapes = {*shapes_named(error.message), *([type(None)] if "NoneType" in error.message else [])}
    for step in order.by_moment[order.scope(finding.step), order.moment(finding.step)]:
        for field, value in step.output_state.items():
            spec = order.fields(step).get(field)
            fitting = spec is not None and value is not None and fits(value, spec.type)
            if order.adds_up(step, field) and type(value) in shapes and not fitting:
                fact = Evidence(step_id=step.id, field=field, note="wrote", value=excerpt(value))
                own = Sign(_UNMERGED, f"wrote {looks(value)} into {name(field)}", (fact,), field, inborn=True)
                said, brief = f"the run ended with {raised(error)}", f"the run ended with {raised(error, 0)}"
                return Symptom(step, said, brief, (), own, finding, ends=True, whole=True, evidence=(fact,))
    return None


def _left_out_itself(step: TraceStep, lineage: Lineage) -> str | None:
    """The field that a failed step itself should have written, where the branch behind it then missed it."""
    spec = lineage.order.node(step)
    if step.error is None or spec is None:
        return None
    routed = {read.path.partition(".")[0] for read in routing_reads(step, lineage.order)}
    own = {read.path.partition(".")[0] for read in spec.reads or ()}
    missed = [one for one in names_missed(step.error) if one in routed - own and one not in step.input_state]
    return missed[0] if missed else None


def _inside(paths: tuple[str, ...], step: TraceStep) -> Iterator[Stumble]:
    """Missing keys of nested values, as faults of the value around them."""
    for path in paths:
        around, _, key = path.rpartition(".")
        flaw = LacksKey(key)
        if around and flaw.is_in(at(step.input_state, around)):
            yield Stumble(around, flaw)


def _pointed_at(finding: Finding, lineage: Lineage) -> tuple[str, ...]:
    """The paths that an exception is about: named by it, or named by the finding and not found by the step."""
    named = tuple(read.path for read in lineage.reads(finding.step) if read.how == "error")
    if named:
        return named
    path = finding.path
    missing = path is not None and at(finding.step.input_state, path) is ABSENT
    return (path,) if path is not None and missing else ()


def _own_fault(
    finding: Finding,
    step: TraceStep,
    lineage: Lineage,
    said: str,
    evidence: tuple[Evidence, ...],
    *,
    pointed: bool,
    whole: bool,
) -> Sign:
    """How likely an exception is the failed step's own fault, by what it had been given."""
    error = step.error or lineage.trace.error
    kind = error.type.lower() if error is not None else ""
    reads = lineage.reads(step)
    hinted = error is not None and any(word in error.message.lower() for word in _HINTS)
    starved = pointed or (hinted and bool(starved_of(step, lineage)))
    known = bool(reads) and all(read.how in ("line", "source", "error") for read in reads)
    outside = any(part in kind for part in _OUTSIDE) or (
        error is not None and any(part in error.message.lower() for part in _OUTSIDE_SAID)
    )
    if not pointed and outside:
        weight, inborn = _OUTSIDE_WEIGHT, True
    elif starved:
        weight, inborn = _STARVED, False
    else:
        weight, inborn = (_ALL_THERE if known else _ALL_THERE_AS_FAR_AS_KNOWN), False
    return Sign(weight, said, evidence, inborn=inborn, whole=whole, finding=finding)
