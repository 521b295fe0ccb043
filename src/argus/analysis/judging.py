"""A judge's second look at a run: what it is shown, and what its verdict changes.

It may overrule findings that rest on wording or similarity alone. What rests on facts stands whatever it says: a broken
contract, a validator, a failed tool. An overruled finding stays in the trace, marked with the judge's reason.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import msgspec

from argus._internal.ids import detection_id
from argus.config.settings import SemanticSettings
from argus.detectors.base import DetectorContext
from argus.detectors.semantic.judged_fault import JudgedFault
from argus.errors import NotAvailable
from argus.model.detection import Detection
from argus.model.judgement import Charge, Exhibit, Question, Ruling, Verdict
from argus.model.ports import Judge
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["Judged", "judge_run", "question_about"]

_log = logging.getLogger(__name__)

_EXHIBIT: Final = 4_000
_ALL_EXHIBITS: Final = 24_000
_TOOL_FAILURES: Final = frozenset({"SIG503", "SIG508"})
"""Errors that travel as values: next to a tool call they are the tool's failure."""


class Judged(NamedTuple):
    """What a judge's look came to.

    Attributes:
        detections: All findings, those that it overruled marked.
        facts: For the trace's ``metadata.judge``.
    """

    detections: tuple[Detection, ...]
    facts: dict[str, JsonValue]


def judge_run(trace: Trace, judge: Judge, overrulable: Collection[str], context: DetectorContext) -> Judged:
    """Has a run judged; a judge that cannot be asked changes nothing.

    Args:
        trace: The run with its findings.
        judge: Who is asked.
        overrulable: The codes that rest on wording or similarity alone.
        context: Settings and what else the judge's own findings need.
    """
    question = question_about(trace, overrulable)
    settings = context.settings.semantic
    try:
        verdict = judge.judge(question)
    except NotAvailable as error:
        _log.warning("judge_not_available id=%s: %s", trace.id, error)
        found = trace.detections
        if settings.judge_failure == "flag":
            found = _numbered(trace, [*found, _unjudged(trace, str(error))])
        return Judged(found, {"judge": judge.name, "error": str(error)})
    rulings = {ruling.id: ruling for ruling in verdict.rulings}
    asked = {charge.id for charge in question.charges}
    found = tuple(
        _ruled(one, rulings[one.id], verdict.judge) if one.id in rulings and one.id in asked else one
        for one in trace.detections
    )
    own = JudgedFault().run(trace, replace(context, verdict=verdict))
    overruled = [one.code for one in found if one.id in asked and one.suppressed is not None]
    facts = _facts(verdict, overruled, settings)
    if question.left_out:
        facts["texts_left_out"] = question.left_out
    return Judged(_numbered(trace, [*found, *own]), facts)


def question_about(trace: Trace, overrulable: Collection[str]) -> Question:
    """What a judge is asked about a run: its texts within 24,000 characters, and the findings that it may overrule.

    Args:
        trace: The run with its findings.
        overrulable: The codes that rest on wording or similarity alone.
    """
    steps = {step.id: step for step in trace.steps}
    charges = tuple(
        Charge(id=one.id, code=one.code, message=one.message, step_id=one.step_id, field=one.field)
        for one in trace.detections
        if one.suppressed is None and _may_be_overruled(one, steps.get(one.step_id), overrulable)
    )
    accused = {charge.step_id for charge in charges}
    ranked = sorted(
        enumerate(_exhibits(trace)), key=lambda item: (_rank(item[1], accused, trace.steps), item[0])
    )  # fmt: skip
    kept: list[tuple[int, Exhibit]] = []
    left = _ALL_EXHIBITS
    for place, exhibit in ranked:
        if len(exhibit.text) <= left:
            kept.append((place, exhibit))
            left -= len(exhibit.text)
    return Question(
        exhibits=tuple(exhibit for _, exhibit in sorted(kept, key=lambda item: item[0])),
        charges=charges,
        left_out=len(ranked) - len(kept),
    )


def _may_be_overruled(finding: Detection, step: TraceStep | None, overrulable: Collection[str]) -> bool:
    also = finding.details.get("also")
    codes = {finding.code, *(also if isinstance(also, (list, tuple)) else ())}
    if step is None or not all(code in overrulable for code in codes):
        return False
    return not (codes & _TOOL_FAILURES and step.tool_calls)


def _exhibits(trace: Trace) -> Iterator[Exhibit]:
    """The run's texts in order; what a step was given is shown once, where it first stands."""
    seen: set[str] = set()
    for field, text in _texts(trace.input):
        seen.add(text)
        yield Exhibit(step_id="", node="", field=field, text=text, made=False)
    for step in trace.steps:
        for made, state in ((False, step.input_state), (True, step.output_state)):
            for field, text in _texts(state):
                if made or text not in seen:
                    seen.add(text)
                    yield Exhibit(step_id=step.id, node=step.node_name, field=field, text=text, made=made)


def _texts(state: JsonValue) -> Iterator[tuple[str, str]]:
    fields: Mapping[str, JsonValue] = state if isinstance(state, Mapping) else {"": state}
    for field, value in fields.items():
        if value is None or value == "" or value == [] or value == {}:
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield field, text if len(text) <= _EXHIBIT else _sampled(text)


def _sampled(text: str) -> str:
    half = _EXHIBIT // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters left out …]\n{text[-half:]}"


def _rank(exhibit: Exhibit, accused: set[str], steps: Sequence[TraceStep]) -> int:
    """What is most worth showing: the accused texts, the request, the last answer, then the rest."""
    if exhibit.step_id in accused:
        return 0 if exhibit.made else 3
    if not exhibit.step_id:
        return 1
    return 2 if steps and exhibit.step_id == steps[-1].id and exhibit.made else 4


def _ruled(finding: Detection, ruling: Ruling, judge: str) -> Detection:
    said: dict[str, Any] = {
        "judge": judge,
        "stands": ruling.stands,
        "confidence": ruling.confidence,
        "reason": ruling.reason,
        "considered": list(ruling.considered),
        "overridden": list(ruling.overridden),
    }
    return msgspec.structs.replace(
        finding,
        details={**finding.details, "judgement": said},
        suppressed=None if ruling.stands else f"overruled by the judge {judge}: {ruling.reason or 'no reason given'}",
    )


def _numbered(trace: Trace, findings: Sequence[Detection]) -> tuple[Detection, ...]:
    """Findings that count first, otherwise in the order given, with ids in that order."""
    ordered = sorted(findings, key=lambda one: one.suppressed is not None)
    return tuple(
        msgspec.structs.replace(one, id=detection_id(trace.id, rank)) for rank, one in enumerate(ordered, start=1)
    )


def _unjudged(trace: Trace, reason: str) -> Detection:
    return Detection(
        layer=JudgedFault.layer,
        code=JudgedFault.code,
        severity="info",
        message=f"The judge could not be asked: {reason}",
        step_id=trace.steps[-1].id if trace.steps else "",
    )


def _facts(verdict: Verdict, overruled: list[str], settings: SemanticSettings) -> dict[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "judge": verdict.judge,
        "calls": verdict.calls,
        "input_tokens": verdict.input_tokens,
        "output_tokens": verdict.output_tokens,
    }
    price_in, price_out = settings.judge_price_in, settings.judge_price_out
    sent, received = verdict.input_tokens, verdict.output_tokens
    if price_in is not None and price_out is not None and sent is not None and received is not None:
        facts["cost"] = round((sent * price_in + received * price_out) / 1_000_000, 6)
    if overruled:
        facts["overruled"] = list(overruled)
    return facts
