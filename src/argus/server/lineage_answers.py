"""The life of a field as an answer: points on an axis of steps, and every version with its value as a preview."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from argus.dataflow.field_life import field_life
from argus.dataflow.known_fields import near_fields
from argus.dataflow.life_records import FieldLife
from argus.model.trace import Trace
from argus.server.resources.values import FieldLineage, LineagePoint
from argus.server.value_answers import beginning

__all__ = ["field_lineage"]

_EXPECTED: Final = ("dropped", "omitted", "removed")
_VALUE_CHARACTERS: Final = 500


def field_lineage(trace: Trace, field: str) -> FieldLineage:
    """What is told of a field.

    Args:
        trace: The run.
        field: A field or dotted path.
    """
    life = field_life(trace, field)
    return FieldLineage(
        field=field,
        known=life.known,
        near=() if life.known else tuple(near_fields(trace, field)),
        steps=max((step.step_number for step in trace.steps), default=0),
        points=tuple(sorted(set(_points(life)), key=lambda one: (one.step_number, one.kind))),
        life=_previewed(life),
    )


def _points(life: FieldLife) -> Iterator[LineagePoint]:
    for event in life.events:
        if event.place is not None and event.kind != "echoed":
            yield LineagePoint(
                step_number=event.place.step_number,
                node=event.place.node_name,
                kind="expected" if event.kind in _EXPECTED else "write",
            )
        for reading in event.readers:
            yield LineagePoint(step_number=reading.place.step_number, node=reading.place.node_name, kind="read")
    for reading in life.unwritten:
        yield LineagePoint(step_number=reading.place.step_number, node=reading.place.node_name, kind="read")


def _previewed(life: FieldLife) -> FieldLife:
    return replace(
        life,
        events=tuple(replace(event, value=beginning(event.value, _VALUE_CHARACTERS)) for event in life.events),
        items=tuple(replace(item, value=beginning(item.value, _VALUE_CHARACTERS)) for item in life.items),
    )
