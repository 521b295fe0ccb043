"""The gate's answer as plain lines, for a test's report."""

from __future__ import annotations

import shlex
from pathlib import Path

from argus.model.gate import Gate, GateGroup
from argus.reports.gate.base import headline, shortfalls, standing_words, title
from argus.reports.gate.places import relative_path
from argus.views.neutral import neutral

__all__ = ["plain_text"]


def plain_text(gate: Gate, root: Path, store: Path | None = None) -> str:
    """The answer, the findings that fail it, and what each failed run came to.

    Args:
        gate: The answer.
        root: Source files below it are named relative to it.
        store: Where the runs are kept, or None when they are not.
    """
    beside = standing_words(gate)
    lines = [f"ARGUS: {headline(gate)}{f' ({beside})' if beside else ''}"]
    for group in gate.groups():
        if group.finding.standing == "fails":
            lines += _finding(group, root)
    for run in gate.runs:
        if not run.passed:
            lines += ["", *map(neutral, shortfalls([run]) or [run.summary])]
            if store is not None:
                lines.append(shlex.join(["argus", "trace", neutral(run.trace_id), "--store", neutral(str(store))]))
    return "\n".join(lines)


def _finding(group: GateGroup, root: Path) -> list[str]:
    found = group.finding
    place = ""
    if found.file is not None:
        file = relative_path(found.file, root) or found.file
        place = f"  {file}:{found.line}" if found.line else f"  {file}"
    return ["", neutral(f"{found.severity} {title(found)}{place}"), f"  {neutral(found.message)}"]
