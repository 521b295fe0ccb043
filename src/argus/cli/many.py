"""Options that choose many runs, for commands that count them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from argus.storage.base import TraceQuery

__all__ = ["chooses_runs", "chosen", "scope_of"]


def chooses_runs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command ``--since`` and ``--where``.

    Args:
        command: The function behind the command.
    """
    command = click.option(
        "--where", metavar="QUERY", help="Only runs that fit, such as 'pipeline:orders code:STR4*'; see argus trace."
    )(command)
    return click.option("--since", metavar="TIME", help="Only runs started since 30min, 24h, 7d or a date.")(command)


def chosen(since: str | None, where: str | None) -> TraceQuery:
    """The query that both options describe together.

    Args:
        since: The value of ``--since``, or None.
        where: The value of ``--where``, or None.

    Raises:
        click.UsageError: One of them cannot be read.
    """
    from argus._internal.clock import SystemClock
    from argus.cli.where import query_of

    return query_of({"since": (since,)} if since else {}, where, SystemClock())


def scope_of(since: str | None, where: str | None) -> str:
    """Which runs are meant, in words.

    Args:
        since: The value of ``--since``, or None.
        where: The value of ``--where``, or None.
    """
    parts = [*([f"since {since}"] if since else []), *([f"where {where}"] if where else [])]
    return " ".join(parts) or "all runs"
