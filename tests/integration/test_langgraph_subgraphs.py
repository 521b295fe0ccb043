"""Graphs inside graphs: found, nested below the step that runs them, told apart."""

import asyncio
import operator
import sys
import threading
from typing import Annotated

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy, interrupt
from typing_extensions import TypedDict


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]


def ten(state: State) -> dict:
    return {"x": state["x"] * 10, "log": ["ten"]}


def chain(*nodes, **compiled):
    graph = StateGraph(State)
    names = [getattr(node, "__name__", f"n{number}") for number, node in enumerate(nodes)]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile(**compiled)


def outer(node, **compiled):
    graph = StateGraph(State)
    graph.add_node("outer", node)
    graph.add_edge(START, "outer")
    return graph.compile(**compiled)


def kept_graphs():
    return {"a": chain(ten)}


class Holder:
    def __init__(self):
        self.graph = chain(ten)


def direct():
    return chain(ten)


def from_closure():
    sub = chain(ten)
    return lambda state: {"x": sub.invoke(state)["x"]}


def from_a_registry():
    registry = kept_graphs()
    return lambda state: {"x": registry["a"].invoke({"x": state["x"]})["x"]}


def from_an_object():
    holder = Holder()
    return lambda state: {"x": holder.graph.invoke({"x": state["x"]})["x"]}


def made_on_the_spot():
    return lambda state: {"x": chain(ten).invoke({"x": state["x"]})["x"]}


def with_a_thread_of_its_own():
    sub = chain(ten, checkpointer=InMemorySaver())
    return lambda state: {"x": sub.invoke({"x": state["x"]}, {"configurable": {"thread_id": "own"}})["x"]}


def streamed():
    sub = chain(ten)
    return lambda state: {"x": list(sub.stream({"x": state["x"]}, stream_mode="values"))[-1]["x"]}


def from_a_bare_thread():
    sub = chain(ten)

    def node(state, config):
        found = []
        thread = threading.Thread(target=lambda: found.append(sub.invoke({"x": state["x"]}, config)))
        thread.start()
        thread.join()
        return {"x": found[0]["x"]}

    return node


WAYS = (
    direct, from_closure, from_a_registry, from_an_object, made_on_the_spot, with_a_thread_of_its_own, streamed,
    from_a_bare_thread,
)  # fmt: skip


@pytest.mark.parametrize("saver", [None, InMemorySaver], ids=["plain", "saved"])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_however_it_is_called_it_is_nested(recorded, way, saver):
    app = recorded.watch(outer(way(), checkpointer=saver() if saver else None))
    config = {"configurable": {"thread_id": "main"}} if saver else None
    assert app.invoke({"x": 2}, config)["x"] == 20
    step, inner = recorded.trace.steps
    assert (step.node_name, inner.node_name) == ("outer", "ten")
    assert inner.parent_id == step.id
    assert step.parent_id is None
    assert inner.metadata["namespace"].startswith("outer:")
    assert inner.input_state["x"] == 2
    assert inner.state_after["x"] == 20


async def test_async_too(recorded):
    sub = chain(ten)

    async def node(state):
        both = await asyncio.gather(sub.ainvoke({"x": 1}), sub.ainvoke({"x": 2}))
        return {"x": both[0]["x"] + both[1]["x"]}

    assert (await recorded.watch(outer(node)).ainvoke({"x": 0}))["x"] == 30
    step, *inner = recorded.trace.steps
    assert [one.parent_id for one in inner] == [step.id] * 2
    assert sorted(one.state_after["x"] for one in inner) == [10, 20]
    assert len({one.metadata["namespace"] for one in inner}) == 2


def test_the_declared_shape_holds_the_inner_graph(recorded):
    recorded.watch(outer(chain(ten))).invoke({"x": 1})
    trace = recorded.trace
    assert trace.graph.node("outer").kind == "subgraph"
    assert trace.node_spec(trace.steps[1]).name == "ten"
    assert trace.node_spec(trace.steps[1]).qualname.endswith("ten")


def test_three_levels(recorded):
    recorded.watch(outer(chain(chain(ten)))).invoke({"x": 1})
    names = {step.id: step.node_name for step in recorded.trace.steps}
    assert [(step.node_name, names.get(step.parent_id)) for step in recorded.trace.steps] == [
        ("outer", None), ("n0", "outer"), ("ten", "n0"),
    ]  # fmt: skip


def test_a_graph_may_call_itself(recorded):
    def node(state):
        return {"x": app.invoke({"x": state["x"] - 1})["x"] + 1 if state["x"] else 100}

    app = recorded.watch(outer(node))
    assert app.invoke({"x": 2})["x"] == 102
    assert [step.input_state["x"] for step in recorded.trace.steps] == [2, 1, 0]
    assert [step.output_state["x"] for step in recorded.trace.steps] == [102, 101, 100]


def test_a_command_to_the_parent_is_no_error(recorded):
    graph = StateGraph(State)
    graph.add_node("sub", chain(lambda s: Command(graph=Command.PARENT, update={"log": ["up"]}, goto="last")))
    graph.add_node("last", lambda s: {"x": 9})
    graph.add_edge(START, "sub")
    recorded.watch(graph.compile()).invoke({"x": 1})
    sub, inner, last = recorded.trace.steps
    assert [sub.outcome, inner.outcome, last.outcome] == ["parent_command", "parent_command", "ok"]
    assert inner.output_state == {"log": ["up"]}
    assert inner.metadata["goto"] == ["last"]
    assert last.input_state == {"x": 1, "log": ["up"]}


def test_an_interrupt_inside_stops_both(recorded):
    def ask(state):
        return {"log": [interrupt("sure?")]}

    app = recorded.watch(outer(chain(ask), checkpointer=InMemorySaver()))
    config = {"configurable": {"thread_id": "t"}}
    app.invoke({"x": 1}, config)
    app.invoke(Command(resume="yes"), config)
    stopped, resumed = recorded.traces
    assert [step.outcome for step in stopped.steps] == ["interrupted", "interrupted"]
    assert [step.outcome for step in resumed.steps] == ["ok", "ok"]
    assert resumed.metadata["resumes"] == stopped.id
    assert resumed.steps[1].output_state == {"log": ["yes"]}


def test_an_error_inside_shows_in_both_steps_and_the_retry_is_apart(recorded):
    tries = iter([True, False])

    def sometimes(state):
        if next(tries):
            raise ValueError("first")
        return {"x": 5}

    graph = StateGraph(State)
    policy = RetryPolicy(initial_interval=0.001, jitter=False, retry_on=ValueError)
    graph.add_node("outer", chain(sometimes), retry_policy=policy)
    graph.add_edge(START, "outer")
    recorded.watch(graph.compile()).invoke({"x": 1})
    shown = [(step.node_name, step.attempt, step.outcome) for step in recorded.trace.steps]
    assert shown == [
        ("outer", 1, "error"), ("sometimes", 1, "error"), ("outer", 2, "ok"), ("sometimes", 1, "ok"),
    ]  # fmt: skip
    first, second = recorded.trace.steps[1::2]
    assert first.metadata["namespace"] != second.metadata["namespace"]


def test_a_subgraph_shared_with_an_unwatched_parent_leaves_nothing(recorded):
    sub = chain(ten)
    recorded.watch(outer(sub))
    assert outer(sub).invoke({"x": 1})["x"] == 10
    assert sub.invoke({"x": 1})["x"] == 10
    assert recorded.runs == []


def test_an_inner_graph_that_another_watches_is_a_run_of_its_own_there(recorded, another):
    sub = another.watch(chain(ten))
    recorded.watch(outer(sub)).invoke({"x": 1})
    assert recorded.nodes == ["outer", "ten"]
    assert another.nodes == ["ten"]
    assert another.step("ten").parent_id is None


def test_tasks_of_the_functional_api_are_steps(recorded):
    @task
    def double(x: int) -> int:
        return x * 2

    @task
    def fails(x: int) -> int:
        raise ValueError("no")

    @entrypoint()
    def flow(x: int) -> int:
        futures = [double(x), double(x + 1)]
        try:
            fails(x).result()
        except ValueError:
            return sum(future.result() for future in futures)
        return 0

    assert recorded.watch(flow).invoke(4) == 18
    step, *tasks = recorded.trace.steps
    assert (step.node_name, step.output_state) == ("flow", {"__root__": 18})
    assert {one.parent_id for one in tasks} == {step.id}
    shown = sorted((one.node_name, one.input_state["x"], one.outcome) for one in tasks)
    assert shown == [("double", 4, "ok"), ("double", 5, "ok"), ("fails", 4, "error")]
    assert recorded.trace.output == 18
    assert recorded.trace.graph.name == "flow"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="LangGraph has async tasks from Python 3.11 on")
async def test_async_tasks_of_the_functional_api_too(recorded):
    @task
    async def double(x: int) -> int:
        await asyncio.sleep(0.001)
        return x * 2

    @entrypoint()
    async def flow(x: int) -> int:
        return sum(await asyncio.gather(double(x), double(x + 1)))

    assert await recorded.watch(flow).ainvoke(4) == 18
    assert sorted(step.node_name for step in recorded.trace.steps) == ["double", "double", "flow"]
