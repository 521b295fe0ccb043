"""The life of fields in real graphs: subgraphs, Sends, reducers, messages and loops."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import END, START, StateGraph, add_messages
from langgraph.types import Send

from argus import ArgusWatcher
from argus.dataflow.field_life import field_life
from argus.model.trace import Trace


class Digging(TypedDict):
    topic: str
    notes: str


class Work(TypedDict, total=False):
    topic: str
    notes: str
    parts: Annotated[list, operator.add]
    messages: Annotated[list, add_messages]
    rounds: int


def dig(state: Digging) -> dict[str, Any]:
    return {"notes": "notes about " + state["topic"]}


def plan(state: Work) -> dict[str, Any]:
    return {"topic": state["topic"].strip() + " of old", "messages": [AIMessage("plan made")]}


def fan(state: Work) -> list[Send]:
    return [Send("work", {"piece": piece}) for piece in state["notes"].split()]


def work(task: dict[str, Any]) -> dict[str, Any]:
    return {"parts": [task["piece"].upper()]}


def judge(state: Work) -> dict[str, Any]:
    return {"rounds": state.get("rounds", 0) + 1, "messages": [AIMessage(f"round {state.get('rounds', 0)}")]}


def more(state: Work) -> str:
    return "judge" if state["rounds"] < 3 else END


@pytest.fixture(scope="module")
def trace() -> Trace:
    inner = StateGraph(Digging)
    inner.add_node("dig", dig)
    inner.add_edge(START, "dig")
    inner.add_edge("dig", END)
    graph = StateGraph(Work)
    graph.add_node("plan", plan)
    graph.add_node("research", inner.compile())
    graph.add_node("work", work)
    graph.add_node("judge", judge)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "research")
    graph.add_conditional_edges("research", fan, ["work"])
    graph.add_edge("work", "judge")
    graph.add_conditional_edges("judge", more)
    watcher = ArgusWatcher(storage="memory:")
    watcher.watch(graph).compile().invoke({"topic": " whales ", "messages": [HumanMessage("tell me")]})
    return watcher.finalize()


def test_a_subgraph_s_write_is_followed_to_the_step_inside(trace: Trace) -> None:
    inside, outside = field_life(trace, "notes").events
    assert (inside.place.node_name, outside.place.node_name) == ("dig", "research")
    assert outside.stands_for == inside.place
    (source,) = inside.sources
    assert (source.path, source.place.node_name, source.turns_up) == ("topic", "plan", True)
    assert source.file.endswith("test_lineage_real_graphs.py")
    assert [(one.place.node_name, one.how) for one in outside.readers] == [("research", "choice")]


def test_what_is_read_in_a_subgraph_is_read_from_outside(trace: Trace) -> None:
    events = field_life(trace, "topic").events
    assert [event.kind for event in events] == ["given", "wrote", "echoed"]
    assert [one.place.node_name for one in events[1].readers] == ["dig"]


def test_sent_work_names_its_sender_and_its_branch(trace: Trace) -> None:
    life = field_life(trace, "parts")
    made = [event for event in life.events if event.place is not None]
    assert {event.place.branch for event in made} == {1, 2, 3, 4, 5}
    assert {sender.node_name for event in made for sender in event.sent_by} == {"research"}
    assert {(one.path, one.origin) for event in made for one in event.sources} == {("piece", "sent")}
    assert [item.place.branch for item in life.items] == [1, 2, 3, 4, 5]
    assert life.reducer == "operator.add"


def test_each_message_has_its_own_origin(trace: Trace) -> None:
    items = field_life(trace, "messages").items
    who = [(item.place.node_name, item.place.round) if item.place else item.origin for item in items]
    assert who == ["caller", ("plan", 1), ("judge", 1), ("judge", 2), ("judge", 3)]
    (third,) = field_life(trace, "messages[2]").items
    assert third.place.node_name == "judge"


def test_rounds_read_each_other_and_decide(trace: Trace) -> None:
    life = field_life(trace, "rounds")
    assert [(one.place.node_name, one.absent) for one in life.unwritten] == [("judge", True)]
    for number, event in enumerate(life.events[:2], start=1):
        assert [(one.how, one.place.round) for one in event.readers] == [("choice", number), ("source", number + 1)]
