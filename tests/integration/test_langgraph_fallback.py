"""A LangGraph that is missing, too old, or whose inner parts have moved."""

import asyncio
import importlib.metadata
import operator
from typing import Annotated

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.pregel import Pregel
from langgraph.types import interrupt
from typing_extensions import TypedDict

from argus.errors import InstrumentationError, NotAvailable, UnsupportedVersion
from argus.instrumentation.langgraph import attach as doors
from argus.instrumentation.langgraph import fallback, probe


class State(TypedDict, total=False):
    x: int
    log: Annotated[list, operator.add]


def add_one(state: State) -> dict:
    return {"x": state["x"] + 1, "log": ["one"]}


def chain(*nodes, **compiled):
    graph = StateGraph(State)
    names = [f"n{number}" for number in range(len(nodes))]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile(**compiled)


def test_a_missing_langgraph_says_how_to_get_it(recorded, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(NotAvailable, match=r'pip install "arguslabs\[langgraph\]"'):
        doors.attach(chain(add_one), recorded)


@pytest.mark.parametrize("version", ["0.6.11", "0.2.0rc1"])
def test_an_old_langgraph_says_which_is_needed(recorded, monkeypatch, version):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: version)
    with pytest.raises(UnsupportedVersion, match=r"langgraph>=1\.0"):
        doors.attach(chain(add_one), recorded)


def test_the_installed_langgraph_has_all_parts():
    assert probe.missing_parts() == ()


@pytest.mark.parametrize("part", sorted(probe._EXPECTED))
def test_each_part_is_looked_for(part, monkeypatch):
    monkeypatch.setitem(probe._EXPECTED, part, lambda: 1 / 0)
    monkeypatch.setattr(probe, "missing_parts", probe.missing_parts.__wrapped__)
    assert probe.missing_parts() == (part,)


@pytest.fixture
def degraded(monkeypatch):
    monkeypatch.setattr(probe, "missing_parts", lambda: ("something",))
    monkeypatch.setattr(doors, "_warned", False)
    monkeypatch.setattr(fallback, "_installed", False)
    monkeypatch.setattr(Pregel, "stream", Pregel.stream)
    monkeypatch.setattr(Pregel, "astream", Pregel.astream)


@pytest.mark.usefixtures("degraded")
class TestDegraded:
    def test_it_warns_once_and_records_nodes(self, recorded, caplog):
        app = recorded.watch(chain(add_one, add_one))
        recorded.watch(chain(add_one))
        assert app.invoke({"x": 1}) == {"x": 3, "log": ["one", "one"]}
        assert [step.output_state["x"] for step in recorded.trace.steps] == [2, 3]
        assert recorded.trace.steps[1].input_state["x"] == 2
        assert recorded.trace.output == {"x": 3, "log": ["one", "one"]}
        assert recorded.trace.graph.node("n0") is not None
        assert caplog.text.count("langgraph_degraded missing=something") == 1

    def test_async_and_nested(self, recorded):
        app = recorded.watch(chain(chain(add_one), lambda s, config: {"x": chain(add_one).invoke(s, config)["x"]}))
        assert asyncio.run(app.ainvoke({"x": 1}))["x"] == 3
        names = {step.id: step.node_name for step in recorded.trace.steps}
        shown = [(step.node_name, names.get(step.parent_id)) for step in recorded.trace.steps]
        assert shown == [("n0", None), ("n0", "n0"), ("n1", None), ("n0", "n1")]

    def test_errors_pass_and_are_recorded(self, recorded):
        def wrong(state):
            raise KeyError("x")

        with pytest.raises(KeyError):
            recorded.watch(chain(add_one, wrong)).invoke({"x": 1})
        assert [step.outcome for step in recorded.trace.steps] == ["ok", "error"]
        assert recorded.trace.error.type == "KeyError"

    def test_interrupts_and_consumers_that_go_away(self, recorded):
        def ask(state):
            return {"log": [interrupt("?")]}

        app = recorded.watch(chain(ask, checkpointer=InMemorySaver()))
        app.invoke({"x": 1}, {"configurable": {"thread_id": "t"}})
        other = recorded.watch(chain(add_one, add_one))
        for _ in other.stream({"x": 1}):
            break
        assert recorded.outcomes() == ["interrupted", "abandoned"]

    def test_the_callbacks_of_the_caller_stay(self, recorded):
        app = recorded.watch(chain(add_one))
        for callbacks in ([], None):
            app.invoke({"x": 1}, {"callbacks": callbacks})
        assert recorded.outcomes() == ["completed", "completed"]

    def test_builders_and_every_graph_and_the_end_of_it(self, recorded):
        builder = recorded.watch(StateGraph(State).add_node("a", add_one).add_edge(START, "a"))
        builder.compile().invoke({"x": 1})
        undo = doors.attach_all(recorded)
        chain(add_one).invoke({"x": 1})
        undo()
        recorded.stop()
        chain(add_one).invoke({"x": 1})
        builder.compile().invoke({"x": 1})
        assert len(recorded.traces) == 2

    def test_what_cannot_be_watched_is_told(self, recorded):
        with pytest.raises(InstrumentationError):
            doors.attach(print, recorded)
