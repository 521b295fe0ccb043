"""A validator that gives no answer, or that has nothing to look at."""

from __future__ import annotations

from collections.abc import Iterator

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.names import nearest
from argus.detectors.validation import aim, verdicts
from argus.model.detection import Detection
from argus.model.graph import GraphSpec
from argus.model.trace import Trace
from argus.model.values import ROOT_FIELD, JsonValue

__all__ = ["BrokenValidator"]


class BrokenValidator(BaseDetector):
    """A validator raised, answered neither yes nor no, or names what does not exist, so the value was not checked.

    Finds:
        Validators of yours that raise an exception, answers that are no bool and no pair of bool and message, and
        validators for a node or field that the graph does not have.

    Why it matters:
        What you rely on being checked is not. It says nothing about the step: a validator that trips over None is as
        likely as a wrong value.

    How it decides:
        Reported once for each validator, at the first step where it happened; a name that does not exist at the last
        step of the run, with the nearest one that does. Info, so that a mistake in a check never makes a run look
        faulty. An ``AssertionError`` is an exception like any other: answer False instead. A field counts as existing
        when a schema declares it or a step wrote it; without declared schemas nothing is said about names.

    When it is wrong:
        When raising was meant as a no. Return ``(False, message)``.

    Settings:
        ``validators`` of the watcher.

    References:
        ``STR406``: values that a validator rejects.
    """

    code = "STR407"
    name = "broken_validator"
    layer = "structural"
    calls_validators = True

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds broken validators.

        Args:
            trace: The run.
            context: Its validators are called.
        """
        first = {one.target: one for one in reversed(verdicts(trace, context)) if one.kind != "rejected"}
        broken = [
            self._finding(
                f"the validator `{target}` {'raised ' if one.kind == 'raised' else ''}{one.message} "
                f"about what `{one.step.node_name}` wrote",
                one.step.id,
                {"validator": target, "kind": one.kind},
            )
            for target, one in sorted(first.items())
        ]
        return broken + list(self._aimless(trace, context))

    def _aimless(self, trace: Trace, context: DetectorContext) -> Iterator[Detection]:
        graph = trace.graph
        if not context.validators or graph is None or not graph.state or not trace.steps:
            return
        nodes, fields = _names(graph)
        if ROOT_FIELD in fields:
            return
        for step in trace.steps:
            nodes.add(step.node_name)
            fields.update(step.output_state)
            fields.update(step.input_state)
        for target in sorted(context.validators):
            node, path = aim(target)
            top = path.partition(".")[0] if path is not None else None
            for what, name, known in (("node", node, nodes), ("field", top, fields)):
                if name is None or name in known or path in known:
                    continue
                meant = nearest(name, known)
                yield self._finding(
                    f"the validator `{target}` never checks anything: there is no {what} `{name}`"
                    + (f"; did you mean `{meant}`?" if meant else ""),
                    trace.steps[-1].id,
                    {"validator": target, "kind": f"unknown_{what}", "nearest": meant},
                )

    def _finding(self, message: str, step_id: str, details: dict[str, JsonValue]) -> Detection:
        return Detection(
            layer=self.layer, code=self.code, severity="info", message=message, step_id=step_id, details=details
        )


def _names(graph: GraphSpec) -> tuple[set[str], set[str]]:
    """The nodes and the declared fields of a graph and of what runs inside it."""
    nodes: set[str] = set()
    fields: set[str] = set()
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        fields.update(field.name for field in (*one.state, *(one.input or ()), *(one.output or ())))
        for node in one.nodes:
            nodes.add(node.name)
            fields.update(field.name for field in node.input or ())
            fields.update(node.writes or ())
            if node.subgraph is not None:
                waiting.append(node.subgraph)
    return nodes, fields
