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
from argus.views.facts import gaps, telling_code
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
    if trace.status != "ok" and "store_error" not in trace.metadata:
        draw_next(project, trace, told, screen)


def _draw_gaps(screen: Screen, trace: Trace) -> None:
    known = gaps(trace)
    if known:
        heading(screen, "Not known")
    for gap in known:
        screen.paragraph([gap], first=(Span("  "),), rest=(Span("  "),))


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
    if code := telling_code(trace, told):
        steps.append((project.command("explain", code), "what this finding means"))
    steps.append((project.command("report", short), "the whole story as a page"))
    steps.append((project.command("ui"), "all runs in the browser"))
    heading(screen, "Next")
    cells = max(width(screen.safe(command)) for command, _ in steps)
    for command, purpose in steps:
        if cells + 4 + width(screen.safe(purpose)) <= screen.width - 2:
            screen.line("  ", command + " " * (cells - width(command) + 2), Span(purpose, "dim"))
        else:
            screen.verbatim(f"  {screen.safe(command)}\n")  # unbroken, so that it can be pasted
