"""Which exceptions a run recovered from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from argus.model.graph import GraphSpec
from argus.recording.frames import Finish, Start

__all__ = ["handled_steps"]

_RESULT_GIVEN: Final = frozenset({"completed", "interrupted"})


def handled_steps(
    steps: Mapping[int, tuple[Start, Finish | None]], outcome: str | None, graph: GraphSpec | None
) -> frozenset[int]:
    """The numbers of the steps whose exception did not end the graph call that they ran in.

    An exception is handled when the caller got a result all the same; when the same task was tried again; when its
    graph call went on to a later superstep, or its error handler went well; and when it rose no further than to an
    outer step that went well or whose own exception was handled.

    Args:
        steps: What is known of each step, by number.
        outcome: How the run ended; None while that is unknown.
        graph: What ran; names the error handlers.
    """
    failed = [number for number, (_, finish) in steps.items() if finish is not None and finish.error is not None]
    if outcome in _RESULT_GIVEN:
        return frozenset(failed)
    if not failed:
        return frozenset()
    last_attempts, last_supersteps = _last(start for start, _ in steps.values())
    rescued = set(_rescued(steps.values(), dict(_handlers(graph)) if graph is not None else {}))
    handled: set[int] = set()
    for number in sorted(failed):  # an outer step has the lower number
        start = steps[number][0]
        task = (start.scope, start.task_id)
        if (
            (start.task_id and last_attempts[task] > start.attempt)
            or (start.superstep is not None and last_supersteps[start.scope] > start.superstep)
            or (start.scope, start.superstep, start.node) in rescued
            or (start.parent is not None and (start.parent in handled or _went_well(steps.get(start.parent))))
        ):
            handled.add(number)
    return frozenset(handled)


def _last(starts: Iterable[Start]) -> tuple[dict[tuple[str, str | None], int], dict[str, int]]:
    attempts: dict[tuple[str, str | None], int] = {}
    supersteps: dict[str, int] = {}
    for start in starts:
        task = (start.scope, start.task_id)
        attempts[task] = max(attempts.get(task, 0), start.attempt)
        if start.superstep is not None:
            supersteps[start.scope] = max(supersteps.get(start.scope, start.superstep), start.superstep)
    return attempts, supersteps


def _handlers(graph: GraphSpec) -> Iterator[tuple[str, str]]:
    """Each error handler of a graph and of those inside it, and the node that it stands by."""
    for node in graph.nodes:
        if node.kind == "error_handler":
            yield from ((node.name, other.name) for other in graph.nodes if node.name in graph.successors(other.name))
        if node.subgraph is not None:
            yield from _handlers(node.subgraph)


def _rescued(
    steps: Iterable[tuple[Start, Finish | None]], handlers: Mapping[str, str]
) -> Iterator[tuple[str, int | None, str]]:
    """Scope, superstep and node of what an error handler took care of."""
    for start, finish in steps:
        if start.node in handlers and _went_well((start, finish)):
            yield start.scope, start.superstep, handlers[start.node]


def _went_well(step: tuple[Start, Finish | None] | None) -> bool:
    return step is not None and step[1] is not None and step[1].outcome in ("ok", "parent_command")
