"""``argus doctor``: checks that everything is in order."""

from __future__ import annotations

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

__all__ = ["doctor"]

_STATUS_CELLS = 11


@click.command(
    epilog="""\b
Examples:
  argus doctor
  argus doctor --json

\b
JSON:
  {"checks": [{"name", "status": "ok"|"warning"|"failed", "message", "cure"}...]}

\b
Exit codes:
  0  nothing failed
  1  something failed
"""
)
@json_option
@takes_project
def doctor(project: Project, *, as_json: bool) -> None:
    """Checks versions, configuration and store, and says what to do about what is wrong."""
    from argus.cli.drawing.ink import status_sign
    from argus.cli.health.examination import examine
    from argus.cli.output.json import write_json
    from argus.cli.output.screen import Span

    checks = list(examine(project))
    screen = project.screen
    if as_json:
        write_json(screen, {"checks": checks})
    else:
        cells = max(len(check.name) for check in checks)
        rest = (Span("    " if screen.narrow else " " * (_STATUS_CELLS + cells + 2)),)
        for check in checks:
            sign = status_sign(check.status)
            lead = (Span(sign.text.ljust(_STATUS_CELLS), sign.style), Span(check.name.ljust(cells + 2), "strong"))
            if screen.narrow:
                screen.line(*lead)
            screen.paragraph([check.message], first=rest if screen.narrow else lead, rest=rest)
            if check.cure:
                screen.paragraph([check.cure], first=(*rest, Span("→ ")), rest=(*rest, Span("  ")))
    raise click.exceptions.Exit(1 if any(check.status == "failed" for check in checks) else 0)
