"""``argus rules``: lists what is looked for."""

from __future__ import annotations

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

__all__ = ["rules"]

_LAYERS = ("statistical", "semantic", "behavioral", "structural")


@click.command(
    epilog="""\b
JSON:
  [{"code", "name", "layer", "summary", "sections": [{"title", "paragraphs"}...]}...]
"""
)
@click.option("--layer", type=click.Choice(_LAYERS), help="Only this layer.")
@json_option
@takes_project
def rules(project: Project, *, layer: str | None, as_json: bool) -> None:
    """Lists what the built-in detectors look for."""
    from argus.cli.drawing.ink import heading, sentence
    from argus.cli.output.json import write_json
    from argus.cli.output.screen import Span
    from argus.detectors.manual import manuals

    pages = [page for page in manuals() if layer in (None, page.layer)]
    screen = project.screen
    if as_json:
        write_json(screen, pages)
        return
    for shown in sorted({page.layer for page in pages}, key=lambda name: (*_LAYERS, name).index(name)):
        heading(screen, shown.capitalize())
        for page in (page for page in pages if page.layer == shown):
            lead = (Span(f"  {page.code}", "strong"), Span("  "))
            screen.paragraph([*sentence(screen, page.summary.replace("``", "`"))], first=lead, rest=(Span(" " * 10),))
    screen.blank()
    screen.line(project.command("explain", pages[0].code if pages else "CODE"), Span("  explains one", "dim"))
