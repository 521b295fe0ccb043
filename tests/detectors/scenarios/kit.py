"""What scenarios are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import msgspec

from argus.instrumentation.langgraph.types import describe_fields
from argus.model.graph import END, START, EdgeSpec, FieldRead, FieldSpec, GraphSpec, NodeSpec, TypeSpec
from argus.model.judgement import Verdict
from argus.model.trace import Trace
from argus.testing.builders import build_trace, ran

__all__ = [
    "SCENARIOS",
    "Scenario",
    "build_trace",
    "earlier",
    "fires",
    "graph",
    "node",
    "ran",
    "silent",
    "state",
    "typed",
]


@dataclass(frozen=True)
class Scenario:
    """One run that a detector must or must not speak about.

    Attributes:
        layer: Its layer's folder.
        slug: The detector's folder.
        name: The file's name.
        about: What makes the run faulty or only seem so.
        trace: The run.
        expected: One line per finding: code, severity, node and step number, field.
        history: By metric and node, what earlier runs measured, newest first.
        habits: What earlier runs have in common, as :class:`~argus.model.habits.RunHabits` takes it.
        earlier: Healthy runs that came before, oldest first; what they measured and have shown is learned from them.
        settings: Changes to the ``detection`` section.
        validators: By target, the name of a check in ``test_detector_fixtures.py``.
        verdict: What a judge said of the run.
    """

    layer: str
    slug: str
    name: str
    about: str
    trace: Trace
    expected: tuple[str, ...] = ()
    history: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    habits: dict[str, Any] = field(default_factory=dict)
    earlier: tuple[Trace, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    validators: dict[str, str] = field(default_factory=dict)
    verdict: Verdict | None = None


SCENARIOS: list[Scenario] = []


def fires(where: str, name: str, about: str, trace: Trace, *expected: str, **more: Any) -> None:
    """A run in which the detector finds something.

    Args:
        where: Layer and slug, ``structural/missing_field``.
        name: The file's name.
        about: What is wrong.
        trace: The run.
        *expected: The findings, ``STR401 critical rank#2 documents``.
        **more: ``history``, ``habits``, ``earlier``, ``settings``, ``validators``.
    """
    assert expected, name
    layer, slug = where.split("/")
    SCENARIOS.append(Scenario(layer, slug, name, about, trace, expected, **more))


def silent(where: str, name: str, about: str, trace: Trace, **more: Any) -> None:
    """A run in which the detector finds nothing; the arguments are those of :func:`fires`."""
    layer, slug = where.split("/")
    SCENARIOS.append(Scenario(layer, slug, name, about, trace, **more))


def earlier(*runs: Trace) -> tuple[Trace, ...]:
    """Healthy runs that came one after another.

    Args:
        *runs: Oldest first.
    """
    return tuple(msgspec.structs.replace(run, id=f"{number:016x}") for number, run in enumerate(runs, start=0xE0))


def node(name: str, reads: str = "", writes: str | None = None, **more: Any) -> NodeSpec:
    """A node's declaration.

    Args:
        name: Its name.
        reads: Paths; ``query docs?`` subscripts one and asks for the other with a default.
        writes: Keys.
        **more: Anything else; ``returns=["a b", ""]`` names the ways to return.
    """
    places = tuple(
        FieldRead(path=path.rstrip("?"), required=not path.endswith("?"), line=line)
        for line, path in enumerate(reads.split(), start=10)
    )
    if "returns" in more:
        more["returns"] = tuple(tuple(way.split()) for way in more["returns"])
    return NodeSpec(name=name, reads=places, writes=tuple(writes.split()) if writes is not None else None, **more)


_TYPES = {
    "str": TypeSpec(kind="str", name="str"),
    "int": TypeSpec(kind="int", name="int"),
    "float": TypeSpec(kind="float", name="float"),
    "bool": TypeSpec(kind="bool", name="bool"),
    "list": TypeSpec(kind="list", name="list"),
    "dict": TypeSpec(kind="dict", name="dict"),
    "any": TypeSpec(kind="any", name="Any"),
}


def state(declared: str) -> tuple[FieldSpec, ...]:
    """Declared fields.

    Args:
        declared: ``query:str docs:list+ note:str?``; ``?`` allows None, ``+`` adds up with a reducer.
    """
    fields = []
    for part in declared.split():
        name, _, kind = part.partition(":")
        fields.append(
            FieldSpec(
                name=name,
                type=_TYPES[kind.rstrip("?+")],
                nullable=kind.endswith("?"),
                reducer="operator.add" if kind.endswith("+") else None,
            )
        )
    return tuple(fields)


def typed(schema: type, **reducers: str) -> tuple[FieldSpec, ...]:
    """The fields of a state class, as they are declared in Python.

    Args:
        schema: A TypedDict, dataclass or model.
        **reducers: By field, the name of its reducer.
    """
    fields = describe_fields(schema) or ()
    return tuple(msgspec.structs.replace(one, reducer=reducers.get(one.name)) for one in fields)


def graph(
    declared: str | tuple[FieldSpec, ...],
    *nodes: NodeSpec,
    branches: Mapping[str, Sequence[str]] | None = None,
    **more: Any,
) -> GraphSpec:
    """A chain of nodes, or another shape where ``edges`` are given.

    Args:
        declared: The state, see :func:`state` and :func:`typed`.
        *nodes: In order.
        branches: Conditional edges: a node, optionally with what its branch reads (``"judge(score)"``), to targets.
        **more: Anything else of a :class:`~argus.model.graph.GraphSpec`.
    """
    stops = [START, *(one.name for one in nodes), END]
    forks = []
    for source, targets in (branches or {}).items():
        name, _, reads = source.rstrip(")").partition("(")
        read = tuple(FieldRead(path=path, required=True) for path in reads.split()) if reads else None
        forks += [EdgeSpec(source=name, target=target, conditional=True, reads=read) for target in targets]
    forked = {edge.source for edge in forks}
    plain = [EdgeSpec(source=a, target=b) for a, b in pairwise(stops) if a not in forked]
    parts: dict[str, Any] = {"name": "pipeline", "version": "v1", "nodes": nodes, "edges": (*plain, *forks), **more}
    return GraphSpec(state=state(declared) if isinstance(declared, str) else declared, **parts)
