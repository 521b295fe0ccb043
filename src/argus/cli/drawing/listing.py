"""Runs as a listing."""

from __future__ import annotations

from collections.abc import Sequence

from argus.cli.drawing.ink import sentence, status_sign
from argus.cli.output.cells import fit
from argus.cli.output.screen import Screen, Span
from argus.views.amounts import count, duration, moment
from argus.views.trace_list import ListRow

__all__ = ["draw_listing"]

_STATUS_CELLS, _TIME_CELLS, _DURATION_CELLS = 13, 16, 9


def draw_listing(screen: Screen, rows: Sequence[ListRow]) -> None:
    """Writes one line for each run, and for a run with findings the sentence below it.

    Args:
        screen: Where to write.
        rows: The runs.
    """
    id_cells = max((len(row.short_id) for row in rows), default=8)
    indent = (Span(" " * (2 if screen.narrow else _STATUS_CELLS)),)
    for row in rows:
        sign = status_sign(row.status)
        lead = (Span(fit(screen.safe(sign.text), _STATUS_CELLS), sign.style), Span(row.short_id, "strong"))
        if screen.narrow:
            screen.line(*lead, Span(f"  {duration(row.duration_ms)}", "dim"))
            screen.line(*indent, Span(f"{row.pipeline_name}, {moment(row.created_at)}", "dim"))
        else:
            screen.line(
                *lead,
                Span(" " * (id_cells - len(row.short_id) + 2)),
                Span(fit(moment(row.created_at), _TIME_CELLS, right=True), "dim"),
                Span(duration(row.duration_ms).rjust(_DURATION_CELLS + 1), "dim"),
                Span(f"  {row.pipeline_name}"),
                Span(f"  {count(row.steps, 'step')}", "dim"),
            )
        if row.status != "ok":
            screen.paragraph(sentence(screen, row.sentence), first=indent, rest=indent)
