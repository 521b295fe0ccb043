"""A step that should have run and did not."""

from __future__ import annotations

from collections.abc import Iterator

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.ways import Ways
from argus.model.detection import Detection, Evidence, Severity
from argus.model.graph import GraphSpec
from argus.model.trace import Trace, TraceStep

__all__ = ["SkippedStep"]

_ENOUGH_RUNS = 5


class SkippedStep(BaseDetector):
    """A node that every way through the graph passes did not run, or one that has always run before.

    Finds:
        Nodes that were gone around although no edge goes around them; nodes that an unconditional edge leads to and
        that never came; with history, nodes that ran in every earlier healthy run.

    Why it matters:
        A validation, a redaction or a review that is skipped leaves no error behind. What came out only looks as if it
        had been checked.

    How it decides:

        1. A node ran, and another one that lies on every way from the start to it did not run in the same execution of
           the graph. A ``Command`` that went somewhere without declaring it counts as an edge. Warning, at the node
           that ran.

        2. In a session with declared edges, a node ended well, its only successor is fixed, and the run completed
           without it. Warning, at the last execution of the node before.

        3. The run completed and a node is absent that ran in all of at least five earlier healthy runs of the same
           graph. A choice may rightly lead elsewhere this time, so: info.

        Runs that resume an earlier one, and graphs without known edges, are not looked at.

    When it is wrong:
        When something outside the recording did the node's work. Silence it with an ``ignore`` entry for ``BEH306``.

    Settings:
        ``detection.behavioral.detect_skipped``.

    References:
        The nodes on every way to a node are its dominators in the graph.
    """

    code = "BEH306"
    name = "skipped_step"
    layer = "behavioral"
    fault = "way through the graph"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds skipped steps.

        Args:
            trace: The run.
            context: ``behavioral.detect_skipped`` and the history are used.
        """
        if not context.settings.behavioral.detect_skipped or trace.metadata.get("resumes") or not trace.steps:
            return []
        index = RunIndex.of(trace, context)
        findings = [one for steps in index.scopes.values() for one in self._gone_around(steps, index, context)]
        if not findings and trace.error is None and trace.metadata.get("outcome", "completed") == "completed":
            findings = [*self._not_followed(index, context)] or [*self._unusual(index, context)]
        return findings

    def _gone_around(self, steps: list[TraceStep], index: RunIndex, context: DetectorContext) -> Iterator[Detection]:
        graph = index.graph(steps[0])
        if graph is None or not graph.edges:
            return
        ways = Ways.of(graph, context, _commanded(steps))
        ran = {step.node_name for step in steps}
        told: set[str] = set()
        for step in steps:
            for missed in sorted(ways.unavoidable.get(step.node_name, frozenset()) - ran - told):
                told.add(missed)
                yield self._finding(step, missed, "every way to it leads through that node", "warning", 0.9)

    def _not_followed(self, index: RunIndex, context: DetectorContext) -> Iterator[Detection]:
        graph = index.trace.graph
        if graph is None or graph.closed or not graph.edges:
            return
        ways = Ways.of(graph, context)
        steps = [step for step in index.trace.steps if step.parent_id is None]
        last = {step.node_name: step for step in steps}
        for name, step in last.items():
            follower = ways.only_way_on(name)
            if follower is not None and step.outcome in ("ok", "cached"):
                came = last.get(follower)
                if came is None or came.step_number < step.step_number:
                    yield self._finding(step, follower, "its edge leads nowhere else", "warning", 0.85)

    def _unusual(self, index: RunIndex, context: DetectorContext) -> Iterator[Detection]:
        habits = context.history.habits() if context.history is not None else None
        if habits is None or habits.runs < _ENOUGH_RUNS:
            return
        graph = index.trace.graph
        ran = {step.node_name for step in index.trace.steps if step.parent_id is None}
        missed = [name for name in habits.nodes if name not in ran and (graph is None or graph.node(name))]
        if missed:
            before = _last_before(missed[0], graph, index)
            others = f" (nor {', '.join(f'`{name}`' for name in missed[1:4])})" if missed[1:] else ""
            why = f"it ran in all of {habits.runs} earlier runs{others}"
            yield self._finding(before, missed[0], why, "info", 0.6)

    def _finding(self, step: TraceStep, missed: str, why: str, severity: Severity, confidence: float) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=f"`{missed}` was skipped: `{step.node_name}` ran without it, and {why}",
            step_id=step.id,
            details={"node": missed},
            confidence=confidence,
            evidence=(Evidence(step_id=step.id, note=f"ran without `{missed}`"),),
        )


def _commanded(steps: list[TraceStep]) -> Iterator[tuple[str, str]]:
    for step in steps:
        goto = step.metadata.get("goto")
        if isinstance(goto, list):
            yield from ((step.node_name, target) for target in goto if isinstance(target, str))


def _last_before(missed: str, graph: GraphSpec | None, index: RunIndex) -> TraceStep:
    """The last step whose node has an edge to the skipped one; the last of all where none has."""
    sources = {edge.source for edge in graph.edges if edge.target == missed} if graph else set()
    steps = [step for step in index.trace.steps if step.parent_id is None] or list(index.trace.steps)
    return next((step for step in reversed(steps) if step.node_name in sources), steps[-1])
