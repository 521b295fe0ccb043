"""The gate's answer as annotations of a GitHub workflow: lines on standard output that become notes at the code."""

from __future__ import annotations

from argus.model.gate import Gate, GateFinding
from argus.reports.gate.base import GateContext, headline, shortfalls, standing_words, title
from argus.reports.gate.places import relative_path
from argus.views.amounts import count
from argus.views.neutral import neutral

__all__ = ["render"]

_COMMANDS = {"critical": "error", "warning": "warning", "info": "notice"}


def render(gate: Gate, context: GateContext) -> str:
    """One annotation for each finding that is neither known nor suppressed; those are counted in the last line.

    Args:
        gate: The answer.
        context: The repository's folder.
    """
    lines = []
    for group in gate.groups():
        if group.finding.standing in ("fails", "mild"):
            more = f" ({count(group.runs, 'run')})" if group.runs > 1 else ""
            lines.append(_annotation(group.finding, group.finding.message + more, context))
    lines += [f"::error title=ARGUS run::{_data(sentence)}" for sentence in shortfalls(gate.runs)]
    beside = standing_words(gate)
    last = f"{headline(gate)}{f' ({beside})' if beside else ''}."
    lines.append(f"::{'notice' if gate.passed else 'error'} title=ARGUS::{_data(last)}")
    return "\n".join(lines) + "\n"


def _annotation(finding: GateFinding, message: str, context: GateContext) -> str:
    place = relative_path(finding.file, context.root) if finding.file is not None else None
    properties = {"file": place, "line": str(finding.line) if place and finding.line else None}
    properties["title"] = f"ARGUS {title(finding)}"
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value is not None)
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(message)}"


def _data(text: str) -> str:
    return neutral(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
