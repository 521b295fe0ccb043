"""A loop that went round too often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["LoopLimit"]

_ENDLESS = 2
"""Visits beyond which a node belongs to the loop that ran into the recursion limit."""


class LoopLimit(BaseDetector):
    """A node ran more often in one run than a loop should need.

    Finds:
        Nodes that were visited more than ``max_loop_count`` times in one execution of their graph.

    Why it matters:
        A loop whose exit condition never comes true burns time and tokens until the recursion limit or the budget ends
        it.

    How it decides:
        Visits are counted for each node and each execution of its graph: the supersteps in which it ran. The branches
        of a fan-out with ``Send`` count as one visit, retries as none, and so does a subgraph that is called again.
        Without supersteps (sessions) a row of calls of one node with changing inputs is a walk over items and counts
        once. More than ``max_loop_count`` is a warning. When the recursion limit ended the run, three visits are enough
        and the finding is critical.

    When it is wrong:
        For agents that rightly take many turns. Raise the limit for that pipeline.

    Settings:
        ``detection.behavioral.max_loop_count`` (visits, default 10).

    References:
        LangGraph's recursion limit counts supersteps of the whole graph; this counts each node.
    """

    code = "BEH302"
    name = "loop_limit"
    layer = "behavioral"
    fault = "end of the run"  # a recursion limit and the loop that ran into it are one fault

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds runaway loops.

        Args:
            trace: The run.
            context: ``behavioral.max_loop_count`` is used.
        """
        limit = context.settings.behavioral.max_loop_count
        index = RunIndex.of(trace, context)
        ended = trace.error is not None and trace.error.type.endswith("RecursionError")
        if ended:
            limit = min(limit, _ENDLESS)
        findings: list[Detection] = []
        for steps in index.scopes.values():
            visits: dict[str, list[TraceStep]] = {}
            for step in steps:
                visits.setdefault(step.node_name, []).append(step)
            place = {step.id: number for number, step in enumerate(steps)}
            starts = {node: _visits(ran, place) for node, ran in visits.items() if len(ran) > limit}
            over = {node: visited for node, visited in starts.items() if len(visited) > limit}
            findings += (self._finding(loop, over, limit, steps[-1] if ended else None) for loop in _loops(over))
        return findings

    def _finding(
        self, loop: Sequence[str], over: dict[str, list[TraceStep]], limit: int, end: TraceStep | None
    ) -> Detection:
        node = min(loop, key=lambda name: over[name][limit].step_number)
        others = f" (with {', '.join(f'`{name}`' for name in loop if name != node)})" if len(loop) > 1 else ""
        times = len(over[node])
        outcome = "until the recursion limit ended the run" if end else f"in one run; the limit is {limit}"
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="critical" if end else "warning",
            message=f"`{node}`{others} ran {times} times {outcome}",
            step_id=end.id if end else over[node][limit].id,
            details={"node": node, "visits": {name: len(over[name]) for name in loop}, "limit": limit},
            evidence=tuple(
                Evidence(step_id=starts[-1].id, note=f"`{name}` for the {len(starts)}th time")
                for name, starts in ((name, over[name]) for name in loop)
            ),
        )


def _visits(ran: Sequence[TraceStep], place: Mapping[str, int]) -> list[TraceStep]:
    """The first step of each visit of one node."""
    visits: list[TraceStep] = []
    moments: set[int] = set()
    before: TraceStep | None = None
    for step in ran:
        if step.attempt > 1:
            continue
        superstep = step.metadata.get("superstep")
        if isinstance(superstep, int):
            if superstep not in moments:
                moments.add(superstep)
                visits.append(step)
        elif before is None or not _walks_on(before, step, place):
            visits.append(step)
        before = step
    return visits


def _walks_on(before: TraceStep, step: TraceStep, place: Mapping[str, int]) -> bool:
    """Whether a call is the next of a row over items: nothing ran in between, and it was given something else."""
    return place[step.id] == place[before.id] + 1 and step.input_state != before.input_state


def _loops(over: dict[str, list[TraceStep]]) -> list[list[str]]:
    """Nodes whose visits overlap in time belong to one loop."""
    loops: list[tuple[int, list[str]]] = []
    for node in sorted(over, key=lambda name: over[name][0].step_number):
        first, last = over[node][0].step_number, over[node][-1].step_number
        if loops and first < loops[-1][0]:
            end, names = loops.pop()
            loops.append((max(end, last), [*names, node]))
        else:
            loops.append((last, [node]))
    return [names for _, names in loops]
