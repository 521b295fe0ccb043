"""A step that wrote nothing where something was expected."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import blank_word, is_blank
from argus.detectors.made import is_meant_to_be_empty, is_never_made, made_words
from argus.detectors.run_index import Reader, RunIndex
from argus.detectors.wording import explains, holds_content, may_be_empty, owns_up, sifts, texts_in
from argus.model.detection import Detection, Evidence, Severity
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue

__all__ = ["EmptyOutput"]

_STUMBLES = ("IndexError", "ZeroDivisionError", "StatisticsError", "StopIteration", "JSONDecodeError")
_STUMBLES_OVER_NONE = ("TypeError", "AttributeError")
_ABOUT_A_MESSAGE = frozenset(
    {"role", "type", "id", "name", "example", "created", "created_at", "timestamp", "model", "index", "finish_reason",
     "stop_reason", "response_metadata", "usage_metadata", "usage", "metadata", "logprobs"}
)  # fmt: skip
"""Keys of a chat message that are about it; under any other one it may ask for a tool or carry what it says."""


class EmptyOutput(BaseDetector):
    """A step that had something to work on wrote an empty value that others needed filled.

    Finds:
        An empty text, list or dict, or None in a field that does not allow it, which a later step or the caller needed
        filled; an assistant's message without words and without tool calls.

    Why it matters:
        An empty value raises nothing: the steps after it work on nothing and the run still ends well.

    How it decides:
        The field was not filled again later, was not a used-up value that its reader cleared, its name does not stand
        for something that is rightly empty (errors, feedback, queues …), and the step itself was given something.
        Then, in this order:

        1. A later step that reads the field raises an error that comes from emptiness (``IndexError``, division by
           zero, ``NoneType`` …): critical.

        2. The source of the node always gives something else to the field, so that a wrapper, a cache or a fallback
           must have emptied it, and a later step or the caller reads it: warning.

        3. None in a field declared without None, and a later step or the caller reads it: warning.

        4. An empty text in a declared text field or one whose name promises content, or as all that a step had to say,
           that a later step or the caller reads: warning.

        5. An empty list or dict as all that a step returned, under a name that promises content, read by a later step
           without a branch in between that could have asked for it: warning, confidence 0.6.

        3 to 5 stay silent when the same update gives a reason, or when a later text or count owns up to having nothing.

    When it is wrong:
        When nothing was found, that is fine, and no later step says so. Declare the field as Optional, or silence it
        with an ``ignore`` entry for ``STR403`` and the field.

    Settings:
        ``detection.structural.check_empty``.

    References:
        ``tests/detectors/structural/empty_output/silent``: the legitimate kinds of emptiness.
    """

    code = "STR403"
    name = "empty_output"
    layer = "structural"
    fault = "value of a field"  # an empty text in a list's place is empty and of the wrong type

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds empty outputs.

        Args:
            trace: The run.
            context: ``structural.check_empty`` is used.
        """
        if not context.settings.structural.check_empty:
            return []
        index = RunIndex.of(trace, context)
        run = _Aftermath(index)
        findings: list[Detection] = []
        for step in trace.steps:
            if step.outcome in ("ok", "cached") and index.is_leaf(step):
                results = index.results(step)
                gone = [name for name in results if name not in step.output_state and results[name] is None]
                for field in (*index.writes(step), *gone):
                    finding = self._judged(step, field, results.get(field), run)
                    if finding is not None:
                        findings.append(finding)
        return findings

    def _judged(self, step: TraceStep, field: str, value: JsonValue, run: _Aftermath) -> Detection | None:
        if not is_blank(value):
            return self._speechless(step, field, value) if isinstance(value, list | dict) else None
        strange = is_never_made(step, field, value, run.index) and not _is_filled_later(step, field, run.index)
        if not strange and _is_rightful(step, field, value, run.index):
            return None
        reader = next(run.index.readers_after(step, field), None)
        harmed = run.harmed(step, field, value)
        if harmed is not None:
            error = harmed.step.error.type if harmed.step.error else "an error"
            reason = f"`{harmed.step.node_name}` failed on it ({error})"
            return self._finding(step, field, value, reason, "critical", 0.9, harmed)
        if reader is None and not run.index.reaches_caller(step, field):
            return None
        needs = f"`{reader.step.node_name}` reads it" if reader else "the caller gets it"
        if strange:
            why = f"its source always gives {made_words(step, field, run.index)}, and {needs}"
            return self._finding(step, field, value, why, "warning", 0.85, reader)
        if run.is_accounted_for(step, value):
            return None
        spec = run.index.fields(step).get(field)
        if value is None:
            if spec is None or spec.nullable or spec.type.kind in ("any", "none", "opaque"):
                return None
            return self._finding(
                step, field, value, f"it is declared without None, and {needs}", "warning", 0.85, reader
            )
        if isinstance(value, str):
            declared = spec is not None and spec.type.kind == "str" and spec.required and not spec.nullable
            demanded = reader is not None and reader.read.required and not reader.read.conditional
            if holds_content(field) or (declared and demanded) or run.should_speak(step, field):
                return self._finding(step, field, value, needs, "warning", 0.85, reader)
            return None
        if reader is not None and holds_content(field) and run.is_all(step) and not run.branches_on(step, field):
            return self._finding(step, field, value, needs, "warning", 0.6, reader)
        return None

    def _speechless(self, step: TraceStep, field: str, value: JsonValue) -> Detection | None:
        """An assistant's last message that neither says nor does anything."""
        last = value[-1] if isinstance(value, list) else value
        if not isinstance(last, dict) or (last.get("type") or last.get("role")) not in ("ai", "assistant"):
            return None
        does = [part for key, part in last.items() if key not in _ABOUT_A_MESSAGE]
        if "content" not in last or not all(is_blank(one) for one in does):
            return None
        return self._finding(step, field, "", "the assistant's message has no words and no tool calls", "warning", 0.8)

    def _finding(
        self,
        step: TraceStep,
        field: str,
        value: JsonValue,
        reason: str,
        severity: Severity,
        confidence: float,
        reader: Reader | None = None,
    ) -> Detection:
        word = blank_word(value)
        what = (
            f"returned {'nothing' if value is None else word}"
            if field == ROOT_FIELD
            else f"wrote {word} into `{field}`"
        )
        evidence = [Evidence(step_id=step.id, field=field, note=what, value=value)]
        if reader is not None:
            evidence.append(Evidence(step_id=reader.step.id, field=field, note="reads it"))
        return Detection(
            layer=self.layer,
            code=self.code,
            severity=severity,
            message=f"`{step.node_name}` {what}: {reason}",
            step_id=step.id,
            field=field,
            confidence=confidence,
            details={"kind": "null" if value is None else type(value).__name__},
            evidence=tuple(evidence),
        )


class _Aftermath:
    """What the rest of a run made of an empty value."""

    def __init__(self, index: RunIndex) -> None:
        self.index = index

    def harmed(self, step: TraceStep, field: str, value: JsonValue) -> Reader | None:
        """The reader that failed because the field was empty."""
        for reader in self.index.readers_after(step, field):
            error = reader.step.error
            if error is None:
                continue
            kind = error.type.rpartition(".")[2]
            over_none = value is None and kind in _STUMBLES_OVER_NONE and "NoneType" in error.message
            if over_none or kind in _STUMBLES or (kind == "ValueError" and "empty" in error.message.lower()):
                return reader
        return None

    def is_accounted_for(self, step: TraceStep, value: JsonValue) -> bool:
        """Whether the update itself, or a later step, says that there is nothing."""
        if any(explains(name, beside) for name, beside in step.output_state.items()):
            return True
        beside = [text for one in step.output_state.values() for text in texts_in(one)]
        if owns_up(beside) or self._last_owning_up > step.step_number:
            return True
        return not isinstance(value, str) and self._last_zero > step.step_number

    def is_all(self, step: TraceStep) -> bool:
        """Whether a step returned nothing but empty values."""
        return all(is_blank(one) for one in step.output_state.values())

    def should_speak(self, step: TraceStep, field: str) -> bool:
        """Whether a text is all that a step had to say, and its source does not provide for its being empty."""
        fields = self.index.fields(step)
        others = [name for name, one in step.output_state.items() if name != field and not is_blank(one)]
        spec = fields.get(field)
        declared = spec is None or (spec.type.kind == "str" and not spec.nullable)
        gathered = all((own := fields.get(name)) is not None and own.reducer is not None for name in others)
        return declared and gathered and not is_meant_to_be_empty(step, field, self.index)

    def branches_on(self, step: TraceStep, field: str) -> bool:
        """Whether a branch behind the step may have looked at the field."""
        reads = self.index.branch_reads(step)
        return reads is None or any(read.path.partition(".")[0] == field for read in reads)

    @cached_property
    def _last_owning_up(self) -> int:
        """The number of the last step that says in words that nothing was found; 0 without one."""
        return self._last(lambda state: owns_up(text for one in state.values() for text in texts_in(one)))

    @cached_property
    def _last_zero(self) -> int:
        """The number of the last step that counts to zero; 0 without one."""
        return self._last(lambda state: any(_counts_zero(one) for one in state.values()))

    def _last(self, says: Any) -> int:
        return next((one.step_number for one in reversed(self.index.trace.steps) if says(one.output_state)), 0)


def _counts_zero(value: JsonValue) -> bool:
    if isinstance(value, dict):
        return any(_is_zero(one) for one in value.values())
    return _is_zero(value)


def _is_zero(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == 0


def _is_rightful(step: TraceStep, field: str, value: JsonValue, index: RunIndex) -> bool:
    """Whether emptiness is how the pipeline is meant to work here."""
    spec = index.fields(step).get(field)
    if (
        may_be_empty(field)
        or sifts(step.node_name)
        or (field == ROOT_FIELD and not isinstance(value, str) and (spec is None or value is not None))
    ):
        return True
    if spec is not None and spec.reducer is not None and not isinstance(value, str):
        return True  # an empty addition adds nothing
    if spec is not None and spec.nullable and value is None:
        return True
    return (
        _is_cleared(step, field, index) or _is_filled_later(step, field, index) or _is_starved(step, field, spec, index)
    )


def _is_cleared(step: TraceStep, field: str, index: RunIndex) -> bool:
    """Whether the step emptied a value that it had used up."""
    if is_blank(step.input_state.get(field)):
        return False
    reads = {read.path.partition(".")[0] for read in index.reads(step)}
    return field in reads or not all(is_blank(one) for one in step.output_state.values())


def _is_filled_later(step: TraceStep, field: str, index: RunIndex) -> bool:
    last = index.last_write(step, field)
    return last is not None and index.moment(last) > index.moment(step) and not is_blank(last.output_state.get(field))


def _is_starved(step: TraceStep, field: str, value: JsonValue, index: RunIndex) -> bool:
    """Whether the step had nothing to work on, so that the fault, if any, lies before it.

    A text can be written from any of its sources, a list is as empty as the list it is made from.
    """
    node, declared = index.node(step), index.fields(step)
    sources = [name for name in step.input_state if name != field]
    if node is not None and node.reads and node.reads_complete:
        read = {one.path.partition(".")[0] for one in node.reads}
        sources = [name for name in sources if name in read and name in declared and not may_be_empty(name)]
    blank = [is_blank(step.input_state[name]) for name in sources]
    if isinstance(value, str) or node is None or not node.reads:
        return bool(blank) and all(blank)
    return any(blank)
