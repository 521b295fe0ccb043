from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from argus.model.forensics import CausalLink, Forensics
from argus.model.graph import END, START, EdgeSpec, GraphSpec, NodeSpec
from argus.reports.graph_drawing import draw_graph
from argus.testing.builders import build_graph, build_trace, ran
from argus.views.graph import GraphView, graph_view

ID = "00000000000000a1"


def view_of(graph: GraphSpec, *nodes: str) -> GraphView:
    view = graph_view(build_trace(*[ran(node) for node in nodes], graph=graph))
    assert view is not None
    return view


def test_nodes_stand_in_columns_after_what_leads_to_them() -> None:
    graph = GraphSpec(
        name="g",
        version="1",
        nodes=tuple(NodeSpec(name=name) for name in "abcd"),
        edges=tuple(
            EdgeSpec(source=source, target=target)
            for source, target in [(START, "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "a"), ("d", END)]
        ),
    )
    view = view_of(graph, "a", "b", "d", "a", "b", "d")
    columns = {node.name: node.column for node in view.nodes}
    assert columns == {START: 0, "a": 1, "b": 2, "c": 2, "d": 3, END: 4}
    assert {(edge.source, edge.target) for edge in view.edges if edge.kind == "back"} == {("d", "a")}
    assert {(edge.source, edge.target) for edge in view.edges if not edge.taken} == {("a", "c"), ("c", "d")}
    assert (view.ran, view.declared, view.rows) == (3, 4, 2)
    assert next(node for node in view.nodes if node.name == "a").runs == 2


def test_the_thread_follows_the_chain() -> None:
    chain = (
        CausalLink(step_id=f"{ID}-s1", node_name="a", role="cause", field="x"),
        CausalLink(step_id=f"{ID}-s3", node_name="c", role="symptom"),
    )
    trace = build_trace(
        ran("a"),
        ran("b"),
        ran("c", error=KeyError("x")),
        graph=build_graph(["a", "b", "c"]),
        forensics=Forensics(root_cause_step=f"{ID}-s1", explanation="", causal_chain=chain),
    )
    view = graph_view(trace)
    assert view is not None
    assert [(hop.source, hop.target, hop.field) for hop in view.thread] == [("a", "c", "x")]
    drawing = draw_graph(view)
    assert drawing is not None
    assert [line.kind for line in drawing.lines].count("thread") == 1
    assert [label.text for label in drawing.labels] == ["x"]
    assert {box.role for box in drawing.boxes} == {None, "cause", "symptom"}


def test_without_a_graph_there_is_no_view_and_a_huge_one_is_not_drawn() -> None:
    assert graph_view(build_trace(ran("a"))) is None
    huge = view_of(build_graph([f"n{number}" for number in range(100)]), "n1")
    assert huge.columns == 102
    assert draw_graph(huge) is None


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24))
@settings(max_examples=120)
def test_any_graph_can_be_laid_out_without_overlap(pairs: list[tuple[int, int]]) -> None:
    names = [START, *"abcdef", END]
    graph = GraphSpec(
        name="g",
        version="1",
        nodes=tuple(NodeSpec(name=name) for name in "abcdef"),
        edges=tuple(EdgeSpec(source=names[one], target=names[other]) for one, other in pairs),
    )
    view = view_of(graph, "a", "b")
    places = [(node.column, node.row) for node in view.nodes]
    assert len(set(places)) == len(places)
    drawing = draw_graph(view)
    assert drawing is not None
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.x + box.width <= drawing.width
        assert box.y >= 0
        assert box.y + box.height <= drawing.height
    assert msgspec.to_builtins(drawing)
