"""``argus baseline``: shows, freezes and forgets what healthy runs have taught."""

from __future__ import annotations

from pathlib import Path

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project
from argus.views.amounts import count

__all__ = ["baseline"]

_SHOW_END = """\b
Without PIPELINE all of them are listed; where there is one only, it is shown.

\b
JSON, a list without PIPELINE and one entry with it:
  [{"pipeline_name", "graph_version", "runs"}...]
  {"pipeline_name", "graph_version", "runs", "is_full",
   "nodes": [{"place", "runs", "executions", "width",
              "fields": [{"path", "runs", "present", "of", "types", "blank",
                          "numbers", "lengths", "sizes", "choices", "format",
                          "order", "unique", "languages"}...]}...],
   "relations": [{"says", "kind", "runs", "confidence"}...]}
  width, numbers, lengths and sizes are null or
  {"minimum", "median", "maximum", "count"}
"""

_FREEZE_END = """\b
The file is for review and for the repository. To use it, name it in argus.yaml:
  detection:
    baseline: argus.baseline.yaml

\b
JSON:
  {"path", "baselines": [{"pipeline_name", "graph_version", "runs"}...]}
"""

_RESET_END = """\b
JSON:
  {"done", "baselines": [{"pipeline_name", "graph_version", "runs"}...]}
"""


@click.group(
    epilog="""\b
Examples:
  argus baseline show              what was learned, by pipeline
  argus baseline show orders       of one pipeline, field by field
  argus baseline freeze            write argus.baseline.yaml for review
  argus baseline reset orders      say what would be forgotten

\b
Exit codes:
  0  done
  2  ARGUS could not do its job; nothing learned is such a case
"""
)
def baseline() -> None:
    """Shows, freezes and forgets what ARGUS has learned from healthy runs."""


@baseline.command(epilog=_SHOW_END)
@click.argument("pipeline", required=False)
@click.option("--graph-version", metavar="HASH", help="This version of the graph instead of the one that ran last.")
@json_option
@takes_project
def show(project: Project, *, pipeline: str | None, graph_version: str | None, as_json: bool) -> None:
    """Shows what was learned: types, numbers, lengths, choices, formats, relations, and from how many runs."""
    from argus.cli.drawing.learned import draw_baselines, draw_learned
    from argus.cli.learned_pipelines import LearnedPipelines
    from argus.cli.output.json import write_json
    from argus.cli.output.screen import Span
    from argus.views.learned import learned_pipeline

    known, screen = LearnedPipelines(project.store()), project.screen
    one_only = len(known.names) == 1 and not as_json
    if pipeline is None and graph_version is None and not one_only:
        if as_json:
            write_json(screen, known.baselines)
            return
        draw_baselines(screen, known.baselines)
        screen.blank()
        screen.line(project.command("baseline", "show", known.names[0]), Span("  shows one of them", "dim"))
        return
    chosen = known.one(pipeline, graph_version)
    learned = learned_pipeline(chosen.pipeline_name, chosen.graph_version, known.profile(chosen))
    if as_json:
        write_json(screen, learned)
        return
    draw_learned(screen, learned)
    others = len(known.versions(chosen.pipeline_name)) - 1
    screen.blank()
    if others:
        screen.paragraph(
            [Span(f"{count(others, 'other version')} of its graph taught too; see --graph-version.", "dim")]
        )
    freeze_line = project.command("baseline", "freeze", chosen.pipeline_name)
    screen.line(freeze_line, Span("  keeps it in a file", "dim"))


@baseline.command(epilog=_FREEZE_END)
@click.argument("pipeline", required=False)
@click.option("--graph-version", metavar="HASH", help="This version of the graph instead of the one that ran last.")
@click.option(
    "--output", "-o", metavar="FILE", default="argus.baseline.yaml", show_default=True,
    type=click.Path(path_type=Path, dir_okay=False), help="Where to write.",
)  # fmt: skip
@json_option
@takes_project
def freeze(project: Project, *, pipeline: str | None, graph_version: str | None, output: Path, as_json: bool) -> None:
    """Writes what was learned into a file that people can review and commit; all pipelines without PIPELINE."""
    from argus.cli.drawing.learned import draw_baselines
    from argus.cli.learned_pipelines import LearnedPipelines
    from argus.cli.output.json import write_json
    from argus.learning.frozen_file import FrozenBaseline, write_frozen

    known, screen = LearnedPipelines(project.store()), project.screen
    if pipeline is None and graph_version is None:
        chosen = [known.one(name) for name in known.names]
    else:
        chosen = [known.one(pipeline, graph_version)]
    write_frozen(output, [FrozenBaseline(one.pipeline_name, one.graph_version, known.profile(one)) for one in chosen])
    if as_json:
        write_json(screen, {"path": str(output), "baselines": chosen})
        return
    draw_baselines(screen, chosen)
    screen.blank()
    screen.paragraph([f"Written to {output}. To use it, set detection.baseline: {output} in argus.yaml."])


@baseline.command(epilog=_RESET_END)
@click.argument("pipeline", required=False)
@click.option("--graph-version", metavar="HASH", help="Only this version of the graph instead of all.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only said what would be forgotten.")
@json_option
@takes_project
def reset(project: Project, *, pipeline: str | None, graph_version: str | None, yes: bool, as_json: bool) -> None:
    """Forgets what was learned; the runs stay, and learning begins anew with the next ones."""
    from argus.cli.drawing.learned import draw_baselines
    from argus.cli.learned_pipelines import LearnedPipelines
    from argus.cli.output.json import write_json

    store, screen = project.store(), project.screen
    known = LearnedPipelines(store)
    if graph_version is not None:
        chosen = [known.one(pipeline, graph_version)]
    else:
        chosen = list(known.baselines if pipeline is None else known.versions(known.one(pipeline).pipeline_name))
    if yes:
        for one in chosen:
            store.reset_baseline(one.pipeline_name, one.graph_version)
    if as_json:
        write_json(screen, {"done": yes, "baselines": chosen})
        return
    screen.line("Forgotten:" if yes else "This would be forgotten:")
    draw_baselines(screen, chosen)
    if not yes:
        screen.blank()
        words = [word for word in (pipeline, *(["--graph-version", graph_version] if graph_version else [])) if word]
        screen.line(project.command("baseline", "reset", *words, "--yes"))
