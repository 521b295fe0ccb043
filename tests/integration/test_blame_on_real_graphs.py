"""Blame on real graphs with injected faults: a fan-out by command, a subgraph, a loop, a chain."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

import pytest

pytest.importorskip("langgraph")

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, Send

from argus import ArgusWatcher
from argus.forensics.analyzer import investigate
from argus.testing.faults import inject, make


class Order(TypedDict, total=False):
    order: dict[str, Any]
    parcels: list[Any]
    checks: Annotated[list[Any], operator.add]
    verdict: dict[str, Any]
    label: str


class Parcel(TypedDict):
    parcel: dict[str, Any]
    limit: float


def split(state) -> Command:
    parcels = [
        {"id": f"p{number}", "weight": item["weight"], "name": item["name"]}
        for number, item in enumerate(state["order"]["items"])
    ]
    sends = [Send("weigh", {"parcel": parcel, "limit": state["order"]["limit"]}) for parcel in parcels]
    return Command(update={"parcels": parcels}, goto=sends)


def weigh(state: Parcel):
    parcel = state["parcel"]
    text = f"{parcel['name']} weighs {parcel['weight']:.1f}"
    return {
        "checks": [{"id": parcel["id"], "ok": parcel["weight"] < state["limit"], "text": text, "kg": parcel["weight"]}]
    }


def judge(state):
    bad = [check for check in state["checks"] if not check["ok"]]
    total = sum(check["kg"] for check in state["checks"])
    return {"verdict": {"ok": not bad, "total": total, "lines": [check["text"] for check in state["checks"]]}}


def label(state):
    verdict = state["verdict"]
    head = "SEND" if verdict["ok"] else "HOLD"
    return {"label": f"{head} {verdict['total']:.2f} kg\n" + "\n".join(verdict["lines"])}


def parcels() -> StateGraph:
    graph = StateGraph(Order)
    graph.add_node("split", split, destinations=("weigh",))
    for node in (weigh, judge, label):
        graph.add_node(node.__name__, node)
    graph.add_edge(START, "split")
    graph.add_edge("weigh", "judge")
    graph.add_edge("judge", "label")
    graph.add_edge("label", END)
    return graph


ORDER = {
    "order": {
        "limit": 20.0,
        "items": [{"name": "lamp", "weight": 2.5}, {"name": "desk", "weight": 18.0}, {"name": "rug", "weight": 7.25}],
    }
}


def blame(graph, value):
    watcher = ArgusWatcher(storage="memory:", investigate=False)
    watcher.watch(graph)
    app = graph.compile()
    with pytest.raises(Exception):  # noqa: B017 - which exception it is depends on the fault
        app.invoke(value, {"recursion_limit": 30})
    trace = watcher.finalize()
    forensics = investigate(trace)
    assert forensics.root_cause_step is not None, forensics.explanation
    return trace.step(forensics.root_cause_step).node_name, forensics


@pytest.mark.parametrize(
    ("node", "kind", "field"),
    [
        ("split", "crash", None),
        ("weigh", "wrong_type", "checks.0.kg"),
        ("weigh", "missing_value", "checks.0.text"),
        ("weigh", "renamed_key", "checks.0.ok"),
        ("judge", "missing_value", "verdict.total"),
        ("judge", "poisoned_value", "verdict.lines.1"),
        ("judge", "renamed_key", "verdict"),
        ("judge", "no_update", None),
        ("label", "crash", None),
    ],
)
def test_fan_out_by_command(node, kind, field):
    graph = parcels()
    inject(graph, node, make(kind, field=field, seed=1) if field else make(kind, seed=1))
    found, forensics = blame(graph, ORDER)
    assert found == node, forensics.explanation
    assert f"`{node}`" in forensics.explanation
    assert forensics.suggestions[0].file == __file__


class Talk(TypedDict, total=False):
    question: str
    documents: list[Any]
    best: dict[str, Any]
    answer: str


class Search(TypedDict, total=False):
    question: str
    documents: list[Any]
    best: dict[str, Any]


def find(state):
    return {"documents": [{"title": "Leave", "text": f"About {state['question']}", "score": 0.9}]}


def choose(state):
    return {"best": max(state["documents"], key=lambda document: document["score"])}


def reply(state):
    return {"answer": f"{state['best']['title']}: {state['best']['text'].strip()}"}


@pytest.mark.parametrize(
    ("node", "kind", "field"),
    [
        ("find", "dropped_field", "documents.0.title"),
        ("find", "missing_value", "documents.0.text"),
        ("find", "empty_output", "documents"),
        ("choose", "dropped_field", "best"),
        ("choose", "wrong_type", "best.text"),
    ],
)
def test_subgraph(node, kind, field):
    inner = StateGraph(Search)
    inner.add_node("find", find)
    inner.add_node("choose", choose)
    inner.add_edge(START, "find")
    inner.add_edge("find", "choose")
    inner.add_edge("choose", END)
    inject(inner, node, make(kind, field=field, seed=2))
    outer = StateGraph(Talk)
    outer.add_node("search", inner.compile())
    outer.add_node("reply", reply)
    outer.add_edge(START, "search")
    outer.add_edge("search", "reply")
    outer.add_edge("reply", END)
    found, forensics = blame(outer, {"question": "annual leave"})
    assert found == node, forensics.explanation


class Essay(TypedDict, total=False):
    text: str
    score: float
    rounds: int


def write(state):
    return {"text": state["text"] + " more", "rounds": state["rounds"] + 1}


def grade(state):
    return {"score": min(1.0, len(state["text"].split()) / 5)}


def enough(state):
    return END if state["score"] >= 1.0 or state["rounds"] > 6 else "write"


def stuck_write(state):
    return {"text": state["text"], "rounds": 1}


def test_a_loop_that_does_not_move_on():
    graph = StateGraph(Essay)
    graph.add_node("write", stuck_write)
    graph.add_node("grade", grade)
    graph.add_edge(START, "write")
    graph.add_edge("write", "grade")
    graph.add_conditional_edges("grade", enough, ["write", END])
    found, forensics = blame(graph, {"text": "one", "rounds": 0})
    assert found == "write"
    assert "in every round" in forensics.explanation
