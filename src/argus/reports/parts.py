"""The parts that templates are given: every text in them is harmless and on one line unless said otherwise."""

from __future__ import annotations

from argus.model.record import Record
from argus.reports.phrases import Phrase

__all__ = ["Block", "CallLine", "ChangeLine", "FindingCard", "RowView", "StepDetails"]


class Block(Record, frozen=True, kw_only=True):
    """A recorded value laid out.

    Attributes:
        title: What it is.
        text: Several harmless lines.
        left_out: What is not shown, in words; empty when it is whole.
    """

    title: str
    text: str
    left_out: str = ""


class ChangeLine(Record, frozen=True, kw_only=True):
    """A changed field.

    Attributes:
        mark: ``+ ~ - ! ∅``.
        field: The field.
        text: What happened to it.
        faulty: Whether it was dropped or not written.
    """

    mark: str
    field: str
    text: str
    faulty: bool


class CallLine(Record, frozen=True, kw_only=True):
    """A tool or model call.

    Attributes:
        kind: ``tool`` or ``model``.
        name: Which.
        facts: Duration, tokens, failure.
    """

    kind: str
    name: str
    facts: str


class FindingCard(Record, frozen=True, kw_only=True):
    """A finding.

    Attributes:
        severity: ``info``, ``warning`` or ``critical``.
        glyph: Its sign.
        word: Its severity as a word.
        code: Its code, or its layer when it has none.
        layer: Its layer.
        message: What was found.
        field: The field concerned, or None.
        confidence: From 0 to 1.
        step_number: The step's number, or None.
        node_name: The step's node.
        evidence: One line each.
        suppressed: Why it does not count, or None.
    """

    severity: str
    glyph: str
    word: str
    code: str
    layer: str
    message: Phrase
    field: str | None
    confidence: float
    step_number: int | None
    node_name: str
    evidence: tuple[Phrase, ...]
    suppressed: str | None


class StepDetails(Record, frozen=True, kw_only=True):
    """What can be unfolded below a row.

    Attributes:
        number: The step's number.
        facts: Where it is, attempts, tokens.
        findings: The findings at it.
        changed: What it changed.
        unchanged: How many fields stayed as they were.
        calls: Tool and model calls.
        error: The exception that left it, or None.
        blocks: Its states.
    """

    number: int
    facts: tuple[str, ...]
    findings: tuple[FindingCard, ...]
    changed: tuple[ChangeLine, ...]
    unchanged: int
    calls: tuple[CallLine, ...]
    error: Block | None
    blocks: tuple[Block, ...]


class RowView(Record, frozen=True, kw_only=True):
    """A row of the timeline.

    Attributes:
        kind: ``step``, ``fan``, ``fold`` or ``gap``.
        number: The step number shown; empty for folded rows.
        name: The node, or what a folded row stands for.
        note: Round, attempt, outcome.
        depth: Nesting, from 0, at most 8.
        parallel: ``first``, ``middle``, ``last`` or None.
        role: ``cause``, ``path``, ``symptom`` or None.
        role_glyph: Its sign; empty without a role.
        threaded: Whether the thread of blame passes.
        marks: Severity and code of each finding.
        start: Where its bar begins, in thousandths of the run.
        length: How long its bar is, in thousandths of the run, at least 2.
        duration: In words.
        details: What can be unfolded, or None.
    """

    kind: str
    number: str
    name: str
    note: str
    depth: int
    parallel: str | None
    role: str | None
    role_glyph: str
    threaded: bool
    marks: tuple[tuple[str, str, str], ...]
    start: int
    length: int
    duration: str
    details: StepDetails | None
