"""``argus sql``: questions that no command answers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.storage.answers import Answer, Cell

__all__ = ["sql"]

_ROWS: Final = 1000
_SECONDS: Final = 30.0
_WIDEST: Final = 60


@click.command(
    epilog="""\b
Examples:
  argus sql "SELECT pipeline_name, status, count(*) FROM traces GROUP BY 1, 2"
  argus sql "SELECT node_name, max(duration_ms) FROM trace_steps GROUP BY 1" --csv
  argus sql --json < question.sql

\b
Relations: traces, trace_steps, trace_calls, detections, forensics; their columns
stand in docs/how-to/sql.md.

\b
JSON:
  {"columns": [...], "rows": [[...]...], "has_more": whether --limit left rows out}
"""
)
@click.argument("statement", metavar="[STATEMENT]", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values instead.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1_000_000), default=_ROWS, show_default=True,
              help="Rows at most.")  # fmt: skip
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(0.001, 3600), default=_SECONDS, show_default=True,
              help="How long it may take.")  # fmt: skip
@json_option
@takes_project
def sql(project: Project, *, statement: str | None, as_csv: bool, limit: int, timeout: float, as_json: bool) -> None:
    """Asks the store in SQL: one SELECT, on SQLite or PostgreSQL. Nothing can be changed.

    Without STATEMENT it is read from standard input.
    """
    from argus.cli.output.json import write_json

    if as_csv and as_json:
        raise click.UsageError("--csv and --json exclude each other.")
    text = statement if statement is not None else sys.stdin.read()
    if not text.strip():
        raise click.UsageError('Say what to ask: argus sql "SELECT count(*) FROM traces".')
    answer = project.store().ask(text, timeout_s=timeout, most=limit)
    if as_json:
        rows = [list(row) for row in answer.rows]
        write_json(project.screen, {"columns": answer.columns, "rows": rows, "has_more": answer.has_more})
    elif as_csv:
        _write_csv(project, answer)
    else:
        _draw(project, answer)
    if answer.has_more and not as_json:
        project.notes.line(f"only the first {limit:,} rows; --limit shows more")


def _write_csv(project: Project, answer: Answer) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(project.screen.safe, answer.columns))
    for row in answer.rows:
        writer.writerow([_cell(value, project) for value in row])
    project.screen.document(text.getvalue())


def _cell(value: Cell, project: Project) -> str:
    """A value that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = project.screen.safe(_shown(value))
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "+", "-", "@")) else text


def _draw(project: Project, answer: Answer) -> None:
    from argus.cli.output.cells import width
    from argus.cli.output.screen import Span

    screen = project.screen
    lines = [[screen.clip(_shown(value), _WIDEST) for value in row] for row in answer.rows]
    heads = [screen.clip(name, _WIDEST) for name in answer.columns]
    widths = [max(map(width, column)) for column in zip(heads, *lines, strict=True)]
    numeric = [
        all(isinstance(row[place], (int, float)) or row[place] is None for row in answer.rows)
        for place in range(len(heads))
    ]
    screen.line(Span("  ".join(_padded(*one) for one in zip(heads, widths, numeric, strict=True)), "strong"))
    for line in lines:
        screen.line("  ".join(_padded(*one) for one in zip(line, widths, numeric, strict=True)))


def _padded(text: str, cells: int, to_the_right: bool) -> str:
    from argus.cli.output.cells import width

    space = " " * (cells - width(text))
    return f"{space}{text}" if to_the_right else f"{text}{space}"


def _shown(value: Cell) -> str:
    return "" if value is None else str(value)
