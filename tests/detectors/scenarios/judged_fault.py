"""Runs that a language-model judge has spoken about."""

from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, ran, silent

from argus.model.judgement import Ruling, SeenFault, Verdict

WHERE = "semantic/judged_fault"

TRACE = build_trace(
    ran("look_up", {"notes": "Leave is 25 days a year."}),
    ran("write", {"answer": "There are 40 days of leave.", "extras": {"tone": "friendly"}}),
    input={"question": "How many days of leave are there?"},
)
WRITE = TRACE.steps[1].id


def said(**changes: Any) -> Verdict:
    fault = {
        "kind": "unsupported",
        "step_id": WRITE,
        "field": "answer",
        "quote": "40 days",
        "confidence": 0.9,
        "reason": "the notes say 25",
        **changes,
    }
    return Verdict(judge="a-model", faults=(SeenFault(**fault),), calls=1)


fires(
    WHERE, "a_quote_that_stands_there", "the judge quotes what the step wrote", TRACE,
    "SEM250 warning write#2 answer", verdict=said(),
)  # fmt: skip
fires(
    WHERE, "a_quote_inside_a_record", "the words stand in a nested value", TRACE,
    "SEM250 warning write#2 extras.tone",
    verdict=said(kind="drift", field="extras.tone", quote="friendly", confidence=0.7),
)  # fmt: skip
fires(
    WHERE, "a_quote_that_is_nowhere", "the judge invents its evidence", TRACE,
    "SEM250 info write#2 answer", verdict=said(quote="50 days"),
)  # fmt: skip
fires(
    WHERE, "a_judge_that_is_unsure", "the quote stands there, the judge doubts", TRACE,
    "SEM250 info write#2 answer", verdict=said(confidence=0.69),
)  # fmt: skip
silent(WHERE, "nobody_was_asked", "no judge, no verdict", TRACE)
silent(
    WHERE, "a_quote_that_stands_there_mended", "the answer is right and the judge content",
    build_trace(
        ran("look_up", {"notes": "Leave is 25 days a year."}),
        ran("write", {"answer": "There are 25 days of leave a year."}),
        input={"question": "How many days of leave are there?"},
    ),
    verdict=Verdict(judge="a-model", calls=1),
)  # fmt: skip
silent(
    WHERE, "a_step_that_does_not_exist", "the judge names a step of another run", TRACE,
    verdict=said(step_id="elsewhere.s1"),
)  # fmt: skip
silent(
    WHERE, "only_rulings", "the judge spoke about findings, and sees nothing itself", TRACE,
    verdict=Verdict(
        judge="a-model", calls=1,
        rulings=(Ruling(id="d1", stands=False, confidence=1.0, reason="a quotation"),),
    ),
)  # fmt: skip
