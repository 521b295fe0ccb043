"""Which keys of updates and of objects within them were always there, and which of them a step left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from argus.detectors.run_index import RunIndex
from argus.detectors.structural.learned_values import ENOUGH
from argus.learning.walking import type_word, visits
from argus.model.profile import FieldProfile, NodeProfile
from argus.model.trace import TraceStep
from argus.model.values import MARK, ROOT_FIELD, JsonValue, State

__all__ = ["Gap", "LearnedKeys", "new_fields"]

_BOOKKEEPING: Final = frozenset({"usage_metadata", "response_metadata", "additional_kwargs"})


class Gap(NamedTuple):
    """A key that is not there.

    Attributes:
        where: Its own path, such as ``items.3.id``.
        runs: In how many earlier runs it was always there.
    """

    where: str
    runs: int


class LearnedKeys:
    """The keys that one node's updates always had.

    Args:
        node: What healthy runs have shown of it.
    """

    def __init__(self, node: NodeProfile) -> None:
        self._always: dict[str, list[tuple[str, FieldProfile]]] = {}
        self._seen: dict[str, set[str]] = {}
        for path, field in node.fields.items():
            head, _, key = path.rpartition(".")
            if path.endswith("[]"):
                continue
            self._seen.setdefault(head, set()).add(key)
            if field.runs >= ENOUGH and node.is_always_present(path) and node.opportunities(path) >= ENOUGH:
                self._always.setdefault(head, []).append((key, field))

    def gaps(self, step: TraceStep, index: RunIndex) -> Iterator[Gap]:
        """The keys that a step left out.

        Args:
            step: One that ended well and returned something.
            index: The run.
        """
        if "" in self._always and not _may_leave_out(step, index):
            yield from self._missing("", "", step.output_state)
        for visit in visits(new_fields(step)):
            value = visit.value
            if isinstance(value, dict) and value and MARK not in value and self._is_known(visit.path):
                yield from self._missing(visit.path, f"{visit.where}.", value)

    def _is_known(self, path: str) -> bool:
        return path in self._always and _BOOKKEEPING.isdisjoint(path.split("."))

    def _missing(self, path: str, prefix: str, record: dict[str, JsonValue]) -> Iterator[Gap]:
        missing = [(key, field) for key, field in self._always[path] if key not in record]
        new = [key for key in record if key not in self._seen[path]]
        if missing and not new:
            yield from (Gap(prefix + key, field.runs) for key, field in missing)
        elif len(missing) == len(new) == 1 and type_word(record[new[0]]) in missing[0][1].types:
            yield Gap(prefix + missing[0][0], missing[0][1].runs)


def new_fields(step: TraceStep) -> State:
    """The fields of a step's update that are not just what it was given.

    Args:
        step: Any step.
    """
    given = step.input_state
    return {
        name: value
        for name, value in step.output_state.items()
        if name not in given or not _is_same(given[name], value)
    }


def _may_leave_out(step: TraceStep, index: RunIndex) -> bool:
    """Whether a step may return other keys than usual, or another detector has a closer look at those it returned."""
    spec = index.node(step)
    if ROOT_FIELD in step.output_state or not index.is_leaf(step) or spec is None or spec.returns is not None:
        return True
    graph = index.graph(step)
    fields = index.fields(step)
    return graph is not None and graph.closed and any(name not in fields for name in step.output_state)


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    try:
        return bool(one is other or (type(one) is type(other) and one == other))
    except RecursionError:
        return False
