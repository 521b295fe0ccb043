"""``argus explain``: the page of one finding's code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.detectors.manual import Manual

__all__ = ["explain"]


@click.command(
    epilog="""\b
Examples:
  argus explain STR401
  argus explain missing_field

\b
JSON:
  {"code", "name", "layer", "summary", "sections": [{"title", "paragraphs"}...]}
"""
)
@click.argument("code")
@json_option
@takes_project
def explain(project: Project, *, code: str, as_json: bool) -> None:
    """Explains a finding: what it means, how it is decided, when it is wrong.

    CODE is a code such as STR401, or a detector's name.
    """
    from argus.cli.drawing.ink import heading, sentence
    from argus.cli.output.json import write_json
    from argus.cli.output.screen import Span
    from argus.detectors.manual import manuals

    pages = manuals()
    page = next((page for page in pages if code.upper() == page.code or code == page.name), None)
    if page is None:
        raise click.UsageError(f"There is no code '{code}'. {_nearest(code, pages)}")
    screen = project.screen
    if as_json:
        write_json(screen, page)
        return
    screen.line(Span(page.code, "strong"), Span(f"  {page.name}, {page.layer}", "dim"))
    screen.paragraph(sentence(screen, page.summary.replace("``", "`")))
    for section in page.sections:
        heading(screen, section.title)
        for paragraph in section.paragraphs:
            screen.paragraph(sentence(screen, paragraph), first=(Span("  "),), rest=(Span("  "),))


def _nearest(code: str, pages: Sequence[Manual]) -> str:
    from difflib import get_close_matches

    names = [*(page.code for page in pages), *(page.name for page in pages)]
    near = get_close_matches(code.upper(), names, n=1) or get_close_matches(code.lower(), names, n=1)
    return f"Did you mean '{near[0]}'?" if near else "See them all with: argus rules"
