"""A step that wrote nothing where something was expected."""

from __future__ import annotations

from argus.detectors.aftermath import Aftermath, is_cleared, is_filled_later, is_starved
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.blanks import blank_word, is_blank
from argus.detectors.made import is_never_made, made_words
from argus.detectors.run_index import Reader, RunIndex
from argus.detectors.wording import holds_content, may_be_empty, sifts
from argus.model.detection import Detection, Evidence, Severity
from argus.model.trace import Trace, TraceStep
from argus.model.values import ROOT_FIELD, JsonValue

__all__ = ["EmptyOutput"]

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
        run = Aftermath(index)
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

    def _judged(self, step: TraceStep, field: str, value: JsonValue, run: Aftermath) -> Detection | None:
        if not is_blank(value):
            return self._speechless(step, field, value) if isinstance(value, list | dict) else None
        strange = is_never_made(step, field, value, run.index) and not is_filled_later(step, field, run.index)
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
    if is_cleared(step, field, index) or is_filled_later(step, field, index):
        return True
    return is_starved(step, field, value, index)
