"""Two runs side by side as a page shows them: rows, notes, and differences as previews."""

from __future__ import annotations

from typing import Literal

from argus.model.record import Record
from argus.model.trace import Trace
from argus.views.comparison import Comparison, FieldDifference, PairKind, StepPair
from argus.views.run_page import Command, Finding, finding_views
from argus.views.run_row import RunRow
from argus.views.shown import Shown, shown

__all__ = ["ComparedStep", "ComparisonPage", "FieldDiff", "comparison_page"]


class FieldDiff(Record, frozen=True, kw_only=True):
    """A value that differs.

    Attributes:
        mark: ``+`` only in the second run; ``-`` only in the first; ``~`` in both, with other values.
        path: The field or dotted path.
        a: The value in the first run, or None when absent.
        b: The value in the second run, or None when absent.
    """

    mark: Literal["+", "-", "~"]
    path: str
    a: Shown | None = None
    b: Shown | None = None


class ComparedStep(Record, frozen=True, kw_only=True):
    """A step of one run and its counterpart in the other.

    Attributes:
        kind: ``same`` or ``changed``; ``missing`` only in the first; ``inserted`` or ``repeated`` only in the second.
        node: Their node.
        depth: Nesting, from 0.
        round: The visit of the node, from 1.
        branch: The branch of a fan-out, from 1; 0 when the node ran alone.
        a: The number of the step in the first run, or None.
        b: The number of the step in the second run, or None.
        fields: What differs in what they wrote.
        fields_left_out: Differences beyond those listed.
        outcomes: How the two ended, when differently.
        input_differs: Whether they were given different things.
        a_ms: Wall time in the first run, or None.
        b_ms: Wall time in the second run, or None.
        origin: In a replay, whether the second run's step is ``recorded``, ``live`` or ``patched``; else None.
    """

    kind: PairKind
    node: str
    depth: int
    round: int
    branch: int
    a: int | None
    b: int | None
    fields: tuple[FieldDiff, ...] = ()
    fields_left_out: int = 0
    outcomes: tuple[str, str] | None = None
    input_differs: bool = False
    a_ms: float | None = None
    b_ms: float | None = None
    origin: Literal["recorded", "live", "patched"] | None = None


class ComparisonPage(Record, frozen=True, kw_only=True):
    """Two runs side by side.

    Attributes:
        a: The first run.
        b: The second run.
        sentence: What it comes down to.
        notes: What is to be known before reading on, such as that one replays the other.
        steps: The pairs, in the order of the runs.
        first_difference: The index in ``steps`` of the first pair that is not the same, or None.
        counts: How many pairs there are of each kind.
        input: What differs in what the callers passed in.
        output: What differs in what the callers got back.
        gained: Findings of the second run that the first does not have.
        lost: Findings of the first run that the second does not have.
        commands: Command lines that show the same.
    """

    a: RunRow
    b: RunRow
    sentence: str
    notes: tuple[str, ...]
    steps: tuple[ComparedStep, ...]
    first_difference: int | None
    counts: dict[str, int]
    input: tuple[FieldDiff, ...]
    output: tuple[FieldDiff, ...]
    gained: tuple[Finding, ...]
    lost: tuple[Finding, ...]
    commands: tuple[Command, ...] = ()


def comparison_page(
    compared: Comparison,
    traces: tuple[Trace, Trace],
    rows: tuple[RunRow, RunRow],
    *,
    notes: tuple[str, ...],
    rule_names: dict[str, str],
    commands: tuple[Command, ...] = (),
) -> ComparisonPage:
    """The page.

    Args:
        compared: The comparison.
        traces: The first and the second run.
        rows: The same as rows.
        notes: What is to be known before reading on.
        rule_names: The names of rules by code.
        commands: Command lines that show the same.
    """
    origins = _origins(traces[1])
    return ComparisonPage(
        a=rows[0],
        b=rows[1],
        sentence=compared.sentence,
        notes=notes,
        steps=tuple(_step(pair, origins) for pair in compared.steps),
        first_difference=compared.first_difference,
        counts=compared.counts,
        input=_fields(compared.input),
        output=_fields(compared.output),
        gained=finding_views(traces[1], compared.gained, rule_names),
        lost=finding_views(traces[0], compared.lost, rule_names),
        commands=commands,
    )


Origin = Literal["recorded", "live", "patched"]


def _origins(trace: Trace) -> dict[str, Origin]:
    """What a replay says of its steps, by step id; the first one that ran is patched when something was changed."""
    facts = trace.metadata.get("replay")
    patched = isinstance(facts, dict) and bool(facts.get("changed"))
    known: dict[str, Origin] = {}
    for step in trace.steps:
        told = step.metadata.get("replay")
        if told == "served":
            known[step.id] = "recorded"
        elif told in ("ran", "entered"):
            known[step.id] = "patched" if patched and told == "ran" else "live"
            patched = patched and told != "ran"
    return known


def _step(pair: StepPair, origins: dict[str, Origin]) -> ComparedStep:
    return ComparedStep(
        kind=pair.kind,
        node=pair.node_name,
        depth=pair.depth,
        round=pair.round,
        branch=pair.branch,
        a=pair.a_number,
        b=pair.b_number,
        fields=_fields(pair.fields),
        fields_left_out=pair.fields_left_out,
        outcomes=pair.outcomes,
        input_differs=pair.input_differs,
        a_ms=pair.a_ms,
        b_ms=pair.b_ms,
        origin=origins.get(pair.b or ""),
    )


def _fields(differences: tuple[FieldDifference, ...]) -> tuple[FieldDiff, ...]:
    return tuple(
        FieldDiff(
            mark=one.mark,
            path=one.path,
            a=None if one.mark == "+" else shown(one.a),
            b=None if one.mark == "-" else shown(one.b),
        )
        for one in differences
    )
