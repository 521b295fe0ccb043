"""``argus copy``, ``argus export`` and ``argus import``: runs from store to store, and through files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project

if TYPE_CHECKING:
    from argus.storage.moving import Moved

__all__ = ["copy", "export", "take_in"]

_JSON = """
\b
JSON:
  {"from", "to", "traces": how many, "bytes": their JSON, "checksum"}
"""

_TOLD_EACH = 1_000


@click.command(
    epilog="""\b
Examples:
  argus copy .argus/traces.db postgresql://writer@db/argus
  argus copy postgresql://reader@db/argus archive.db
"""
    + _JSON
)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@json_option
@takes_project
def copy(project: Project, *, source: str, target: str, as_json: bool) -> None:
    """Copies all runs from one store to another.

    FROM and TO are URLs or paths of SQLite files. Each run is read back and compared; a run with the same id is
    replaced. After an interruption call it again. Healthy runs teach the baselines of the store they come to.
    """
    from contextlib import closing

    from argus.storage.locate import open_store, store_url
    from argus.storage.masking import mask_url
    from argus.storage.moving import all_traces, save_all

    where = store_url(source)
    if where.startswith("sqlite:///") and not Path(where.removeprefix("sqlite:///")).exists():
        raise click.UsageError(f"there is no store at {source}")
    with closing(open_store(where)) as given, closing(open_store(store_url(target))) as taking:
        moved = save_all(all_traces(given), taking, _telling(project))
    _tell(project, "copied", mask_url(source), mask_url(target), moved, as_json=as_json)


@click.command(
    epilog="""\b
Examples:
  argus export --output runs.jsonl
  argus --store postgresql://reader@db/argus export --output runs.jsonl
"""
    + _JSON
)
@click.option("--output", "-o", required=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="The file to write; one that exists is replaced.")  # fmt: skip
@json_option
@takes_project
def export(project: Project, *, output: Path, as_json: bool) -> None:
    """Writes all runs into a file, one a line, for its owner alone.

    The file is JSON Lines; `argus import` gives back exactly the same runs. It holds what your pipelines saw.
    """
    from argus.storage.moving import all_traces
    from argus.storage.trace_file import write_traces

    store = project.store()
    _tell(project, "exported", store.url, str(output), write_traces(output, all_traces(store)), as_json=as_json)


@click.command(
    name="import",
    epilog="""\b
Examples:
  argus import runs.jsonl
  argus --store archive.db import runs.jsonl
"""
    + _JSON,
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
@takes_project
def take_in(project: Project, *, file: Path, as_json: bool) -> None:
    """Takes in the runs of a file that `argus export` wrote.

    Each run is read back and compared; a run with the same id is replaced. After an interruption call it again.
    Healthy runs teach the baselines of the store they come to.
    """
    from contextlib import closing

    from argus.storage.locate import open_configured
    from argus.storage.moving import save_all
    from argus.storage.trace_file import read_traces

    configuration = project.configuration
    with closing(open_configured(configuration.settings.storage, configuration.base_folder)) as store:
        moved = save_all(read_traces(file), store, _telling(project))
        url = store.url
    _tell(project, "imported", str(file), url, moved, as_json=as_json)


def _telling(project: Project) -> Callable[[Moved], None]:
    """Says now and then on stderr how far it has come."""
    said = 0

    def tell(moved: Moved) -> None:
        nonlocal said
        if moved.traces >= said + _TOLD_EACH:
            said = moved.traces
            project.notes.line(f"{moved.traces:,} runs so far")

    return tell


def _tell(project: Project, done: str, source: str, target: str, moved: Moved, *, as_json: bool) -> None:
    from argus.cli.output.json import write_json

    if as_json:
        facts = {"from": source, "to": target, "traces": moved.traces}
        write_json(project.screen, {**facts, "bytes": moved.text_bytes, "checksum": moved.checksum})
        return
    runs = "1 run" if moved.traces == 1 else f"{moved.traces:,} runs"
    project.screen.paragraph([f"{runs} {done} from {source} to {target}, checksum {moved.checksum}"])
