"""``argus check``: the gate."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argus.cli.options import json_option, takes_project
from argus.cli.output.screen import OutputClosed
from argus.cli.project import Project
from argus.errors import ReportError, TraceNotFound
from argus.views.amounts import count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from argus.model.gate import Gate
    from argus.model.status import FailOn
    from argus.model.trace import Trace
    from argus.reports.gate.base import GateContext, RuleText

__all__ = ["check"]

_FAILED = 1
_PAGE = 200

_HELP_END = """\b
Examples:
  argus check                                  the last run
  argus check 8f2c1a --fail-on critical        a run by the beginning of its id
  argus check --since 1h --format github       all runs of this build
  argus check --since 1h --format sarif --output argus.sarif
  argus check --since 7d --write-baseline argus-baseline.json
  argus check --baseline argus-baseline.json   only new findings fail

\b
A run that is incomplete, because its process died, or that could not be
analysed always fails. Suppressed findings and those in the baseline file are
shown and never fail.

\b
Exit codes:
  0  every run passes
  1  a run has findings that fail it, or is incomplete or not analysed
  2  ARGUS could not do its job; no runs to look at is such a case

\b
JSON (its JSON Schema is published):
  {"passed", "fail_on",
   "runs": [{"trace_id", "pipeline_name", "created_at", "duration_ms", "status", "passed",
             "shortfall", "summary",
             "findings": [{"fingerprint", "standing": "fails" | "mild" | "known" | "suppressed",
                           "code", "layer", "severity", "message", "pipeline_name", "node_name",
                           "field", "confidence", "trace_id", "step_number", "file", "line",
                           "suppressed"}...]}...]}
"""


@click.command(epilog=_HELP_END)
@click.argument("reference", metavar="[ID]", required=False)
@click.option("--last", is_flag=True, help="The most recent run; the same as without ID.")
@click.option("--since", metavar="TIME", help="All runs started since 30min, 24h, 7d or a date.")
@click.option(
    "--fail-on", type=click.Choice(["warning", "critical"]), default="warning", show_default=True,
    help="The mildest severity that fails a run.",
)  # fmt: skip
@click.option("--baseline", metavar="FILE", type=click.Path(path_type=Path), help="Findings in this file do not fail.")
@click.option(
    "--write-baseline", metavar="FILE", type=click.Path(path_type=Path),
    help="Write the findings that fail, so that from now on only new ones do.",
)  # fmt: skip
@click.option(
    "--format", "format_name", default=None,
    type=click.Choice(["text", "json", "junit", "sarif", "github", "markdown"]),
    help="How to tell it; text is the usual way.",
)  # fmt: skip
@click.option("--output", "-o", metavar="PATH", type=click.Path(path_type=Path), help="Write to this file.")
@json_option
@takes_project
def check(
    project: Project,
    *,
    reference: str | None,
    last: bool,
    since: str | None,
    fail_on: FailOn,
    baseline: Path | None,
    write_baseline: Path | None,
    format_name: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Says whether runs are good enough, by exit code: the gate of a build.

    ID is a run's id or the beginning of one, 'last', or 'last~2'; without it the last run is checked, with --since all
    runs since then.
    """
    if sum((reference is not None, last, since is not None)) > 1:
        raise click.UsageError("Give an id, --last or --since, not several of them.")
    if as_json and format_name not in (None, "json"):
        raise click.UsageError("--json is --format json; leave one of them out.")
    name = "json" if as_json else format_name or "text"
    gate = _gate(project, reference or "last", since, fail_on, baseline, write_baseline)
    if output is not None:
        _write(output, gate, name)
    with suppress(OutputClosed):  # a reader who leaves does not open the gate
        _show(project, gate, name, output)
    raise click.exceptions.Exit(0 if gate.passed else _FAILED)


def _show(project: Project, gate: Gate, name: str, output: Path | None) -> None:
    from argus.cli.drawing.gate import draw_gate
    from argus.reports.gate.base import headline, render_gate

    if output is not None:
        project.screen.verbatim(f"{headline(gate)}. Written to {project.screen.safe(str(output))}\n")
    elif name == "text":
        draw_gate(project, gate)
    else:
        project.screen.document(render_gate(name, gate, _context(name)))


def _gate(
    project: Project,
    reference: str,
    since: str | None,
    fail_on: FailOn,
    baseline: Path | None,
    write_baseline: Path | None,
) -> Gate:
    from argus.cli.baseline_file import read_baseline, write_baseline_file
    from argus.model.known_findings import known_findings

    before = read_baseline(baseline) if baseline is not None else None
    known = before.fingerprints if before else frozenset()
    gate = _judged(project, reference, since, fail_on, known)
    if write_baseline is None:
        return gate
    accepted = known_findings(gate, before)
    write_baseline_file(write_baseline, accepted)
    notes = project.notes
    notes.verbatim(f"{count(len(accepted.findings), 'finding')} written to {notes.safe(str(write_baseline))}\n")
    return _judged(project, reference, since, fail_on, accepted.fingerprints)


def _judged(project: Project, reference: str, since: str | None, fail_on: FailOn, known: frozenset[str]) -> Gate:
    from argus.model.gate import gate_of, judge_run

    traces = _traces_since(project, since) if since is not None else iter([project.trace(reference)])
    gate = gate_of((judge_run(trace, fail_on, known) for trace in traces), fail_on)
    if not gate.runs:
        raise TraceNotFound(
            f"no run has started since {since} in {project.store().url}; give an earlier --since, "
            "or run the pipeline first: argus watch app.py"
        )
    return gate


def _traces_since(project: Project, since: str) -> Iterator[Trace]:
    """The runs started since then, newest first, one in memory at a time."""
    from argus._internal.clock import SystemClock
    from argus.cli.where import parse_time
    from argus.storage.base import TraceQuery

    query = TraceQuery(since=parse_time(since, SystemClock()))
    store, cursor = project.store(), None
    while True:
        page = store.list(query, limit=_PAGE, cursor=cursor)
        for row in page.rows:
            yield store.get(row.id)
        cursor = page.next_cursor
        if cursor is None:
            return


def _context(name: str) -> GateContext:
    from argus.reports.gate.base import GateContext
    from argus.reports.gate.places import repository_root

    return GateContext(root=repository_root(Path.cwd()), rules=_rules() if name == "sarif" else {})


def _rules() -> dict[str, RuleText]:
    from argus.detectors.manual import manuals
    from argus.reports.gate.base import RuleText

    rules = {}
    for page in manuals():
        text = "\n\n".join(f"{part.title}. {' '.join(part.paragraphs)}" for part in page.sections)
        rules[page.code] = RuleText(name=page.name, summary=page.summary.replace("``", "`"), help=text or page.summary)
    return rules


def _write(path: Path, gate: Gate, name: str) -> None:
    import io

    from argus.cli.drawing.gate import draw_gate_on
    from argus.cli.output.screen import Screen
    from argus.reports.gate.base import render_gate

    if name == "text":
        buffer = io.StringIO()
        draw_gate_on(Screen(buffer, environ={}), gate)
        text = buffer.getvalue()
    else:
        text = render_gate(name, gate, _context(name))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(
            f"the result cannot be written to {path}: {error.strerror or error}; give --output a file in a folder "
            "that exists and can be written"
        ) from error
