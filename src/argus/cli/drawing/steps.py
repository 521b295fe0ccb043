"""The steps of a run, with the thread of blame, bars and findings."""

from __future__ import annotations

from argus.cli.drawing.findings import by_step, draw_finding
from argus.cli.drawing.ink import heading, role_sign
from argus.cli.output.cells import fit, width
from argus.cli.output.screen import Screen, Span, Style
from argus.model.detection import Detection
from argus.model.trace import Trace
from argus.views.amounts import duration, share
from argus.views.facts import row_facts
from argus.views.timeline import TimelineRow, timeline

__all__ = ["draw_steps"]

_SHOWN_ROWS = 60
"""Rows drawn without ``--verbose``; rows with something to see come on top of them."""

_EIGHTHS = " ▏▎▍▌▋▊▉"
_GUTTER_CELLS = 3


def draw_steps(screen: Screen, trace: Trace, *, verbose: bool) -> None:
    """Writes the timeline, each finding below its step.

    Args:
        screen: Where to write.
        trace: The run.
        verbose: Whether every step, and all that a finding rests on, is shown.
    """
    rows = timeline(trace, unfold=verbose)
    found = by_step(trace, suppressed=verbose)
    shown = rows if verbose else _selection(rows)
    told = sum(row.steps for row in shown if row is not None)
    note = "" if told >= len(trace.steps) else f"{share(told, len(trace.steps), 'step')}; --verbose shows all"
    heading(screen, "Steps", note)
    table = _Table(screen, trace, rows)
    for row in shown:
        if row is None:
            screen.line(Span(" " * (_GUTTER_CELLS + table.number_cells) + " …", "dim"))
            continue
        table.draw(row)
        for step_id in row.step_ids if row.kind == "step" else ():
            for finding in found.pop(step_id, ()):
                draw_finding(screen, trace, finding, indent=table.text_column, verbose=verbose)
    _draw_elsewhere(screen, trace, found, verbose)


def _selection(rows: tuple[TimelineRow, ...]) -> list[TimelineRow | None]:
    """Rows to draw, with None where some are left out: all with something to see, and the first and last others."""
    if len(rows) <= _SHOWN_ROWS:
        return list(rows)
    chosen: list[TimelineRow | None] = []
    half = _SHOWN_ROWS // 2
    for index, row in enumerate(rows):
        if index < half or index >= len(rows) - half or row.marks or row.role or row.error:
            chosen.append(row)
        elif chosen[-1] is not None:
            chosen.append(None)
    return chosen


def _draw_elsewhere(screen: Screen, trace: Trace, found: dict[str, list[Detection]], verbose: bool) -> None:
    known = {step.id for step in trace.steps}
    rest = [finding for step_id, findings in found.items() if step_id not in known for finding in findings]
    if rest:
        heading(screen, "Findings without a step")
        for finding in rest:
            draw_finding(screen, trace, finding, indent=2, verbose=verbose)


class _Table:
    """Draws rows in columns that fit the screen."""

    def __init__(self, screen: Screen, trace: Trace, rows: tuple[TimelineRow, ...]) -> None:
        self._screen = screen
        self._total_ms = max([trace.duration_ms, *(row.start_ms + row.duration_ms for row in rows)], default=0.0)
        self.number_cells = max((len(str(row.numbers[1])) for row in rows), default=1)
        self._duration_cells = max((len(duration(row.duration_ms)) for row in rows), default=0) + 2
        self.text_column = _GUTTER_CELLS + self.number_cells + 1
        roles = [index for index, row in enumerate(rows) if row.role]
        self._thread = {id(row) for row in rows[roles[0] : roles[-1]]} if len(roles) > 1 else set[int]()
        room = screen.width - self.text_column - self._duration_cells
        longest = max((width(screen.safe(self._label(row))) for row in rows if row.kind != "fold"), default=0)
        if screen.narrow:
            self._label_cells, self._bar_cells = room, 0
        else:
            self._label_cells = min(max(longest + 1, 12), room * 3 // 5)
            self._bar_cells = room - self._label_cells

    def draw(self, row: TimelineRow) -> None:
        """Writes one row."""
        screen = self._screen
        fold = row.kind == "fold"
        cells = self._label_cells + (self._bar_cells if fold else 0)
        screen.line(
            *self._gutter(row),
            Span(("" if fold else str(row.numbers[0])).rjust(self.number_cells) + " ", "dim"),
            Span(fit(screen.safe(self._label(row)), cells, screen.ellipsis), _label_style(row)),
            *(() if fold else self._bar(row)),
            Span(duration(row.duration_ms).rjust(self._duration_cells), "dim"),
        )

    def _gutter(self, row: TimelineRow) -> tuple[Span, ...]:
        if row.role:
            return (Span(" "), role_sign(row.role), Span(" "))
        return (Span(" "), Span("│", "blame"), Span(" ")) if id(row) in self._thread else (Span("   "),)

    @staticmethod
    def _label(row: TimelineRow) -> str:
        bracket = {None: "", "first": "┌ ", "middle": "│ ", "last": "└ "}[row.parallel]
        if row.kind == "fold":
            rounds, steps = row_facts(row)
            return f"{'  ' * row.depth}… {rounds} of {row.name}, {steps}"
        return "  ".join([f"{'  ' * row.depth}{bracket}{row.name}", *row_facts(row)])

    def _bar(self, row: TimelineRow) -> tuple[Span, ...]:
        cells = self._bar_cells
        if not cells or not self._total_ms:
            return (Span(" " * cells),)
        style: Style = "blame" if row.role == "cause" else "critical" if row.role == "symptom" else "dim"
        start = min(int(row.start_ms / self._total_ms * cells), cells - 1)
        eighths = max(1, round(row.duration_ms / self._total_ms * cells * 8))
        eighths = min(eighths, (cells - start) * 8)
        bar = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
        return (Span(" " * start), Span(bar, style), Span(" " * (cells - start - len(bar))))


def _label_style(row: TimelineRow) -> Style:
    return "strong" if row.role else "dim" if row.kind == "fold" else "plain"
