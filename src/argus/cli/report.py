"""``argus report``: writes a run as HTML, Markdown or JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project
from argus.errors import ReportError

if TYPE_CHECKING:
    from argus.model.trace import Trace

__all__ = ["report"]


@click.command(
    epilog="""\b
Examples:
  argus report                               the last run, in the browser
  argus report 8f2c1a --output run.html
  argus report last --format markdown > run.md
  argus report last --template mine.html.j2 --output run.html

\b
Without --output, HTML goes to a file beside the store and opens in the
browser when standard output is a terminal and there is a browser to open;
otherwise, and in every other format, the report goes to standard output.

\b
JSON (with --output):
  {"trace_id", "format", "path"}
"""
)
@click.argument("reference", metavar="[ID]", required=False)
@click.option("--last", is_flag=True, help="The most recent run; the same as without ID.")
@click.option(
    "--format", "format_name", metavar="FORMAT", help="html (the usual one), markdown, json, or an added one."
)
@click.option("--output", "-o", metavar="PATH", type=click.Path(path_type=Path), help="Write to this file.")
@click.option("--template", metavar="FILE", type=click.Path(path_type=Path), help="Fill this template instead.")
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
    as_json: bool,
) -> None:
    """Writes a run as a page: verdict, chain, graph, steps and findings.

    ID is a run's id or the beginning of one, 'last', or 'last~2'; without it the last run is meant.
    """
    from argus.cli.output.json import write_json
    from argus.reports.base import ReportOptions, report_format

    if reference is not None and last:
        raise click.UsageError("Give an id or --last, not both.")
    if as_json and output is None:
        raise click.UsageError("--json tells where the report was written; it needs --output. See also --format json.")
    name = format_name or _guessed(output)
    chosen = report_format(name)
    trace = project.trace(reference or "last")
    text = chosen.render(trace, ReportOptions(template=template, templates=_templates(project)))
    if output is not None:
        _write(output, text)
        if as_json:
            write_json(project.screen, {"trace_id": trace.id, "format": name, "path": str(output.absolute())})
        else:
            project.screen.line(f"Written to {output}")
    elif name == "html" and project.screen.is_terminal:
        _write_and_open(project, trace, text)
    else:
        project.screen.document(text)


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


def _write_and_open(project: Project, trace: Trace, text: str) -> None:
    from argus._internal.private_files import private_folder

    beside = project.configuration.sqlite_file
    folder = private_folder(beside.parent if beside else project.configuration.base_folder / ".argus")
    name = "".join(character if character.isalnum() else "_" for character in trace.id)  # an import may hold any id
    path = private_folder(folder / "reports") / f"{name}.html"
    _write_private(path, text)
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
