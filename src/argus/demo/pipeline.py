"""What a demonstration pipeline is, and a fault that can be put into it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from argus.errors import ArgusError, NotAvailable

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

__all__ = ["Fault", "Node", "Pipeline", "UnknownFault", "UnknownInput"]

Node = Callable[[Any], dict[str, Any]]
"""A node: takes the state, or what a ``Send`` carries, and returns its update."""


class UnknownFault(ArgusError):
    """A pipeline has no fault of this name."""


class UnknownInput(ArgusError):
    """A pipeline has no input of this name."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A mistake in one node's code.

    Attributes:
        name: How it is asked for.
        description: One line: what the developer did wrong.
        node: The culprit: the node whose code is wrong.
        symptom: The node where the damage is seen first; the culprit itself when it shows at once.
        replacement: The faulty code that takes the node's place.
        codes: The codes of the detectors that should speak, any of them.
        input: The name of the input that brings the fault out.
        raises: Whether the run ends with an exception.
        needs_history: Whether it can only be told from earlier healthy runs.
    """

    name: str
    description: str
    node: str
    symptom: str
    replacement: Node
    codes: tuple[str, ...]
    input: str
    raises: bool = False
    needs_history: bool = False


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """A real LangGraph pipeline that needs neither a key nor a network.

    Attributes:
        name: How it is asked for; also the name that its traces carry.
        description: One line.
        module: Where its ``build_graph`` is; imported at first use, because that imports LangGraph.
        inputs: Healthy inputs by name; the first one is the default.
        faults: What can be broken, by name.
        recursion_limit: Supersteps a run may take, far above what any healthy input needs.
    """

    name: str
    description: str
    module: str
    inputs: Mapping[str, Mapping[str, Any]]
    faults: Mapping[str, Fault] = field(default_factory=dict)
    recursion_limit: int = 100

    def build(self, fault: str | None = None) -> StateGraph[Any, Any, Any, Any]:
        """Makes the graph, not yet compiled.

        Args:
            fault: The name of the fault to put in; None builds the healthy pipeline.

        Returns:
            A fresh graph; its nodes and edges are the same with and without a fault.

        Raises:
            NotAvailable: LangGraph is not installed.
            UnknownFault: There is no such fault.
        """
        replacements: dict[str, Node] = {}
        if fault is not None:
            chosen = self.fault(fault)
            replacements[chosen.node] = chosen.replacement
        if find_spec("langgraph") is None:
            raise NotAvailable(
                'The demonstration pipelines are LangGraph graphs; install it with: pip install "arguslabs[langgraph]"'
            )
        graph: StateGraph[Any, Any, Any, Any] = importlib.import_module(self.module).build_graph(replacements)
        return graph

    def fault(self, name: str) -> Fault:
        """The fault of this name.

        Args:
            name: One of the keys of ``faults``.

        Raises:
            UnknownFault: There is none; the message lists them all.
        """
        try:
            return self.faults[name]
        except KeyError:
            known = ", ".join(self.faults)
            raise UnknownFault(f"The {self.name} pipeline has no fault {name!r}; it has: {known}") from None

    def input(self, name: str) -> Mapping[str, Any]:
        """The input of this name.

        Args:
            name: One of the keys of ``inputs``.

        Raises:
            UnknownInput: There is none; the message lists them all.
        """
        try:
            return self.inputs[name]
        except KeyError:
            known = ", ".join(self.inputs)
            raise UnknownInput(f"The {self.name} pipeline has no input {name!r}; it has: {known}") from None
