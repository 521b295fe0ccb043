"""What is known of a node before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from langgraph.channels.base import BaseChannel

from argus.model.values import ROOT_FIELD

__all__ = ["NodeFacts", "facts_of_nodes"]

_END = "__end__"
_OWN_CHANNELS = ("__start__", "__end__", "__previous__", "__pregel_tasks")
_WIRING = ("branch:to:", "join:")


class NodeFacts(NamedTuple):
    """What the task hook needs to know of a node.

    Attributes:
        name: The node.
        given: The fields it is handed; None when that is the whole state.
        names: The graph's state fields that are kept in channels.
        rooted: Whether the state is a single value instead of fields.
        declared: Keys that an update may hold; None when every key is kept.
        fixed: Nodes that follow it by a plain edge.
        branches: How many conditional edges leave it.
        may_end: Whether a conditional edge may lead to the end.
        functional: Whether it is the body of an ``@entrypoint``.
    """

    name: str
    given: tuple[str, ...] | None
    names: tuple[str, ...]
    rooted: bool
    declared: frozenset[str] | None
    fixed: frozenset[str]
    branches: int
    may_end: bool
    functional: bool


def facts_of_nodes(graph: Any) -> Iterator[NodeFacts]:
    """The facts of each node of a compiled graph, its entry aside.

    Args:
        graph: A compiled graph.
    """
    builder = getattr(graph, "builder", None)
    names = tuple(
        name
        for name, channel in graph.channels.items()
        if isinstance(channel, BaseChannel) and name not in _OWN_CHANNELS and not name.startswith(_WIRING)
    )
    functional = "__previous__" in graph.channels and builder is None
    declared = frozenset((*builder.channels, *builder.managed)) if builder is not None else None
    for name, node in graph.nodes.items():
        if name == "__start__":
            continue
        channels = (node.channels,) if isinstance(node.channels, str) else tuple(node.channels)
        branches = tuple(builder.branches.get(name, {}).values()) if builder is not None else ()
        yield NodeFacts(
            name=name,
            given=channels if set(channels) != (declared if declared is not None else set(names)) else None,
            names=() if functional else names,
            rooted=ROOT_FIELD in names,
            declared=declared,
            fixed=frozenset(_plain_targets(builder, name)),
            branches=len(branches),
            may_end=any(branch.ends is None or _END in branch.ends.values() for branch in branches),
            functional=functional,
        )


def _plain_targets(builder: Any, name: str) -> Iterator[str]:
    if builder is not None:
        yield from (end for start, end in builder.edges if start == name)
