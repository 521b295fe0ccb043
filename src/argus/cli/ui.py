"""``argus ui`` and ``argus serve``: the web interface and the API behind it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from argus.cli.options import takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.server.running import Server
    from argus.server.sources import Sources

__all__ = ["serve", "ui"]


def _serves(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option(
            "--token-file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
            help="Keep the token in this file, so that it stays the same; else each start makes a new one.",
        ),
        click.option("--app", metavar="MODULE:ATTRIBUTE", help="The graph that replays run; without it none can."),
        click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen."),
        click.option(
            "--port", type=click.IntRange(0, 65535),
            help="The port; 0 takes any free one. Default: 8484, or the next free one.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command(
    epilog="""\b
Examples:
  argus ui                          open the web interface on the configured store
  argus ui --store build.db         on another store
  argus ui --app app.py:graph       with replays of this graph
  argus ui --port 0 --no-browser    any free port; print the address only

\b
The printed address holds a token. Whoever has it can read everything that was
recorded, and with --app run the graph: do not pass it on. Ctrl-C ends.
"""
)
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
@_serves
@takes_project
def ui(project: Project, *, no_browser: bool, **options: Any) -> None:
    """Opens the web interface: runs, what broke, where it began, how it spread.

    It is served from this machine, to this machine, and needs the token in the printed address for everything.
    """
    server = _server(project, **options)
    opened = not no_browser and _has_display() and click.launch(server.opening) == 0
    _announce(project, server, "" if opened else "Open this address in a browser; Ctrl-C ends.")
    server.run()


@click.command(
    epilog="""\b
Examples:
  argus serve                             the API, described at /openapi.json
  argus serve --token-file ~/.argus-token the same token at every start
  curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8484/api/v1/meta
"""
)
@_serves
@takes_project
def serve(project: Project, **options: Any) -> None:
    """Serves the API and the web interface without opening a browser."""
    server = _server(project, **options)
    _announce(project, server, "Ctrl-C ends.")
    server.run()


def _server(project: Project, *, host: str, port: int | None, app: str | None, token_file: Path | None) -> Server:
    from argus.server.extra import require_extra

    require_extra()
    from argus.server.running import Server, listen
    from argus.server.security.tokens import new_token, token_of_file

    token = token_of_file(token_file) if token_file else new_token()
    return Server(_sources(project, app), listen(host, port), token)


def _sources(project: Project, app: str | None) -> Sources:
    from argus.errors import ConfigError
    from argus.server.sources import Sources, StoreHandle
    from argus.storage.locate import mask_url, store_url

    configuration = project.configuration
    if app is not None and not all(app.partition(":")):
        raise ConfigError(f"--app {app!r} names nothing; write module:attribute or file.py:attribute")
    file = configuration.sqlite_file
    storage = configuration.settings.storage
    url = f"sqlite:///{file}" if file else mask_url(storage.url or f"{storage.backend}:")
    return Sources(
        configuration=configuration,
        store=StoreHandle(project.has_store, project.store, url),
        command=project.command,
        recover=project.recover,
        options=("--config", project.config) if project.config else (),
        # a process's environment is for its own user's eyes only, its words are not
        environment={"ARGUS_STORAGE_URL": store_url(project.store_given)} if project.store_given else {},
        app=app,
    )


def _announce(project: Project, server: Server, rest: str) -> None:
    screen = project.screen
    screen.line(server.opening)
    if rest:
        screen.line(rest)
    screen.flush()


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
