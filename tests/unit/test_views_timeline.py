from __future__ import annotations

import time
from typing import Any

from argus.model.detection import Detection
from argus.model.forensics import CausalLink, Forensics
from argus.model.trace import Trace, TraceStep
from argus.testing.builders import build_trace, ran
from argus.views.timeline import TimelineRow, timeline

TRACE_ID = "00000000000000a1"


def at(superstep: int, node: str, **changes: Any) -> TraceStep:
    return ran(node, {}, metadata={"superstep": superstep}, **changes)


def found(step: int, severity: str = "warning") -> Detection:
    return Detection(layer="structural", severity=severity, message="odd", step_id=f"{TRACE_ID}-s{step}", code="STR499")  # type: ignore[arg-type]


def shape(trace: Trace, **options: Any) -> list[str]:
    return [line(row) for row in timeline(trace, **options)]


def line(row: TimelineRow) -> str:
    text = f"{'  ' * row.depth}{row.numbers[0]} {row.name}"
    if row.kind == "fan":
        text += f" x{row.steps}"
    if row.kind == "fold":
        text += f" rounds {row.round}-{row.rounds} ({row.steps} steps)"
    elif row.round:
        text += f" round {row.round}/{row.rounds}"
    if row.attempt > 1:
        text += f" attempt {row.attempt}"
    if row.parallel:
        text += f" {row.parallel}"
    if row.inside:
        text += f" +{row.inside}"
    return text


def test_a_plain_chain_is_one_row_a_step() -> None:
    assert shape(build_trace(ran("a"), ran("b"), ran("c"))) == ["1 a", "2 b", "3 c"]


def test_steps_of_one_superstep_stand_together() -> None:
    trace = build_trace(at(0, "a"), at(1, "b"), at(1, "c"), at(1, "d"), at(2, "e"))
    assert shape(trace) == ["1 a", "2 b first", "3 c middle", "4 d last", "5 e"]


def test_many_runs_of_one_node_side_by_side_are_one_row() -> None:
    trace = build_trace(at(0, "plan"), at(1, "grade"), at(1, "grade"), at(1, "grade"), at(2, "merge"))
    assert shape(trace) == ["1 plan", "2 grade x3", "5 merge"]
    assert shape(trace, unfold=True) == ["1 plan", "2 grade", "3 grade", "4 grade", "5 merge"]


def test_a_branch_with_a_finding_is_shown_below_its_row() -> None:
    trace = build_trace(at(0, "plan"), at(1, "grade"), at(1, "grade"), detections=(found(3),))
    rows = timeline(trace)
    assert [line(row) for row in rows] == ["1 plan", "2 grade x2", "  3 grade"]
    assert rows[2].marks[0].code == "STR499"


def test_retries_are_attempts_not_branches() -> None:
    trace = build_trace(at(0, "call", error=TimeoutError("slow")), at(0, "call", attempt=2), at(1, "end"))
    assert shape(trace) == ["1 call", "2 call attempt 2", "3 end"]


def test_a_short_loop_shows_every_round() -> None:
    trace = build_trace(ran("draft"), ran("check"), ran("draft"), ran("check"))
    assert shape(trace) == ["1 draft round 1/2", "2 check round 1/2", "3 draft round 2/2", "4 check round 2/2"]


def test_a_long_loop_folds_its_middle_rounds() -> None:
    trace = build_trace(ran("start"), *[ran(node) for _ in range(10) for node in ("draft", "check")], ran("end"))
    assert shape(trace) == [
        "1 start",
        "2 draft round 1/10",
        "3 check round 1/10",
        "4 draft → check rounds 2-9 (16 steps)",
        "20 draft round 10/10",
        "21 check round 10/10",
        "22 end",
    ]
    assert len(timeline(trace, unfold=True)) == 22


def test_a_round_with_a_finding_is_never_folded() -> None:
    trace = build_trace(*[ran("loop") for _ in range(12)], detections=(found(6),))
    assert shape(trace) == [
        "1 loop round 1/12",
        "2 loop rounds 2-5 (4 steps)",
        "6 loop round 6/12",
        "7 loop rounds 7-11 (5 steps)",
        "12 loop round 12/12",
    ]


def test_inner_steps_follow_their_outer_step() -> None:
    trace = build_trace(
        ran("outer"),
        ran("next"),
        ran("inner", parent_id=f"{TRACE_ID}-s1"),
        ran("deepest", parent_id=f"{TRACE_ID}-s3"),
    )
    assert shape(trace) == ["1 outer", "  3 inner", "    4 deepest", "2 next"]


def test_an_uneventful_large_subgraph_is_a_number_until_it_matters() -> None:
    inner = [ran(f"n{i}", parent_id=f"{TRACE_ID}-s1") for i in range(20)]
    assert shape(build_trace(ran("outer"), *inner)) == ["1 outer +20"]
    assert len(timeline(build_trace(ran("outer"), *inner, detections=(found(5),)))) == 21


def test_steps_with_impossible_parents_are_still_shown() -> None:
    trace = build_trace(
        ran("a", parent_id=f"{TRACE_ID}-s2"), ran("b", parent_id=f"{TRACE_ID}-s1"), ran("c", parent_id="gone")
    )
    assert {row.numbers[0] for row in timeline(trace)} == {1, 2, 3}


def test_blame_is_told_per_step() -> None:
    chain = (
        CausalLink(step_id=f"{TRACE_ID}-s1", node_name="a", role="cause"),
        CausalLink(step_id=f"{TRACE_ID}-s3", node_name="c", role="symptom"),
    )
    trace = build_trace(
        ran("a"),
        ran("b"),
        ran("c", error=KeyError("x")),
        forensics=Forensics(root_cause_step=None, explanation="", causal_chain=chain),
    )
    rows = timeline(trace)
    assert [row.role for row in rows] == ["cause", None, "symptom"]
    assert rows[2].error == "KeyError"


def test_suppressed_findings_leave_no_mark() -> None:
    quiet = Detection(layer="x", severity="critical", message="m", step_id=f"{TRACE_ID}-s1", suppressed="known")
    assert timeline(build_trace(ran("a"), detections=(quiet,)))[0].marks == ()


def test_ten_thousand_steps_take_time_in_proportion() -> None:
    def seconds(steps: int) -> float:
        trace = build_trace(*[ran(f"n{i % 7}") for i in range(steps)])
        best = 9.0
        for _ in range(3):
            begin = time.perf_counter()
            timeline(trace, unfold=True)
            best = min(best, time.perf_counter() - begin)
        return best

    assert seconds(10_000) < 40 * seconds(1000)
