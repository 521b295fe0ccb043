"""A step that ran where no edge leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.decided import contradiction, dead_words, unknown_keys
from argus.detectors.run_index import RunIndex
from argus.detectors.ways import Ways
from argus.model.detection import Detection, Evidence, Severity
from argus.model.graph import END, START, GraphSpec
from argus.model.habits import sketch_of, transitions_of
from argus.model.trace import Trace, TraceStep

__all__ = ["UnexpectedTransition"]

_ENOUGH_RUNS = 10


class UnexpectedTransition(BaseDetector):
    """The run went from one node to another that no declared edge connects, or that it never went to before.

    Finds:
        Branches and commands that went elsewhere than their source leads with the state they were given, or that ask
        for what no state of the graph can hold. Steps of a session that follow none of their declared predecessors;
        targets of a branch or ``Command`` outside those it declares; with history, pairs of nodes that never followed
        each other.

    Why it matters:
        The graph is what people have in mind when they read the code. A way that is not in it was not thought through.

    How it decides:

        1. A step ran, and neither the start nor any node that ran before it in the same execution of the graph has an
           edge to it: warning. Steps that a ``Send`` or an undeclared ``Command`` started are not looked at.

        2. A branch, or a node that declares the targets of its commands, chose a target outside its declared ones:
           warning.

        3. The function of a branch, or a node that returns a ``Command``, is simple enough to be worked out again from
           the recorded state (looking up, comparing, counting), and leads elsewhere than the run went: warning.

        4. A branch asks, with a default, for a key that its state does not declare and nobody writes, or compares a
           field with a word that its ``Literal`` does not allow, so that one of its answers can never come: warning.

        5. The run completed and a node followed another in a way that none of at least ten earlier healthy runs of the
           same graph shows: info.

    When it is wrong:
        When edges were declared for the main way only. Declare the rest, or silence it with an ``ignore`` entry for
        ``BEH307``.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        ``ArgusSession.set_edges``; ``Command[Literal[...]]`` as a node's return annotation.
    """

    code = "BEH307"
    name = "unexpected_transition"
    layer = "behavioral"
    fault = "way through the graph"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds unexpected transitions.

        Args:
            trace: The run.
            context: The history is used.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for steps in index.scopes.values():
            graph = index.graph(steps[0])
            if graph is not None and graph.edges:
                findings += self._without_edge(steps, graph, index, context)
                findings += self._outside(steps, graph)
                findings += self._contradicted(steps, index)
        return findings or list(self._never_seen(index, context))

    def _without_edge(
        self, steps: list[TraceStep], graph: GraphSpec, index: RunIndex, context: DetectorContext
    ) -> Iterator[Detection]:
        if index.trace.metadata.get("resumes"):
            return
        ways = Ways.of(graph, context)
        known = {node.name for node in graph.nodes}
        ran: dict[str, TraceStep] = {}
        reachable = set(ways.targets.get(START, ()))
        commanded: set[str] = set()
        told: set[str] = set()
        moment, running = None, set[str]()
        for step in steps:
            if index.moment(step) != moment:  # what runs at the same time does not lead to each other
                for name in running:
                    reachable |= ways.targets.get(name, set())
                moment, running = index.moment(step), set()
            node = step.node_name
            expected = node in reachable or node in commanded or step.metadata.get("kind") == "push"
            if node in known and not expected and node not in told:
                told.add(node)
                before = list(ran.values())[-1] if ran else None
                where = f"after `{before.node_name}`" if before else "first"
                yield self._finding(step, f"`{node}` ran {where}, and no edge leads there", "warning", 0.9, before)
            ran[node] = step
            running.add(node)
            goto = step.metadata.get("goto")
            commanded |= {one for one in goto if isinstance(one, str)} if isinstance(goto, list) else set()

    def _outside(self, steps: list[TraceStep], graph: GraphSpec) -> Iterator[Detection]:
        declared: dict[str, set[str]] = {}
        for edge in graph.edges:
            if edge.conditional:
                declared.setdefault(edge.source, set()).add(edge.target)
        told: set[tuple[str, str]] = set()
        for step in steps:
            allowed = declared.get(step.node_name)
            for kind in ("branch", "goto"):
                chosen = step.metadata.get(kind)
                if not allowed or not isinstance(chosen, list) or (kind == "goto" and step.metadata.get("branch")):
                    continue
                for target in chosen:
                    strange = isinstance(target, str) and target not in allowed and target != END
                    if strange and (step.node_name, target) not in told:
                        told.add((step.node_name, target))
                        yield self._finding(
                            step, f"`{step.node_name}` chose `{target}`, which is none of its targets", "warning", 0.9
                        )

    def _contradicted(self, steps: list[TraceStep], index: RunIndex) -> Iterator[Detection]:
        told: set[str] = set()
        for step in steps:
            node = step.node_name
            if node in told or step.id in index.superseded:
                continue
            found = contradiction(step, index)
            if found is not None:
                told.add(node)
                message = f"`{node}` led to {_names(found.chosen)}, but with this state its source leads to "
                yield self._finding(step, f"{message}{_names(found.expected)}", "warning", 0.9)
            for key in unknown_keys(step, index):
                if node not in told:
                    told.add(node)
                    message = f"the decision behind `{node}` asks for `{key}`, which the state never has"
                    yield self._finding(step, message, "warning", 0.8)
            for field, word in dead_words(step, index):
                if node not in told:
                    told.add(node)
                    message = f"the decision behind `{node}` compares `{field}` with {word!r}, which it can never be"
                    yield self._finding(step, message, "warning", 0.8)

    def _never_seen(self, index: RunIndex, context: DetectorContext) -> Iterator[Detection]:
        trace = index.trace
        habits = context.history.habits() if context.history is not None else None
        if habits is None or habits.runs < _ENOUGH_RUNS or trace.error is not None or trace.metadata.get("resumes"):
            return
        if trace.metadata.get("outcome", "completed") != "completed":
            return
        seen = set(habits.transitions)
        new = [pair for pair in transitions_of(sketch_of(trace)) if pair not in seen and pair[0] != pair[1]]
        if new:
            source, target = new[0]
            steps = [step for step in trace.steps if step.parent_id is None]
            at = next((step for step in steps if step.node_name == (target if target != END else source)), steps[-1])
            way = f"from `{source}` to `{target}`".replace("`__start__`", "the start").replace("`__end__`", "the end")
            yield self._finding(at, f"the run went {way}, which none of {habits.runs} earlier runs did", "info", 0.5)

    def _finding(
        self, step: TraceStep, message: str, severity: Severity, confidence: float, before: TraceStep | None = None
    ) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=message,
            step_id=step.id,
            confidence=confidence,
            evidence=(Evidence(step_id=before.id, note="ran before"),) if before else (),
        )


def _names(targets: Sequence[str]) -> str:
    counts = Counter(targets)
    named = [f"`{name}`" if count == 1 else f"{count} times `{name}`" for name, count in sorted(counts.items())]
    return " and ".join(named) or "the end"
