"""``argus diff``: two runs side by side."""

from __future__ import annotations

import click

from argus.cli.completion import complete_trace
from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

__all__ = ["diff"]


@click.command(
    epilog="""\b
Examples:
  argus diff last~1 last          the last run beside the one before it
  argus diff 8f2c1a 7b90e2        two runs by the beginnings of their ids
  argus diff 8f2c1a last --json

\b
Marks:
  =  the same in both        -  only in A
  ~  another result          +  only in B
                             *  only in B: one more round of a node

\b
JSON:
  {"runs": {"a": run, "b": run}, "notes": [text...], "comparison": {
     "a", "b", "sentence", "first_difference", "counts": {kind: number},
     "steps": [{"kind": "same|changed|missing|inserted|repeated",
                "node_name", "depth", "round", "branch",
                "a", "b", "a_number", "b_number", "a_ms", "b_ms",
                "fields": [{"mark": "+|-|~", "path", "a", "b"}...],
                "fields_left_out", "outcomes", "input_differs"}...],
     "input": [field...], "output": [field...],
     "gained": [finding...], "lost": [finding...],
     "a_ms", "b_ms", "a_tokens", "b_tokens"}}

\b
Exit codes:
  0 shown, whether they differ or not; 2 a run is not there or cannot be read
"""
)
@click.argument("first", metavar="A", shell_complete=complete_trace)
@click.argument("second", metavar="B", shell_complete=complete_trace)
@click.option("--verbose", "-v", is_flag=True, help="Every step and every difference, values at length.")
@json_option
@takes_project
def diff(project: Project, *, first: str, second: str, verbose: bool, as_json: bool) -> None:
    """Compares two runs step by step: what one did and the other did not, values, findings, time and tokens.

    A and B are ids or the beginnings of ids, 'last', or 'last~2'.
    """
    from argus.cli.drawing.comparison import draw_comparison
    from argus.cli.output.json import write_json
    from argus.views.comparison import compare
    from argus.views.comparison_notes import labels_of, notes_on

    a, b = project.trace(first), project.trace(second)
    comparison, labels, notes = compare(a, b), labels_of(a, b), notes_on(a, b)
    if as_json:
        runs = {"a": labels[0], "b": labels[1]}
        write_json(project.screen, {"runs": runs, "notes": notes, "comparison": comparison})
    else:
        draw_comparison(project.screen, comparison, labels, notes, verbose=verbose)
