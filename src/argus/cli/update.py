"""``argus update``: tells whether there is a newer version, and how to get it."""

from __future__ import annotations

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

__all__ = ["update"]


@click.command(
    epilog="""\b
Examples:
  argus update --check            is there a newer version?
  argus update --check --json

\b
JSON:
  {"installed", "newest", "newer": whether there is one, "command": how to get it}

\b
Exit codes:
  0  told, whether there is one or not
  2  pip could not be asked, as without a network
"""
)
@click.option("--check", is_flag=True, required=True, help="Ask pip which version is the newest; nothing is installed.")
@json_option
@takes_project
def update(project: Project, *, check: bool, as_json: bool) -> None:
    """Asks pip whether there is a newer version of ARGUS.

    Only this command ever asks, and only when it is called. It asks the package index that your pip is set up for, and
    leaves installing to you.
    """
    from argus._version import __version__
    from argus.cli.newest_version import install_command, is_newer, newest_version
    from argus.cli.output.json import write_json

    newest = newest_version()
    newer = is_newer(newest, __version__)
    command = install_command()
    screen = project.screen
    if as_json:
        write_json(
            screen, {"installed": __version__, "newest": newest, "newer": newer, "command": command if newer else None}
        )
    elif newer:
        screen.line(f"There is version {newest}; installed is {__version__}. To get it:")
        screen.verbatim(f"  {screen.safe(command)}\n")
    else:
        screen.line(f"Version {__version__} is the newest.")
