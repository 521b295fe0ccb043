"""The exception that ended a run: where it was raised, and which fields it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from argus.detectors.run_index import RunIndex
from argus.model.trace import ErrorInfo, TraceStep
from argus.model.values import JsonValue

__all__ = ["Escape", "escapes", "fields_missed", "passed_on", "where_it_failed"]

_QUOTED = re.compile(r"'([^'\n]{1,200})'")
_MISSING_ARGUMENTS = re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: (.{1,1000})")
_FIELD_REQUIRED = re.compile(r"^(\S{1,200})\n  Field required", re.MULTILINE)


@dataclass(frozen=True)
class Escape:
    """An exception that left the graph.

    Attributes:
        error: The exception.
        step: The innermost step that raised it, or None when no node did.
    """

    error: ErrorInfo
    step: TraceStep | None


def escapes(index: RunIndex) -> list[Escape]:
    """The exceptions that left the graph, in order; retried and handled ones are none.

    Args:
        index: The run.
    """
    trace = index.trace
    failed = [step for step in trace.steps if step.outcome == "error" and step.error is not None]
    open_ones = [
        step
        for step in failed
        if step.error and not step.error.handled and step.id not in index.superseded and not passed_on(step, index)
    ]
    if trace.error is None:
        if trace.metadata.get("outcome") not in (None, "error") or trace.output is not None:
            return []  # the caller got a result: whatever was raised had been taken care of
        ends = [step for step in open_ones if step.error and not _went_on(step, index)]
        return [Escape(step.error, step) for step in ends if step.error]
    same = [step for step in open_ones if step.error and _is_same(step.error, trace.error)]
    if same:
        return [Escape(step.error, step) for step in same if step.error]
    return [Escape(trace.error, None)]


def where_it_failed(escape: Escape, index: RunIndex) -> str:
    """The id of the step that an exception is shown at: the last one when no node raised it, empty without steps.

    Args:
        escape: The exception.
        index: The run.
    """
    if escape.step is not None:
        return escape.step.id
    return index.trace.steps[-1].id if index.trace.steps else ""


def fields_missed(error: ErrorInfo, step: TraceStep | None, index: RunIndex) -> list[str]:
    """The state fields or dotted paths whose absence an exception complains about.

    Only names that the run knows as fields count, and only where the step was indeed not given them: a KeyError about
    the node's own data is something else.

    Args:
        error: The exception.
        step: The step that raised it, or None when no node did.
        index: The run.
    """
    names = _names_in(error)
    if step is None:
        declared = {field.name for field in index.trace.graph.state} if index.trace.graph else set()
        given = index.trace.input if isinstance(index.trace.input, dict) else {}
        return [name for name in names if name in declared and name not in given]
    paths = [read.path for read in index.reads(step)]
    known = {*index.fields(step), *(path.partition(".")[0] for path in paths)}
    missed: list[str] = []
    for name in names:
        if name in known and name not in step.input_state:
            missed.append(name)
            continue
        nested = [path for path in paths if path.endswith(f".{name}") and _lacks(step.input_state, path)]
        missed += nested[:1]
    return missed


def passed_on(step: TraceStep, index: RunIndex) -> bool:
    """Whether an exception only passed through a step on its way out of a subgraph.

    Args:
        step: A step with an exception.
        index: The run.
    """
    return any(
        child.error is not None and step.error is not None and _is_same(child.error, step.error)
        for child in index.children.get(step.id, ())
    )


def _names_in(error: ErrorInfo) -> list[str]:
    kind = error.type.rpartition(".")[2]
    if kind == "KeyError":
        found = _QUOTED.fullmatch(error.message.strip())
        return [found[1]] if found else []
    if kind == "ValidationError":
        return _FIELD_REQUIRED.findall(error.message[:20_000])
    if kind == "TypeError" and (found := _MISSING_ARGUMENTS.search(error.message)):
        return _QUOTED.findall(found[1])
    return []


def _lacks(state: JsonValue, path: str) -> bool:
    """Whether all of a path but its last part is there."""
    *way, last = path.split(".")
    for part in way:
        if not isinstance(state, dict) or part not in state:
            return False
        state = state[part]
    return isinstance(state, dict) and last not in state


def _is_same(error: ErrorInfo, other: ErrorInfo) -> bool:
    return error.type == other.type and error.message == other.message


def _went_on(step: TraceStep, index: RunIndex) -> bool:
    scope = index.scopes[index.scope(step)]
    return index.moment(scope[-1]) > index.moment(step) and scope[-1].outcome == "ok"
