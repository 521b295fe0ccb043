"""What the steps of a run returned, value by value, under the paths by which profiles know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from argus.detectors.base import DetectorContext
from argus.learning.executions import places_of
from argus.learning.walking import Visit, visits, whole_items
from argus.model.profile import FieldProfile
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue, State, cut_of, is_redacted

__all__ = ["Reading", "readings_of"]

_BOOKKEEPING: Final = frozenset({"usage_metadata", "response_metadata", "additional_kwargs"})
"""Parts of a message in which a model's provider counts and names things; STA103 looks at tokens."""


class Reading(NamedTuple):
    """A number, a text or a list that a step returned and had not been given.

    Attributes:
        step: The step.
        place: Its node's place, as in :class:`argus.model.profile.NodeProfile`.
        path: The path by which a profile knows it, ``lines[].price``.
        spot: Where exactly it stands, ``lines.0.price``.
        value: The value.
        size: Characters of a text or items of a list, before anything was cut; 1 for a number.
        known: What healthy runs have shown of it, or None.
    """

    step: TraceStep
    place: str
    path: str
    spot: str
    value: JsonValue
    size: int
    known: FieldProfile | None


def readings_of(trace: Trace, context: DetectorContext) -> Sequence[Reading]:
    """The readings of a run, shared by its detectors; linear in the run, and 4,000 values of each step at most.

    Args:
        trace: The run.
        context: Its history says what is known; its memo holds the readings.
    """
    found = context.memo.get("readings")
    if found is None:
        found = context.memo["readings"] = list(_read(trace, context))
    readings: Sequence[Reading] = found
    return readings


def _read(trace: Trace, context: DetectorContext) -> Iterator[Reading]:
    profile = context.history.profile() if context.history is not None else None
    places = places_of(trace)
    for step in trace.steps:
        if step.outcome not in ("ok", "cached") or not step.output_state:
            continue
        place = places[step.id]
        node = profile.node(place) if profile is not None else None
        fields: Mapping[str, FieldProfile] = node.fields if node is not None else {}
        for visit, size in _sized(step.output_state, step.input_state):
            yield Reading(step, place, visit.path, visit.where, visit.value, size, fields.get(visit.path))


def _sized(update: State, given: State) -> Iterator[tuple[Visit, int]]:
    """The numbers, texts and lists of an update that were not handed on, and how large they are."""
    new = {name: value for name, value in update.items() if name not in given or not _is_same(given[name], value)}
    for visit in visits(new):
        value = visit.value
        if not _BOOKKEEPING.isdisjoint(visit.path.split(".")):
            continue
        if isinstance(value, str):
            if not is_redacted(value):
                cut = cut_of(value)
                yield visit, cut.length if cut else len(value)
        elif isinstance(value, (list, tuple)):
            yield visit, whole_items(value)[1]
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield visit, 1


def _is_same(one: Any, other: Any) -> bool:
    """Whether a node only handed on what it was given."""
    try:
        return bool(one is other or (type(one) is type(other) and one == other))
    except RecursionError:
        return False
