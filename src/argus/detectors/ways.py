"""The ways through a graph: which edges lead to a node, and which nodes no way goes around."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from argus.detectors.base import DetectorContext
from argus.model.graph import END, START, GraphSpec

__all__ = ["Ways"]

_LARGEST = 500
"""Nodes up to which unavoidable ones are worked out."""


class Ways:
    """Looks at the edges of a graph; immutable.

    Args:
        graph: The graph.
        more: Edges seen in a run that a ``Command`` took without declaring them.
    """

    def __init__(self, graph: GraphSpec, more: Iterable[tuple[str, str]] = ()) -> None:
        self.plain = {(edge.source, edge.target) for edge in graph.edges if not edge.conditional}
        self.sources: dict[str, set[str]] = {}
        self.targets: dict[str, set[str]] = {}
        for source, target in [*((edge.source, edge.target) for edge in graph.edges), *more]:
            self.sources.setdefault(target, set()).add(source)
            self.targets.setdefault(source, set()).add(target)

    def leads(self, source: str, target: str) -> bool:
        """Whether an edge leads from one node to another."""
        return target in self.targets.get(source, ())

    def only_way_on(self, node: str) -> str | None:
        """The only node that an edge leads to from this one, if no choice is involved; None otherwise."""
        targets = self.targets.get(node, set())
        only = next(iter(targets)) if len(targets) == 1 else None
        return only if only is not None and only != END and (node, only) in self.plain else None

    @classmethod
    def of(cls, graph: GraphSpec, context: DetectorContext, more: Iterable[tuple[str, str]] = ()) -> Ways:
        """The ways of a graph, worked out once in a run.

        Args:
            graph: The graph.
            context: Its memo holds them.
            more: See the class.
        """
        known: dict[tuple[int, frozenset[tuple[str, str]]], Ways] = context.memo.setdefault("ways", {})
        key = (id(graph), frozenset(more))
        if key not in known:
            known[key] = cls(graph, key[1])
        return known[key]

    @cached_property
    def unavoidable(self) -> Mapping[str, frozenset[str]]:
        """By node, the nodes on every way from the start to it; empty for graphs too large to tell."""
        reached = self._reached()
        if len(reached) > _LARGEST:
            return {}
        every = frozenset(reached)
        found: dict[str, frozenset[str]] = dict.fromkeys(reached, every)
        found[START] = frozenset({START})
        changed = True
        while changed:
            changed = False
            for node in reached:
                if node == START:
                    continue
                ways = [found[source] for source in self.sources.get(node, ()) if source in found]
                held = frozenset.intersection(*ways) | {node} if ways else frozenset({node})
                if held != found[node]:
                    found[node], changed = held, True
        return {node: held - {node, START} for node, held in found.items()}

    def _reached(self) -> list[str]:
        seen: dict[str, None] = {START: None}
        waiting = [START]
        while waiting:
            for target in sorted(self.targets.get(waiting.pop(), ())):
                if target not in seen:
                    seen[target] = None
                    waiting.append(target)
        return list(seen)
