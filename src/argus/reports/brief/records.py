"""What a brief says, as data."""

from __future__ import annotations

from argus.model.record import Record
from argus.model.values import JsonValue

__all__ = ["Brief", "BriefFinding", "BriefLink", "BriefStep", "BriefSuspect", "Change", "Fact", "Site"]


class Site(Record, frozen=True, kw_only=True):
    """A place in the pipeline's source.

    Attributes:
        node_name: The node.
        step_number: The step in question, or None.
        file: The source file, or None when unknown.
        line: The 1-based line: of the node's definition, or of the line that raised or reads.
    """

    node_name: str
    step_number: int | None = None
    file: str | None = None
    line: int | None = None


class Fact(Record, frozen=True, kw_only=True):
    """Something to be seen in the trace.

    Attributes:
        step_number: The step where it can be seen, or None.
        field: The field or dotted path, or None.
        note: What is to be seen there.
        value: What stands there, secrets taken out and shortened; None where there is nothing.
    """

    step_number: int | None = None
    field: str | None = None
    note: str = ""
    value: JsonValue = None


class BriefFinding(Record, frozen=True, kw_only=True):
    """A finding.

    Attributes:
        code: Its code, or its layer when it has none.
        severity: Its severity.
        message: One sentence.
        site: Where it is seen.
        field: The field concerned, or None.
    """

    code: str
    severity: str
    message: str
    site: Site
    field: str | None = None


class BriefLink(Record, frozen=True, kw_only=True):
    """A step on the way from cause to symptom.

    Attributes:
        role: ``cause``, ``path`` or ``symptom``.
        site: The step.
        why: What happened there.
        field: The field that carried the fault on, or None.
        evidence: What shows it.
    """

    role: str
    site: Site
    why: str
    field: str | None = None
    evidence: tuple[Fact, ...] = ()


class BriefSuspect(Record, frozen=True, kw_only=True):
    """A step that may be the cause.

    Attributes:
        site: The step.
        score: From 0 to 1.
        reasons: One clause each.
    """

    site: Site
    score: float
    reasons: tuple[str, ...] = ()


class BriefStep(Record, frozen=True, kw_only=True):
    """What a step was given and what it gave.

    Attributes:
        site: The step.
        given: What it read, or its whole input where reads are not known; shortened.
        returned: Its update; shortened.
        error: Its exception with traceback, or None.
    """

    site: Site
    given: dict[str, JsonValue] = {}
    returned: dict[str, JsonValue] = {}
    error: str | None = None


class Change(Record, frozen=True, kw_only=True):
    """What to change.

    Attributes:
        text: One sentence.
        file: The source file concerned, or None when unknown.
        line: The 1-based line, or None.
    """

    text: str
    file: str | None = None
    line: int | None = None


class Brief(Record, frozen=True, kw_only=True):
    """All that somebody needs who is to mend a pipeline.

    Attributes:
        trace_id: The run.
        pipeline_name: Its pipeline.
        created_at: When it ran, ISO 8601.
        status: Its status.
        needed: Whether there is anything to mend.
        sentence: What went wrong.
        findings: The findings that count, the gravest first.
        cause: Where it comes from, or None when no cause is named.
        confidence: Of the blame, from 0 to 1.
        proof: How far it is proved, in words; empty without blame.
        chain: From cause to symptom; empty when no cause is named.
        suspects: Ranked; only when no cause is named.
        at_cause: The step to be mended with its data, or None.
        suggestions: What to change, each with its place.
        keep: Places that are right as they are.
        readers: Who else reads the field in question, and where.
        field: The field that carried the fault out of its step, or None.
        input: What the run was given; shortened.
        unknown: What the trace does not tell, one sentence each.
        commands: How to look and to check, one command line each.
        text: All of it as Markdown to paste.
    """

    trace_id: str
    pipeline_name: str
    created_at: str
    status: str
    needed: bool
    sentence: str = ""
    findings: tuple[BriefFinding, ...] = ()
    cause: Site | None = None
    confidence: float = 0.0
    proof: str = ""
    chain: tuple[BriefLink, ...] = ()
    suspects: tuple[BriefSuspect, ...] = ()
    at_cause: BriefStep | None = None
    suggestions: tuple[Change, ...] = ()
    keep: tuple[Site, ...] = ()
    readers: tuple[Site, ...] = ()
    field: str | None = None
    input: JsonValue = None
    unknown: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    text: str = ""
