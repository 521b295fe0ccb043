"""Which step a replay starts from."""

from __future__ import annotations

from difflib import get_close_matches

from argus.errors import ReplayError
from argus.model.trace import Trace, TraceStep

__all__ = ["chosen_step"]


def chosen_step(trace: Trace, from_step: int | None = None, from_node: str | None = None) -> TraceStep:
    """The step that is meant; without a choice the one that is blamed, else the first.

    Args:
        trace: The recorded run.
        from_step: A step's number, from 1.
        from_node: A node's name, or ``name#round`` for its second visit and later ones, from 1.

    Raises:
        ReplayError: There is no such step, or both are given.
    """
    if not trace.steps:
        raise ReplayError(f"the run {trace.id} has no steps, so there is nothing to start from")
    if from_step is not None and from_node is not None:
        raise ReplayError("choose the step by number or by node, not by both")
    if from_step is not None:
        if not 1 <= from_step <= len(trace.steps):
            raise ReplayError(f"there is no step {from_step}: the run has the steps 1 to {len(trace.steps)}")
        return trace.steps[from_step - 1]
    if from_node is not None:
        return _by_node(trace, from_node)
    blamed = trace.step(trace.forensics.root_cause_step or "") if trace.forensics else None
    return blamed or trace.steps[0]


def _by_node(trace: Trace, wanted: str) -> TraceStep:
    visits = [step for step in trace.steps if step.node_name == wanted]
    if visits:
        return visits[0]
    name, hash_sign, number = wanted.rpartition("#")
    if hash_sign and number.isdecimal():
        visits = _visits(trace, name)
        if not 1 <= int(number) <= len(visits):
            raise ReplayError(f"node `{name}` ran {len(visits)} times in this run, so there is no `{wanted}`")
        return visits[int(number) - 1]
    return _visits(trace, wanted)[0]


def _visits(trace: Trace, name: str) -> list[TraceStep]:
    visits = [step for step in trace.steps if step.node_name == name and step.attempt == 1]
    if visits:
        return visits
    names = list(dict.fromkeys(step.node_name for step in trace.steps))
    near = get_close_matches(name, names, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"these ran: {', '.join(f'`{one}`' for one in names[:20])}"
    raise ReplayError(f"no node `{name}` ran in this run; {hint}")
