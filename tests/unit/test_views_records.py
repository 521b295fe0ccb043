from __future__ import annotations

from datetime import timezone

import msgspec
import pytest

from argus.model.codec import to_builtins
from argus.model.detection import Detection
from argus.model.forensics import CausalLink, Forensics, Suspect
from argus.model.trace import Trace
from argus.testing.builders import CREATED_AT, build_graph, build_trace, ran
from argus.views.amounts import count, duration, moment, share
from argus.views.chain import story
from argus.views.facts import gaps
from argus.views.paths import MISSING, lookup, top_level
from argus.views.state_diff import changes
from argus.views.trace_list import row_of_trace, short_ids

TRACE_ID = "00000000000000a1"


def broken() -> Trace:
    graph = build_graph(["retrieve", "rank", "send"], state={"query": str, "documents": list, "ranked": list})
    graph = msgspec.structs.replace(
        graph, nodes=tuple(msgspec.structs.replace(n, file="app.py", line=i) for i, n in enumerate(graph.nodes, 1))
    )
    return build_trace(
        ran("retrieve", {"docs": [1, 2]}, metadata={"dropped": ["docs"]}),
        ran("rank", {"ranked": []}),
        ran("send", error=KeyError("citations")),
        input={"query": "q", "documents": []},
        graph=graph,
        forensics=Forensics(
            root_cause_step=f"{TRACE_ID}-s1",
            explanation="`retrieve` wrote `docs`.",
            confidence=0.9,
            causal_chain=(
                CausalLink(step_id=f"{TRACE_ID}-s1", node_name="retrieve", role="cause", field="documents", why="w1"),
                CausalLink(step_id=f"{TRACE_ID}-s2", node_name="rank", role="path", field="ranked", why="w2"),
                CausalLink(step_id=f"{TRACE_ID}-s3", node_name="send", role="symptom", field="ranked", why="w3"),
            ),
            suspects=(Suspect(step_id=f"{TRACE_ID}-s1", node_name="retrieve", score=0.9, reasons=("r",)),),
        ),
        summary="`retrieve` returned `docs` instead of `documents`.",
    )


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "unknown"), (float("nan"), "unknown"), (-1, "unknown"), (0, "<0.1 ms"), (0.42, "0.4 ms"),
        (9.94, "9.9 ms"), (9.96, "10 ms"), (999.4, "999 ms"), (999.6, "1.00 s"), (9_994, "9.99 s"),
        (12_340, "12.3 s"), (59_960, "1 min 00 s"), (125_000, "2 min 05 s"), (3_599_600, "1 h 00 min"),
        (7_500_000, "2 h 05 min"),
    ],
)  # fmt: skip
def test_durations(ms: float | None, text: str) -> None:
    assert duration(ms) == text


def test_counts_have_units() -> None:
    assert (count(1, "step"), count(1284, "run"), count(0, "branch", "branches")) == (
        "1 step",
        "1,284 runs",
        "0 branches",
    )
    assert (share(3, 3, "step"), share(3, 10, "step")) == ("3 steps", "3 of 10 steps")


def test_moments_survive_the_ends_of_the_calendar() -> None:
    assert moment(CREATED_AT).endswith(":00:00")
    assert moment(CREATED_AT.replace(year=1, month=1, day=1, hour=0, tzinfo=timezone.utc))


def test_the_chain_carries_fields_from_cause_to_symptom() -> None:
    told = story(broken())
    assert [(hop.role, hop.step_number, hop.field, hop.carried) for hop in told.chain] == [
        ("cause", 1, "documents", "stays []"),
        ("path", 2, "ranked", "[]"),
        ("symptom", 3, "ranked", ""),
    ]
    assert told.cause is not None
    assert (told.cause.file, told.cause.line) == ("app.py", 1)
    assert told.suspects == ()


def test_below_the_threshold_suspects_are_listed_and_no_cause_is_named() -> None:
    trace = broken()
    assert trace.forensics is not None
    doubtful = msgspec.structs.replace(trace, forensics=msgspec.structs.replace(trace.forensics, confidence=0.59))
    told = story(doubtful)
    assert told.cause is None
    assert told.chain == ()
    assert [(suspect.node_name, suspect.step_number) for suspect in told.suspects] == [("retrieve", 1)]


def test_every_run_has_a_sentence() -> None:
    finding = Detection(layer="x", severity="warning", message="Something is odd.", step_id=f"{TRACE_ID}-s1")
    assert story(build_trace(ran("a"))).sentence == "No findings in 1 step."
    assert story(build_trace(ran("a"), detections=(finding,))).sentence == "Something is odd."
    assert "process ended" in story(build_trace(ran("a"), status="incomplete")).sentence


def test_a_step_tells_what_it_changed_and_what_it_should_have() -> None:
    trace = broken()
    seen = changes(trace, trace.steps[0])
    assert [(c.mark, c.field, c.text()) for c in seen.changed] == [
        ("!", "docs", "[1, 2]  (dropped)"),
        ("∅", "documents", "stays []  (expected, not written)"),
    ]
    assert seen.unchanged == 1
    to_builtins(seen)


def test_new_changed_and_gone_fields() -> None:
    trace = build_trace(
        ran("a", {"n": 2, "new": "x", "items": [1, 2]}, state_after={"n": 2, "new": "x", "items": [1, 2]}),
        input={"n": 1, "items": [1], "gone": True},
    )
    seen = changes(trace, trace.steps[0])
    assert [(c.mark, c.field, c.text()) for c in seen.changed] == [
        ("~", "items", "[1] → [1, 2]  (1 item → 2 items)"),
        ("~", "n", "1 → 2"),
        ("+", "new", '"x"'),
        ("-", "gone", "true"),
    ]


def test_numbers_and_booleans_of_equal_value_are_different() -> None:
    trace = build_trace(ran("a", {"n": 1}), input={"n": True})
    assert [c.text() for c in changes(trace, trace.steps[0]).changed] == ["true → 1"]


def test_paths() -> None:
    state = {"order": {"items": [{"total": 3}]}, "a.b": 1, "none": None}
    assert lookup(state, "order.items[0].total") == 3
    assert lookup(state, "order.items.0.total") == 3
    assert lookup(state, "a.b") == 1
    assert lookup(state, "none") is None
    for path in ("order.items[1]", "order.items.x", "none.x", "", "order.items[0].total.more"):
        assert lookup(state, path) is MISSING
    assert (top_level("order.items[0]"), top_level("items[0]"), top_level("x")) == ("order", "items", "x")


def test_short_ids_are_unique_among_those_listed() -> None:
    assert short_ids(["abcdef0123456789", "0123456789abcdef"]) == {
        "abcdef0123456789": "abcdef01",
        "0123456789abcdef": "01234567",
    }
    assert short_ids(["0000000000000001", "0000000000000002"]) == {
        "0000000000000001": "0000000000000001",
        "0000000000000002": "0000000000000002",
    }
    assert short_ids(["a", "ab", "a"]) == {"a": "a", "ab": "ab"}


def test_rows_have_a_sentence() -> None:
    assert row_of_trace(build_trace(ran("a"))).sentence == "No findings"
    assert row_of_trace(broken()).sentence == "`retrieve` returned `docs` instead of `documents`."


def test_what_a_trace_does_not_know_is_said() -> None:
    trace = build_trace(
        ran("a"),
        metadata={
            "running": ["b", "c"],
            "detector_failures": [{"detector": "STR401", "message": "it raised ValueError"}, "odd"],
            "losses": {"steps": 2},
            "states": "not persisted",
            "store_error": "disk full",
        },
    )
    assert gaps(trace) == [
        "Running when the process ended: b, c.",
        "STR401 gave no answer: it raised ValueError.",
        "A detector gave no answer: odd.",
        "Not recorded: steps 2.",
        "This run was not stored: disk full.",
        "States were not kept for this run.",
    ]
    assert gaps(build_trace(ran("a"))) == []
