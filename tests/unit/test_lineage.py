"""Who wrote and read what: chains, parallel branches, reducers, subgraphs, Sends, loops, nested keys."""

from __future__ import annotations

import msgspec

from argus.dataflow.lineage import Lineage
from argus.model.graph import FieldSpec, GraphSpec, NodeSpec, TypeSpec
from argus.testing.builders import build_graph, build_trace, fields_of, ran


def named(step):
    return step.node_name if step is not None else None


def adding(graph: GraphSpec, *fields: str) -> GraphSpec:
    """The graph with a reducer on some of its fields."""
    state = tuple(
        msgspec.structs.replace(one, reducer="operator.add") if one.name in fields else one for one in graph.state
    )
    return msgspec.structs.replace(graph, state=state)


def test_the_last_writer_counts():
    trace = build_trace(ran("a", {"x": 1}), ran("b", {"x": 2}), ran("c", {"y": 3}), ran("d", {}), input={"q": "why"})
    lineage = Lineage(trace)
    a, b, c, d = trace.steps
    assert lineage.writer_of("x", d) is b
    assert lineage.writer_of("x", b) is a
    assert lineage.writer_of("y", c) is None
    assert lineage.writer_of("q", d) is None
    assert lineage.version_before("q", d).kind == "given"
    assert lineage.version_before("unheard", d) is None


def test_steps_side_by_side_do_not_see_each_other():
    trace = build_trace(
        ran("plan", {"x": 0}, metadata={"superstep": 1}),
        ran("left", {"x": 1}, metadata={"superstep": 2}),
        ran("right", {"y": 1}, metadata={"superstep": 2}),
        ran("join", {}, metadata={"superstep": 3}),
    )
    plan, left, right, join = trace.steps
    lineage = Lineage(trace)
    assert lineage.writer_of("x", right) is plan
    assert lineage.writer_of("x", join) is left


def test_a_reducer_keeps_all_contributions():
    graph = adding(build_graph(["a", "b", "c"], state={"log": list}), "log")
    trace = build_trace(
        ran("a", {"log": [1]}, state_after={"log": [1]}),
        ran("b", {"log": [2]}, input_state={"log": [1]}, state_after={"log": [1, 2]}),
        ran("c", {}, input_state={"log": [1, 2]}),
        graph=graph,
    )
    lineage = Lineage(trace)
    assert [named(one.step) for one in lineage.contributors("log", trace.steps[2])] == ["b", "a"]


def test_each_message_has_its_own_origin():
    graph = adding(build_graph(["ask", "answer", "check"], state={"messages": list}), "messages")
    hello = {"type": "human", "content": "hello there", "id": "m0"}
    asked = {"type": "human", "content": "a question", "id": None}
    stamped = {**asked, "id": "m1"}
    reply = {"type": "ai", "content": "the answer", "id": "m2"}
    trace = build_trace(
        ran("ask", {"messages": [asked]}, state_after={"messages": [hello, stamped]}),
        ran("answer", {"messages": [reply]}, input_state={"messages": [hello, stamped]}),
        ran("check", {}, input_state={"messages": [hello, stamped, reply]}),
        input={"messages": [hello]},
        graph=graph,
    )
    origins = Lineage(trace).origins("messages", trace.steps[2])
    assert [one.node_name for one in origins] == ["", "ask", "answer"]
    assert [one.item for one in origins] == [hello, stamped, reply]
    assert Lineage(trace).origins("nothing", trace.steps[2]) == ()


def test_each_round_of_a_loop_has_its_own_version():
    rounds = [
        ran(node, {field: number}) for number in range(3) for node, field in (("draft", "text"), ("grade", "score"))
    ]
    trace = build_trace(*rounds, ran("send", {}))
    lineage = Lineage(trace)
    assert lineage.writer_of("text", trace.steps[3]) is trace.steps[2]
    assert lineage.writer_of("text", trace.steps[5]) is trace.steps[4]
    assert lineage.writer_of("score", trace.steps[6]) is trace.steps[5]


def test_nested_keys_are_followed_past_writers_that_left_them_alone():
    trace = build_trace(
        ran("price", {"order": {"total": 3, "note": ""}}),
        ran("note", {"order": {"total": 3, "note": "gift"}}),
        ran("ship", {}),
    )
    price, note, ship = trace.steps
    lineage = Lineage(trace)
    assert lineage.writer_of("order.total", ship) is price
    assert lineage.writer_of("order.note", ship) is note
    assert lineage.writer_of("order", ship) is note


def test_a_nested_key_that_vanishes_belongs_to_who_left_it_out():
    trace = build_trace(ran("price", {"order": {"total": 3}}), ran("tidy", {"order": {"id": 1}}), ran("ship", {}))
    assert named(Lineage(trace).writer_of("order.total", trace.steps[2])) == "tidy"


def test_fields_that_are_only_handed_back_keep_their_writer():
    trace = build_trace(ran("a", {"x": "made by a"}), ran("b", {"x": "made by a", "y": 1}), ran("c", {}))
    assert named(Lineage(trace).writer_of("x", trace.steps[2])) == "a"
    graph = build_graph(["a", "b", "c"], writes={"b": ["x", "y"]})
    trace = build_trace(*trace.steps, graph=graph)
    assert named(Lineage(trace).writer_of("x", trace.steps[2])) == "b"


def test_dropped_keys_failed_steps_and_changes_in_place():
    graph = build_graph(["a", "b", "c"], state={"x": int, "y": int})
    trace = build_trace(
        ran("a", {"x": 1, "z": 2}),
        ran("b", {"x": 5}, error=ValueError("no")),
        ran("b", {}, attempt=2, metadata={"mutated": ["y"]}, state_after={"x": 1, "y": 7}),
        ran("c", {}),
        graph=graph,
    )
    lineage = Lineage(trace)
    last = trace.steps[3]
    assert named(lineage.writer_of("x", last)) == "a"
    assert lineage.writer_of("z", last) is None
    assert lineage.writer_of("y", last) is trace.steps[2]
    assert lineage.version_before("y", last).value == 7


def nested_trace():
    inner = GraphSpec(
        name="inner",
        version="v",
        nodes=(NodeSpec(name="dig"), NodeSpec(name="sort")),
        state=fields_of(q=str, found=str),
    )
    outer = GraphSpec(
        name="outer",
        version="v",
        nodes=(NodeSpec(name="ask"), NodeSpec(name="search", kind="subgraph", subgraph=inner), NodeSpec(name="tell")),
        state=fields_of(q=str, found=str),
    )
    parent = "00000000000000a1-s2"
    return build_trace(
        ran("ask", {"q": "what"}),
        ran("search", {"q": "what", "found": "this"}, input_state={"q": "what"}),
        ran("dig", {"found": "this"}, input_state={"q": "what"}, parent_id=parent, metadata={"namespace": "search:1"}),
        ran(
            "sort", {}, input_state={"q": "what", "found": "this"}, parent_id=parent, metadata={"namespace": "search:1"}
        ),
        ran("tell", {}, input_state={"q": "what", "found": "this"}),
        graph=outer,
    )


def test_subgraphs_are_looked_through_in_both_directions():
    trace = nested_trace()
    ask, _, dig, sort, tell = trace.steps
    lineage = Lineage(trace)
    assert lineage.writer_of("found", tell) is dig
    assert lineage.writer_of("found", sort) is dig
    assert lineage.writer_of("q", sort) is ask
    assert lineage.writer_of("q", tell) is ask
    assert lineage.order.node(dig).name == "dig"


def test_a_command_to_the_parent_writes_into_the_parents_state():
    parent = "00000000000000a1-s1"
    trace = build_trace(
        ran("team", {}),
        ran("leaf", {"verdict": "yes"}, parent_id=parent, outcome="parent_command", metadata={"namespace": "team"}),
        ran("next", {}, input_state={"verdict": "yes"}),
    )
    assert named(Lineage(trace).writer_of("verdict", trace.steps[2])) == "leaf"


def test_who_sent_a_step():
    trace = build_trace(
        ran("plan", {"parts": ["one part", "two part"]}, metadata={"superstep": 1, "branch": ["work"]}),
        ran("idle", {}, metadata={"superstep": 1}),
        ran("work", {"done": ["x"]}, input_state={"part": "one part"}, metadata={"superstep": 2, "kind": "push"}),
    )
    assert [one.node_name for one in Lineage(trace).senders(trace.steps[2])] == ["plan"]
    assert Lineage(trace).senders(trace.steps[0]) == []


# reads


def how(lineage, step):
    return {read.path: read.how for read in lineage.reads(step)}


def test_reads_come_from_the_source_and_from_the_error():
    graph = build_graph(["a", "b"], reads={"b": ["x", "order.total"]})
    trace = build_trace(
        ran("a", {"x": 1, "order": {}}), ran("b", {}, error=KeyError("total")), graph=graph, input={"other": 1}
    )
    assert how(Lineage(trace), trace.steps[1]) == {"order.total": "error", "x": "source"}


def test_a_key_error_about_other_data_names_no_field():
    graph = build_graph(["b"], reads={"b": ["x"]})
    trace = build_trace(ran("b", {}, error=KeyError("color")), graph=graph, input={"x": {"shade": 1}})
    assert how(Lineage(trace), trace.steps[0]) == {"x": "source"}


def test_without_source_the_values_that_turn_up_tell():
    trace = build_trace(
        ran("a", {"answer": "You asked: where is my parcel?"}), input={"question": "where is my parcel?", "user": "u1"}
    )
    assert how(Lineage(trace), trace.steps[0]) == {"question": "value", "user": "assumed"}


def test_a_send_and_a_schema_tell_less():
    graph = GraphSpec(
        name="g", version="v", nodes=(NodeSpec(name="a", input=(FieldSpec(name="q", type=TypeSpec(kind="any")),)),)
    )
    trace = build_trace(ran("a", {}), ran("work", {}, input_state={"part": 7}, metadata={"kind": "push"}), graph=graph)
    lineage = Lineage(trace)
    assert how(lineage, trace.steps[0]) == {"q": "schema"}
    assert how(lineage, trace.steps[1]) == {"part": "sent"}


def test_readers_of_a_version():
    graph = build_graph(["a", "b", "c", "d"], reads={"b": ["x"], "c": ["y"], "d": ["x"]})
    trace = build_trace(ran("a", {"x": 1}), ran("b", {"x": 2}), ran("c", {}), ran("d", {}), graph=graph)
    lineage = Lineage(trace)
    assert [named(one) for one in lineage.readers(lineage.version_before("x", trace.steps[1]))] == ["b"]
    assert [named(one) for one in lineage.readers(lineage.version_before("x", trace.steps[3]))] == ["d"]


def test_the_life_of_a_field():
    graph = build_graph(
        ["a", "b", "c", "d"],
        state={"x": int, "y": int},
        reads={"a": [], "b": ["x"], "c": ["x"], "d": []},
        writes={"a": ["x"], "b": ["x"], "c": [], "d": []},
    )
    trace = build_trace(
        ran("a", {"x": 1}), ran("b", {}), ran("c", {"xx": 3}, metadata={"dropped": ["xx"]}), ran("d", {}), graph=graph,
        input={"x": 0},
    )  # fmt: skip
    lineage = Lineage(trace)
    assert [(one.action, one.node_name, one.value) for one in lineage.history("x")] == [
        ("given", "", 0), ("wrote", "a", 1), ("read", "b", 1), ("omitted", "b", None), ("read", "c", 1),
    ]  # fmt: skip
    assert [(one.action, one.node_name, one.value) for one in lineage.history("xx")] == [("dropped", "c", 3)]


def test_hostile_traces_do_not_hurt():
    trace = build_trace(
        ran("a", {"x": "\ud800 lone"}, parent_id="nobody"),
        ran("b", {"": {"": 1}}, parent_id="00000000000000a1-s2", metadata={"superstep": "soon", "writes": [3, None]}),
        ran("c", {}, metadata={"namespace": 7, "dropped": "all", "mutated": 3}),
        input=None,
    )
    lineage = Lineage(trace)
    for step in trace.steps:
        lineage.reads(step)
        lineage.senders(step)
        for path in ("x", "", "x.y.z", "..", "x[0]"):
            lineage.writer_of(path, step)
            lineage.origins(path, step)
            lineage.history(path)


def test_a_state_that_is_one_dict_is_looked_into():
    first = {"text": "2 eggs", "items": ["egg"]}
    trace = build_trace(
        ran("read", {"__root__": first}, input_state={"__root__": {"text": "2 eggs"}}),
        ran("cost", {"__root__": {"items": ["egg"], "cost": 1}}, input_state={"__root__": first}),
        ran("spell", {}, input_state={"__root__": {"items": ["egg"], "cost": 1}}),
        input={"__root__": {"text": "2 eggs"}},
    )
    lineage = Lineage(trace)
    _, _, spell = lineage.trace.steps
    assert named(lineage.writer_of("items", spell)) == "read"
    assert named(lineage.writer_of("cost", spell)) == "cost"
    assert lineage.version_before("text", spell).kind == "removed"
    life = [(one.action, one.node_name) for one in lineage.history("text") if one.action != "read"]
    assert life == [("given", ""), ("echoed", "read"), ("removed", "cost")]
