"""The shape of a graph as data: nodes, edges, state."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from langgraph.channels.base import BaseChannel
from langgraph.channels.binop import BinaryOperatorAggregate
from langgraph.channels.last_value import LastValue
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel

from argus._internal.guard import Guard
from argus.dataflow.knowledge import knowledge_of
from argus.dataflow.reads import SourceReads, read_source
from argus.instrumentation.langgraph.edges import declared_decisions, declared_edges, wired_edges
from argus.instrumentation.langgraph.task_specs import task_specs
from argus.instrumentation.langgraph.types import describe_fields, describe_type
from argus.model.graph import START, DecisionSpec, EdgeSpec, FieldSpec, GraphSpec, NodeSpec, TypeSpec
from argus.model.knowledge import SourceKnowledge

__all__ = ["graph_spec"]

_RESERVED = ("__start__", "__end__", "__previous__", "__pregel_tasks")
_DEFAULT_NAME = "LangGraph"

_guard = Guard("instrumentation.spec")


def graph_spec(graph: Any) -> GraphSpec:
    """The shape of a graph.

    Args:
        graph: A ``StateGraph`` or a compiled graph.

    Returns:
        Its nodes with source and schemas, its edges and its state, subgraphs included.
    """
    return _spec(graph, ())


def _spec(graph: Any, outer: tuple[int, ...]) -> GraphSpec:
    builder = graph if isinstance(graph, StateGraph) else getattr(graph, "builder", None)
    if isinstance(builder, StateGraph):
        return _of_builder(builder, graph, (*outer, id(graph)))
    return _of_pregel(graph, (*outer, id(graph)))


def _of_builder(builder: Any, graph: Any, outer: tuple[int, ...]) -> GraphSpec:
    compiled = getattr(graph, "nodes", {}) if graph is not builder else {}
    state = _state_fields(builder)
    nodes = tuple(_node(name, node, compiled.get(name), builder, outer) for name, node in builder.nodes.items())
    return _versioned(
        name=getattr(graph, "name", None) or _DEFAULT_NAME,
        nodes=nodes,
        edges=tuple(declared_edges(builder)),
        decisions=tuple(declared_decisions(builder)),
        state=state,
        input=_schema_fields(builder, builder.input_schema),
        output=_schema_fields(builder, builder.output_schema),
        closed=True,
    )


def _of_pregel(graph: Any, outer: tuple[int, ...]) -> GraphSpec:
    nodes = {name: node for name, node in graph.nodes.items() if name != START}
    name = graph.name if graph.name != _DEFAULT_NAME or len(nodes) != 1 else next(iter(nodes))
    functional = "__previous__" in graph.channels
    return _versioned(
        name=name,
        nodes=tuple(_pregel_node(name, node, outer, functional=functional) for name, node in nodes.items()),
        edges=tuple(wired_edges(graph)),
        state=() if functional else tuple(_channel_fields(graph)),
        input=None,
        output=None,
        closed=not functional,
    )


def _state_fields(builder: Any) -> tuple[FieldSpec, ...]:
    """The fields of all schemas together, in order of declaration, as LangGraph keeps them."""
    found: dict[str, FieldSpec] = {}
    for schema in (builder.state_schema, *builder.schemas):
        for field in describe_fields(schema) or ():
            found.setdefault(field.name, field)
    if not found and "__root__" in builder.channels:
        root = describe_type(builder.state_schema)
        found["__root__"] = FieldSpec(name="__root__", type=root, nullable=root.kind == "any")
    return tuple(
        msgspec.structs.replace(
            field, reducer=_reducer(builder.channels.get(name)), required=field.required and name not in builder.managed
        )
        for name, field in found.items()
        if name in builder.channels or name in builder.managed
    )


def _schema_fields(builder: Any, schema: Any) -> tuple[FieldSpec, ...] | None:
    if schema is builder.state_schema:
        return None
    fields = describe_fields(schema)
    if fields is None:
        return None
    return tuple(msgspec.structs.replace(field, reducer=_reducer(builder.channels.get(field.name))) for field in fields)


def _channel_fields(graph: Any) -> Iterator[FieldSpec]:
    for name, channel in graph.channels.items():
        if isinstance(channel, BaseChannel) and name not in _RESERVED:
            spec = describe_type(getattr(channel, "ValueType", Any))
            yield FieldSpec(name=name, type=spec, required=False, nullable=True, reducer=_reducer(channel))


def _reducer(channel: Any) -> str | None:
    if channel is None or isinstance(channel, LastValue):
        return None
    if isinstance(channel, BinaryOperatorAggregate):
        return _name_of(channel.operator)
    reducer = getattr(channel, "reducer", None)
    return _name_of(reducer) if callable(reducer) else type(channel).__name__


def _name_of(function: Any) -> str:
    while isinstance(function, functools.partial):
        function = function.func
    name: str = getattr(function, "__name__", None) or type(function).__name__
    return f"operator.{name}" if getattr(function, "__module__", "") in ("_operator", "operator") else name.lstrip("_")


def _node(name: str, node: Any, attached: Any, builder: Any, outer: tuple[int, ...]) -> NodeSpec:
    source = _source_of(node.runnable)
    return NodeSpec(
        name=name,
        kind=_kind(node.runnable, bool(getattr(node, "is_error_handler", False))),
        qualname=source.qualname,
        file=source.file,
        line=source.line,
        input=_schema_fields(builder, node.input_schema),
        reads=source.reads,
        reads_complete=source.reads_complete,
        item_reads=source.item_reads,
        writes=source.writes,
        returns=source.returns,
        adds=source.adds,
        yields=source.yields,
        makes=source.makes,
        knows=_known_to(node.runnable),
        says=source.says,
        deferred=node.defer,
        retries=_attempts(node.retry_policy),
        subgraph=_subgraph(node.runnable, attached, outer),
    )


def _pregel_node(name: str, node: Any, outer: tuple[int, ...], *, functional: bool) -> NodeSpec:
    source = _source_of(node.bound)
    return NodeSpec(
        name=name,
        kind=_kind(node.bound, bool(getattr(node, "is_error_handler", False))),
        qualname=source.qualname,
        file=source.file,
        line=source.line,
        knows=_known_to(node.bound),
        says=source.says,
        retries=_attempts(node.retry_policy),
        subgraph=_tasks(name, node.bound) if functional else _subgraph(node.bound, node, outer),
    )


def _tasks(name: str, runnable: Any) -> GraphSpec | None:
    """The tasks inside an entrypoint, as a graph without edges."""
    with _guard:
        tasks = task_specs(getattr(runnable, "func", None) or getattr(runnable, "afunc", None) or runnable)
        return GraphSpec(name=name, version="", nodes=tasks, closed=False) if tasks else None
    return None


def _source_of(runnable: Any) -> SourceReads:
    """What runs first in a node; subgraphs and chains have no function of their own."""
    function = _function_of(runnable)
    if function is not None:
        with _guard:
            return read_source(function)
    return SourceReads()


def _known_to(runnable: Any) -> SourceKnowledge | None:
    function = _function_of(runnable)
    return None if function is None else knowledge_of(function)


def _function_of(runnable: Any) -> Any:
    if isinstance(runnable, Pregel) or getattr(runnable, "steps", None):
        return None
    return getattr(runnable, "func", None) or getattr(runnable, "afunc", None) or runnable


def _kind(runnable: Any, is_error_handler: bool) -> Any:
    if is_error_handler:
        return "error_handler"
    if isinstance(runnable, Pregel):
        return "subgraph"
    return "tools" if any(cls.__name__ == "ToolNode" for cls in type(runnable).__mro__) else "node"


def _attempts(policy: Any) -> int:
    policies: Iterable[Any] = (policy,) if hasattr(policy, "max_attempts") else policy or ()
    return max((one.max_attempts for one in policies), default=1)


def _subgraph(runnable: Any, attached: Any, outer: tuple[int, ...]) -> GraphSpec | None:
    if isinstance(runnable, Pregel):
        inner: Any = runnable
    elif attached is not None:
        inner = next(iter(attached.subgraphs), None)
    else:
        return None
    if not isinstance(inner, Pregel) or id(inner) in outer:
        return None
    return _spec(inner, outer)


def _versioned(
    *, name: str, nodes: tuple[NodeSpec, ...], edges: tuple[EdgeSpec, ...], state: tuple[FieldSpec, ...],
    input: tuple[FieldSpec, ...] | None, output: tuple[FieldSpec, ...] | None, closed: bool,
    decisions: tuple[DecisionSpec, ...] = (),
) -> GraphSpec:  # fmt: skip
    topology = [
        [[n.name, n.kind, n.deferred, n.subgraph.version if n.subgraph else None, _shapes(n.input)] for n in nodes],
        sorted([e.source, e.target, e.conditional] for e in edges),
        _shapes(state),
        _shapes(input),
        _shapes(output),
    ]
    digest = hashlib.blake2b(msgspec.json.encode(topology), digest_size=8).hexdigest()
    return GraphSpec(
        name=name,
        version=digest,
        nodes=nodes,
        edges=edges,
        decisions=decisions,
        state=state,
        input=input,
        output=output,
        closed=closed,
    )


def _shapes(fields: tuple[FieldSpec, ...] | None) -> Any:
    if fields is None:
        return None
    return [[f.name, f.required, f.nullable, f.reducer, _shape(f.type)] for f in fields]


def _shape(spec: TypeSpec) -> Any:
    """The type without what may differ between two processes or places of the same source."""
    return [
        spec.kind,
        spec.name if spec.kind == "opaque" else "",
        [_shape(arg) for arg in spec.args],
        _shapes(spec.fields),
        [repr(value) for value in spec.values],
        spec.variadic,
        spec.total,
    ]
