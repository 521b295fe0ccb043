"""``argus stats``: what many runs come to, by pipeline."""

from __future__ import annotations

import click

from argus.cli.many import chooses_runs, chosen, scope_of
from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

__all__ = ["stats"]


@click.command(
    epilog="""\b
Examples:
  argus stats                     all stored runs
  argus stats --since 7d          those of a week
  argus stats --where 'pipeline:orders status:failed'
  argus report --since 7d         the same as a page, with trends by day

\b
JSON:
  {"scope", "runs", "statuses": {status: runs},
   "pipelines": [{"pipeline_name", "runs", "statuses", "findings", "steps", "failed_steps",
                  "total_tokens", "p50_ms", "p95_ms",
                  "codes": [{"pipeline_name", "code", "layer", "findings", "runs",
                             "critical", "warning", "message", "trace_id"}...],
                  "nodes": [{"pipeline_name", "node_name", "steps", "failed_steps",
                             "total_tokens", "p50_ms", "p95_ms"}...]}...]}
  (its JSON Schema is published)
"""
)
@click.option("--verbose", "-v", is_flag=True, help="Every finding and every node, not only the first few.")
@chooses_runs
@json_option
@takes_project
def stats(project: Project, *, since: str | None, where: str | None, verbose: bool, as_json: bool) -> None:
    """Counts runs by pipeline: status, findings by code, durations, tokens.

    Durations are percentiles: half of the runs took no longer than p50, 95 of 100 no longer than p95.
    """
    from argus.cli.drawing.figures import draw_figures
    from argus.cli.output.json import write_json
    from argus.model.figures import Figures
    from argus.views.stats_document import stats_document

    query = chosen(since, where)
    figures = project.store().figures(query) if project.has_store() else Figures()
    if as_json:
        write_json(project.screen, stats_document(scope_of(since, where), figures))
    elif figures.runs:
        draw_figures(project.screen, figures, verbose=verbose)
    elif since or where:
        project.screen.paragraph(["No run fits; leave out --since and --where to count all."])
    else:
        project.screen.paragraph(["No runs are stored yet; try `argus demo`, or watch your own with `argus watch`."])
