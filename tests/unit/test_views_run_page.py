"""Runs as pages: ribbons, graphs with subgraphs, columns, values at first sight, groups, trends."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.model.detection import Detection
from argus.model.values import cut_marker
from argus.server.value_answers import beginning
from argus.testing.builders import CREATED_AT, build_graph, build_trace, ran
from argus.testing.full_trace import full_trace, hostile_trace
from argus.views.pipeline_history import history, history_points
from argus.views.problem_groups import problem_groups
from argus.views.ribbon import MOST_TICKS, ribbon
from argus.views.run_graph import run_graph
from argus.views.run_row import run_row
from argus.views.shown import shown
from argus.views.step_columns import step_columns
from argus.views.trend import trend
from argus.views.verdict import verdict


def test_a_long_run_is_binned_and_keeps_its_cause_and_symptom():
    trace = build_trace(*[ran("work", duration_ms=float(number)) for number in range(1000)])
    roles = {trace.steps[7].id: "cause", trace.steps[500].id: "path", trace.steps[999].id: "symptom"}
    drawn = ribbon(trace.steps, roles)
    assert len(drawn.ticks) == MOST_TICKS
    assert (drawn.cause, drawn.path, drawn.symptom) == (0, (20,), 39)
    assert drawn.ticks[-1] == 1.0
    assert list(drawn.ticks) == sorted(drawn.ticks)
    assert ribbon((), {}) is None


def test_a_subgraph_unfolds_in_place():
    inner = build_graph(["look", "rank"], name="inner")
    outer = build_graph(["ask", "search", "say"], name="outer")
    nodes = [msgspec.structs.replace(node, subgraph=inner) if node.name == "search" else node for node in outer.nodes]
    outer = msgspec.structs.replace(outer, nodes=tuple(nodes))
    trace = build_trace(ran("ask"), ran("search"), ran("look"), ran("rank"), ran("say"), graph=outer)
    steps = list(trace.steps)
    steps[2:4] = [msgspec.structs.replace(step, parent_id=steps[1].id) for step in steps[2:4]]
    trace = msgspec.structs.replace(trace, steps=tuple(steps))
    graph = run_graph(trace)
    by_path = {node.path: node for node in graph.nodes}
    assert by_path["search"].kind == "subgraph"
    assert (by_path["search/look"].parent, by_path["search/look"].executions) == ("search", 1)
    assert (graph.declared, graph.ran) == (3, 3)
    taken = {(edge.source, edge.target) for edge in graph.edges if edge.taken}
    assert taken == {
        ("__start__", "ask"), ("ask", "search"), ("search", "say"), ("say", "__end__"),
        ("search/__start__", "search/look"), ("search/look", "search/rank"), ("search/rank", "search/__end__"),
    }  # fmt: skip
    assert step_columns(trace).parent == (None, None, 2, 2, None)
    assert step_columns(trace).depth == (0, 0, 1, 1, 0)


def test_a_session_has_nodes_although_nothing_declares_them():
    graph = run_graph(build_trace(ran("a"), ran("b"), ran("a")))
    assert [(node.name, node.declared, node.executions) for node in graph.nodes] == [("a", False, 2), ("b", False, 1)]


def test_branches_that_were_not_chosen_are_not_taken():
    graph = build_graph(["ask", "left", "right"], edges=[("ask", "right")])
    trace = build_trace(ran("ask", metadata={"branch": ["right"]}), ran("right"), graph=graph)
    edges = {(edge.source, edge.target): edge.count for edge in run_graph(trace).edges}
    assert (edges["ask", "right"], edges["ask", "left"], edges["left", "right"]) == (1, 0, 0)
    assert next(node.fact for node in run_graph(trace).nodes if node.name == "left") == "not taken"


def test_retries_are_one_visit():
    trace = build_trace(ran("call", attempt=1, error=ValueError("x")), ran("call", attempt=2), ran("call"))
    columns = step_columns(trace)
    assert (columns.round, columns.rounds, columns.branch) == ((1, 1, 2), (2, 2, 2), (0, 0, 0))


@pytest.mark.parametrize("trace", [full_trace(), hostile_trace()], ids=["full", "hostile"])
def test_the_pieces_of_a_verdict_are_its_sentence(trace):
    said = verdict(trace)
    assert "".join(piece.text for piece in said.segments) == said.sentence
    assert run_row(trace, short_id="x").headline == said.sentence


@pytest.mark.parametrize(
    ("value", "kind", "whole"),
    [
        (None, "null", True), (True, "bool", True), (1.5, "number", True), ("x", "text", True), ([1], "list", True),
        ({"a": 1}, "dict", True), ({"$argus": "object", "type": "Lock"}, "object", True), ("x" * 5000, "text", False),
        (list(range(10_000)), "list", False),
    ],
)  # fmt: skip
def test_a_value_at_first_sight(value, kind, whole):
    seen = shown(value)
    assert (seen.type, seen.whole) == (kind, whole)
    assert (seen.value == value) is whole
    assert len(seen.text) < 400


def test_what_was_hidden_or_cut_is_told():
    assert shown({"a": [{"key": "[REDACTED]"}]}).redacted
    assert not shown({"a": ["plain"]}).redacted
    cut = shown("abc" + cut_marker(50, "0" * 32)).cut
    assert (cut.kept, cut.total, cut.hash) == (3, 50, "0" * 32)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=10), inner, max_size=30),
    max_leaves=60,
)


@settings(max_examples=60, deadline=None)
@given(json_values, st.integers(10, 3000))
def test_a_beginning_is_bounded_and_small_values_are_whole(value, room):
    size = len(msgspec.json.encode(value))
    kept = beginning(value, room)
    assert len(msgspec.json.encode(kept)) <= room * 8 + 4000
    if size <= room // 8:
        assert kept == value


def test_a_beginning_says_what_is_left_out():
    assert beginning("x" * 900, 300) == {"$argus": "text", "length": 900, "text": "x" * 300}
    assert beginning(list(range(1000)), 20)[-1]["count"] > 900
    deep = value = []
    for _ in range(200):
        deep.append([])
        deep = deep[0]
    assert "more" in str(beginning(value, 50_000))


def troubled(number, node="draft", status="failed", code="STR402", minutes=0):
    trace = build_trace(ran(node), trace_id=f"{number:016x}", created_at=CREATED_AT + timedelta(minutes=minutes))
    found = Detection(layer="structural", severity="critical", code=code, message="odd", step_id=trace.steps[0].id)
    return run_row(msgspec.structs.replace(trace, status=status, detections=(found,)), short_id="x")


def test_problems_are_grouped_and_the_grave_and_new_come_first():
    rows = [troubled(1), troubled(2, minutes=5), troubled(3, node="send", minutes=9)]
    now = CREATED_AT + timedelta(minutes=10)
    began = {"pipeline": CREATED_AT + timedelta(minutes=5)}
    groups = problem_groups(rows, began=began, of_runs={"pipeline": 7}, rule_names={"STR402": "Key"}, now=now)
    assert [(one.node, one.runs, one.of_runs, one.is_new) for one in groups] == [
        ("send", 1, 7, True), ("draft", 2, 7, False),
    ]  # fmt: skip
    assert groups[1].spark == (1, *[0] * 5, 1, *[0] * 5)
    assert groups[0].where == "pipeline:pipeline status:failed,warning,incomplete code:STR402 node:send"


def test_a_trend_of_nothing_is_empty_parts():
    parts = trend((), start=CREATED_AT, end=CREATED_AT, buckets=3, tokens={})
    assert [(one.runs, one.p50_ms, one.findings_per_100) for one in parts] == [(0, None, 0.0)] * 3


def test_a_history_names_the_version_that_brought_a_finding():
    runs = []
    for number, version in enumerate(["v1", "v1", "v2", "v2"]):
        row = msgspec.structs.replace(
            troubled(number, minutes=number) if version == "v2" else troubled(number, code="", minutes=number),
            graph_version=version,
            status="failed" if version == "v2" else "ok",
        )
        trace = build_trace(ran("draft"))
        found = Detection(layer="structural", severity="critical", code="STR402", message="odd", step_id="s")
        runs.append((row, msgspec.structs.replace(trace, detections=(found,) if version == "v2" else ())))
    told = history("pipeline", history_points(runs[::-1]), 4)
    assert told.sentence == "STR402 began with version v2."
    assert [(mark.version, mark.runs) for mark in told.versions] == [("v1", 2), ("v2", 2)]
    assert told.band.runs == 2
    assert history("pipeline", (), 0).sentence == "No runs in this time."
