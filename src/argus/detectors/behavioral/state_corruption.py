"""A field that a step had no business with and changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import blank_word, is_blank
from argus.detectors.conformity import kind_word
from argus.detectors.excerpts import excerpt
from argus.detectors.run_index import RunIndex
from argus.detectors.wording import may_be_empty, sifts
from argus.model.detection import Detection, Evidence, Severity
from argus.model.graph import NodeSpec
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue, is_mark, is_redacted

__all__ = ["StateCorruption"]

_ENOUGH_RUNS = 5


@dataclass(frozen=True)
class _Overwritten:
    """A field that a step wrote although another node had filled it.

    Attributes:
        step: The step that wrote it.
        field: The field.
        owner: The last step before that wrote it; None when the caller gave it.
        old: What it held.
        new: What it holds now.
    """

    step: TraceStep
    field: str
    owner: TraceStep | None
    old: JsonValue
    new: JsonValue


class StateCorruption(BaseDetector):
    """A step changed a field that belongs to another node.

    Finds:
        Fields that a node's source never returns and its step returned all the same; fields of another node that were
        emptied or got another type without having been looked at; values that were changed in place instead of being
        returned.

    Why it matters:
        Every reader after it works with what the owner never wrote. A change in place is not even in any update: it
        passes reducers by, and is lost or doubled when a checkpoint is read back.

    How it decides:

        1. The keys that a node's source can return are all known, the step returned a field that is none of them, and
           its value differs from what another node or the caller had put there: warning, confidence 0.9.

        2. A field last written by another node holds nothing, or another type, after a step whose source never reads
           it, and a later step or the caller reads it: warning, 0.7. Fields that are rightly emptied, and nodes that
           clear or filter, are left out; of a field with a reducer the merged value is compared.

        3. With at least five earlier healthy runs: a node whose source does not tell what it returns, and that never
           wrote the field before, changed what another node had written: warning, 0.75.

        4. A field was changed in place during a step that did not return it: a warning when another step or the caller
           reads it afterwards, else info. Where several steps ran at the time, the finding is about the first and says
           so; confidence 0.5.

    When it is wrong:
        When a wrapper around a node writes fields on purpose. Silence it with an ``ignore`` entry for ``BEH309`` and
        the field.

    Settings:
        ``detection.behavioral.detect_mutations``.

    References:
        LangGraph hands all nodes of a superstep the same objects.
    """

    code = "BEH309"
    name = "state_corruption"
    layer = "behavioral"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds fields changed by steps that should not touch them.

        Args:
            trace: The run.
            context: ``behavioral.detect_mutations`` and the history are used.
        """
        if not context.settings.behavioral.detect_mutations:
            return []
        index = RunIndex.of(trace, context)
        habits = context.history.habits() if context.history is not None else None
        wrote = set(habits.wrote) if habits is not None and habits.runs >= _ENOUGH_RUNS else None
        findings: list[Detection] = []
        for step in trace.steps:
            if step.outcome in ("ok", "cached", "parent_command") and index.is_leaf(step):
                for over in _overwritten(step, index):
                    findings += self._judged(over, index, wrote)
            findings += self._in_place(step, index)
        return findings

    def _judged(self, over: _Overwritten, index: RunIndex, wrote: set[tuple[str, str]] | None) -> Iterator[Detection]:
        step, field = over.step, over.field
        spec = index.node(step)
        if spec is not None and spec.writes is not None and field not in spec.writes and spec.kind == "node":
            yield self._finding(over, "which its source never returns", "warning", 0.9)
        elif _is_blind(spec, field) and _is_destroyed(over) and self._is_needed(over, index):
            yield self._finding(over, "without having read it", "warning", 0.7)
        elif wrote is not None and self._is_new(over, spec, wrote):
            yield self._finding(over, "which it never did in earlier runs", "warning", 0.75)

    def _is_new(self, over: _Overwritten, spec: NodeSpec | None, wrote: set[tuple[str, str]]) -> bool:
        """Whether nothing, neither source nor history, lets one expect that the node writes the field."""
        step = over.step
        told = spec is not None and spec.writes is not None
        known = {(step.node_name, over.field), (step.node_name, ROOT_FIELD)} & wrote
        return not told and step.parent_id is None and over.owner is not None and not known

    def _is_needed(self, over: _Overwritten, index: RunIndex) -> bool:
        reader = next(index.readers_after(over.step, over.field), None)
        return reader is not None or index.reaches_caller(over.step, over.field)

    def _finding(self, over: _Overwritten, why: str, severity: Severity, confidence: float) -> Detection:
        step, field = over.step, over.field
        whose = f"of `{over.owner.node_name}`" if over.owner else "that the caller gave"
        evidence = [Evidence(step_id=step.id, field=field, note="overwritten with", value=excerpt(over.new))]
        if over.owner is not None:
            evidence.append(Evidence(step_id=over.owner.id, field=field, note="had written", value=excerpt(over.old)))
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=f"`{step.node_name}` overwrote `{field}` {whose} with {_what(over)}, {why}",
            step_id=step.id,
            field=field,
            confidence=confidence,
            details={"owner": over.owner.node_name if over.owner else None},
            evidence=tuple(evidence),
        )

    def _in_place(self, step: TraceStep, index: RunIndex) -> Iterator[Detection]:
        for kind, confidence in (("mutated", 0.9), ("mutated_together", 0.5)):
            fields = step.metadata.get(kind)
            for field in fields if isinstance(fields, list) else ():
                if not isinstance(field, str) or field in step.output_state:
                    continue
                reader = next((one for one in index.readers_after(step, field) if one.step.id != step.id), None)
                needed = reader is not None or index.gets_back(field)
                who = f"`{step.node_name}`" + (" or a step beside it" if kind == "mutated_together" else "")
                then = f"; `{reader.step.node_name}` reads it" if reader else ""
                yield Detection(
                    layer=self.layer,
                    code=self.code,
                    severity="warning" if needed else "info",
                    message=f"{who} changed `{field}` in place instead of returning it{then}",
                    step_id=step.id,
                    field=field,
                    confidence=confidence,
                    details={"kind": "in_place"},
                    evidence=(Evidence(step_id=step.id, field=field, note="changed in place"),),
                )


def _overwritten(step: TraceStep, index: RunIndex) -> Iterator[_Overwritten]:
    for field in index.writes(step):
        if field == ROOT_FIELD:
            continue  # a state without fields belongs to every node
        spec = index.fields(step).get(field)
        merged = spec is not None and spec.reducer is not None
        old = step.input_state.get(field)
        new = step.state_after.get(field) if merged else step.output_state.get(field)
        if is_blank(old) or (merged and not step.state_after) or old is new or _is_hidden(old) or _is_hidden(new):
            continue
        owner = index.wrote_before(step, field)
        if (owner is None or owner.node_name != step.node_name) and not _is_grown(old, new, merged) and old != new:
            yield _Overwritten(step, field, owner, old, new)


def _is_grown(old: JsonValue, new: JsonValue, merged: bool) -> bool:
    """Whether a reducer only added to what was there."""
    return merged and isinstance(old, list) and isinstance(new, list) and len(new) >= len(old)


def _is_hidden(value: JsonValue) -> bool:
    return is_mark(value) or is_redacted(value)


def _is_blind(spec: NodeSpec | None, field: str) -> bool:
    """Whether a node's source surely never looks at a field."""
    if spec is None or spec.reads is None or not spec.reads_complete:
        return False
    return all(read.path.partition(".")[0] != field for read in spec.reads)


def _is_destroyed(over: _Overwritten) -> bool:
    if over.owner is None or may_be_empty(over.field) or sifts(over.step.node_name):
        return False
    if str(over.old) == str(over.new):
        return False  # a model that turns texts into numbers has said it again
    numbers = isinstance(over.old, int | float) and isinstance(over.new, int | float)
    return is_blank(over.new) or (type(over.old) is not type(over.new) and not numbers)


def _what(over: _Overwritten) -> str:
    if is_blank(over.new):
        return blank_word(over.new)
    if type(over.old) is not type(over.new):
        return f"a {kind_word(over.new)}"
    return f"another {kind_word(over.new)}"
