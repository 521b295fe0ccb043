"""Where each item of a list comes from, such as each message of a conversation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from argus.dataflow.lineage import Lineage, identities
from argus.dataflow.places import Place, Places
from argus.model.record import Record
from argus.model.trace import TraceStep
from argus.model.values import JsonValue

__all__ = ["Item", "items_of"]


class Item(Record, frozen=True, kw_only=True):
    """One item of a list at the end of a run.

    Attributes:
        position: Its place in the list, from 0.
        value: The item.
        origin: Whether a step added it, the caller gave it, or nobody is known.
        place: The step that added it, or None.
    """

    position: int
    value: JsonValue
    origin: Literal["step", "caller", "unknown"]
    place: Place | None = None


def items_of(lineage: Lineage, field: str, places: Places) -> tuple[Item, ...]:
    """Each item of a list as the run left it, with the step that brought it in first.

    Args:
        lineage: The run's data flow.
        field: A field of the outermost state.
        places: The places of its steps.

    Returns:
        In order; empty if the field held no list.
    """
    left = _left(lineage, field)
    if not isinstance(left, list):
        return ()
    adders: dict[str | bytes, list[TraceStep | None]] = {}
    for scope in lineage.order.scopes:
        for version in lineage.versions.of(scope, field) if scope[0] is None else ():
            inner = lineage.inside(version, field)
            writer = inner.step if inner is not None else version.step
            for item in version.value if isinstance(version.value, list) else [version.value]:
                for key in _keys(item):
                    adders.setdefault(key, []).append(writer)
    return tuple(_item(position, item, adders, places) for position, item in enumerate(left))


def _item(position: int, item: JsonValue, adders: dict[str | bytes, list[TraceStep | None]], places: Places) -> Item:
    for key in _keys(item):
        found = adders.get(key)
        if found and not (_is_common(key) and any(one is not found[0] for one in found)):
            step = found[0]
            place = places.of(step) if step is not None else None
            return Item(position=position, value=item, origin="caller" if step is None else "step", place=place)
    return Item(position=position, value=item, origin="unknown")


_COMMON: Final = "common:"


def _keys(item: JsonValue) -> Iterator[str | bytes]:
    """The keys of an item; a value too common to be recognised anywhere has one that counts only if one step had it."""
    known = False
    for key in identities(item):
        known = True
        yield key
    if not known:
        yield f"{_COMMON}{item!r}"


def _is_common(key: str | bytes) -> bool:
    return isinstance(key, str) and key.startswith(_COMMON)


def _left(lineage: Lineage, field: str) -> JsonValue:
    """What the field held when the run ended, as far as recorded."""
    for step in reversed(lineage.trace.steps):
        if step.parent_id is None:
            for state in (step.state_after, step.input_state):
                if field in state:
                    return state[field]
    return None
