"""What the shell offers when Tab is pressed: ids and pipelines that are stored, statuses, severities.

Pressing Tab must be quick, change nothing and never complain: only a store in a file is read, of it only the newest
runs, and whatever goes wrong offers nothing. A name comes from whoever wrote the pipeline and lands on a command line;
one that a shell could read as anything but a plain word is not offered.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from argus.storage.base import BaseStore

__all__ = ["complete_pipeline", "complete_severity", "complete_status", "complete_trace"]

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.,:@%+=/-]*", re.ASCII)
_NEWEST_IDS = 20
_NEWEST_RUNS = 200


def complete_trace(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Ids of runs that begin so: the newest ones, or any once something is typed; and ``last``.

    Args:
        context: The command that is being typed.
        parameter: What is completed.
        incomplete: What is typed of it.
    """

    def read(store: BaseStore) -> list[CompletionItem]:
        newest = {row.id: row for row in store.list(limit=_NEWEST_IDS).rows}
        ids = store.find_prefix(incomplete, limit=_NEWEST_IDS) if incomplete else tuple(newest)
        return [
            CompletionItem(
                one, help=f"{newest[one].status}, {newest[one].created_at:%Y-%m-%d %H:%M}" if one in newest else None
            )
            for one in ids
        ]

    words = [CompletionItem("last", help="the newest run")] if "last".startswith(incomplete) else []
    return [*words, *_read(context, read)]


def complete_pipeline(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Pipelines of the newest 200 runs.

    Args:
        context: The command that is being typed.
        parameter: What is completed.
        incomplete: What is typed of it.
    """

    def read(store: BaseStore) -> list[CompletionItem]:
        names = sorted({row.pipeline_name for row in store.list(limit=_NEWEST_RUNS).rows})
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]

    return _read(context, read)


def complete_status(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Statuses of a stored run.

    Args:
        context: The command that is being typed.
        parameter: What is completed.
        incomplete: What is typed of it.
    """
    return [word for word in ("ok", "warning", "failed", "incomplete") if word.startswith(incomplete)]


def complete_severity(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Severities of findings.

    Args:
        context: The command that is being typed.
        parameter: What is completed.
        incomplete: What is typed of it.
    """
    return [word for word in ("info", "warning", "critical") if word.startswith(incomplete)]


def _read(context: click.Context, read: Callable[[BaseStore], list[CompletionItem]]) -> list[CompletionItem]:
    """What is read from the store that the command would read, if it is a file that exists."""
    with contextlib.suppress(Exception):
        from argus.cli.project import Project
        from argus.storage.locate import open_configured

        outer = context.parent.params if context.parent else {}
        config, store_given = (context.params.get(name) or outer.get(name) for name in ("config", "store"))
        configuration = Project(config, store_given).configuration
        file = configuration.sqlite_file
        if file is not None and file.exists():
            opened = open_configured(configuration.settings.storage, configuration.base_folder)
            with contextlib.closing(opened) as store:
                return [item for item in read(store) if _PLAIN.fullmatch(item.value)]
    return []
