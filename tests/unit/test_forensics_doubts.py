"""Blame gets less sure where the trace does not tell everything, and says why."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from argus.forensics.analyzer import investigate
from argus.forensics.explain import summary
from argus.model.detection import Detection
from argus.model.forensics import Forensics
from argus.model.trace import Trace
from argus.model.values import cut_marker, mark
from argus.testing.builders import build_graph, build_trace, ran


def failed(found: Any = None, **changes: Any) -> Trace:
    """`find` wrote something that `send` raised over."""
    graph = build_graph(
        ["find", "send"], state={"query": str, "found": list}, reads={"find": ["query"], "send": ["found"]},
        writes={"find": ["found"], "send": []},
    )  # fmt: skip
    update = {"found": [] if found is None else found}
    error = IndexError("list index out of range")
    trace = build_trace(ran("find", update), ran("send", error=error), input={"query": "q"}, graph=graph, **changes)
    return msgspec.structs.replace(trace, detections=detections(trace))


def detections(trace: Trace) -> tuple[Detection, ...]:
    one, two = trace.steps
    raised = Detection(
        id=f"{trace.id}-d1", layer="behavioral", code="BEH301", severity="critical", step_id=two.id,
        message="`send` raised `IndexError`", details={"exception": "IndexError"},
    )  # fmt: skip
    empty = Detection(
        id=f"{trace.id}-d2", layer="structural", code="STR403", severity="warning", step_id=one.id, field="found",
        message="`find` wrote nothing into `found`",
    )  # fmt: skip
    return raised, empty


def blame(trace: Trace) -> Forensics:
    found = investigate(trace)
    assert found is not None
    return found


def test_a_whole_trace_leaves_no_doubt() -> None:
    told = blame(failed())
    assert told.root_cause_step == failed().steps[0].id
    assert "Less sure" not in told.explanation


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("[REDACTED]", "`found` was redacted when recorded"),
        ("xy" + cut_marker(90_000, "0" * 32), "`found` was cut when recorded"),
        (mark("skipped"), "`found` was left out when recorded"),
        (mark("hashed", length=3, xxh3="0"), "`found` was left out when recorded"),
        ([{"deep": [mark("more", count=7)]}], "`found` was left out when recorded"),
    ],
)
def test_hidden_values_on_the_way(found: Any, said: str) -> None:
    sure, unsure = blame(failed(["a"])), blame(failed(found))
    assert said in unsure.explanation
    assert unsure.confidence < sure.confidence


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": "incomplete"}, "the process died, so what came after is missing"),
        ({"metadata": {"outcome": "incomplete"}}, "the process died"),
        ({"metadata": {"losses": {"values": 3}}}, "not everything could be recorded"),
    ],
)
def test_incomplete_traces(changes: dict[str, Any], said: str) -> None:
    sure, unsure = blame(failed()), blame(failed(**changes))
    assert said in unsure.explanation
    assert unsure.confidence < sure.confidence
    assert unsure.suspects == sure.suspects


def test_several_reasons_add_up() -> None:
    one = blame(failed(status="incomplete"))
    two = blame(failed("[REDACTED]", status="incomplete", metadata={"losses": {"values": 1}}))
    assert two.confidence < one.confidence
    assert two.explanation.count(";") >= 2


def test_a_trace_without_graph_and_sources() -> None:
    sure = blame(failed())
    unsure = blame(msgspec.structs.replace(failed(), graph=None))
    assert "the graph and its sources were not recorded" in unsure.explanation
    assert unsure.confidence < sure.confidence


def test_a_trace_without_states() -> None:
    trace = failed()
    bare = tuple(msgspec.structs.replace(step, input_state={}, output_state={}, state_after={}) for step in trace.steps)
    unsure = blame(msgspec.structs.replace(trace, steps=bare))
    assert "only the order of the steps is known" in unsure.explanation
    assert unsure.confidence < blame(trace).confidence


def test_the_summary_stays_one_sentence() -> None:
    trace = failed("[REDACTED]", metadata={"losses": {"values": 1}})
    told = summary(msgspec.structs.replace(trace, forensics=blame(trace)))
    assert "Less sure" not in told
    assert len(told) <= 140
