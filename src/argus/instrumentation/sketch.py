"""The graph of a pipeline that has none: its nodes as they are declared, its edges as the user names them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from argus._internal.guard import Guard
from argus.model.graph import END, START, EdgeSpec, GraphSpec, NodeSpec

__all__ = ["sketch_graph", "sketch_node"]


def sketch_node(name: str, function: Callable[..., Any] | None = None) -> NodeSpec:
    """A node's declaration, with what its source tells if there is one.

    Args:
        name: The node's name.
        function: What runs in it.
    """
    if function is not None:
        with Guard("sketch.node"):
            from argus.dataflow.knowledge import knowledge_of
            from argus.dataflow.reads import read_source

            source = read_source(function)
            return NodeSpec(
                name=name,
                qualname=source.qualname,
                file=source.file,
                line=source.line,
                reads=source.reads,
                reads_complete=source.reads_complete,
                item_reads=source.item_reads,
                writes=source.writes,
                returns=source.returns,
                adds=source.adds,
                yields=source.yields,
                makes=source.makes,
                knows=knowledge_of(function),
                says=source.says,
            )
    return NodeSpec(name=name)


def sketch_graph(name: str, nodes: Mapping[str, NodeSpec], successors: Mapping[str, Iterable[str]] | None) -> GraphSpec:
    """The graph of a session.

    Its version depends on the declared edges alone: which nodes a run meets may differ from run to run.

    Args:
        name: The pipeline's name.
        nodes: Declared nodes by name.
        successors: The declared edges, or None when nothing is known about them.
    """
    edges = {source: tuple(dict.fromkeys(targets)) for source, targets in (successors or {}).items()}
    named = dict.fromkeys([*nodes, *edges, *(target for targets in edges.values() for target in targets)])
    stops = [node for node in named if node not in (START, END)]
    reached = {target for targets in edges.values() for target in targets}
    specs: list[EdgeSpec] = []
    if edges:
        specs += [EdgeSpec(source=START, target=node) for node in edges if node not in reached and node != START]
        specs += [
            EdgeSpec(source=source, target=target, conditional=len(targets) > 1)
            for source, targets in edges.items()
            for target in targets
        ]
        specs += [EdgeSpec(source=node, target=END) for node in stops if not edges.get(node)]
    shape = repr((name, sorted((source, sorted(targets)) for source, targets in edges.items())))
    return GraphSpec(
        name=name,
        version=hashlib.blake2b(shape.encode("utf-8", "backslashreplace"), digest_size=8).hexdigest(),
        nodes=tuple(nodes.get(node) or NodeSpec(name=node) for node in stops),
        edges=tuple(specs),
        closed=False,
    )
