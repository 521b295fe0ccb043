"""Healthy pipelines of shapes that once gave alarm."""

from __future__ import annotations

import statistics
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from argus import ArgusWatcher
from argus.storage.memory import MemoryStore


class _Letter(TypedDict, total=False):
    facts: list[str]
    remarks: list[str]
    draft: str
    rounds: int


def _alarms(graph: StateGraph, given: Any, store: MemoryStore) -> list[str]:
    watcher = ArgusWatcher(storage=store)
    watcher.watch(graph).compile().invoke(given)
    return [one.message for one in watcher.finalize().detections if one.severity != "info"]


def test_rounds_are_counted_beside_joined_lines() -> None:
    def compose(state: _Letter) -> dict[str, Any]:
        lines = list(state["facts"])
        if "bye" in str(state.get("remarks")):
            lines.append("Kind regards")
        return {"draft": "\n".join(lines), "rounds": state["rounds"] + 1}

    def critique(state: _Letter) -> dict[str, Any]:
        return {"remarks": [] if "regards" in state["draft"] else ["bye is missing"]}

    graph = StateGraph(_Letter)
    graph.add_node("compose", compose)
    graph.add_node("critique", critique)
    graph.add_edge(START, "compose")
    graph.add_edge("compose", "critique")
    graph.add_conditional_edges("critique", lambda state: "compose" if state["remarks"] else END, ["compose", END])
    given = {"facts": ["Delivery takes three working days."], "rounds": 0}
    assert _alarms(graph, given, MemoryStore.open("memory:")) == []


def test_a_plain_dict_that_grows_is_not_absent() -> None:
    def load(state: dict) -> dict:
        return {**state, "readings": [float(one) for one in state["text"].split()]}

    def stats(state: dict) -> dict:
        values = [one for one in state["readings"] if one > 0]
        return {
            **state,
            "stats": {"n": len(values), "mean": round(statistics.fmean(values), 3) if values else None},
        }

    def report(state: dict) -> dict:
        return {**state, "report": f"{state['stats']['n']} readings, {state['stats']['mean']} on average"}

    graph = StateGraph(dict)
    for node, before in ((load, START), (stats, "load"), (report, "stats")):
        graph.add_node(node.__name__, node)
        graph.add_edge(before, node.__name__)
    graph.add_edge("report", END)
    store = MemoryStore.open("memory:")
    for number in range(12):
        text = " ".join(str(10.5 + number + day * 1.25) for day in range(4 + number % 5))
        assert _alarms(graph, {"meter": f"M-{number}", "text": text}, store) == []
