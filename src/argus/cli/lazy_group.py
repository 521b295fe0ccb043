"""A command group that imports a command's module only when the command is called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

__all__ = ["Entry", "LazyGroup"]


class Entry(NamedTuple):
    """Where a command is.

    Attributes:
        module: The module.
        purpose: The line in the list of commands.
        name: What the command is called in the module; empty when it is called as the module is.
    """

    module: str
    purpose: str
    name: str = ""


class LazyGroup(click.Group):
    """Commands by name, none of them imported to list them.

    Args:
        entries: The commands, in the order they are listed.
        **attributes: As for :class:`click.Group`.
    """

    def __init__(self, *, entries: Mapping[str, Entry], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order given."""
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; None if there is none."""
        entry = self._entries.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(entry.module)
        command: click.Command = getattr(module, entry.name or entry.module.rpartition(".")[2])
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command meant by the first argument.

        Raises:
            click.UsageError: There is none; the nearest one is named.
        """
        name = args[0]
        if name in self._entries or ctx.resilient_parsing or name.startswith("-"):
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        near = get_close_matches(name, self._entries, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"The commands are {', '.join(self._entries)}."
        raise click.UsageError(f"There is no command '{name}'. {hint}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.purpose) for name, entry in self._entries.items()])
