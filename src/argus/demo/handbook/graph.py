"""How the nodes of the handbook pipeline hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgraph.graph import END, START, StateGraph

from argus.demo.handbook import nodes
from argus.demo.pipeline import Node

__all__ = ["build_graph"]


def build_graph(replacements: Mapping[str, Node]) -> StateGraph[Any, Any, Any, Any]:
    """Makes the graph.

    Args:
        replacements: Functions that take the place of nodes, by node name.
    """
    functions: dict[str, Any] = {
        "understand": nodes.understand,
        "greet": nodes.greet,
        "retrieve": nodes.retrieve,
        "rerank": nodes.rerank,
        "draft": nodes.draft,
        "review": nodes.review,
        "refine": nodes.refine,
        "clarify": nodes.clarify,
        "send": nodes.send,
    }
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(nodes.HandbookState)
    for name, function in {**functions, **replacements}.items():
        graph.add_node(name, function)

    graph.add_edge(START, "understand")
    graph.add_conditional_edges("understand", nodes.after_understand)
    graph.add_edge("retrieve", "rerank")
    graph.add_conditional_edges("rerank", nodes.after_rerank)
    graph.add_edge("draft", "review")
    graph.add_conditional_edges("review", nodes.after_review)
    graph.add_edge("refine", "retrieve")
    graph.add_edge("greet", "send")
    graph.add_edge("clarify", "send")
    graph.add_edge("send", END)
    return graph
