"""What is told of one field of a run: its versions, what they were made from, and who read them."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from argus.dataflow.items import Item
from argus.dataflow.places import Place
from argus.dataflow.reading import How
from argus.model.record import Record
from argus.model.values import JsonValue

__all__ = ["EventKind", "FieldLife", "LifeEvent", "ReadHow", "Reading", "Source", "Whence", "covers"]

EventKind: TypeAlias = Literal["given", "initial", "wrote", "echoed", "mutated", "removed", "dropped", "omitted"]
"""``given``: the caller passed it; ``initial``: it was there from the start without that; ``echoed``: handed back
unchanged; ``mutated``: changed in place; ``removed``: left out of an update that is the whole new state; ``dropped``:
returned, but the state has no such field; ``omitted``: the node's source writes it, but not this time."""

Whence: TypeAlias = Literal["step", "caller", "initial", "sent", "unknown"]
"""A step wrote it; the caller gave it; it was there from the start; a ``Send`` passed it; nobody is known."""

ReadHow: TypeAlias = How | Literal["choice"]
"""As for a step's reads; ``choice``: the branch behind the step reads it to decide where to go on."""


class Source(Record, frozen=True, kw_only=True):
    """Something that a write was made from.

    Attributes:
        path: The field or dotted path that the writer read.
        how: How that is known.
        origin: Who it comes from.
        place: The step that wrote or sent it, or None.
        file: The source file of the place that reads it, if known.
        line: Its 1-based line, if known.
        absent: Whether the writer found nothing there.
        turns_up: Whether what was read can be recognised in what was written.
    """

    path: str
    how: ReadHow
    origin: Whence
    place: Place | None = None
    file: str | None = None
    line: int | None = None
    absent: bool = False
    turns_up: bool = False


class Reading(Record, frozen=True, kw_only=True):
    """A step that read a version.

    Attributes:
        place: The step.
        path: What exactly it read.
        how: How that is known.
        required: Whether it fails without it.
        absent: Whether it found nothing there.
        file: The source file of the place that reads, if known.
        line: Its 1-based line, if known.
    """

    place: Place
    path: str
    how: ReadHow
    required: bool = False
    absent: bool = False
    file: str | None = None
    line: int | None = None


class LifeEvent(Record, frozen=True, kw_only=True):
    """A version of the field, or a version that should have been.

    Attributes:
        kind: How it came about, or why it did not.
        version: Its number among those that reached the state, from 0 for what was given; None for those that did not.
        place: Who wrote it; None for the caller.
        value: What was written: the update of this step, not what a reducer made of it.
        absent: Whether there is no value, as for a field that was left out.
        stands_for: The step inside a subgraph whose write this one hands on, or None.
        sent_by: The steps that started the writer with a ``Send``.
        sources: What the writer read.
        readers: Who read this version, in order.
    """

    kind: EventKind
    version: int | None = None
    place: Place | None = None
    value: JsonValue = None
    absent: bool = False
    stands_for: Place | None = None
    sent_by: tuple[Place, ...] = ()
    sources: tuple[Source, ...] = ()
    readers: tuple[Reading, ...] = ()


_LOSSES: Final = ("removed", "dropped", "omitted")


def covers(path: str, read: str) -> bool:
    """Whether a read is of a path or of something below it.

    Args:
        path: A field or dotted path.
        read: The path that was read.
    """
    return read == path or read.startswith(f"{path}.")


class FieldLife(Record, frozen=True, kw_only=True):
    """All that happened to a field in a run.

    Attributes:
        trace_id: The run.
        field: The field or dotted path.
        declared: Its declared type as it is written, or None when none is declared or a nested path is meant.
        reducer: The name of its reducer, or None when the last write wins.
        events: Its versions in the order of the run.
        unwritten: Who looked for it before anybody had written it.
        items: For a list, where each item of its last state comes from.
    """

    trace_id: str
    field: str
    declared: str | None = None
    reducer: str | None = None
    events: tuple[LifeEvent, ...] = ()
    unwritten: tuple[Reading, ...] = ()
    items: tuple[Item, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the run, its source or its declarations speak of exactly this field."""
        asked = [reading.path for event in self.events for reading in event.readers]
        asked += [reading.path for reading in self.unwritten]
        there = any(not event.absent or event.kind in _LOSSES for event in self.events)
        return there or bool(self.items or self.declared) or any(covers(self.field, path) for path in asked)
