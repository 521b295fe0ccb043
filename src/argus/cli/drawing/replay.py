"""A replay, as lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from argus.cli.drawing.ink import heading, sentence, severity_sign
from argus.cli.output.screen import Screen, Span, Style
from argus.model.values import JsonValue
from argus.replay.result import ReplayResult, Verdict
from argus.views.amounts import count
from argus.views.values import preview

__all__ = ["draw_replay"]

_SIGNS: Final[dict[Verdict, tuple[str, Style]]] = {
    "resolved": ("✓", "ok"), "not_resolved": ("✕", "critical"), "different": ("△", "warning"),
}  # fmt: skip
_SHOWN_FINDINGS, _SHOWN_NUMBERS, _VALUE = 10, 40, 60


def draw_replay(screen: Screen, result: ReplayResult, onwards: str) -> None:
    """Writes the verdict, what was changed, what ran and what was served, and what is still wrong.

    Args:
        screen: Where to write.
        result: The replay.
        onwards: The command that shows the new run.
    """
    glyph, style = _SIGNS[result.verdict]
    screen.paragraph(sentence(screen, result.sentence), first=(Span(f"{glyph} ", style),), rest=(Span("  "),))
    start = f"run {result.replay_of} from step {result.from_step}, `{result.from_node}`"
    screen.paragraph(sentence(screen, start), first=(Span("  "),), rest=(Span("  "),))
    for change in result.changes:
        shown = f"{_value(change.before)} → {_value(change.after)}"
        screen.paragraph([Span(shown)], first=(Span(f"  {change.path}: ", "strong"),), rest=(Span("    "),))
    _draw_numbers(screen, "ran", (step.step_number for step in result.steps if step.source == "ran"))
    _draw_numbers(screen, "entered", (step.step_number for step in result.steps if step.source == "entered"))
    _draw_numbers(screen, "from the record", (step.step_number for step in result.steps if step.source == "served"))
    taped = sum(step.from_tape for step in result.steps if step.source != "served")
    if taped:
        screen.line(f"  {count(taped, 'HTTP answer')} from the record")
    for warning in result.warnings:
        screen.paragraph([Span(warning)], first=(Span("  △ ", "warning"),), rest=(Span("    "),))
    if result.remaining:
        heading(screen, "Still wrong" if result.verdict == "not_resolved" else "Wrong now")
        for finding in result.remaining[:_SHOWN_FINDINGS]:
            lead = (Span("  "), severity_sign(finding.severity), Span(" "))
            screen.paragraph(sentence(screen, finding.message), first=lead, rest=(Span("    "),))
        more = len(result.remaining) - _SHOWN_FINDINGS
        if more > 0:
            screen.line(Span(f"  {count(more, 'finding')} more", "dim"))
    screen.blank()
    screen.verbatim(f"  {screen.safe(onwards)}\n")


def _draw_numbers(screen: Screen, what: str, numbers: Iterable[int]) -> None:
    listed = list(numbers)
    if not listed:
        return
    shown = ", ".join(map(str, listed[:_SHOWN_NUMBERS]))
    more = f" and {len(listed) - _SHOWN_NUMBERS} more" if len(listed) > _SHOWN_NUMBERS else ""
    word = "step" if len(listed) == 1 else "steps"
    screen.paragraph([Span(f"{word} {shown}{more}")], first=(Span(f"  {what}: ", "dim"),), rest=(Span("    "),))


def _value(value: JsonValue) -> str:
    return preview(value, _VALUE)
