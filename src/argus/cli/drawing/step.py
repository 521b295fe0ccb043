"""One step in full."""

from __future__ import annotations

from argus.cli.drawing.changes import draw_step_changes
from argus.cli.drawing.exchanges import draw_exchanges
from argus.cli.drawing.findings import by_step, draw_finding
from argus.cli.drawing.ink import heading, role_sign
from argus.cli.drawing.places import near
from argus.cli.drawing.verdict import draw_facts
from argus.cli.output.screen import Screen, Span
from argus.model.trace import ErrorInfo, Trace, TraceStep
from argus.model.values import JsonValue
from argus.views.amounts import count, duration
from argus.views.neutral import lines_of
from argus.views.paths import MISSING, lookup
from argus.views.state_diff import changes
from argus.views.timeline import offset_ms, roles_of
from argus.views.trace_list import row_of_trace
from argus.views.values import layout, preview
from argus.views.words import OUTCOME_WORDS

__all__ = ["draw_field", "draw_field_life", "draw_step", "draw_step_head"]


def draw_step_head(screen: Screen, trace: Trace, step: TraceStep) -> None:
    """Writes which step this is and how it went.

    Args:
        screen: Where to write.
        trace: The run.
        step: One of its steps.
    """
    role = roles_of(trace).get(step.id)
    sign = (role_sign(role), Span(" ")) if role else ()
    screen.line(*sign, Span(step.node_name, "strong"), Span(f"  step {step.step_number} of {len(trace.steps)}", "dim"))
    known = [
        f"{trace.pipeline_name} {row_of_trace(trace).short_id}",
        duration(step.duration_ms),
        f"began at {duration(offset_ms(trace, step))}",
    ]
    known += [OUTCOME_WORDS[step.outcome]] if step.outcome not in ("ok", "error") else []
    known += [f"attempt {step.attempt}"] if step.attempt > 1 else []
    spec = trace.node_spec(step)
    known += [f"{near(spec.file)}:{spec.line}"] if spec and spec.file else []
    parent = trace.step(step.parent_id) if step.parent_id else None
    known += [f"inside step {parent.step_number} {parent.node_name}"] if parent else []
    usage = step.token_usage
    known += [count(usage.total_tokens, "token")] if usage and usage.total_tokens is not None else []
    draw_facts(screen, known, ())


def draw_step(screen: Screen, trace: Trace, step: TraceStep, *, verbose: bool) -> None:
    """Writes findings, changes, calls and error of a step; on request its states in full.

    Args:
        screen: Where to write.
        trace: The run.
        step: One of its steps.
        verbose: Whether states, evidence and the contents of calls are told.
    """
    found = by_step(trace, suppressed=verbose).get(step.id, [])
    if found:
        heading(screen, "Findings")
        for finding in found:
            draw_finding(screen, trace, finding, indent=2, verbose=True)
    if step.error is not None:
        _draw_error(screen, step.error)
    heading(screen, "What it changed")
    draw_step_changes(screen, changes(trace, step), limit=200)
    _draw_calls(screen, step, verbose)
    draw_exchanges(screen, step.http_exchanges, verbose=verbose)
    if verbose:
        for title, state in (
            ("What it was given", step.input_state),
            ("What it returned", step.output_state),
            ("The state after it", step.state_after),
        ):
            heading(screen, title)
            _draw_value(screen, state)


def draw_field(screen: Screen, step: TraceStep, path: str) -> bool:
    """Writes a field as it was before a step, as the step returned it and as it was afterwards.

    Args:
        screen: Where to write.
        step: The step.
        path: The field or dotted path.

    Returns:
        Whether the field was anywhere.
    """
    known = False
    for title, state in (
        ("Before", step.input_state),
        ("Returned", step.output_state),
        ("After", step.state_after),
    ):
        value = lookup(state, path)
        if value is MISSING:
            heading(screen, title, "absent")
            continue
        known = True
        heading(screen, title)
        _draw_value(screen, value)
    return known


def draw_field_life(screen: Screen, trace: Trace, path: str) -> bool:
    """Writes every step that wrote a field, with the value it wrote.

    Args:
        screen: Where to write.
        trace: The run.
        path: The field or dotted path.

    Returns:
        Whether the field was anywhere.
    """
    given = lookup(trace.input, path)
    known = given is not MISSING
    screen.line(Span(path, "strong"), Span(f"  in {trace.pipeline_name} {row_of_trace(trace).short_id}", "dim"))
    if known:
        screen.paragraph([preview(given, 200)], first=(Span("  given to the run  ", "dim"),), rest=(Span("    "),))
    for step in trace.steps:
        written = lookup(step.output_state, path)
        if written is MISSING:
            known = known or lookup(step.input_state, path) is not MISSING
            continue
        known = True
        lead = (Span(f"  step {step.step_number} ", "dim"), Span(step.node_name, "strong"), Span(" wrote  ", "dim"))
        screen.paragraph([preview(written, 200)], first=lead, rest=(Span("    "),))
    return known


def _draw_error(screen: Screen, error: ErrorInfo) -> None:
    place = f"{near(error.file)}:{error.line}" if error.file else ""
    heading(screen, "Error", place)
    screen.paragraph([Span(f"{error.type}: {error.message}", "critical")], first=(Span("  "),), rest=(Span("    "),))
    for line in lines_of(error.traceback.rstrip("\n")) if error.traceback else ():
        _draw_whole(screen, line, "  ")


def _draw_calls(screen: Screen, step: TraceStep, verbose: bool) -> None:
    if step.tool_calls or step.llm_calls:
        heading(screen, "Calls")
    for call in step.tool_calls:
        failed = f"  failed: {call.error.type}" if call.error else ""
        screen.line("  tool ", Span(call.name, "strong"), f"  {duration(call.duration_ms)}", Span(failed, "critical"))
        if verbose:
            _draw_labelled(screen, "arguments", call.arguments)
            _draw_labelled(screen, "result", call.result)
    for model_call in step.llm_calls:
        usage = model_call.usage.total_tokens if model_call.usage else None
        tokens = f"  {count(usage, 'token')}" if usage is not None else ""
        failed = f"  failed: {model_call.error.type}" if model_call.error else ""
        name = Span(model_call.model or "model", "strong")
        screen.line("  model ", name, f"  {duration(model_call.duration_ms)}{tokens}", Span(failed, "critical"))
        if verbose:
            _draw_labelled(screen, "messages", model_call.messages)
            _draw_labelled(screen, "response", model_call.response)


def _draw_labelled(screen: Screen, label: str, value: JsonValue) -> None:
    screen.paragraph([preview(value, 2000)], first=(Span(f"    {label}  ", "dim"),), rest=(Span("      "),))


def _draw_value(screen: Screen, value: JsonValue) -> None:
    lines, left_out = layout(value)
    for line in lines:
        _draw_whole(screen, line, "  ")
    if left_out:
        screen.line(Span(f"  … {left_out:,} characters more; --json has all", "dim"))


def _draw_whole(screen: Screen, line: str, indent: str) -> None:
    """Writes a line of a layout without cutting it: its indentation is kept, long ones are wrapped."""
    text = line.lstrip(" ")
    deeper = indent + " " * min(len(line) - len(text), screen.width // 2)
    screen.paragraph([text], first=(Span(deeper),), rest=(Span(deeper + "  "),))
