"""What has changed in a graph since a run was recorded, and what that means for a replay."""

from __future__ import annotations

from argus.model.graph import GraphSpec

__all__ = ["graph_changes"]


def graph_changes(recorded: GraphSpec | None, loaded: GraphSpec) -> tuple[str, ...]:
    """Sentences on the differences; none when there are none, or when the recorded graph is not known.

    Source code does not count: to run changed code is what a replay is for.

    Args:
        recorded: The graph of the recorded run.
        loaded: The graph that is loaded now.
    """
    if recorded is None or recorded.version == loaded.version:
        return ()
    before, after = _nodes(recorded), _nodes(loaded)
    told = []
    gone, new = [name for name in before if name not in after], [name for name in after if name not in before]
    if gone:
        told.append(f"{_listed(gone)} of the recorded run {_are(gone)} not in the graph any more")
    if new:
        told.append(f"{_listed(new)} {_are(new)} new in the graph")
    edges_before = {(edge.source, edge.target) for edge in recorded.edges}
    edges_after = {(edge.source, edge.target) for edge in loaded.edges}
    moved = sorted({source for source, _ in edges_before ^ edges_after} - set(gone) - set(new))
    if moved:
        told.append(f"the edges that leave {_listed(moved)} have changed")
    fields = [
        name
        for name in dict.fromkeys(one.name for one in (*recorded.state, *loaded.state))
        if recorded.field(name) != loaded.field(name)
    ]
    if fields:
        told.append(f"the declared {'field' if len(fields) == 1 else 'fields'} {_listed(fields)} changed")
    meaning = "steps that are served come from the old graph, steps that run from the new one"
    what = "; ".join(told) or "its shape is another"
    return (f"The graph has changed since the run was recorded: {what}; {meaning}.",)


def _nodes(graph: GraphSpec, outer: str = "") -> list[str]:
    names = []
    for node in graph.nodes:
        names.append(f"{outer}{node.name}")
        if node.subgraph is not None:
            names += _nodes(node.subgraph, f"{outer}{node.name}/")
    return names


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
