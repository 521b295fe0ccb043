"""The life of a field as lines: every version, from what it was made and who read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from argus.cli.drawing.ink import heading
from argus.cli.drawing.places import near
from argus.cli.output.screen import Screen, Span, Style
from argus.dataflow.items import Item
from argus.dataflow.life_records import EventKind, FieldLife, LifeEvent, ReadHow, Reading, Source, Whence
from argus.dataflow.places import Place
from argus.model.trace import Trace
from argus.views.facts import gaps
from argus.views.trace_list import row_of_trace
from argus.views.values import preview

__all__ = ["draw_lineage"]

_SHOWN_EVENTS, _SHOWN_LINES, _SHOWN_ITEMS = 24, 6, 20
_VALUE, _WHOLE_VALUE = 100, 2000

_DID: Final[dict[EventKind, str]] = {
    "given": "the caller gave it",
    "initial": "it was there from the start",
    "wrote": "wrote",
    "echoed": "handed back unchanged",
    "mutated": "changed in place",
    "removed": "left it out of the new state",
    "dropped": "returned, but it never reached the state",
    "omitted": "did not write it this time",
}
_LOSSES: Final = ("removed", "dropped", "omitted")

_KNOWN_BY: Final[dict[ReadHow, str]] = {
    "error": "its exception names it",
    "line": "the line that raised reads it",
    "source": "its source reads it",
    "value": "its value turns up in the output",
    "sent": "a Send passed it",
    "schema": "its input schema declares it",
    "assumed": "it was there; whether it was used is unknown",
    "choice": "its branch decides by it",
}

_NOBODY: Final[dict[Whence, str]] = {
    "step": "",
    "caller": " from the caller",
    "initial": ", there from the start",
    "sent": ", which a Send passed",
    "unknown": ", written by nobody that is known",
}

_T = TypeVar("_T")


def draw_lineage(screen: Screen, trace: Trace, life: FieldLife, *, verbose: bool) -> None:
    """Writes every version of a field with its sources and readers, then what a list is made of.

    Args:
        screen: Where to write.
        trace: The run.
        life: The life of one of its fields.
        verbose: Whether everything is shown.
    """
    known = [f"in {trace.pipeline_name} {row_of_trace(trace).short_id}"]
    known += [life.declared] if life.declared else []
    known += [f"added up by {life.reducer}"] if life.reducer else []
    lead = (Span(life.field, "strong"), Span("  "))
    screen.paragraph([Span(" · ".join(known), "dim")], first=lead, rest=(Span("  "),))
    if life.unwritten:
        heading(screen, "Looked for before it was there")
        _some(screen, life.unwritten, _SHOWN_LINES, verbose, lambda one: _draw_reading(screen, one, "  ", "looked"))
    if not life.items and not any(event.version is not None for event in life.events):
        screen.blank()
        screen.line("  Nobody wrote it in this run.")
    _some(screen, life.events, _SHOWN_EVENTS, verbose, lambda event: _draw_event(screen, event, verbose))
    if life.items:
        heading(screen, "Items at the end", "and who brought each in first")
        _some(screen, life.items, _SHOWN_ITEMS, verbose, lambda item: _draw_item(screen, item, verbose))
    doubts = gaps(trace)
    if doubts:
        heading(screen, "Not known")
        for doubt in doubts:
            screen.paragraph([doubt], first=(Span("  "),), rest=(Span("  "),))


def _some(screen: Screen, all_: Sequence[_T], most: int, verbose: bool, draw: Callable[[_T], None]) -> None:
    """Draws the first ones, and says how many are left out."""
    shown = all_ if verbose else all_[:most]
    for one in shown:
        draw(one)
    if len(shown) < len(all_):
        screen.line(Span(f"  {len(all_) - len(shown):,} more; --verbose shows all", "dim"))


def _draw_event(screen: Screen, event: LifeEvent, verbose: bool) -> None:
    screen.blank()
    style: Style = "blame" if event.kind in _LOSSES else "strong"
    number = f"v{event.version} " if event.version is not None else "-- "
    lead = (Span(number, style),)
    if event.place is None:
        screen.paragraph([_DID[event.kind]], first=lead, rest=(Span("   "),))
    else:
        told = [*_place(event.place), Span(f" {_DID[event.kind]}", style if event.kind in _LOSSES else "plain")]
        screen.paragraph(told, first=lead, rest=(Span("   "),))
        _draw_source_place(screen, event.place)
    if not event.absent:
        limit = _WHOLE_VALUE if verbose else _VALUE
        screen.paragraph([preview(event.value, limit)], first=(Span("   = "),), rest=(Span("     "),))
    if event.stands_for is not None:
        first = (Span("   made inside by ", "dim"),)
        screen.paragraph(_place(event.stands_for), first=first, rest=(Span("     "),))
    for sender in event.sent_by:
        screen.paragraph(_place(sender), first=(Span("   sent by ", "dim"),), rest=(Span("     "),))
    _some(screen, event.sources, _SHOWN_LINES, verbose, lambda one: _draw_source(screen, one))
    _some(screen, event.readers, _SHOWN_LINES, verbose, lambda one: _draw_reading(screen, one, "   ", "read"))
    if event.version is not None and not event.readers:
        inside = " inside" if event.place is not None and event.place.inside else ""
        screen.line(Span(f"   nobody{inside} read it", "dim"))


def _draw_source_place(screen: Screen, place: Place) -> None:
    if place.file is not None:
        screen.paragraph([Span(_file(place.file, place.line), "dim")], first=(Span("   "),), rest=(Span("   "),))


def _draw_source(screen: Screen, source: Source) -> None:
    spans = [Span(source.path, "strong")]
    if source.absent:
        spans.append(Span(", which was absent"))
    elif source.place is not None:
        spans += [Span(" sent by " if source.origin == "sent" else " of "), *_place(source.place)]
    else:
        spans.append(Span(_NOBODY[source.origin]))
    facts = [_KNOWN_BY[source.how], *(["it turns up in what was written"] if source.turns_up else [])]
    facts = facts[1:] if source.turns_up and source.how in ("value", "assumed") else facts
    spans.append(Span(f" ({', '.join([*facts, *_where(source.file, source.line)])})", "dim"))
    screen.paragraph(spans, first=(Span("   from ", "dim"),), rest=(Span("     "),))


def _draw_reading(screen: Screen, reading: Reading, indent: str, verb: str) -> None:
    spans = _place(reading.place)
    if reading.absent:
        spans.append(Span(f", which found no {reading.path}", "blame"))
    facts = [_KNOWN_BY[reading.how], *_where(reading.file, reading.line)]
    spans.append(Span(f" ({', '.join(facts)})", "dim"))
    label = "read by " if verb == "read" else ""
    screen.paragraph(spans, first=(Span(f"{indent}{label}", "dim"),), rest=(Span(f"{indent}  "),))


def _draw_item(screen: Screen, item: Item, verbose: bool) -> None:
    lead = (Span(f"  {item.position} ", "dim"),)
    if item.place is not None:
        told = _place(item.place)
    else:
        told = [Span("the caller" if item.origin == "caller" else "nobody that is known", "strong")]
    shown = preview(item.value, _WHOLE_VALUE if verbose else _VALUE)
    screen.paragraph([*told, Span(f"  {shown}")], first=lead, rest=(Span("    "),))


def _place(place: Place) -> list[Span]:
    facts = [f"round {place.round} of {place.rounds}"] if place.rounds > 1 else []
    facts += [f"branch {place.branch}"] if place.branch else []
    facts += [f"inside step {place.inside[-1]}"] if place.inside else []
    told = f", {', '.join(facts)}" if facts else ""
    return [Span(f"step {place.step_number} "), Span(place.node_name, "strong"), Span(told)]


def _where(file: str | None, line: int | None) -> list[str]:
    return [_file(file, line)] if file is not None else []


def _file(file: str, line: int | None) -> str:
    return f"{near(file)}:{line}" if line is not None else near(file)
