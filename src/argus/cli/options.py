"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from argus.cli.project import Project, project_of

__all__ = ["json_option", "takes_project"]


def takes_project(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command ``--config`` and ``--store``, and a project as its first argument.

    The same two options before the command's name mean the same; those after it win.

    Args:
        command: The function behind the command.
    """

    @functools.wraps(command)
    @click.option("--config", metavar="PATH", help="Read this configuration file instead of the nearest argus.yaml.")
    @click.option("--store", metavar="URL|PATH", help="Read this store instead of the configured one.")
    @click.pass_context
    def with_project(context: click.Context, /, config: str | None, store: str | None, **options: Any) -> None:
        outer = project_of(context)
        project = Project(config or outer.config, store or outer.store_given)
        context.obj = project
        context.call_on_close(project.close)
        command(project, **options)

    return with_project


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON in a stable shape instead.")
