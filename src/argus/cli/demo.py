"""``argus demo``: runs a healthy and a faulty pipeline and shows what is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.demo import Pipeline
    from argus.model.trace import Trace

__all__ = ["demo"]


@click.command(
    epilog="""\b
Examples:
  argus demo
  argus demo --list
  argus demo invoices --fault wrong_unit

\b
JSON:
  {"pipeline", "fault", "broken_node", "healthy": trace, "faulty": trace}
  --list  [{"pipeline", "description", "faults": [{"name", "description", "node"}...]}...]
"""
)
@click.argument("pipeline", required=False)
@click.option("--fault", metavar="NAME", help="What to break; --list shows what there is.")
@click.option("--list", "as_list", is_flag=True, help="List the pipelines and their faults.")
@click.option("--verbose", "-v", is_flag=True, help="Show the faulty run in full.")
@json_option
@takes_project
def demo(
    project: Project, *, pipeline: str | None, fault: str | None, as_list: bool, verbose: bool, as_json: bool
) -> None:
    """Runs a real LangGraph pipeline, once healthy and once broken on purpose, and shows what is found.

    It works offline and without a key. The runs are stored, so that every other command can be tried on them.
    """
    from argus.cli.output.json import write_json
    from argus.demo import PIPELINES, run_demo

    if as_list:
        _list(project, as_json)
        return
    name = pipeline or next(iter(PIPELINES))
    if name not in PIPELINES:
        raise click.UsageError(f"There is no pipeline '{name}'. There are {', '.join(PIPELINES)}.")
    chosen = PIPELINES[name]
    fault = fault or next(iter(chosen.faults))
    broken = chosen.fault(fault)
    options = {"config": project.config, "storage": project.store_given, "strict": False}
    healthy = run_demo(chosen, watcher_options=options)[-1]
    faulty = run_demo(chosen, fault, watcher_options=options)[-1]
    if as_json:
        found = {"pipeline": name, "fault": fault, "broken_node": broken.node}
        write_json(project.screen, {**found, "healthy": healthy, "faulty": faulty})
        return
    _show_healthy(project, chosen, healthy)
    _show_faulty(project, broken.description, broken.node, faulty, verbose=verbose)


def _show_healthy(project: Project, pipeline: Pipeline, trace: Trace) -> None:
    from argus.cli.drawing.ink import sentence
    from argus.cli.drawing.verdict import draw_verdict
    from argus.cli.output.screen import Span
    from argus.views.chain import story

    screen = project.screen
    what = sentence(screen, f"`{pipeline.name}` {pipeline.description}. First as it should be:")
    screen.paragraph(what)
    screen.blank()
    draw_verdict(screen, trace, story(trace))
    screen.blank()
    screen.line(Span("─" * screen.width, "dim"))


def _show_faulty(project: Project, description: str, node: str, trace: Trace, *, verbose: bool) -> None:
    from argus.cli.drawing.ink import sentence
    from argus.cli.drawing.run import draw_run

    screen = project.screen
    screen.paragraph(sentence(screen, f"Now with a mistake put into `{node}`: {description}"))
    screen.blank()
    draw_run(project, trace, verbose=verbose)


def _list(project: Project, as_json: bool) -> None:
    from argus.cli.drawing.ink import heading
    from argus.cli.output.json import write_json
    from argus.cli.output.screen import Span
    from argus.demo import PIPELINES

    screen = project.screen
    if as_json:
        document = [
            {
                "pipeline": one.name,
                "description": one.description,
                "faults": [
                    {"name": fault.name, "description": fault.description, "node": fault.node}
                    for fault in one.faults.values()
                ],
            }
            for one in PIPELINES.values()
        ]
        write_json(screen, document)
        return
    for one in PIPELINES.values():
        heading(screen, one.name, one.description)
        cells = max((len(name) for name in one.faults), default=0)
        for fault in one.faults.values():
            lead = (Span(f"  {fault.name.ljust(cells)}  "),)
            screen.paragraph([Span(fault.description, "dim")], first=lead, rest=(Span(" " * min(cells + 4, 20)),))
