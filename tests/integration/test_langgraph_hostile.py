"""What is hard to record: the run is what it would be without watching, the trace says what it can."""

import asyncio
import inspect
import logging
import operator
import random
import threading
import warnings
from typing import Annotated, Any

import pytest
from langchain_core.messages import AIMessage, RemoveMessage
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.managed import RemainingSteps
from langgraph.types import CachePolicy
from pydantic import BaseModel
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    x: Any
    log: Annotated[list, operator.add]


def chain(*nodes, schema=State, **compiled):
    graph = StateGraph(schema)
    names = [f"n{number}" for number in range(len(nodes))]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile(**compiled)


class Rude:
    def _raise(self, *args):
        raise RuntimeError("do not touch")

    __repr__ = __str__ = __len__ = __iter__ = __bool__ = _raise
    __hash__ = object.__hash__

    def __eq__(self, other):
        raise RuntimeError("do not touch")


def cyclic():
    value: dict = {}
    value["self"] = value
    return value


def deep():
    value: list = []
    for _ in range(5000):
        value = [value]
    return value


VALUES = {
    "rude": Rude,
    "cyclic": cyclic,
    "deep": deep,
    "lock": threading.Lock,
    "generator": lambda: (number for number in range(3)),
    "odd keys": lambda: {1: "a", (2, 3): "b", None: "c"},
    "surrogate": lambda: "\ud800",
    "not a number": lambda: float("nan"),
    "long": lambda: "x" * 2_000_000,
    "many": lambda: {f"k{number}": number for number in range(20_000)},
    "class": lambda: Rude,
    "bytes": lambda: b"\x00\xff",
    "huge number": lambda: 10**400,
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_any_kind_goes_through_the_graph_unchanged(recorded, name):
    value = VALUES[name]()
    seen = []

    def look(state):
        seen.append(state["x"])
        return {"log": ["looked"]}

    result = recorded.watch(chain(lambda s: {"x": value}, look)).invoke({"log": []})
    assert seen[0] is value
    assert result["x"] is value
    assert [step.outcome for step in recorded.trace.steps] == ["ok", "ok"]
    assert "x" in recorded.step("n0").output_state
    assert "x" in recorded.step("n1").input_state
    assert recorded.trace.to_json()


def test_a_generator_in_the_state_is_not_consumed(recorded):
    result = recorded.watch(chain(lambda s: {"x": iter([1, 2])}, lambda s: None)).invoke({"log": []})
    assert list(result["x"]) == [1, 2]


def test_an_exception_that_cannot_be_shown_passes_unchanged(recorded):
    class Unspeakable(Exception):
        def __str__(self):
            raise RuntimeError("do not ask")

    def wrong(state):
        raise Unspeakable

    with pytest.raises(Unspeakable):
        recorded.watch(chain(wrong)).invoke({"x": 1})
    assert recorded.trace.error.type.endswith("Unspeakable")


def test_what_a_node_changes_in_place_is_seen_and_told(recorded):
    def mutates(state):
        state["log"].append("sneaked in")
        return {"x": 1}

    recorded.watch(chain(lambda s: {"log": ["first"]}, mutates, lambda s: None)).invoke({"x": 0})
    first, second, _ = recorded.trace.steps
    assert first.output_state == {"log": ["first"]}
    assert second.input_state["log"] == ["first"]
    assert second.metadata["mutated"] == ["log"]


def test_messages_get_their_ids_and_can_be_removed(recorded):
    kept = AIMessage("mine")

    def forget(state):
        return {"messages": [RemoveMessage(id=state["messages"][0].id)]}

    recorded.watch(chain(lambda s: {"messages": [kept]}, forget, schema=MessagesState)).invoke({"messages": ["hi"]})
    added, removed = recorded.trace.steps
    after = added.state_after["messages"]
    assert [message["content"] for message in after] == ["hi", "mine"]
    assert after[1]["id"] == kept.id
    assert [message["content"] for message in removed.state_after["messages"]] == ["mine"]


class Model(BaseModel):
    x: int = 0
    log: Annotated[list, operator.add] = []


def test_states_that_are_objects_are_recorded_by_field(recorded):
    recorded.watch(chain(lambda s: {"x": s.x + 1}, lambda s: Model(x=s.x + 1, log=["m"]), schema=Model)).invoke(
        {"x": 1}
    )
    first, second = recorded.trace.steps
    assert (first.input_state["x"], first.output_state) == (1, {"x": 2})
    assert second.output_state == {"x": 3, "log": ["m"]}


def test_values_that_langgraph_manages_are_part_of_what_a_node_is_given(recorded):
    class Managed(TypedDict, total=False):
        x: int
        left: RemainingSteps

    result = recorded.watch(chain(lambda s: {"x": s["left"]}, schema=Managed)).invoke({"x": 1}, {"recursion_limit": 9})
    assert recorded.step("n0").input_state["left"] == result["x"]
    assert recorded.trace.output == result


def test_a_state_that_is_one_value(recorded):
    assert recorded.watch(chain(lambda text: text + "!", schema=str)).invoke("hi") == "hi!"
    step = recorded.step("n0")
    assert (step.input_state, step.output_state) == ({"__root__": "hi"}, {"__root__": "hi!"})
    assert recorded.trace.output == "hi!"


@pytest.mark.parametrize("awaits", [False, True])
def test_answers_from_the_cache_are_steps(recorded, awaits):
    graph = StateGraph(State)
    graph.add_node("before", lambda s: {"x": 1})
    for name in ("left", "right"):
        graph.add_node(name, lambda s, name=name: {"log": [name]}, cache_policy=CachePolicy())
        graph.add_edge("before", name)
    graph.add_node("after", lambda s: {"x": 2})
    graph.add_edge(START, "before")
    graph.add_edge(["left", "right"], "after")
    app = recorded.watch(graph.compile(cache=InMemoryCache()))
    for _ in range(2):
        if awaits:
            asyncio.run(app.ainvoke({"x": 0}))
        else:
            app.invoke({"x": 0})
    second = recorded.traces[1].steps
    assert [(step.node_name, step.outcome) for step in second] == [
        ("before", "ok"), ("left", "cached"), ("right", "cached"), ("after", "ok"),
    ]  # fmt: skip
    assert [step.metadata["superstep"] for step in second] == [1, 2, 2, 3]
    assert second[1].output_state == {"log": ["left"]}
    assert second[1].state_after["log"] == second[3].input_state["log"] == ["left", "right"]


def test_deferred_nodes_run_last(recorded):
    graph = StateGraph(State)
    graph.add_node("short", lambda s: {"log": ["short"]})
    graph.add_node("long", lambda s: {"log": ["long"]})
    graph.add_node("longer", lambda s: {"log": ["longer"]})
    graph.add_node("last", lambda s: {"x": len(s["log"])}, defer=True)
    for source, target in [
        (START, "short"),
        (START, "long"),
        ("long", "longer"),
        ("longer", "last"),
        ("short", "last"),
    ]:
        graph.add_edge(source, target)
    recorded.watch(graph.compile()).invoke({"x": 0})
    assert recorded.nodes[-1] == "last"
    assert recorded.step("last").output_state == {"x": 3}


def test_randomness_warnings_and_logs_of_the_host_stay_its_own(recorded, caplog):
    def drawn(app):
        random.seed(7)
        return app.invoke({"x": 0})["x"], random.random()

    nodes = (lambda s: {"x": random.random()}, lambda s: {"x": [s["x"], random.random()]})
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(logging.INFO):
        assert drawn(recorded.watch(chain(*nodes))) == drawn(chain(*nodes))
    assert caught == []
    assert [record for record in caplog.records if record.name.startswith("argus")] == []


def test_secrets_in_a_state_are_not_recorded(recorded):
    def node(state):
        return {"x": {"api_key": "hunter2", "note": "key is sk-proj-" + "a1B2" * 12}}

    result = recorded.watch(chain(node)).invoke({"x": {"password": "hunter3"}})
    assert result["x"]["api_key"] == "hunter2"
    text = recorded.trace.to_json()
    assert "hunter" not in text
    assert "a1B2a1B2" not in text


def newest(name):
    parameters = inspect.signature(StateGraph.add_node).parameters
    return pytest.mark.skipif(name not in parameters, reason=f"this LangGraph has no {name}")


@newest("error_handler")
def test_an_error_handler_gets_its_error_and_is_a_step(recorded):
    from langgraph.errors import NodeError

    def wrong(state: State) -> dict:
        raise ValueError("no")

    def rescue(state: State, error: NodeError) -> dict:
        return {"log": [f"{error.node}: {error.error}"]}

    graph = StateGraph(State)
    graph.add_node("wrong", wrong, error_handler=rescue)
    graph.add_edge(START, "wrong")
    assert recorded.watch(graph.compile()).invoke({"x": 1})["log"] == ["wrong: no"]
    failed, handled = recorded.trace.steps
    assert (failed.outcome, handled.outcome) == ("error", "ok")
    assert handled.output_state == {"log": ["wrong: no"]}
    assert recorded.trace.metadata["outcome"] == "completed"
    spec = recorded.trace.graph
    assert spec.node(handled.node_name).kind == "error_handler"
    assert handled.node_name in spec.successors("wrong")


@newest("timeout")
async def test_a_node_that_takes_too_long_is_stopped_as_before(recorded):
    from langgraph.errors import NodeTimeoutError

    async def slow(state: State) -> dict:
        await asyncio.sleep(60)
        return {}

    graph = StateGraph(State)
    graph.add_node("slow", slow, timeout=0.05)
    graph.add_edge(START, "slow")
    with pytest.raises(NodeTimeoutError):
        await recorded.watch(graph.compile()).ainvoke({"x": 1})
    assert recorded.step("slow").outcome == "cancelled"
    assert recorded.trace.error.type.endswith("NodeTimeoutError")


@newest("timeout")
async def test_writes_are_seen_in_a_node_with_a_timeout(recorded):
    async def quick(state: State) -> dict:
        return {"log": ["quick"]}

    graph = StateGraph(State)
    graph.add_node("quick", quick, timeout=5)
    graph.add_edge(START, "quick")
    await recorded.watch(graph.compile()).ainvoke({"x": 1})
    assert recorded.step("quick").metadata["writes"] == ["log"]
    assert recorded.step("quick").state_after["log"] == ["quick"]


@newest("timeout")
def test_a_run_that_is_drained_is_interrupted(recorded):
    from langgraph.errors import GraphDrained
    from langgraph.runtime import RunControl

    control = RunControl()

    def node(state: State) -> dict:
        control.request_drain("stop")
        return {"log": ["one"]}

    app = recorded.watch(chain(node, node, checkpointer=InMemorySaver()))
    with pytest.raises(GraphDrained):
        app.invoke({"x": 1}, {"configurable": {"thread_id": "t"}}, control=control)
    assert recorded.nodes == ["n0"]
    assert recorded.outcomes() == ["interrupted"]
