"""A loop that goes round without getting on."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.rounds import Stretch, has_content, stretches
from argus.detectors.run_index import RunIndex
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["StuckLoop"]

_REPEATS = 2


class StuckLoop(BaseDetector):
    """A node of a loop returned the same again and again, and nothing else changed either.

    Finds:
        Loops whose last rounds brought nothing new: the same draft, the same remarks, the same documents.

    Why it matters:
        Each round costs time and tokens. What ends such a loop is a counter, not a good result, and what comes out is
        passed on as if the loop had done its work.

    How it decides:
        A step repeats when its update equals that of its node's visit before; whole numbers that moved by one or two
        are counters and do not count as a difference, new ids of messages neither. Rows of steps that all repeat are
        looked for in each execution of a graph. A row is a stuck loop when one node returned the same content (more
        than labels, numbers and flags) three times in it, and no node of the row returned anything new later: polling
        that ends with a result is none. Warning.

    When it is wrong:
        For a loop that waits for the outside world, gives up rightly, and carries content while it waits.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        ``BEH302``: loops that run too often, whatever they return. ``BEH304``: loops that swing between two results.
    """

    code = "BEH303"
    name = "stuck_loop"
    layer = "behavioral"
    fault = "end of the run"  # where the recursion limit ended the run, it is the same loop

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds stuck loops.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        endless = trace.error is not None and trace.error.type.endswith("RecursionError")
        findings: list[Detection] = []
        for steps in index.scopes.values():
            if len(steps) > _REPEATS:
                for row in stretches(steps, index, 1):
                    stuck = _stuck(row)
                    if row.last and stuck:
                        findings.append(self._finding(stuck, row, steps[-1] if endless else stuck[_REPEATS - 1]))
        return findings

    def _finding(self, stuck: list[TraceStep], row: Stretch, at: TraceStep) -> Detection:
        step, times = stuck[0], len(stuck) + 1
        others = [name for name in row.visits if name != step.node_name]
        beside = f"; {', '.join(f'`{name}`' for name in others)} brought nothing new either" if others else ""
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` returned the same {times} times in a row{beside}",
            step_id=at.id,
            details={"node": step.node_name, "times": times},
            confidence=0.9,
            evidence=tuple(Evidence(step_id=one.id, note="the same again") for one in stuck[:5]),
        )


def _stuck(row: Stretch) -> list[TraceStep]:
    """The repeating steps of the node that first got stuck with content; none when no node did."""
    for ran in row.visits.values():
        if len(ran) >= _REPEATS and has_content(ran[0].output_state):
            return ran
    return []
