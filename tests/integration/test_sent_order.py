"""Branches that begin in another order than they were sent in keep the order that reducers go by."""

from __future__ import annotations

import operator
from threading import Event
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from argus import ArgusWatcher


class _Work(TypedDict, total=False):
    parts: Annotated[list, operator.add]


def test_each_branch_says_its_place_among_the_sent() -> None:
    last_ran = Event()

    def work(task: dict[str, Any]) -> dict[str, Any]:
        if task["piece"] == 2:
            last_ran.set()
        else:
            assert last_ran.wait(20)
        return {"parts": [task["piece"]]}

    graph = StateGraph(_Work)
    graph.add_node("work", work)
    graph.add_conditional_edges(START, lambda _: [Send("work", {"piece": piece}) for piece in range(3)], ["work"])
    graph.add_edge("work", END)
    watcher = ArgusWatcher(storage="memory:")
    assert watcher.watch(graph).compile().invoke({})["parts"] == [0, 1, 2]
    steps = watcher.finalize().steps
    assert {step.metadata["sent"]: step.output_state["parts"] for step in steps} == {0: [0], 1: [1], 2: [2]}
