"""``argus fix``: a brief for whoever is to mend a pipeline."""

from __future__ import annotations

import click

from argus.cli.completion import complete_trace
from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

__all__ = ["fix"]


@click.command(
    epilog="""\b
Examples:
  argus fix                    a brief on the last run
  argus fix 8f2c1a > brief.md  on a run by the beginning of its id
  argus fix last | my-agent    straight to an agent

\b
The brief is Markdown. What was recorded from the run stands in fences that it
cannot close; secrets are taken out once more by the default rules, whatever
is configured.

\b
JSON:
  {"trace_id", "pipeline_name", "created_at", "status", "needed", "sentence",
   "findings": [{"code", "severity", "message", "site", "field"}...],
   "cause": site or null, "confidence", "proof",
   "chain": [{"role", "site", "why", "field", "evidence"}...],
   "suspects": [{"site", "score", "reasons"}...],
   "at_cause": {"site", "given", "returned", "error"} or null,
   "suggestions": [{"text", "file", "line"}...],
   "keep": [site...], "readers": [site...], "field", "input",
   "unknown": [text...], "commands": [text...], "text": the Markdown}
  site: {"node_name", "step_number", "file", "line"}
"""
)
@click.argument("reference", metavar="[ID]", required=False, shell_complete=complete_trace)
@click.option("--last", is_flag=True, help="The most recent run; the same as without ID.")
@json_option
@takes_project
def fix(project: Project, *, reference: str | None, last: bool, as_json: bool) -> None:
    """Writes a brief to paste, for a person or a coding agent: what is wrong, where it comes from, how to mend it.

    ID is a run's id or the beginning of one, 'last', or 'last~2'; without it the last run is meant.
    """
    from argus.cli.output.json import write_json
    from argus.reports.brief.gathering import brief_of
    from argus.reports.brief.scrubbing import Scrubber

    if reference is not None and last:
        raise click.UsageError("Give an id or --last, not both.")
    trace = project.trace(reference or "last")
    scrubber = Scrubber(project.configuration.settings.security)
    brief = brief_of(trace, scrubber, _commands(project, trace.id))
    if as_json:
        write_json(project.screen, brief)
    else:
        project.screen.document(brief.text)


def _commands(project: Project, trace_id: str) -> list[str]:
    """How to look closer and to check the repair, as far as these commands exist."""
    from argus.cli.main import argus

    lines = [
        ("trace", project.command("trace", trace_id, "--verbose")),
        ("check", project.command("check", "last")),
        ("trace", project.command("trace", "last")),
        ("diff", project.command("diff", trace_id, "last")),
    ]
    known = set(argus.commands) | set(argus.list_commands(click.Context(argus)))
    return [line for command, line in lines if command in known]
