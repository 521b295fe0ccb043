"""The trace of a replay: what ran, as recorded anew, and what was served, as it stands in the recorded run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from argus._internal.ids import step_id
from argus.model.trace import Trace, TraceStep
from argus.replay.player import Ended
from argus.replay.record import RunRecord
from argus.replay.result import ReplayedStep

__all__ = ["spliced"]

_KEPT = ("kind", "superstep", "sent", "namespace", "task_id", "triggers")


def spliced(
    trace: Trace, record: RunRecord, ended: Iterable[Ended], answered: Mapping[str, Sequence[TraceStep]]
) -> tuple[Trace, tuple[ReplayedStep, ...]]:
    """Puts recorded steps where a replay served them.

    Args:
        trace: As recorded during the replay; a served step is there, but for what happened inside it.
        record: The recorded run.
        ended: What was asked of each of its tasks.
        answered: The steps that were served inside an entrypoint, by the recorded step of that.

    Returns:
        The whole run, and for each of its steps where it comes from.
    """
    plans = {one.number: one.plan for one in ended}
    steps: list[TraceStep] = []
    sources: list[ReplayedStep] = []
    ids: dict[str, str] = {}

    def add(step: TraceStep, source: str, recorded: TraceStep | None, parent: str | None) -> str:
        number = len(steps) + 1
        own = step_id(trace.id, number)
        metadata: dict[str, Any] = {**step.metadata, "replay": source}
        if recorded is not None:
            metadata["replay_of"] = recorded.id
        steps.append(replace(step, id=own, step_number=number, parent_id=parent, metadata=metadata))
        sources.append(
            ReplayedStep(
                step_id=own,
                step_number=number,
                node_name=step.node_name,
                source=source,  # type: ignore[arg-type]  # one of the three
                recorded=recorded.step_number if recorded is not None else None,
                outcome=step.outcome,
                duration_ms=step.duration_ms,
                from_tape=sum(1 for one in step.http_exchanges if one.answer is not None and one.answer.served),
            )
        )
        return own

    def add_inside(recorded: TraceStep, parent: str) -> None:
        for child in record.children(recorded.id):
            add_inside(child, add(child, "served", child, parent))

    for step in trace.steps:
        plan = plans.get(step.step_number)
        parent = ids.get(step.parent_id) if step.parent_id is not None else None
        if plan is None or plan.step is None:
            ids[step.id] = add(step, "ran", None, parent)
        elif plan.action != "serve":
            source = "entered" if plan.action == "enter" else "ran"
            ids[step.id] = own = add(step, source, plan.step, parent)
            for inner in answered.get(plan.step.id, ()):
                add(inner, "served", inner, own)
        elif plan.update is not None:
            ids[step.id] = own = add(_as_served(step, plan.step, step.metadata), "served", plan.step, parent)
            add_inside(plan.step, own)
        else:
            attempts = record.call_of(plan.step).attempts(plan.step)
            for attempt in attempts:
                places = {name: step.metadata[name] for name in _KEPT if name in step.metadata}
                again = replace(attempt, state_after=step.state_after or attempt.state_after)
                ids[step.id] = own = add(_placed(again, places), "served", attempt, parent)
                add_inside(attempt, own)
    return replace(trace, steps=tuple(steps)), tuple(sources)


def _placed(step: TraceStep, places: Mapping[str, Any]) -> TraceStep:
    return replace(step, metadata={**step.metadata, **places})


def _as_served(step: TraceStep, recorded: TraceStep, metadata: Mapping[str, Any]) -> TraceStep:
    """A step whose update was repaired: the new update, and the rest as recorded."""
    return replace(
        recorded,
        input_state=step.input_state,
        output_state=step.output_state,
        state_after=step.state_after,
        outcome=step.outcome,
        error=step.error,
        metadata={**recorded.metadata, **metadata},
    )
