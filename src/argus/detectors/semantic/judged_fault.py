"""What the language-model judge sees by itself."""

from __future__ import annotations

import json

from argus.detectors.base import BaseDetector, DetectorContext
from argus.model.detection import Detection, Evidence
from argus.model.judgement import SeenFault
from argus.model.trace import Trace, TraceStep

__all__ = ["JudgedFault"]

_SURE = 0.7

_SAYS = {
    "irrelevant": "answers something else than was asked",
    "unsupported": "claims what nothing given to it supports",
    "contradiction": "contradicts an earlier text",
    "drift": "departs from what the run was asked for",
}


class JudgedFault(BaseDetector):
    """The language-model judge saw a fault of meaning.

    Finds:
        Answers to something else than was asked, claims without support, contradictions and departures from the
        request, as a language model sees them.

    Why it matters:
        Word vectors can say "off topic", never "wrong". A model that reads the whole run can.

    How it decides:
        With ``detection.semantic.judge`` on, a model is shown the run's texts, within 24,000 characters, and quotes the
        words that it thinks wrong. A quote that really stands in what the named step wrote, with a confidence of 0.7 or
        more, is a warning; everything else that it says is info. The same answer may overrule findings that rest on
        wording or similarity alone; those stay in the trace, marked as suppressed with the judge's reason.

    When it is wrong:
        Models misread. Silence it with an ``ignore`` entry for ``SEM250`` and the node, or choose another model.

    Settings:
        ``detection.semantic.judge`` (off), ``judge_model``, ``judge_url``, ``judge_timeout_s``, ``judge_retries``,
        ``judge_failure``, ``judge_price_in``, ``judge_price_out``.

    References:
        L. Zheng et al., "Judging LLM-as-a-Judge with MT-Bench and Chatbot Arena", NeurIPS 2023, on what such judges get
        right and which biases they have.
    """

    code = "SEM250"
    name = "judged_fault"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """What a verdict says of the run; without one, nothing.

        Args:
            trace: The run.
            context: Its ``verdict`` is used.
        """
        if context.verdict is None:
            return []
        steps = {step.id: step for step in trace.steps}
        judge = context.verdict.judge
        return [
            _finding(fault, steps[fault.step_id], judge)
            for fault in context.verdict.faults
            if fault.step_id in steps
        ]  # fmt: skip


def _finding(fault: SeenFault, step: TraceStep, judge: str) -> Detection:
    stands_there = bool(fault.quote.strip()) and fault.quote in _written(step, fault.field)
    return Detection(
        layer=JudgedFault.layer,
        code=JudgedFault.code,
        severity="warning" if stands_there and fault.confidence >= _SURE else "info",
        message=f"`{step.node_name}` {_SAYS[fault.kind]}, says the judge {judge}: {fault.reason or 'no reason given'}",
        step_id=step.id,
        field=fault.field or None,
        confidence=fault.confidence,
        details={"kind": fault.kind, "judge": judge, "quote_found": stands_there},
        evidence=(Evidence(step_id=step.id, field=fault.field or None, note="quoted by the judge", value=fault.quote),),
    )


def _written(step: TraceStep, field: str) -> str:
    value = step.output_state.get(field.partition(".")[0], step.output_state)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
