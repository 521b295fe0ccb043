"""Work that is declared done and is not there."""

from __future__ import annotations

from collections.abc import Iterator

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import is_blank
from argus.detectors.names import words_of
from argus.detectors.run_index import RunIndex
from argus.detectors.wording import declares_done, explains, holds_content, may_be_empty, owns_up, texts_in
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace, TraceStep

__all__ = ["UnfinishedWork"]


class UnfinishedWork(BaseDetector):
    """A step declared its work done, but what the work should have produced is absent or empty.

    Finds:
        A flag such as ``done`` or ``report_ready`` that is up, or a status ``completed``, while the product it stands
        for is missing.

    Why it matters:
        Whoever looks at the flag believes it: the router ends the loop, the caller reads an empty report.

    How it decides:
        When a step raises the flag, the product is looked for in what the state then holds: the fields that the same
        step's source writes, or writes empty beside the flag, under a name that promises content; and any declared
        field whose name is the flag's without the word for done (``report`` for ``report_ready``). If it is still
        absent or blank when the run has ended: warning. Silent when the update says why, or a text owns up to having
        nothing.

    When it is wrong:
        When done means that there was nothing to do, and no field says so.

    Settings:
        ``detection.behavioral.enabled``.

    References:
        ``STR403``: empty outputs in general.
    """

    code = "BEH312"
    name = "unfinished_work"
    layer = "behavioral"
    fault = "value of a field"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds work that is declared done and is not there.

        Args:
            trace: The run.
            context: Not used beyond its memo.
        """
        index = RunIndex.of(trace, context)
        findings: list[Detection] = []
        for step in trace.steps:
            if step.outcome not in ("ok", "cached") or not index.is_leaf(step):
                continue
            flag = next((name for name, value in step.output_state.items() if declares_done(name, value)), None)
            if flag is not None and not _is_accounted_for(step):
                findings += (self._finding(step, flag, product) for product in _missing(step, flag, index))
        return findings

    def _finding(self, step: TraceStep, flag: str, product: str) -> Detection:
        value = step.output_state[flag]
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"`{step.node_name}` set `{flag}` to {value!r}, but `{product}` is "
            f"{'empty' if product in step.output_state else 'not there'}",
            step_id=step.id,
            field=product,
            details={"flag": flag},
            confidence=0.85,
            evidence=(Evidence(step_id=step.id, field=flag, note="declares the work done", value=value),),
        )


def _missing(step: TraceStep, flag: str, index: RunIndex) -> Iterator[str]:
    spec = index.node(step)
    declared = index.fields(step)
    stem = [word for word in words_of(flag) if not declares_done(word, value=True) and word != "is"]
    candidates = {*step.output_state, *((spec.writes or ()) if spec else ())}
    named = {name for name in declared if stem and list(words_of(name)) == stem}
    for name in sorted(candidates | named):
        promised = name in named or (holds_content(name) and not may_be_empty(name))
        if name != flag and promised and not declares_done(name, value=True) and _is_absent(step, name, index):
            field = declared.get(name)
            if field is None or not field.nullable or name in named:
                yield name


def _is_absent(step: TraceStep, name: str, index: RunIndex) -> bool:
    if not is_blank(step.output_state.get(name)):
        return False
    field = index.fields(step).get(name)
    held = step.state_after.get(name) if step.state_after else step.input_state.get(name)
    gathered = field is not None and field.reducer is not None
    if not is_blank(held) and (gathered or name not in step.output_state):
        return False
    last = index.last_write(step, name)
    return last is None or index.moment(last) <= index.moment(step) or is_blank(last.output_state.get(name))


def _is_accounted_for(step: TraceStep) -> bool:
    if any(explains(name, value) and not declares_done(name, value) for name, value in step.output_state.items()):
        return True
    return owns_up(text for value in step.output_state.values() for text in texts_in(value))
