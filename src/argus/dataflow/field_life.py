"""The life of one field in a run: every version, who wrote it from what, and who read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TypeAlias

from argus.dataflow.items import items_of
from argus.dataflow.life_records import EventKind, FieldLife, LifeEvent, ReadHow, Reading, Source, Whence, covers
from argus.dataflow.lineage import Lineage
from argus.dataflow.places import Places
from argus.dataflow.reading import Read, routing_reads, turns_up
from argus.dataflow.values import ABSENT, at, same
from argus.dataflow.versions import Version
from argus.model.trace import Trace, TraceStep
from argus.model.values import JsonValue

__all__ = ["field_life"]

_Entry: TypeAlias = "tuple[tuple[int, int], LifeEvent]"
"""An event, and the place in the order of the run by which it is sorted."""


def field_life(trace: Trace, path: str) -> FieldLife:
    """The life of a field, in time linear in the run and in what its steps read.

    Args:
        trace: The run; never changed.
        path: A field or a dotted path, positions in brackets or between dots.

    Returns:
        Its life; nothing in it where the run does not know the field.
    """
    return _Life(Lineage(trace), path).told()


class _Life:
    """Gathers the life of one path."""

    def __init__(self, lineage: Lineage, path: str) -> None:
        self._lineage = lineage
        self._order = lineage.order
        self._places = Places(lineage.order)
        self._path = path
        self._top, _, self._inner = path.replace("[", ".").replace("]", "").partition(".")
        if lineage.versions.fields and any(path in names for names in lineage.versions.fields.values()):
            self._top, self._inner = path, ""  # a key that itself holds dots

    def told(self) -> FieldLife:
        trace = self._lineage.trace
        declared = trace.graph.field(self._top) if trace.graph is not None else None
        readers: dict[tuple[object, int], list[Reading]] = defaultdict(list)
        unwritten = self._readings(readers)
        position = self._inner.partition(".")[0]
        in_list = position.isdecimal() and declared is not None and declared.reducer is not None
        found = [] if in_list else list(self._versions(readers))
        if not self._inner:
            found += self._losses()
        found.sort(key=lambda entry: entry[0])
        events = [event for _, event in found]
        items = items_of(self._lineage, self._top, self._places) if not self._inner or in_list else ()
        if in_list:
            rest = self._inner.partition(".")[2]
            items = tuple(one for one in items if one.position == int(position) and at(one.value, rest) is not ABSENT)
        return FieldLife(
            trace_id=trace.id,
            field=self._path,
            declared=declared.type.name or declared.type.kind if declared is not None and not self._inner else None,
            reducer=declared.reducer if declared is not None and not self._inner else None,
            events=tuple(_numbered(events)),
            unwritten=tuple(unwritten),
            items=items,
        )

    # reads

    def _readings(self, readers: dict[tuple[object, int], list[Reading]]) -> list[Reading]:
        """Puts each read beside the version that it saw; returns those that saw none."""
        unwritten: list[Reading] = []
        for step in self._lineage.trace.steps:
            for reading, moment in self._of_step(step):
                version = self._seen(step, moment)
                if version is None:
                    unwritten.append(reading)
                else:
                    readers[version.scope, version.number].append(reading)
        return unwritten

    def _of_step(self, step: TraceStep) -> Iterator[tuple[Reading, int]]:
        moment = self._order.moment(step)
        if self._order.children(step) and not self._reads_itself(step):
            own: tuple[Read, ...] = ()  # what runs inside reads it, and is listed itself
        else:
            own = self._lineage.reads(step)
        for read in own:
            if self._is_meant(read.path):
                yield self._reading(step, read, read.how, at(step.input_state, read.path) is ABSENT), moment
        state = step.state_after or {**step.input_state, **step.output_state}
        for routing in routing_reads(step, self._order):
            if self._is_meant(routing.path):
                reading = Reading(
                    place=self._places.of(step),
                    path=routing.path,
                    how="choice",
                    required=routing.required,
                    absent=at(state, routing.path) is ABSENT,
                    file=routing.file,
                    line=routing.line,
                )
                yield reading, moment + 1

    def _reads_itself(self, step: TraceStep) -> bool:
        spec = self._order.node(step)
        return spec is not None and bool(spec.reads)

    def _reading(self, step: TraceStep, read: Read, how: ReadHow, absent: bool) -> Reading:
        raised_here = read.file is None and read.how == "error" and step.error is not None
        return Reading(
            place=self._places.of(step),
            path=read.path,
            how=how,
            required=read.required,
            absent=absent,
            file=step.error.file if raised_here and step.error is not None else read.file,
            line=step.error.line if raised_here and step.error is not None else read.line,
        )

    def _is_meant(self, read: str) -> bool:
        path = f"{self._top}.{self._inner}" if self._inner else self._top
        return covers(path, read) or path.startswith(f"{read}.")

    def _seen(self, step: TraceStep, moment: int) -> Version | None:
        """The version that a reader saw, looked up in the graphs around it when it was there from the start."""
        version = self._lineage.versions.before(self._order.scope(step), self._top, moment)
        while version is not None and version.step is None and version.scope[0] is not None:
            version = self._lineage.outside(version, self._top)
        return version

    # writes

    def _versions(self, readers: dict[tuple[object, int], list[Reading]]) -> Iterator[_Entry]:
        for scope in self._order.scopes:
            seen: JsonValue = ABSENT
            for version in self._lineage.versions.of(scope, self._top):
                value = at(version.value, self._inner) if self._inner else version.value
                if version.step is None and scope[0] is not None:
                    continue
                read_by = tuple(readers.get((version.scope, version.number), ()))
                if value is ABSENT and version.kind != "removed" and not read_by:
                    continue
                kind: EventKind = version.kind
                if self._inner and kind == "wrote" and value is not ABSENT and same(value, seen):
                    kind = "echoed"
                seen = value
                yield self._event(version, kind, value, read_by)

    def _event(self, version: Version, kind: EventKind, value: JsonValue, read_by: tuple[Reading, ...]) -> _Entry:
        shown = None if value is ABSENT else value
        step = version.step
        if step is None:
            kind = "given" if self._was_given(self._top) else "initial"
            return (0, 0), LifeEvent(kind=kind, version=0, value=shown, absent=value is ABSENT, readers=read_by)
        inner = self._lineage.inside(version, self._top)
        made_here = inner is None and kind != "echoed"
        event = LifeEvent(
            kind=kind,
            version=0,
            place=self._places.of(step),
            value=shown,
            absent=value is ABSENT,
            stands_for=self._places.of(inner.step) if inner is not None and inner.step is not None else None,
            sent_by=tuple(self._places.of(sender) for sender in self._senders(step)),
            sources=tuple(self._sources(step, value)) if made_here else (),
            readers=read_by,
        )
        return self._when(step), event

    def _when(self, step: TraceStep) -> tuple[int, int]:
        """When a write became visible: what runs inside a step comes before the step's own."""
        return self._places.ended(step), -len(self._places.of(step).inside)

    def _senders(self, step: TraceStep) -> list[TraceStep]:
        return self._lineage.senders(step) if step.metadata.get("kind") == "push" else []

    def _sources(self, step: TraceStep, value: JsonValue) -> Iterator[Source]:
        for read in self._lineage.reads(step):
            found = at(step.input_state, read.path)
            origin, writer = self._whence(read.path, step, found)
            yield Source(
                path=read.path,
                how=read.how,
                origin=origin,
                place=self._places.of(writer) if writer is not None else None,
                file=read.file,
                line=read.line,
                absent=found is ABSENT,
                turns_up=found is not ABSENT and value is not ABSENT and turns_up(found, value),
            )

    def _whence(self, path: str, step: TraceStep, found: JsonValue) -> tuple[Whence, TraceStep | None]:
        writer = self._lineage.writer_of(path, step)
        if step.metadata.get("kind") == "push":  # what it was given is not the state
            senders = self._lineage.senders(step)
            return ("sent", senders[0] if len(senders) == 1 else None) if senders else ("unknown", None)
        if writer is not None:
            return "step", writer
        if found is ABSENT:
            return "unknown", None
        return "caller" if self._was_given(path) else "initial", None

    def _was_given(self, path: str) -> bool:
        given = self._lineage.trace.input
        return isinstance(given, dict) and path.partition(".")[0] in given

    def _losses(self) -> Iterator[_Entry]:
        for step in self._lineage.trace.steps:
            kind = self._lineage.loss(step, self._top)
            if kind is not None:
                value = step.output_state.get(self._top, ABSENT)
                event = LifeEvent(
                    kind=kind,
                    place=self._places.of(step),
                    value=None if value is ABSENT else value,
                    absent=value is ABSENT,
                    sources=tuple(self._sources(step, value)),
                )
                yield self._when(step), event


def _numbered(events: list[LifeEvent]) -> Iterator[LifeEvent]:
    """The events, those that reached the state counted through."""
    import msgspec

    number = 0 if events and events[0].place is None else 1
    for event in events:
        if event.version is None:
            yield event
        else:
            yield msgspec.structs.replace(event, version=number)
            number += 1
