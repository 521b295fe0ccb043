"""A loop that swings between two results."""

from __future__ import annotations

from itertools import pairwise

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.rounds import Stretch, has_content, same_but_counters, stretches
from argus.detectors.run_index import RunIndex
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["Oscillation"]

_REPEATS = 2
_REPEATS_OF_LABELS = 4


class Oscillation(BaseDetector):
    """A node of a loop undid in every second round what it had done in the one before.

    Finds:
        Loops of the form A, B, A, B: one change is made and taken back, again and again.

    Why it matters:
        Such a loop never ends by itself. The counter that ends it picks one of the two results by chance.

    How it decides:
        A step repeats when its update equals one of its node's last two (counters and ids of messages aside). Within a
        row of steps that all repeat, a node oscillates when its updates differ from one visit to the next and equal
        those two visits before. Two such repetitions (A, B, A, B) are enough for content; for labels, numbers and
        flags alone it takes four. No node of the row may have returned anything new later. Warning.

    When it is wrong:
        For two parties that rightly take turns and say the same each time.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        ``BEH303``: loops that stand still.
    """

    code = "BEH304"
    name = "oscillation"
    layer = "behavioral"
    fault = "end of the run"  # where the recursion limit ended the run, it is the same loop

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds oscillating loops.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        endless = trace.error is not None and trace.error.type.endswith("RecursionError")
        findings: list[Detection] = []
        for steps in index.scopes.values():
            if len(steps) > _REPEATS + 1:
                for row in stretches(steps, index, 2):
                    swinging = _swinging(row, index)
                    if row.last and swinging:
                        findings.append(self._finding(swinging, steps[-1] if endless else swinging[_REPEATS - 1]))
        return findings

    def _finding(self, swinging: list[TraceStep], at: TraceStep) -> Detection:
        step = swinging[0]
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` went back and forth between two results, {len(swinging) + 2} times",
            step_id=at.id,
            details={"node": step.node_name, "times": len(swinging) + 2},
            confidence=0.9,
            evidence=tuple(Evidence(step_id=one.id, note="as two rounds before") for one in swinging[:5]),
        )


def _swinging(row: Stretch, index: RunIndex) -> list[TraceStep]:
    """The steps of a node whose updates alternate, one that rewrites what it reads if there is any; else none."""
    found: list[list[TraceStep]] = []
    for ran in row.visits.values():
        enough = _REPEATS if ran and has_content(ran[0].output_state) else _REPEATS_OF_LABELS
        alternates = all(not same_but_counters(a.output_state, b.output_state) for a, b in pairwise(ran))
        if len(ran) >= enough and alternates:
            found.append(ran)
    return next((ran for ran in found if _rewrites(ran[0], index)), found[0] if found else [])


def _rewrites(step: TraceStep, index: RunIndex) -> bool:
    read = {one.path.partition(".")[0] for one in index.reads(step)}
    return any(has_content({name: step.output_state[name]}) for name in read & step.output_state.keys())
