"""The gate's answer on a terminal or in a build's log."""

from __future__ import annotations

import re

from argus.cli.drawing.ink import heading, sentence, severity_sign, severity_style, status_sign
from argus.cli.drawing.places import near
from argus.cli.output.screen import Screen, Span
from argus.cli.project import Project
from argus.model.gate import Gate, GateGroup
from argus.reports.gate.base import headline, shortfalls
from argus.views.amounts import count

__all__ = ["draw_gate", "draw_gate_on"]

_TITLES = {
    "fails": "These fail",
    "mild": "Too mild to fail",
    "known": "Known, from the baseline file",
    "suppressed": "Suppressed by configuration",
}
_COMMAND = re.compile(r"(?<!\S)::|##\[")
"""What a build server would take for a command to it when a broken line begins so."""


def draw_gate(project: Project, gate: Gate) -> None:
    """Writes the answer, and what to type next.

    Args:
        project: The call at hand.
        gate: The answer.
    """
    draw_gate_on(project.screen, gate)
    failed = next((run for run in gate.runs if not run.passed), None)
    if failed is not None:
        project.screen.blank()
        project.screen.line("  ", project.command("trace", failed.trace_id))


def draw_gate_on(screen: Screen, gate: Gate) -> None:
    """Writes the answer: one sentence, then every different finding once, by what it means.

    Args:
        screen: Where to write.
        gate: The answer.
    """
    sign = status_sign("ok" if gate.passed else "failed")
    word, _, rest = headline(gate).partition(": ")
    screen.paragraph([Span(rest)], first=(Span(f"{sign.text[0]} {word}", sign.style), Span("  ")), rest=(Span("  "),))
    groups = gate.groups()
    short = shortfalls(gate.runs)
    for standing, title in _TITLES.items():
        those = [group for group in groups if group.finding.standing == standing]
        if not those and not (standing == "fails" and short):
            continue
        heading(screen, title, count(len(those), "finding") if standing != "fails" else "")
        for group in those:
            _draw_group(screen, group)
        if standing == "fails":
            for told in short:
                spans = [Span(_plain(told))]
                lead = (Span("  "), Span(status_sign("incomplete").text[0]), Span(" "))
                screen.paragraph(spans, first=lead, rest=(Span("    "),))


def _draw_group(screen: Screen, group: GateGroup) -> None:
    found = group.finding
    spans = [Span(f"{_plain(found.rule)} ", severity_style(found.severity)), *sentence(screen, _plain(found.message))]
    if found.suppressed is not None:
        spans.append(Span(f" ({_plain(found.suppressed)})", "dim"))
    screen.paragraph(spans, first=(Span("  "), severity_sign(found.severity), Span(" ")), rest=(Span("    "),))
    parts = [found.pipeline_name, found.node_name]
    if found.file is not None:
        parts.append(f"{near(found.file)}:{found.line}" if found.line else near(found.file))
    if group.runs > 1:
        parts.append(count(group.runs, "run"))
    told = " · ".join(_plain(part) for part in parts if part)
    screen.paragraph([Span(told, "dim")], first=(Span("    "),), rest=(Span("    "),))


def _plain(text: str) -> str:
    return _COMMAND.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
