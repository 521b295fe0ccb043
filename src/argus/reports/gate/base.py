"""The formats of the gate's answer, and what they need beyond it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import cast

from argus.model.gate import Gate, GateFinding, GateRun
from argus.model.record import Record
from argus.views.amounts import count, share

__all__ = [
    "FORMATS",
    "GateContext",
    "RuleText",
    "headline",
    "render_gate",
    "shortfalls",
    "standing_words",
    "title",
]

FORMATS: dict[str, str] = {
    "json": "argus.reports.gate.json",
    "junit": "argus.reports.gate.junit",
    "sarif": "argus.reports.gate.sarif",
    "github": "argus.reports.gate.github",
    "markdown": "argus.reports.gate.markdown",
}
"""The formats by name: modules with a function ``render(gate, context)``."""


class RuleText(Record, frozen=True, kw_only=True):
    """What is known of a code.

    Attributes:
        name: The detector's name.
        summary: One sentence.
        help: The manual page as text.
    """

    name: str
    summary: str
    help: str


class GateContext(Record, frozen=True, kw_only=True):
    """What a format needs beyond the answer.

    Attributes:
        root: The repository's folder, absolute; source files below it are named relative to it.
        rules: What is known of each code.
    """

    root: Path
    rules: Mapping[str, RuleText] = {}


def render_gate(name: str, gate: Gate, context: GateContext) -> str:
    """The answer as a document of harmless lines.

    Args:
        name: One of :data:`FORMATS`.
        gate: The answer.
        context: What the format needs beyond it.
    """
    render = cast("Callable[[Gate, GateContext], str]", importlib.import_module(FORMATS[name]).render)
    return render(gate, context)


def headline(gate: Gate) -> str:
    """The answer in one sentence, without a full stop.

    Args:
        gate: The answer.
    """
    if gate.passed:
        return f"Passed: {count(len(gate.runs), 'run')} without {_counting(gate)}"
    reasons = [count(gate.count("fails"), "finding")] if gate.count("fails") else []
    dead = sum(run.status == "incomplete" for run in gate.runs)
    reasons += [count(dead, "incomplete run")] if dead else []
    unread = sum(run.shortfall is not None for run in gate.runs) - dead
    reasons += [f"{count(unread, 'run')} not analysed"] if unread else []
    return f"Failed: {' and '.join(reasons)} in {share(gate.failed_runs, len(gate.runs), 'run')}"


def standing_words(gate: Gate) -> str:
    """How many findings do not fail the gate, and why; empty when there are none.

    Args:
        gate: The answer.
    """
    mild = gate.count("mild")
    parts = [f"{mild:,} too mild to fail"] if mild else []
    parts += [f"{number:,} {word}" for word in ("known", "suppressed") if (number := gate.count(word))]
    return ", ".join(parts)


def shortfalls(runs: Iterable[GateRun]) -> list[str]:
    """A sentence for each run that fails whatever was found in it.

    Args:
        runs: Any.
    """
    return [
        f"The run {run.trace_id} of {run.pipeline_name} {run.shortfall}." for run in runs if run.shortfall is not None
    ]


def title(finding: GateFinding) -> str:
    """The code and where it was found.

    Args:
        finding: Any.
    """
    return f"{finding.rule} at {finding.node_name}" if finding.node_name else finding.rule


def _counting(gate: Gate) -> str:
    return "critical findings" if gate.fail_on == "critical" else "findings that count"
