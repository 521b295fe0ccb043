"""Which fields a run knows, and which of them a mistyped one may mean."""

from __future__ import annotations

from collections import deque

from argus.dataflow.lineage import Lineage
from argus.dataflow.values import split
from argus.model.trace import Trace

__all__ = ["fields_of_run", "near_fields"]

_NESTED = 2_000


def fields_of_run(trace: Trace) -> tuple[str, ...]:
    """The top-level fields that were given, written, read or declared, in order of appearance.

    Args:
        trace: The run.
    """
    lineage = Lineage(trace)
    names: dict[str, None] = {}
    for scope_names in lineage.versions.fields.values():
        names.update(dict.fromkeys(scope_names))
    for step in lineage.trace.steps:
        names.update(dict.fromkeys((*step.input_state, *step.output_state)))
        names.update((read.path.partition(".")[0], None) for read in lineage.reads(step))
    if lineage.trace.graph is not None:
        names.update((field.name, None) for field in lineage.trace.graph.state)
    return tuple(names)


def near_fields(trace: Trace, path: str) -> tuple[str, ...]:
    """The fields or dotted paths of a run that read most like one that it does not know.

    Args:
        trace: The run.
        path: What was asked for.

    Returns:
        At most three, the nearest first.
    """
    from difflib import get_close_matches

    known = fields_of_run(trace)
    parts = split(path)
    if parts[0] not in known:
        return tuple(get_close_matches(parts[0][:200], known, n=3, cutoff=0.5))
    below = {one[len(parts[0]) :]: one for one in _nested(trace, parts[0])}
    return tuple(below[one] for one in get_close_matches(path[len(parts[0]) : 500], below, n=3, cutoff=0.6))


def _nested(trace: Trace, field: str) -> tuple[str, ...]:
    """The dotted paths below a field, in whatever held it, up to a bound."""
    found: dict[str, None] = {}
    lineage = Lineage(trace)
    pending: deque[tuple[str, object]] = deque()
    for step in lineage.trace.steps:
        pending += [(field, state[field]) for state in (step.input_state, step.output_state) if field in state]
    while pending and len(found) < _NESTED:
        path, value = pending.popleft()
        if isinstance(value, dict):
            inner = [(f"{path}.{key}", item) for key, item in list(value.items())[:_NESTED]]
        elif isinstance(value, list):
            inner = [(f"{path}[{index}]", item) for index, item in enumerate(value[:20])]
        else:
            continue
        new = [one for one in inner if one[0] not in found]
        found.update((one[0], None) for one in new)
        pending += new
    return tuple(found)
