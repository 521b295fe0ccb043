"""The fault matrix: what it is made of, and that it counts honestly."""

import sys
from collections import Counter
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT))

from bench.faults.catalogue import graphs  # noqa: E402
from bench.faults.check import problems  # noqa: E402
from bench.faults.held_back_wordings import POOLS  # noqa: E402
from bench.faults.records import FaultCase, Healthy, MatrixGraph  # noqa: E402
from bench.faults.run import main, run_level, score  # noqa: E402
from bench.faults.scoring import Score, judge  # noqa: E402
from bench.faults.watching import Finding, Watched, histories, watch  # noqa: E402

from argus.testing.faults import FAULTS, TextFault, make  # noqa: E402 - after the path to bench

GRAPHS = graphs()
CASES = [case for graph in GRAPHS.values() for case in graph.faults]


def test_it_is_as_large_as_promised():
    assert len(GRAPHS) >= 14
    assert len({case.kind for case in CASES}) >= 35
    assert sum(len(graph.inputs) for graph in GRAPHS.values()) >= 200
    assert all(len(graph.inputs) >= 12 for graph in GRAPHS.values())
    assert sum(bool(item.why) for graph in GRAPHS.values() for item in graph.inputs) >= 100


def test_at_least_a_quarter_is_held_back_and_shares_no_wording():
    parts = Counter(graph.part for graph in GRAPHS.values())
    assert 0.25 <= parts["held-back"] / len(GRAPHS) <= 0.4
    for kind, pool in POOLS.items():
        assert not set(map(repr, pool)) & set(map(repr, FAULTS[kind].wordings))
    for graph in GRAPHS.values():
        for case in graph.faults:
            if graph.part == "held-back" and isinstance(case.how, TextFault) and case.kind in POOLS:
                assert case.how.pool == POOLS[case.kind]


def test_every_case_names_what_exists():
    assert len({case.id for case in CASES}) == len(CASES)
    for case in CASES:
        graph = GRAPHS[case.graph]
        names = {item.name for item in graph.inputs}
        assert len(names) == len(graph.inputs)
        assert case.on in names
        assert case.warm_up is None or case.warm_up in names
        assert case.note


def test_many_mistakes_are_written_into_the_source():
    assert sum(case.written_by_hand for case in CASES) >= 100


@pytest.mark.parametrize("name", ["etl_chain", "shop_agent", "inspection_sends"])
def test_healthy_runs_are_healthy_and_every_fault_changes_its_run(name):
    assert list(problems(GRAPHS[name])) == []


def small(name="orders", count=4):
    graph = GRAPHS[name]
    return MatrixGraph(
        name=graph.name,
        part=graph.part,
        description="",
        build=graph.build,
        inputs=graph.inputs[:15],
        faults=graph.faults[:count],
    )


def test_no_input_meets_a_history_that_it_is_part_of():
    graph = small()
    seen = []
    for items, store in histories(graph):
        seen += [item.name for item in items]
        assert len(store.list(limit=100).rows) == 10
        before = [row.id for row in store.list(limit=100).rows]
        run, traces = watch(graph, items[0], store, 10)
        assert [row.id for row in store.list(limit=100).rows] == before
        assert run.error is None
        assert len(traces) == 1
    assert seen == [item.name for item in graph.inputs]


def test_a_watched_matrix_is_scored_in_both_parts():
    graph = small()
    runs = run_level(graph, list(graph.faults), 0, small=False)
    scores = score(runs, ["orders"])
    one = scores["tuning", 0]
    assert len(one.healthy) == 15
    assert [verdict.case.id for verdict in one.verdicts] == [case.id for case in graph.faults]


CASE = FaultCase(
    id="g/001", graph="g", kind="missing_value", node="b", layer="structural", needs_history=False,
    how=make("missing_value"), on="x", note="n",
)  # fmt: skip


def found(code="STR401", node="b", superstep=2, severity="warning", field=None, metric=None, encloses=()):
    return Finding(
        turn=0, code=code, layer="structural", severity=severity, node=node, field=field, step=superstep,
        superstep=superstep, message="m", metric=metric, encloses=encloses,
    )  # fmt: skip


def watched(*findings, case="g/001", root=None, error=None, error_node=None):
    return Watched(
        graph="g", part="tuning", on="x", history=0, case=case, findings=list(findings),
        nodes=[[("a", 1), ("b", 2), ("c", 3)]], roots=[root], error=error, error_node=error_node,
    )  # fmt: skip


def test_found_is_a_warning_that_the_healthy_twin_does_not_have():
    assert judge(CASE, watched(found()), watched(case=None)).found
    assert not judge(CASE, watched(found()), watched(found(), case=None)).found
    assert not judge(CASE, watched(found(severity="info")), watched(case=None)).found
    assert judge(CASE, watched(found(field="y")), watched(found(), case=None)).found


def test_what_happened_before_the_culprit_ran_is_no_find():
    verdict = judge(CASE, watched(found(node="a", superstep=1)), watched(case=None))
    assert not verdict.found
    assert len(verdict.stray_findings) == 1
    outer = found(node="a", superstep=1, encloses=("b",))
    assert judge(CASE, watched(outer), watched(case=None)).found


def test_a_busy_machine_is_no_find():
    slow = found(code="STA101", node="c", superstep=3, metric="execution_time")
    assert not judge(CASE, watched(slow), watched(case=None)).found
    own = found(code="STA101", node="b", metric="execution_time")
    assert judge(CASE, watched(own), watched(case=None)).found


def test_blame_is_right_when_it_names_the_culprit():
    right = judge(CASE, watched(found(node="c", superstep=3), root="b"), watched(case=None))
    assert right.blame_is_right
    assert right.distance == 1
    assert not judge(CASE, watched(found(), root="c"), watched(case=None)).blame_is_right
    assert not judge(CASE, watched(found()), watched(case=None)).blame_is_right
    assert not judge(CASE, watched(root="b"), watched(case=None)).blame_is_right


def test_the_yardstick_is_the_exception_and_its_place():
    verdict = judge(CASE, watched(error="KeyError()", error_node="c"), watched(case=None))
    assert verdict.raised
    assert not verdict.found
    assert not verdict.crash_site_is_right


def test_detectors_get_precision_from_healthy_runs_and_recall_from_their_layer():
    hit = judge(CASE, watched(found()), watched(case=None))
    miss = judge(CASE, watched(), watched(case=None))
    one = Score(verdicts=[hit, miss], healthy=[watched(found(), case=None), watched(case=None)])
    (detector,) = one.by_detector()
    assert (detector.true, detector.false, detector.precision, detector.recall) == (1, 1, 0.5, 0.5)
    assert detector.alone == 1
    assert len(one.false_alarms) == 1
    assert (one.found, one.blamed, one.raised) == (1, 0, 0)


def test_the_command_prints_every_table(capsys, tmp_path):
    target = tmp_path / "matrix.json"
    options = ["--graph", "essay_loop", "--kind", "crash", "--history", "0", "--workers", "1", "--verbose"]
    assert main([*options, "--json", str(target)]) == 0
    printed = capsys.readouterr().out
    titles = (
        "Overview",
        "By kind of fault",
        "By layer",
        "By graph",
        "Detectors, tuning",
        "Blame by distance",
        "False alarms",
    )
    for title in titles:
        assert f"== {title}" in printed
    assert "crash" in printed
    assert '"verdicts"' in target.read_text()


def test_inputs_are_told_apart_by_name():
    assert GRAPHS["orders"].input("busy") == Healthy(
        name="busy", input=GRAPHS["orders"].input("busy").input, why="a retry that succeeds"
    )
