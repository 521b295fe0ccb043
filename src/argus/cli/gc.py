"""``argus gc``: old runs make room."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.storage.retention import Rules, Swept

__all__ = ["gc"]

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_TOLD_EACH = 5_000


@click.command(
    epilog="""\b
Examples:
  argus gc --older-than 30d --dry-run   what would go
  argus gc --older-than 30d             delete it
  argus gc --keep 10000 --where 'status:ok'
  argus gc --max-size 2GB --vacuum      and give the room back to the disk
  argus gc                              as storage.retention says

\b
JSON:
  {"store", "dry_run", "runs": how many went, "bytes_before", "bytes_after", "vacuumed"}
  (bytes are null when the store cannot tell; bytes_after of a rehearsal, too, but for --max-size)
"""
)
@click.option("--older-than", metavar="TIME", help="Runs that started before this: 30d, 12h, or a date.")
@click.option("--keep", metavar="N", type=click.IntRange(min=0), help="All but the N newest.")
@click.option("--max-size", metavar="SIZE", help="The oldest, until the store takes no more than this: 500MB, 2GB.")
@click.option("--where", metavar="QUERY", help="Only runs that fit, such as 'status:ok pipeline:orders'.")
@click.option("--dry-run", is_flag=True, help="Delete nothing, say what would go.")
@click.option(
    "--vacuum", is_flag=True, help="Give the room back afterwards: rebuilds a SQLite file, tidies the others."
)
@json_option
@takes_project
def gc(
    project: Project,
    *,
    older_than: str | None,
    keep: int | None,
    max_size: str | None,
    where: str | None,
    dry_run: bool,
    vacuum: bool,
    as_json: bool,
) -> None:
    """Deletes old runs: by age, by number, or by what the store takes.

    A run goes when any of the options says so. Without one, storage.retention of the configuration holds. What healthy
    runs have taught stays.
    """
    from argus.storage.retention import Swept, sweep

    rules = _rules(project, older_than, keep, max_size, where, may_be_empty=vacuum)
    if not project.has_store():
        swept = Swept(traces=0, bytes_before=None, bytes_after=None)
        _tell(project, str(project.configuration.sqlite_file), swept, dry_run=dry_run, vacuumed=False, as_json=as_json)
        return
    store = project.store()
    swept = sweep(store, rules, dry_run=dry_run, told=_telling(project))
    if vacuum and not dry_run:
        store.vacuum()
        swept = Swept(traces=swept.traces, bytes_before=swept.bytes_before, bytes_after=store.used_bytes())
    _tell(project, store.url, swept, dry_run=dry_run, vacuumed=vacuum and not dry_run, as_json=as_json)


def _rules(
    project: Project,
    older_than: str | None,
    keep: int | None,
    max_size: str | None,
    where: str | None,
    *,
    may_be_empty: bool,
) -> Rules:
    from argus._internal.clock import SystemClock
    from argus.cli.where import parse_time, query_of
    from argus.storage.retention import Rules

    clock = SystemClock()
    before = None if older_than is None else parse_time(older_than, clock)
    max_bytes = None if max_size is None else _bytes(max_size)
    if before is None and keep is None and max_bytes is None:
        retention = project.configuration.settings.storage.retention
        before = None if retention.days is None else clock.now() - timedelta(days=retention.days)
        max_bytes = retention.max_size
        if before is None and max_bytes is None and (where or not may_be_empty):
            raise click.UsageError(
                "Say what shall go: --older-than, --keep or --max-size, or set storage.retention in argus.yaml."
            )
    return Rules(query=query_of({}, where, clock), before=before, keep=keep, max_bytes=max_bytes)


def _bytes(text: str) -> int:
    found = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,3})?)\s*([kmgt]?b?)\s*", text.lower())
    unit = found[2] if found else None
    factor = _UNITS.get(unit if not unit or unit.endswith("b") else f"{unit}b") if unit is not None else None
    if found is None or factor is None:
        raise click.UsageError(f"'{text}' is no size; write 500MB or 2GB.")
    return int(float(found[1]) * factor)


def _telling(project: Project) -> Any:
    said = 0

    def tell(gone: int) -> None:
        nonlocal said
        if gone >= said + _TOLD_EACH:
            said = gone
            project.notes.line(f"{gone:,} runs so far")

    return tell


def _tell(project: Project, url: str, swept: Swept, *, dry_run: bool, vacuumed: bool, as_json: bool) -> None:
    from argus.cli.health.base import bytes_text
    from argus.cli.output.json import write_json

    if as_json:
        facts = {"store": url, "dry_run": dry_run, "runs": swept.traces, "bytes_before": swept.bytes_before}
        write_json(project.screen, {**facts, "bytes_after": swept.bytes_after, "vacuumed": vacuumed})
        return
    runs = "1 run" if swept.traces == 1 else f"{swept.traces:,} runs"
    said = [f"{runs} would go from {url}" if dry_run else f"{runs} deleted from {url}"]
    if swept.bytes_after is not None:
        takes = "would take" if dry_run else "takes"
        said.append(f"it {takes} {bytes_text(swept.bytes_after)} now" if not dry_run else
                    f"it {takes} about {bytes_text(swept.bytes_after)} then")  # fmt: skip
    project.screen.paragraph([", ".join(said)])
