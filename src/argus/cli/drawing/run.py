"""A whole run: verdict, chain, steps, what to type next."""

from __future__ import annotations

from argus.cli.drawing.ink import heading
from argus.cli.drawing.steps import draw_steps
from argus.cli.drawing.verdict import draw_chain, draw_verdict
from argus.cli.output.cells import width
from argus.cli.output.screen import Screen, Span
from argus.cli.project import Project
from argus.model.trace import Trace
from argus.views.chain import Story, story
from argus.views.trace_list import row_of_trace

__all__ = ["draw_next", "draw_run"]


def draw_run(project: Project, trace: Trace, *, verbose: bool, screen: Screen | None = None) -> None:
    """Writes a run; a clean one is short.

    Args:
        project: The call at hand.
        trace: The run.
        verbose: Whether everything is shown.
        screen: Where to write; standard output when None.
    """
    screen = screen or project.screen
    told = story(trace)
    draw_verdict(screen, trace, told, verbose=verbose)
    draw_chain(screen, told, whole=verbose)
    if trace.steps:
        draw_steps(screen, trace, verbose=verbose)
    _draw_gaps(screen, trace)
    if trace.status != "ok":
        draw_next(project, trace, told, screen)


def _draw_gaps(screen: Screen, trace: Trace) -> None:
    """What the trace does not know: data lost at capture, detectors that failed, nodes cut off by a crash."""
    gaps = []
    running = trace.metadata.get("running")
    if isinstance(running, list) and running:
        gaps.append(f"Running when the process ended: {', '.join(map(str, running))}.")
    gaps += [f"A detector gave no answer: {one}." for one in _entries(trace.metadata.get("detector_failures"))]
    if trace.metadata.get("losses"):
        gaps.append(f"Not recorded: {_said(trace.metadata['losses'])}.")
    if trace.metadata.get("states") == "not persisted":
        gaps.append("States were not kept for this run.")
    if gaps:
        heading(screen, "Not known")
    for gap in gaps:
        screen.paragraph([gap], first=(Span("  "),), rest=(Span("  "),))


def _entries(value: object) -> list[str]:
    return [_said(one) for one in value] if isinstance(value, list) else []


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return str(value)


def _telling_code(trace: Trace, told: Story) -> str:
    """The code of a finding at the cause, else of the gravest one."""
    coded = [finding for finding in trace.detections if finding.code and finding.suppressed is None]
    at_cause = [finding for finding in coded if told.cause is not None and finding.step_id == told.cause.step_id]
    return next((finding.code for finding in (*at_cause, *coded)), "")


def draw_next(project: Project, trace: Trace, told: Story, screen: Screen) -> None:
    """Writes the commands that lead on from here.

    Args:
        project: The call at hand.
        trace: The run.
        told: Its story.
        screen: Where to write.
    """
    short = row_of_trace(trace).short_id
    steps: list[tuple[str, str]] = []
    if told.cause is not None and told.cause.step_number is not None:
        command = project.command("trace", short, "--step", str(told.cause.step_number), "--diff")
        steps.append((command, f"what {told.cause.node_name} changed"))
    if code := _telling_code(trace, told):
        steps.append((project.command("explain", code), "what this finding means"))
    steps.append((project.command("report", short), "the whole story as a page"))
    heading(screen, "Next")
    cells = max(width(screen.safe(command)) for command, _ in steps)
    for command, purpose in steps:
        if cells + 4 + width(screen.safe(purpose)) <= screen.width - 2:
            screen.line("  ", command + " " * (cells - width(command) + 2), Span(purpose, "dim"))
        else:
            screen.paragraph([command], first=(Span("  "),), rest=(Span("    "),))
