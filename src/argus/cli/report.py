"""``argus report``: writes a run, or many runs together, as HTML, Markdown or JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from argus.cli.completion import complete_trace
from argus.cli.many import chooses_runs, chosen, scope_of
from argus.cli.options import json_option, takes_project
from argus.cli.project import Project
from argus.errors import ReportError

if TYPE_CHECKING:
    from argus.model.trace import Status
    from argus.reports.base import ReportOptions

__all__ = ["report"]

_UNCLEAN: tuple[Status, ...] = ("failed", "incomplete", "warning")
_NEWEST = 20


class _Made(NamedTuple):
    """A report, what its file is named after, and what JSON tells of it."""

    text: str
    name: str
    about: dict[str, object]


@click.command(
    epilog="""\b
Examples:
  argus report                               the last run, in the browser
  argus report 8f2c1a --output run.html
  argus report last --format markdown > run.md
  argus report last --template mine.html.j2 --output run.html
  argus report --since 7d                    all runs of a week together
  argus report --where 'pipeline:orders status:failed' --format markdown

\b
Without --output, HTML goes to a file beside the store and opens in the
browser when standard output is a terminal and there is a browser to open;
otherwise, and in every other format, the report goes to standard output.

\b
JSON (with --output):
  {"trace_id", "format", "path"}, of many runs {"runs", "format", "path"}
--format json of many runs:
  {"scope", "runs", "statuses", "first_at", "last_at", "pipelines": [...],
   "codes": [...], "nodes": [...], "days": [...], "newest": [...]}
"""
)
@click.argument("reference", metavar="[ID]", required=False, shell_complete=complete_trace)
@click.option("--last", is_flag=True, help="The most recent run; the same as without ID.")
@click.option(
    "--format", "format_name", metavar="FORMAT", help="html (the usual one), markdown, json, or an added one."
)
@click.option("--output", "-o", metavar="PATH", type=click.Path(path_type=Path), help="Write to this file.")
@click.option("--template", metavar="FILE", type=click.Path(path_type=Path), help="Fill this template instead.")
@chooses_runs
@json_option
@takes_project
def report(
    project: Project,
    *,
    reference: str | None,
    last: bool,
    format_name: str | None,
    output: Path | None,
    template: Path | None,
    since: str | None,
    where: str | None,
    as_json: bool,
) -> None:
    """Writes a run as a page: verdict, chain, graph, steps and findings.

    ID is a run's id or the beginning of one, 'last', or 'last~2'; without it the last run is meant. With --since or
    --where one page tells of all runs that fit: trends, the most frequent findings, the slowest nodes.
    """
    from argus.reports.base import ReportOptions

    many = since is not None or where is not None
    if reference is not None and last:
        raise click.UsageError("Give an id or --last, not both.")
    if many and (reference is not None or last):
        raise click.UsageError("Give an id, or --since and --where, not both.")
    if as_json and output is None:
        raise click.UsageError("--json tells where the report was written; it needs --output. See also --format json.")
    name = format_name or _guessed(output)
    options = ReportOptions(template=template, templates=_templates(project))
    if many:
        made = _of_many(project, name, options, since, where)
    else:
        made = _of_one(project, name, options, reference or "last")
    if output is not None:
        _write(output, made.text)
        if as_json:
            from argus.cli.output.json import write_json

            write_json(project.screen, {**made.about, "format": name, "path": str(output.absolute())})
        else:
            project.screen.line(f"Written to {output}")
    elif name == "html" and project.screen.is_terminal:
        _write_and_open(project, made)
    else:
        project.screen.document(made.text)


def _of_one(project: Project, name: str, options: ReportOptions, reference: str) -> _Made:
    from argus.reports.base import report_format

    chosen_format = report_format(name)
    trace = project.trace(reference)
    return _Made(chosen_format.render(trace, options), trace.id, {"trace_id": trace.id})


def _of_many(project: Project, name: str, options: ReportOptions, since: str | None, where: str | None) -> _Made:
    from msgspec.structs import replace

    from argus.reports.summary.formats import Summary, render_summary
    from argus.views.trace_list import rows

    query = chosen(since, where)
    store = project.store()
    figures = store.figures(query)
    unclean = replace(query, statuses=tuple(one for one in _UNCLEAN if not query.statuses or one in query.statuses))
    newest = store.list(unclean, limit=_NEWEST).rows if unclean.statuses else ()
    summary = Summary(scope=scope_of(since, where), figures=figures, newest=rows(newest))
    return _Made(render_summary(name, summary, options), "runs", {"runs": figures.runs})


def _guessed(output: Path | None) -> str:
    suffix = output.suffix.lower() if output else ""
    return {".md": "markdown", ".markdown": "markdown", ".json": "json"}.get(suffix, "html")


def _templates(project: Project) -> Path | None:
    folder = project.configuration.settings.reports.templates
    return project.configuration.base_folder / folder if folder else None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(f"the report cannot be written to {path}: {error.strerror or error}") from error


def _write_and_open(project: Project, made: _Made) -> None:
    from argus._internal.private_files import private_folder

    beside = project.configuration.sqlite_file
    folder = private_folder(beside.parent if beside else project.configuration.base_folder / ".argus")
    name = "".join(character if character.isalnum() else "_" for character in made.name)  # an import may hold any id
    path = private_folder(folder / "reports") / f"{name}.html"
    _write_private(path, made.text)
    project.screen.line(f"Written to {path}")
    if _has_browser():
        import webbrowser

        webbrowser.open(path.as_uri())


def _write_private(path: Path, text: str) -> None:
    from argus._internal.private_files import open_private

    try:
        descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise ReportError(f"the report cannot be written to {path}: {error.strerror or error}") from error


def _has_browser() -> bool:
    """Whether there is a display to open a browser on."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
