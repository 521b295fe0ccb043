"""All steps of a run as columns: what a timeline draws, without values, small enough for ten thousand steps."""

from __future__ import annotations

from argus.model.detection import Severity
from argus.model.record import Record
from argus.model.trace import Outcome, Trace, TraceStep
from argus.views.rounds import Rounds, units_of
from argus.views.timeline import Role, offset_ms, roles_of
from argus.views.usual import Usual

__all__ = ["StepColumns", "short_class", "step_columns"]

_DEEPEST = 20


class StepColumns(Record, frozen=True, kw_only=True):
    """One entry of every list for each step, in order of start.

    Attributes:
        count: How many steps.
        status: ``running`` while the run is being recorded, else its status.
        number: Step numbers, from 1.
        node: Node names.
        round: The how-manieth visit of its node in its execution of the graph, from 1.
        rounds: How often the node was visited there.
        branch: Its place among steps of the same node that ran at the same moment, from 1; 0 when it ran alone.
        branches: How many of the same node ran at that moment; 0 when it ran alone.
        parent: The number of the step that it ran inside, or None.
        depth: How many steps it ran inside, 20 at most.
        start_ms: Milliseconds from the start of the run.
        duration_ms: Wall time; None while the step is running.
        usual_ms: What a step of this node usually takes, or None.
        cpu_ms: CPU time of its own code, or None.
        outcome: How it ended.
        error: The class of the exception that left it, or None.
        attempt: 1 for the first, counted up by retries.
        superstep: The superstep, or None.
        findings: Findings that count, each as severity and code.
        role: Its part in the blame, or None.
        tools: Tool calls inside.
        llm_calls: Model calls inside.
        has_messages: Whether it was given, or wrote, a list of messages.
        tokens: Tokens of its model calls, or None.
    """

    count: int
    status: str
    number: tuple[int, ...]
    node: tuple[str, ...]
    round: tuple[int, ...]
    rounds: tuple[int, ...]
    branch: tuple[int, ...]
    branches: tuple[int, ...]
    parent: tuple[int | None, ...]
    depth: tuple[int, ...]
    start_ms: tuple[float, ...]
    duration_ms: tuple[float | None, ...]
    usual_ms: tuple[float | None, ...]
    cpu_ms: tuple[float | None, ...]
    outcome: tuple[Outcome, ...]
    error: tuple[str | None, ...]
    attempt: tuple[int, ...]
    superstep: tuple[int | None, ...]
    findings: tuple[tuple[tuple[Severity, str], ...], ...]
    role: tuple[Role | None, ...]
    tools: tuple[int, ...]
    llm_calls: tuple[int, ...]
    has_messages: tuple[bool, ...]
    tokens: tuple[int | None, ...]


def step_columns(trace: Trace, usual: Usual | None = None, *, running: bool = False) -> StepColumns:
    """All steps of a run, in time linear in their number.

    Args:
        trace: The run.
        usual: What its steps usually take.
        running: Whether it is still being recorded.
    """
    steps = trace.steps
    visits = _visits(steps)
    numbers = {step.id: step.step_number for step in steps}
    depths: dict[str, int] = {}
    for step in steps:
        depths[step.id] = min(depths.get(step.parent_id, -1) + 1, _DEEPEST) if step.parent_id else 0
    findings: dict[str, list[tuple[Severity, str]]] = {}
    for found in trace.detections:
        if found.suppressed is None:
            findings.setdefault(found.step_id, []).append((found.severity, found.code or found.layer))
    roles = roles_of(trace)
    usually = usual.node_ms if usual else {}
    return StepColumns(
        count=len(steps),
        status="running" if running else trace.status,
        number=tuple(step.step_number for step in steps),
        node=tuple(step.node_name for step in steps),
        round=tuple(visits[step.id][0] for step in steps),
        rounds=tuple(visits[step.id][1] for step in steps),
        branch=tuple(visits[step.id][2] for step in steps),
        branches=tuple(visits[step.id][3] for step in steps),
        parent=tuple(numbers.get(step.parent_id) if step.parent_id else None for step in steps),
        depth=tuple(depths[step.id] for step in steps),
        start_ms=tuple(round(offset_ms(trace, step), 3) for step in steps),
        duration_ms=tuple(None if _goes_on(step, running) else round(step.duration_ms, 3) for step in steps),
        usual_ms=tuple(usually.get(step.node_name) for step in steps),
        cpu_ms=tuple(None if step.cpu_ms is None else round(step.cpu_ms, 3) for step in steps),
        outcome=tuple(step.outcome for step in steps),
        error=tuple(short_class(step) for step in steps),
        attempt=tuple(step.attempt for step in steps),
        superstep=tuple(_superstep(step) for step in steps),
        findings=tuple(tuple(findings.get(step.id, ())) for step in steps),
        role=tuple(roles.get(step.id) for step in steps),
        tools=tuple(len(step.tool_calls) for step in steps),
        llm_calls=tuple(len(step.llm_calls) for step in steps),
        has_messages=tuple(_has_messages(step) for step in steps),
        tokens=tuple(step.token_usage.total_tokens if step.token_usage else None for step in steps),
    )


def short_class(step: TraceStep) -> str | None:
    """The class of the exception that left a step, without its module; None without one.

    Args:
        step: The step.
    """
    return step.error.type.rpartition(".")[2] if step.error is not None else None


def _goes_on(step: TraceStep, running: bool) -> bool:
    return running and bool(step.metadata.get("unfinished"))


def _superstep(step: TraceStep) -> int | None:
    superstep = step.metadata.get("superstep")
    return superstep if isinstance(superstep, int) else None


def _has_messages(step: TraceStep) -> bool:
    return any(
        isinstance(value, list) and bool(value) and isinstance(value[-1], dict) and "content" in value[-1]
        for state in (step.output_state, step.input_state)
        for value in state.values()
    )


def _visits(steps: tuple[TraceStep, ...]) -> dict[str, tuple[int, int, int, int]]:
    """Round, rounds, branch and branches of every step, by id."""
    inside: dict[str | None, list[TraceStep]] = {}
    known: set[str | None] = set()
    for step in steps:
        inside.setdefault(step.parent_id if step.parent_id in known else None, []).append(step)
        known.add(step.id)
    found: dict[str, tuple[int, int, int, int]] = {}
    for siblings in inside.values():
        units = units_of(siblings)
        rounds = Rounds(units)
        for unit in units:
            beside: dict[str, list[TraceStep]] = {}
            for step in unit.steps:
                beside.setdefault(step.node_name, []).append(step)
            for name, own in beside.items():
                many = len(own) if sum(step.attempt == 1 for step in own) > 1 else 0
                visit = (rounds.number(name, unit), rounds.total(name))
                for place, step in enumerate(own, start=1):
                    found[step.id] = (*visit, place if many else 0, many)
    return found
