"""Events of running pipelines, one line each, and findings when they are known."""

from __future__ import annotations

from argus.cli.drawing.findings import draw_finding
from argus.cli.drawing.ink import sentence, status_sign
from argus.cli.live import Followed, TraceStored
from argus.cli.output.cells import fit, width
from argus.cli.output.screen import Span, Style
from argus.cli.project import Project
from argus.model.trace import Trace
from argus.recording.living import RunEnded, RunStarted, StepEnded
from argus.views.amounts import duration, moment

__all__ = ["draw_event"]

_ID_CELLS = 8
_NUMBER_CELLS = 6
_DURATION_CELLS = 12


def draw_event(project: Project, event: Followed) -> None:
    """Writes what happened; each line begins with the run's id, since several runs may go on at once.

    Args:
        project: The call at hand.
        event: What happened.
    """
    screen = project.screen
    lead = Span(fit(screen.safe(event.run_id), _ID_CELLS, "") + "  ", "strong")
    if isinstance(event, RunStarted):
        screen.line(lead, Span(f"{event.pipeline_name} ", "plain"), Span(f"started {moment(event.at)}", "dim"))
    elif isinstance(event, StepEnded):
        _draw_step(project, lead, event)
    elif isinstance(event, RunEnded):
        how = "ended" if event.outcome == "completed" else f"ended: {event.outcome}"
        screen.line(lead, Span(f"{how} after {duration(event.duration_ms)}", "dim"))
    elif isinstance(event, TraceStored):
        _draw_verdict(project, lead, event.trace)


def _draw_step(project: Project, lead: Span, event: StepEnded) -> None:
    screen = project.screen
    number = f"{event.step_number} ".rjust(3 if screen.narrow else _NUMBER_CELLS)
    facts = [f"attempt {event.attempt}"] if event.attempt > 1 else []
    if event.error:
        facts.append(f"raised {event.error}")
    elif event.outcome != "ok":
        facts.append(event.outcome)
    took = duration(event.duration_ms).rjust(_DURATION_CELLS if not screen.narrow else 0)
    room = screen.width - _ID_CELLS - 2 - width(number) - width(took) - 1
    text = "  " * event.depth + "  ".join([event.node_name, *facts])
    style: Style = "critical" if event.error else "plain"
    shown = fit(screen.safe(text), room, screen.ellipsis)
    screen.line(lead, Span(number, "dim"), Span(shown, style), Span(f" {took}", "dim"))


def _draw_verdict(project: Project, lead: Span, trace: Trace) -> None:
    screen = project.screen
    sign = status_sign(trace.status)
    indent = (Span(" " * (2 if screen.narrow else _ID_CELLS + 2)),)
    found = [finding for finding in trace.detections if finding.suppressed is None]
    told = [Span("1 finding")] if len(found) == 1 else sentence(screen, trace.summary)  # a single one says it itself
    screen.paragraph(told, first=(lead, sign, Span("  ")), rest=indent)
    for finding in found:
        draw_finding(screen, trace, finding, indent=len(indent[0].text), verbose=False)
    if trace.status != "ok":
        command = screen.safe(project.command("trace", trace.id[:_ID_CELLS]))
        screen.verbatim(f"{indent[0].text}{command}\n")
