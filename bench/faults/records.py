"""What the matrix is made of: graphs, healthy inputs, faults in their places."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from argus.testing.faults import Fault, Injection, InjectionFailed, Layer, inject, replace_branch, replace_node, spoil

Part = Literal["tuning", "held-back"]


@dataclass(frozen=True, kw_only=True)
class Healthy:
    """An input on which nothing is wrong.

    `why` says what makes it look suspicious; plain inputs leave it empty. A conversation has one input per turn.
    """

    name: str
    input: Any
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A node, branch, tool or model written with the mistake in it; `place` says what it takes the place of."""

    function: Callable[..., Any]
    place: Literal["node", "branch", "part"] = "node"


@dataclass(frozen=True, kw_only=True)
class FaultCase:
    """One faulty run: which mistake, where, on which input, and what is right to say about it.

    `node` is the culprit. `spot` is where the mistake is put when that is not the culprit's own function (a tool, the
    model). `where` names the subgraph that has the node. `also` lists nodes that may be blamed with equal right.
    """

    id: str
    graph: str
    kind: str
    node: str
    layer: Layer
    needs_history: bool
    how: Fault | Variant
    on: str
    note: str
    spot: str = ""
    where: str = ""
    symptom: str | None = None
    also: tuple[str, ...] = ()
    warm_up: str | None = None

    @property
    def written_by_hand(self) -> bool:
        return isinstance(self.how, Variant)


class Patch:
    """Puts one fault (or none) into a graph while it is built."""

    def __init__(self, case: FaultCase | None = None) -> None:
        self.case = case
        self.injection: Injection | None = None
        self.placed = case is None

    def graph(self, graph: Any, where: str = "") -> Any:
        """To be called with every StateGraph before it is compiled; `where` names a subgraph."""
        case = self.case
        if case is None or case.where != where or (case.spot and case.spot not in graph.nodes):
            return graph
        spot = case.spot or case.node
        if isinstance(case.how, Variant):
            if case.how.place == "part":
                return graph
            place = replace_node if case.how.place == "node" else replace_branch
            place(graph, spot, case.how.function)
        elif spot in graph.nodes or spot in graph.branches:
            self.injection = inject(graph, spot, case.how, symptom=case.symptom)
        else:
            return graph
        self.placed = True
        return graph

    def part(self, name: str, function: Callable[..., Any]) -> Any:
        """To be called with a tool, a model's policy or a task; returns it, or its faulty version."""
        case = self.case
        if case is None or (case.spot or case.node) != name:
            return function
        if isinstance(case.how, Variant):
            if case.how.place != "part":
                return function
            self.placed = True
            return case.how.function
        self.placed = True
        faulty, self.injection = spoil(function, case.how, name=case.node)
        return faulty


@dataclass(frozen=True, kw_only=True)
class MatrixGraph:
    """A graph of the matrix.

    `build` returns the compiled graph with the patch put in. `turns` means that an input is a list of turns of one
    conversation. `asynchronous` runs it with `ainvoke`.
    """

    name: str
    part: Part
    description: str
    build: Callable[[Patch], Any]
    inputs: tuple[Healthy, ...]
    faults: tuple[FaultCase, ...]
    turns: bool = False
    asynchronous: bool = False
    config: Mapping[str, Any] = field(default_factory=dict)

    def input(self, name: str) -> Healthy:
        return next(item for item in self.inputs if item.name == name)

    def make(self, case: FaultCase | None = None) -> tuple[Any, Patch]:
        """The compiled graph, healthy or with one fault.

        Raises:
            InjectionFailed: The fault's place does not exist.
        """
        patch = Patch(case)
        app = self.build(patch)
        if not patch.placed:
            raise InjectionFailed(f"{case.id if case else self.name}: the graph never offered the place of this fault")
        return app, patch
