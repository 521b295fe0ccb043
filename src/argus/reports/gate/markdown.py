"""The gate's answer as Markdown, for a job's summary or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from argus.model.gate import Gate, GateFinding, GateGroup
from argus.reports.gate.base import GateContext, headline, shortfalls
from argus.reports.gate.places import relative_path
from argus.reports.markdown import as_cell, as_code, escape
from argus.reports.phrases import phrase
from argus.views.words import SEVERITY_SIGNS

__all__ = ["render"]

_OTHERS = {
    "mild": "Too mild to fail",
    "known": "Known, from the baseline file",
    "suppressed": "Suppressed by configuration",
}


def render(gate: Gate, context: GateContext) -> str:
    """A heading with the answer, a table of what fails, and the other findings folded.

    Args:
        gate: The answer.
        context: The repository's folder.
    """
    lines = [f"### ARGUS: {headline(gate)}", ""]
    groups = gate.groups()
    failing = [group for group in groups if group.finding.standing == "fails"]
    lines += [*_table(failing, context), ""] if failing else []
    short = shortfalls(gate.runs)
    lines += [*(f"- {escape(sentence)}" for sentence in short), ""] if short else []
    for standing, words in _OTHERS.items():
        those = [group for group in groups if group.finding.standing == standing]
        if those:
            lines += ["<details>", f"<summary>{words}: {len(those):,}</summary>", "", *_table(those, context), ""]
            lines += ["</details>", ""]
    if failing:
        lines += [f"To see a run: {as_code(f'argus trace {failing[0].finding.trace_id}')}", ""]
    return "\n".join(lines)


def _table(groups: Iterable[GateGroup], context: GateContext) -> list[str]:
    rows = ["| severity | code | node | finding | runs |", "|---|---|---|---|--:|"]
    for group in groups:
        found = group.finding
        sign = SEVERITY_SIGNS[found.severity]
        why = f" ({escape(found.suppressed)})" if found.suppressed is not None else ""
        node = f"{as_cell(found.node_name)}{_place(found, context)}" if found.node_name else ""
        cells = [
            f"{sign.glyph} {sign.word}",
            as_cell(found.rule),
            node,
            f"{_told(found.message)}{why}",
            f"{group.runs:,}",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _place(finding: GateFinding, context: GateContext) -> str:
    if finding.file is None:
        return ""
    file = relative_path(finding.file, context.root) or finding.file
    return f" {as_cell(f'{file}:{finding.line}' if finding.line else file)}"


def _told(message: str) -> str:
    pieces = phrase(message)
    return "".join(escape(piece.text) if piece.kind == "plain" else as_cell(piece.text) for piece in pieces)
