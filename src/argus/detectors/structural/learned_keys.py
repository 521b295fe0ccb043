"""Which keys of updates and of objects within them were always there, and which of them a step left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from argus.detectors.blanks import is_blank
from argus.detectors.run_index import RunIndex
from argus.detectors.structural.learned_values import ENOUGH
from argus.detectors.wording import explains, may_be_empty, owns_up, texts_in
from argus.learning.walking import type_word, visits
from argus.model.profile import FieldProfile, NodeProfile
from argus.model.trace import TraceStep
from argus.model.values import MARK, ROOT_FIELD, JsonValue, State

__all__ = ["Gap", "LearnedKeys", "is_missed", "new_fields"]

_INSIDE: Final = f"{ROOT_FIELD}."
_BOOKKEEPING: Final = frozenset({"usage_metadata", "response_metadata", "additional_kwargs"})


class Gap(NamedTuple):
    """A key that is not there.

    Attributes:
        where: Its own path, such as ``items.3.id``.
        runs: In how many earlier runs it was always there.
        others: Further keys that the same object lacks.
    """

    where: str
    runs: int
    others: tuple[str, ...] = ()


class LearnedKeys:
    """The keys that one node's updates always had.

    Args:
        node: What healthy runs have shown of it.
    """

    def __init__(self, node: NodeProfile) -> None:
        opened = {path.removeprefix(_INSIDE): field for path, field in node.fields.items()}
        self._fields = {**opened, **node.fields}
        self._always: dict[str, list[tuple[str, FieldProfile]]] = {}
        self._seen: dict[str, set[str]] = {}
        for path, field in node.fields.items():
            whole, _, key = path.rpartition(".")
            if path.endswith("[]"):
                continue
            often = field.runs >= ENOUGH and node.is_always_present(path) and node.opportunities(path) >= ENOUGH
            for head in {whole, whole.removeprefix(_INSIDE)}:
                self._seen.setdefault(head, set()).add(key)
                if often:
                    self._always.setdefault(head, []).append((key, field))

    def field(self, path: str) -> FieldProfile | None:
        """What is known of a path, also where a state is one dict that detectors look at field by field.

        Args:
            path: Such as ``items[].id``.
        """
        return self._fields.get(path)

    def gaps(self, step: TraceStep, index: RunIndex) -> Iterator[Gap]:
        """The keys that a step left out.

        Args:
            step: One that ended well and returned something.
            index: The run.
        """
        if "" in self._always and not _is_told_elsewhere(step, index):
            yield from self._fields_missing(step, index)
        for visit in visits(new_fields(step)):
            value = visit.value
            if isinstance(value, dict) and value and MARK not in value and self._is_known(visit.path):
                missing = list(self._missing(visit.path, f"{visit.where}.", value))
                if missing:
                    others = tuple(gap.where.rpartition(".")[2] for gap in missing[1:])
                    yield missing[0]._replace(others=others)

    def _fields_missing(self, step: TraceStep, index: RunIndex) -> Iterator[Gap]:
        """The fields that an update lacks; of one that the source provides for only those that somebody needs."""
        spec = index.node(step)
        is_meant = spec is not None and spec.returns is not None
        if is_meant and not (step.output_state.keys() <= self._seen[""] and _says_nothing(step)):
            return
        for gap in self._missing("", "", step.output_state):
            if gap.where == ROOT_FIELD and step.output_state:
                continue  # the state is one dict that is looked at field by field
            if not is_meant or is_missed(step, gap.where, index):
                yield gap

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


def is_missed(step: TraceStep, field: str, index: RunIndex) -> bool:
    """Whether a later step or the caller needs a field and has nothing in it because a step did not return it.

    Args:
        step: The step.
        field: The field.
        index: The run.
    """
    if field == ROOT_FIELD or may_be_empty(field):
        return False
    reader = next(index.readers_after(step, field), None)
    if reader is not None:
        return reader.read.required and is_blank(reader.step.input_state.get(field))
    spec, output = index.fields(step).get(field), index.trace.output
    is_owed = spec is not None and spec.required and not spec.nullable and spec.type.kind != "any"
    return is_owed and index.is_due(field) and isinstance(output, dict) and is_blank(output.get(field))


def _says_nothing(step: TraceStep) -> bool:
    """Whether an update gives no reason why something is not in it."""
    texts = [text for value in step.output_state.values() for text in texts_in(value)]
    return not owns_up(texts) and not any(explains(name, value) for name, value in step.output_state.items())


def _is_told_elsewhere(step: TraceStep, index: RunIndex) -> bool:
    """Whether another detector has a closer look at what a step returned, or its keys are not those of its update."""
    spec = index.node(step)
    if ROOT_FIELD in step.output_state or spec is None:
        return True
    if spec.returns is not None and frozenset(step.output_state) not in map(frozenset, spec.returns):
        return True
    graph, fields = index.graph(step), index.fields(step)
    return graph is not None and graph.closed and any(name not in fields for name in step.output_state)


def _is_same(one: JsonValue, other: JsonValue) -> bool:
    try:
        return bool(one is other or (type(one) is type(other) and one == other))
    except RecursionError:
        return False
