"""How the nodes of the invoice pipeline hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from argus.demo.invoices import nodes
from argus.demo.pipeline import Node

__all__ = ["build_graph", "one_branch_per_line"]


def one_branch_per_line(state: nodes.InvoiceState) -> list[Send] | Literal["hold"]:
    """Prices all lines side by side; an order without any is held."""
    return [Send("price_line", {"line": line}) for line in state["lines"]] or "hold"


def build_graph(replacements: Mapping[str, Node]) -> StateGraph[Any, Any, Any, Any]:
    """Makes the graph.

    Args:
        replacements: Functions that take the place of nodes, by node name.
    """
    functions: dict[str, Any] = {
        "read_order": nodes.read_order,
        "find_customer": nodes.find_customer,
        "price_line": nodes.price_line,
        "apply_discount": nodes.apply_discount,
        "add_tax": nodes.add_tax,
        "check": nodes.check,
        "render": nodes.render,
        "hold": nodes.hold,
    }
    graph: StateGraph[Any, Any, Any, Any] = StateGraph(nodes.InvoiceState)
    for name, function in {**functions, **replacements}.items():
        graph.add_node(name, function)

    graph.add_edge(START, "read_order")
    graph.add_edge("read_order", "find_customer")
    graph.add_conditional_edges("find_customer", one_branch_per_line, ["price_line", "hold"])
    graph.add_edge("price_line", "apply_discount")
    graph.add_edge("apply_discount", "add_tax")
    graph.add_edge("add_tax", "check")
    graph.add_conditional_edges("check", nodes.after_check)
    graph.add_edge("render", END)
    graph.add_edge("hold", END)
    return graph
