"""Loops: which steps bring nothing that the loop did not have before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from argus.detectors.run_index import RunIndex
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, State

__all__ = ["Stretch", "has_content", "same_but_counters", "stretches"]

_WORDY: Final = 12
"""Characters from which a text says something; shorter ones are labels."""


@dataclass(frozen=True)
class Stretch:
    """A row of steps in which nothing new came up.

    Attributes:
        steps: In order.
        visits: By node, its steps of the row; those of one moment count once.
        last: Whether no node of the row came up with anything new later on.
    """

    steps: tuple[TraceStep, ...]
    visits: dict[str, list[TraceStep]]
    last: bool


def stretches(steps: Sequence[TraceStep], index: RunIndex, period: int) -> Iterator[Stretch]:
    """The rows of steps that only repeat what their nodes had returned some visits before.

    Args:
        steps: Of one scope, in order.
        index: The run.
        period: 1 compares with the visit before; 2 also with the one before that.
    """
    before: dict[str, list[TraceStep]] = {}
    rows: list[list[TraceStep]] = []
    newest: dict[str, int] = {}
    open_row: list[TraceStep] = []
    for place, step in enumerate(steps):
        if step.outcome not in ("ok", "cached") or step.id in index.superseded:
            continue
        earlier = before.setdefault(step.node_name, [])
        if any(_repeats(step, one) for one in earlier):
            open_row.append(step)
        else:
            newest[step.node_name] = place
            if open_row:
                rows.append(open_row)
                open_row = []
        earlier.append(step)
        del earlier[:-period]
    if open_row:
        rows.append(open_row)
    ends = {step.id: place for place, step in enumerate(steps)}
    for row in rows:
        visits: dict[str, list[TraceStep]] = {}
        for step in row:
            held = visits.setdefault(step.node_name, [])
            if not held or index.moment(held[-1]) != index.moment(step):
                held.append(step)
        end = ends[row[-1].id]
        yield Stretch(tuple(row), visits, all(newest[node] < end for node in visits))


def has_content(update: State) -> bool:
    """Whether an update has more in it than numbers, flags and labels."""
    return any(_is_content(value) for value in update.values())


def same_but_counters(one: State, other: State) -> bool:
    """Whether two updates are equal, whole numbers that moved by one or two aside.

    Args:
        one: An update.
        other: Another one.
    """
    if one is other:
        return True
    if one.keys() != other.keys():
        return False
    return all(_same(value, other[name]) or _counts(value, other[name]) for name, value in one.items())


def _repeats(step: TraceStep, earlier: TraceStep) -> bool:
    if not same_but_counters(step.output_state, earlier.output_state):
        return False
    called_with_its_own = step.metadata.get("kind") == "push" or "superstep" not in step.metadata
    return not called_with_its_own or _same(step.input_state, earlier.input_state)


def _same(one: JsonValue, other: JsonValue) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and "content" in one and ("type" in one or "role" in one):
        return _bare(one) == _bare(other)
    if isinstance(one, list) and len(one) == len(other) and len(one) <= 4:  # new messages differ by their ids alone
        return all(_same(mine, theirs) for mine, theirs in zip(one, other, strict=True))
    return bool(one == other)


def _bare(message: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A message without what is new each time it is sent."""
    kept = {name: message.get(name) for name in ("type", "role", "content", "name", "status")}
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        kept["tool_calls"] = [(one.get("name"), one.get("args")) if isinstance(one, dict) else one for one in calls]
    return kept


def _counts(one: JsonValue, other: JsonValue) -> bool:
    return type(one) is int and type(other) is int and abs(one - other) <= 2


def _is_content(value: JsonValue) -> bool:
    if isinstance(value, str):
        return len(value) >= _WORDY
    return isinstance(value, list | dict) and bool(value)
