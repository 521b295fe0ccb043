"""A field that a later step needs and no step wrote."""

from __future__ import annotations

from collections.abc import Iterator

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.escapes import escapes, fields_missed, passed_on, where_it_failed
from argus.detectors.run_index import RunIndex
from argus.model.detection import Detection, Evidence, Severity
from argus.model.trace import ErrorInfo, Trace, TraceStep

__all__ = ["MissingField"]


class MissingField(BaseDetector):
    """A step needed a field that was not there, or left out one that it owes.

    Finds:
        A field that a step could not find in the state; a field that a node's source returns on every way and that was
        not returned, while a later step reads it; a required field of the declared output that the caller did not get.

    Why it matters:
        The step that stumbles over the gap is rarely the one that left it. Steps that read with a default do not
        stumble at all: they go on with nothing.

    How it decides:

        1. A ``KeyError``, a pydantic "field required" or a dataclass's missing argument names a field that is declared
           or read around the step, and the step's input lacks it: critical when it ended the run, info when an error
           handler took it, a warning otherwise. Attempts that were retried do not count.

        2. The keys that a step returned are none of the sets that its source returns, and another step reads the
           missing one before it is written again, or the caller gets nothing in it: warning.

        3. The graph declares an output of its own, the run ended well, and a required field of it that may not be None
           is absent although a node that writes it ran, or nothing of the output is there at all: warning.

        A state that is still partial is no fault as long as nobody needs what is absent.

    When it is wrong:
        When a node's function is wrapped on purpose by something that takes fields away. Silence it with an ``ignore``
        entry for ``STR401`` and the field.

    Settings:
        ``detection.structural.check_required``.

    References:
        LangGraph hands a node only the fields that have a value; a missing one is absent, not None.
    """

    code = "STR401"
    name = "missing_field"
    layer = "structural"
    fault = "end of the run"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds fields that are needed and absent.

        Args:
            trace: The run.
            context: ``structural.check_required`` is used.
        """
        if not context.settings.structural.check_required:
            return []
        index = RunIndex.of(trace, context)
        needed = list(self._stumbled(index))
        named = {finding.field for finding in needed}
        left_out = [finding for finding in self._left_out(index) if finding.field not in named]
        return [*needed, *left_out, *self._owed(index)]

    def _stumbled(self, index: RunIndex) -> Iterator[Detection]:
        """Where an exception names a field that is not there."""
        ended = escapes(index)
        fatal = {escape.step.id for escape in ended if escape.step}
        for step in index.trace.steps:
            error = step.error
            if error is not None and step.id not in index.superseded and not passed_on(step, index):
                severity: Severity = "critical" if step.id in fatal else "info" if error.handled else "warning"
                for field in fields_missed(error, step, index):
                    yield self._needed(field, step, error, index, severity)
        for escape in ended:
            if escape.step is None:
                for field in fields_missed(escape.error, None, index):
                    yield self._finding(
                        f"the run needs `{field}`, which it was not given ({escape.error.type})",
                        where_it_failed(escape, index),
                        field,
                        "critical",
                    )

    def _needed(self, field: str, step: TraceStep, error: ErrorInfo, index: RunIndex, severity: Severity) -> Detection:
        top = field.partition(".")[0]
        why, evidence = _whereabouts(top, step, index)
        if "." in field:
            writer = index.wrote_before(step, top)
            why = f"`{top}` has no such key"
            evidence = (Evidence(step_id=writer.id, field=top, note=f"wrote `{top}`"),) if writer else ()
        message = f"`{step.node_name}` needs `{field}`, but {why} ({error.type})"
        return self._finding(message, step.id, field, severity, evidence)

    def _left_out(self, index: RunIndex) -> Iterator[Detection]:
        """Where a step returned less than its source ever returns."""
        for step in index.trace.steps:
            spec = index.node(step)
            if step.outcome != "ok" or spec is None or not spec.returns or not index.is_leaf(step):
                continue
            returned = frozenset(step.output_state)
            ways = [frozenset(way) for way in spec.returns]
            task = index.is_task(step)
            owed = [way for way in ways if returned < way or (task and not way <= returned)]
            if returned in ways or not owed or (task and len(owed) < len(ways)):
                continue
            for field in sorted(frozenset.intersection(*owed) - returned):
                reader = next(index.readers_after(step, field), None)
                if reader is not None:
                    stale = field in reader.step.input_state
                    harm = f"`{reader.step.node_name}` read {'an older value' if stale else 'nothing'}"
                elif index.is_due(field) and is_blank(index.trace.output.get(field)):
                    harm = "the caller got nothing"
                elif task:
                    harm = "what called it goes on without"
                else:
                    continue
                evidence = (Evidence(step_id=reader.step.id, field=field, note="reads it"),) if reader else ()
                message = f"`{step.node_name}` returned without `{field}`, which its source always returns; {harm}"
                yield self._finding(message, step.id, field, "warning", evidence)

    def _owed(self, index: RunIndex) -> Iterator[Detection]:
        """Where the caller did not get what the graph declares."""
        trace, graph = index.trace, index.trace.graph
        if graph is None or graph.output is None or trace.error is not None or not isinstance(trace.output, dict):
            return
        if trace.metadata.get("outcome", "completed") != "completed":
            return
        absent = [
            one.name for one in graph.output if one.required and not one.nullable and one.name not in trace.output
        ]
        nothing = len(absent) == len(graph.output)
        top = [step for step in trace.steps if step.parent_id is None]
        for field in absent:
            writers = [step for step in top if (spec := index.node(step)) and field in (spec.writes or ())]
            if top and (writers or nothing):
                at = (writers or top)[-1]
                yield self._finding(
                    f"the run ended without `{field}`, which its output declares as required",
                    at.id,
                    field,
                    "warning",
                )

    def _finding(
        self, message: str, step_id: str, field: str, severity: Severity, evidence: tuple[Evidence, ...] = ()
    ) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=message,
            step_id=step_id,
            field=field,
            evidence=evidence,
        )


def _whereabouts(field: str, step: TraceStep, index: RunIndex) -> tuple[str, tuple[Evidence, ...]]:
    """Why a field is absent where a step looks for it, and what shows it."""
    before = index.wrote_before(step, field)
    if before is not None:
        note = f"wrote `{field}`"
        return f"what it is given leaves it out, although `{before.node_name}` wrote it", (
            Evidence(step_id=before.id, field=field, note=note),
        )
    last = index.last_write(step, field)
    if last is not None:
        when = "at the same time" if index.moment(last) == index.moment(step) else "only later"
        return f"`{last.node_name}` writes it {when}", (Evidence(step_id=last.id, field=field, note="writes it"),)
    silent = [
        one
        for one in index.scopes[index.scope(step)]
        if index.moment(one) < index.moment(step)
        and (spec := index.node(one)) is not None
        and field in (spec.writes or ())
    ]
    if silent:
        return f"`{silent[-1].node_name}` did not write it", (
            Evidence(step_id=silent[-1].id, field=field, note="can write it, but did not"),
        )
    return "no step wrote it", ()
