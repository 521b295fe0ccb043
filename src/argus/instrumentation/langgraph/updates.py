"""What a node returned, as an update by field, a choice of successors, and what was lost of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from langgraph.types import Command, Send

from argus.instrumentation.langgraph.nodes import NodeFacts
from argus.model.values import ROOT_FIELD
from argus.recording.run import UNSET

__all__ = ["Routing", "Update", "routing_of", "update_of"]

_BRANCH: Final = "branch:to:"
_SENDS: Final = "__pregel_tasks"
_END: Final = "__end__"
_NOTHING: Final[Mapping[str, Any]] = {}


class Update(NamedTuple):
    """A node's own update.

    Attributes:
        fields: By field, keys that are not declared included.
        dropped: The keys that LangGraph drops because no channel is declared for them.
        goto: The nodes that a ``Command`` names, ``Send`` targets included.
    """

    fields: Mapping[str, Any]
    dropped: Sequence[str] = ()
    goto: Sequence[str] = ()


class Routing(NamedTuple):
    """What really left a node.

    Attributes:
        writes: The fields that reached the state.
        branch: The nodes that its conditional edges chose.
    """

    writes: Sequence[str]
    branch: Sequence[str]


def update_of(returned: Any, writes: Iterable[tuple[str, Any]], node: NodeFacts) -> Update:
    """What a node returned, as an update.

    Args:
        returned: The raw value; ``UNSET`` when it was not seen.
        writes: What LangGraph made of it, by channel.
        node: The node.
    """
    if type(returned) is dict and not node.rooted:
        declared = node.declared
        if declared is None or returned.keys() <= declared:
            return Update(returned)
        return Update(returned, dropped=[key for key in returned if key not in declared])
    if returned is None:
        return Update(_NOTHING)
    if isinstance(returned, Send):
        return Update(_NOTHING, goto=(returned.node,))
    commands = [one for one in _items(returned) if isinstance(one, Command)]
    if commands or not node.rooted:
        pairs = list(_pairs(returned, commands))
        if pairs or commands:
            declared = node.declared
            fields = _grouped(pairs)
            return Update(
                fields,
                dropped=[key for key in fields if key not in declared] if declared is not None else (),
                goto=[target for command in commands for target in _targets(command.goto)],
            )
    written = [(channel, value) for channel, value in writes if channel in node.names]
    if written:
        return Update(_grouped(written))
    return Update(_NOTHING if returned is UNSET else {ROOT_FIELD: returned})


def _items(returned: Any) -> Sequence[Any]:
    return returned if isinstance(returned, list | tuple) else (returned,)


def _pairs(returned: Any, commands: list[Any]) -> Iterator[tuple[str, Any]]:
    """The updates in a returned mapping, command, or list of both."""
    for one in _items(returned) if commands else (returned,):
        update = one.update if isinstance(one, Command) else one
        if isinstance(update, Mapping):
            yield from update.items()
        elif isinstance(one, Command) and update is not None:
            # no other part of LangGraph knows all shapes that an update may have
            yield from one._update_as_tuples()


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """One value for each field; several updates of one field are joined, as lists are by most reducers."""
    fields: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for key, value in pairs:
        seen = counts.get(key, 0)
        counts[key] = seen + 1
        if not seen:
            fields[key] = value
        elif isinstance(value, list) and isinstance(fields[key], list):
            fields[key] = [*fields[key], *value]
        else:
            fields[key] = [*fields[key], value] if seen > 1 else [fields[key], value]
    return fields


def _targets(goto: Any) -> Iterator[str]:
    for one in (goto,) if isinstance(goto, str | Send) else goto or ():
        yield one.node if isinstance(one, Send) else one


def routing_of(writes: Iterable[tuple[str, Any]], node: NodeFacts, goto: Sequence[str]) -> Routing:
    """What really left a node.

    Args:
        writes: What LangGraph noted, by channel.
        node: The node.
        goto: What a ``Command`` chose; the rest was chosen by conditional edges.
    """
    names = node.names
    if not node.branches:
        return Routing([channel for channel, _ in writes if channel in names], ())
    fields: list[str] = []
    chosen: list[str] = []
    for channel, value in writes:
        if channel in names:
            fields.append(channel)
        elif channel == _SENDS:
            chosen.append(value.node)
        elif channel.startswith(_BRANCH):
            chosen.append(channel[len(_BRANCH) :])
    for target in goto:
        if target in chosen:
            chosen.remove(target)
    branch = [target for target in chosen if target not in node.fixed]
    if not branch and node.may_end and node.branches == 1:
        branch.append(_END)  # the end has no channel: choosing it writes nothing
    return Routing(fields, branch)
