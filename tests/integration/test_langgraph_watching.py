"""Who is watched, since when, by whom, and that nothing is left behind."""

import asyncio
import contextlib
import copy
import operator
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import pytest
from langchain_core.runnables import RunnableLambda
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.pregel import Pregel
from typing_extensions import TypedDict

from argus.errors import InstrumentationError
from argus.instrumentation.langgraph.attach import attach, attach_all, detach
from argus.instrumentation.langgraph.running import GraphCall, TaskFrame, open_tasks
from argus.recording.run import Run


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]


def add_one(state: State) -> dict:
    return {"x": state["x"] + 1}


def builder(*nodes):
    graph = StateGraph(State)
    names = [f"n{number}" for number in range(len(nodes))]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph


def chain(*nodes, **compiled):
    return builder(*nodes).compile(**compiled)


def test_the_same_object_comes_back(recorded):
    graph, app = builder(add_one), chain(add_one)
    assert recorded.watch(graph) is graph
    assert recorded.watch(app) is app


def test_nodes_added_after_watching_are_covered(recorded):
    graph = recorded.watch(StateGraph(State))
    graph.add_node("late", add_one)
    graph.add_edge(START, "late")
    graph.compile().invoke({"x": 1})
    graph.compile(name="second").invoke({"x": 1})
    assert [[step.node_name for step in trace.steps] for trace in recorded.traces] == [["late"], ["late"]]


def test_what_was_compiled_before_watching_the_builder_is_not(recorded):
    graph = builder(add_one)
    app = graph.compile()
    recorded.watch(graph)
    app.invoke({"x": 1})
    assert recorded.runs == []


@pytest.mark.parametrize(
    "copied",
    [lambda app: app.with_config(tags=["t"]), lambda app: app.copy(), copy.copy],
    ids=["config", "copy", "std"],
)
def test_copies_are_watched_too(recorded, copied):
    app = recorded.watch(chain(add_one))
    assert copied(app).invoke({"x": 1})["x"] == 2
    assert recorded.nodes == ["n0"]


def test_what_with_config_binds_still_reaches_the_graph(recorded):
    saver = InMemorySaver()
    bound = {"configurable": {"thread_id": "bound", "mine": 7}}
    seen = []

    def node(state, config):
        seen.append((config["configurable"]["thread_id"], config["configurable"]["mine"]))
        return {"x": 2}

    recorded.watch(chain(node, checkpointer=saver)).with_config(bound).invoke({"x": 1})
    assert seen == [("bound", 7)]
    assert recorded.trace.metadata["thread_id"] == "bound"


def test_a_missing_thread_is_reported_as_without_watching(recorded):
    def message(app):
        with pytest.raises(ValueError) as caught:
            app.invoke({"x": 1})
        return str(caught.value)

    app = chain(add_one, checkpointer=InMemorySaver())
    assert message(recorded.watch(chain(add_one, checkpointer=InMemorySaver()))) == message(app)
    assert recorded.outcomes() == ["error"]


def test_a_retrying_wrapper_is_watched_through(recorded):
    recorded.watch(chain(add_one).with_retry()).invoke({"x": 1})
    assert recorded.nodes == ["n0"]


def test_two_watchers_have_one_record_each(recorded, another):
    app = another.watch(recorded.watch(chain(add_one, add_one)))
    app.invoke({"x": 1})
    assert recorded.nodes == another.nodes == ["n0", "n1"]
    assert recorded.trace.id != another.trace.id


def test_watching_twice_records_once(recorded):
    recorded.watch(recorded.watch(chain(add_one))).invoke({"x": 1})
    assert recorded.nodes == ["n0"]


def test_a_sink_may_decline(recorded, monkeypatch):
    monkeypatch.setattr(recorded, "open_run", lambda **facts: None)
    assert recorded.watch(chain(add_one)).invoke({"x": 1})["x"] == 2
    assert recorded.traces == []


def test_detaching_restores_everything(recorded):
    sub = chain(add_one)
    graph, app = builder(sub), chain(sub)
    kinds = [type(graph), type(app), type(sub), Pregel.stream, Pregel.astream]
    nodes = {name: node.node for one in (app, sub) for name, node in one.nodes.items()}
    recorded.watch(graph)
    compiled = graph.compile()
    recorded.watch(app)
    recorded.stop()
    assert [type(graph), type(app), type(sub), Pregel.stream, Pregel.astream] == kinds
    assert {name: node.node for one in (app, sub) for name, node in one.nodes.items()} == nodes
    compiled.invoke({"x": 1})
    app.invoke({"x": 1})
    assert recorded.runs == []


def test_detaching_one_watcher_leaves_the_other(recorded, another):
    app = another.watch(recorded.watch(chain(add_one)))
    recorded.stop()
    app.invoke({"x": 1})
    assert recorded.runs == []
    assert another.nodes == ["n0"]


def test_detaching_what_was_never_attached_is_harmless(recorded):
    app = chain(add_one)
    detach(app, recorded)
    assert app.invoke({"x": 1})["x"] == 2


@pytest.mark.parametrize("thing", [RunnableLambda(lambda x: x), print, 7, None, type])
def test_what_cannot_be_watched_says_what_to_do(recorded, thing):
    with pytest.raises(InstrumentationError, match=r"StateGraph.*ArgusSession"):
        attach(thing, recorded)


def test_threads_do_not_cross(recorded):
    barrier = threading.Barrier(8)

    def meet(state):
        barrier.wait(10)
        return {"log": [state["x"]]}

    app = recorded.watch(chain(meet, meet))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda x: app.invoke({"x": x}), range(8)))
    assert sorted(trace.input["x"] for trace in recorded.traces) == list(range(8))
    for trace in recorded.traces:
        assert trace.output["log"] == [trace.input["x"]] * 2
        assert [step.output_state["log"] for step in trace.steps] == [[trace.input["x"]]] * 2


async def test_tasks_do_not_cross(recorded):
    async def node(state):
        await asyncio.sleep(0.001 * (state["x"] % 3))
        return {"log": [state["x"]]}

    app = recorded.watch(chain(node, node))
    await asyncio.gather(*(app.ainvoke({"x": x}) for x in range(30)))
    assert len(recorded.traces) == 30
    assert all([s.output_state["log"] for s in t.steps] == [[t.input["x"]]] * 2 for t in recorded.traces)


def test_interleaved_streams_do_not_cross(recorded):
    app = recorded.watch(chain(add_one, add_one))
    for _ in zip(app.stream({"x": 1}), app.stream({"x": 5}), strict=True):
        pass
    assert sorted(trace.output["x"] for trace in recorded.traces if trace.output) == [3, 7]
    assert all([step.node_name for step in trace.steps] == ["n0", "n1"] for trace in recorded.traces)


def test_each_item_of_a_batch_is_a_run(recorded):
    recorded.watch(chain(add_one)).batch([{"x": 1}, {"x": 2}, {"x": 3}])
    assert sorted(trace.output["x"] for trace in recorded.traces) == [2, 3, 4]


def test_every_graph_of_the_process(recorded):
    early = chain(add_one)
    undo = attach_all(recorded)
    sub = chain(add_one)
    early.invoke({"x": 1})
    asyncio.run(chain(sub, lambda s: {"x": sub.invoke(s)["x"]}).ainvoke({"x": 1}))
    undo()
    undo()
    early.invoke({"x": 1})
    assert [len(trace.steps) for trace in recorded.traces] == [1, 4]


def test_every_graph_and_one_by_hand_is_one_record(recorded):
    undo = attach_all(recorded)
    with contextlib.closing(contextlib.ExitStack()) as stack:
        stack.callback(undo)
        recorded.watch(chain(add_one)).invoke({"x": 1})
    assert recorded.nodes == ["n0"]


def test_nothing_is_kept_alive_after_the_run(recorded, alive, monkeypatch):
    class Precious:
        pass

    monkeypatch.setattr(recorded, "run_closed", lambda run: recorded.runs.remove(run))
    app = recorded.watch(chain(lambda s: {"log": [Precious()]}, lambda s: {"log": [Precious()]}))
    app.invoke({"x": 1})
    asyncio.run(app.ainvoke({"x": 1}))
    assert [alive(kind) for kind in (Precious, GraphCall, TaskFrame, Run)] == [0, 0, 0, 0]
    assert open_tasks == {}


def test_a_configuration_taken_from_a_node_can_be_used_later(recorded):
    kept = []

    def node(state, config):
        kept.append(config)
        return {"x": 2}

    recorded.watch(chain(node)).invoke({"x": 1})
    other = recorded.watch(chain(add_one))
    assert other.invoke({"x": 1}, kept[0])["x"] == 2
    assert [trace.steps[0].parent_id for trace in recorded.traces] == [None, None]


def test_a_task_that_outlives_its_run_starts_runs_of_its_own(recorded):
    other = recorded.watch(chain(add_one))
    later = []

    async def node(state):
        async def background():
            await asyncio.sleep(0.02)
            await other.ainvoke({"x": 5})

        later.append(asyncio.ensure_future(background()))
        return {"x": 2}

    async def main():
        await recorded.watch(chain(node)).ainvoke({"x": 1})
        await later[0]

    asyncio.run(main())
    assert [trace.input["x"] for trace in recorded.traces] == [1, 5]


def test_the_host_sees_no_trace_of_it(recorded):
    seen = []

    def node(state, config):
        seen.append([key for key in (*config, *config["configurable"], *config["metadata"]) if "argus" in key.lower()])
        return {"x": 2}

    app = recorded.watch(chain(node))
    app.invoke({"x": 1})
    assert seen == [[]]
    assert "argus" not in repr(app).lower()
    assert type(app).__module__ == "langgraph.graph.state"
    assert not [key for key in vars(app) if "argus" in key]


def test_a_faulty_sink_never_reaches_the_host(caplog):
    class Faulty:
        def open_run(self, **facts):
            raise RuntimeError("sink")

        def run_closed(self, run):
            raise RuntimeError("sink")

    app = attach(chain(add_one), Faulty())
    assert app.invoke({"x": 1})["x"] == 2
    detach(app, Faulty())
    assert "argus_internal_error" in caplog.text


def test_states_can_still_be_pickled_inside_a_node(recorded):
    def node(state):
        return {"log": [pickle.loads(pickle.dumps(dict(state)))["x"]]}

    assert recorded.watch(chain(node)).invoke({"x": 1})["log"] == [1]
