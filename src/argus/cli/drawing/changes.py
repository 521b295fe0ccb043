"""What steps changed, as lines."""

from __future__ import annotations

from argus.cli.output.cells import width
from argus.cli.output.screen import Screen, Span, Style
from argus.model.trace import Trace
from argus.views.amounts import count
from argus.views.state_diff import StepChanges, changes, of_field

__all__ = ["draw_changes", "draw_step_changes"]

_NAME_CELLS = 24


def draw_changes(screen: Screen, trace: Trace, *, field: str | None = None) -> bool:
    """Writes what each step of a run changed.

    Args:
        screen: Where to write.
        trace: The run.
        field: Only steps that changed this field, and only what they changed of it.

    Returns:
        Whether there was a step to tell of.
    """
    told = False
    for step in trace.steps:
        seen = changes(trace, step) if field is None else of_field(changes(trace, step), field)
        if field is None or seen.changed:
            told = True
            screen.blank()
            screen.line(Span(f"{step.step_number} ", "dim"), Span(step.node_name, "strong"))
            draw_step_changes(screen, seen)
    return told


def draw_step_changes(screen: Screen, seen: StepChanges, *, limit: int = 80) -> None:
    """Writes what one step changed.

    Args:
        screen: Where to write.
        seen: The changes.
        limit: Characters shown of each value.
    """
    names = [width(screen.safe(change.field)) for change in seen.changed]
    cells = min(max(names, default=0), _NAME_CELLS, screen.width // 3)
    for change in seen.changed:
        style: Style = "blame" if change.mark in "!∅" else "strong"
        name = screen.clip(change.field, cells)
        lead = (
            Span(f"  {change.mark} ", style),
            Span(name + " " * (cells - width(name) + 2), style),
        )
        screen.paragraph([change.text(limit)], first=lead, rest=(Span(" " * (cells + 6)),))
    same = count(seen.unchanged, "field") + " unchanged"
    if seen.unchanged:
        screen.line(Span(f"  = {same}", "dim"))
    elif not seen.changed:
        screen.line(Span("  = no field was recorded", "dim"))
