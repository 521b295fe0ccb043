"""``argus watch``: runs a script with every LangGraph graph in it watched."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from argus._internal.guard import Guard
from argus.cli.options import takes_project
from argus.cli.project import Project
from argus.errors import ArgusError, NotAvailable

if TYPE_CHECKING:
    from argus.config.settings import Settings
    from argus.model.trace import Trace
    from argus.script_watcher import ScriptWatcher, Tally

__all__ = ["watch"]

_FINDINGS, _FAILED = 1, 2

_HELP_END = """\b
Examples:
  argus watch app.py
  argus watch --strict app.py --customer 7
  argus watch -m my_package.app

\b
Exit codes:
  the script's own, when it is not 0
  1  with --strict, when a run has findings of severity warning or worse
  2  ARGUS could not do its job
"""


class _WatchCommand(click.Command):
    """Leaves everything behind the script's or module's name to the script."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Splits the line as ``python`` does: what follows ``-m NAME`` is the module's own."""
        index = 0
        while index < len(args) and args[index].startswith("-") and args[index] != "--":
            if args[index] == "-m":
                if index + 2 <= len(args) - 1:
                    args = [*args[: index + 2], "--", *args[index + 2 :]]
                break
            index += 2 if args[index] in ("--config", "--store") else 1
        return super().parse_args(ctx, args)


@click.command(cls=_WatchCommand, epilog=_HELP_END, context_settings={"allow_interspersed_args": False})
@click.option("-m", "module", metavar="MODULE", help="Run a module instead of a script, as python -m does.")
@click.option("--strict", is_flag=True, help="Exit with 1 when a run has findings of severity warning or worse.")
@click.option("--no-persist", is_flag=True, help="Keep no states, neither in the store nor in the journal.")
@click.option("--verbose", "-v", is_flag=True, help="Show every run in full as soon as it is analysed.")
@click.argument("script", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@takes_project
def watch(
    project: Project,
    *,
    module: str | None,
    strict: bool,
    no_persist: bool,
    verbose: bool,
    script: str | None,
    arguments: Sequence[str],
) -> None:
    """Runs a script with every LangGraph graph in it watched.

    The script behaves as it does without: its output, exit code and tracebacks are its own. What was found is told on
    standard error when it has ended; a run without findings is not mentioned. Ended runs are analysed while the script
    goes on, in the moments when no graph runs.
    """
    from argus.cli.late_start import when_imported
    from argus.cli.script import run_module, run_script, wait_for_threads
    from argus.script_watcher import ScriptWatcher

    if module is None and script is None:
        raise click.UsageError("Name a script, or a module with -m.")
    watcher = ScriptWatcher(
        strict=strict or None,
        persist_state=False if no_persist else None,
        config=project.config,
        storage=project.store_given,
        on_trace=(lambda trace: _show(project, trace)) if verbose else None,
    )
    stop_waiting = when_imported("langgraph", lambda: _start(project, watcher))
    try:
        if module is not None:
            code = run_module(module, [*([script] if script is not None else []), *arguments])
        else:
            code = run_script(str(script), arguments)
        wait_for_threads()
    finally:
        stop_waiting()
        tally = _finish(project, watcher)
    settings = watcher.settings
    if tally is not None and (verbose or not settings.watcher.quiet):
        _tell(project, tally, verbose=verbose)
    raise click.exceptions.Exit(code or _own_code(tally, settings))


def _start(project: Project, watcher: ScriptWatcher) -> None:
    """Begins to watch; if that fails the script runs on unwatched, as if LangGraph were not there."""
    with Guard("watch.start"):
        try:
            watcher.start()
        except NotAvailable:  # LangGraph is not installed; the script's own import says so, if it matters
            return
        except ArgusError as error:
            project.notes.line(f"argus: nothing is watched: {error}")


def _finish(project: Project, watcher: ScriptWatcher) -> Tally | None:
    """What the runs came to, or None when they could not be analysed: the script's result stands all the same."""
    with Guard("watch.finish"):
        try:
            return watcher.finish()
        except ArgusError as error:
            project.notes.paragraph([f"argus: the runs could not be analysed: {error}"])
    return None


def _own_code(tally: Tally | None, settings: Settings) -> int:
    if tally is None or tally.not_stored:
        return _FAILED
    return _FINDINGS if settings.watcher.strict and tally.unclean else 0


def _show(project: Project, trace: Trace) -> None:
    from argus.cli.drawing.run import draw_run

    project.notes.blank()
    draw_run(project, trace, verbose=True, screen=project.notes)


def _tell(project: Project, tally: Tally, *, verbose: bool) -> None:
    """Says on standard error what was found."""
    from argus.cli.drawing.verdict import draw_verdict
    from argus.cli.output.screen import Span
    from argus.views.amounts import count, share
    from argus.views.chain import story
    from argus.views.trace_list import row_of_trace

    notes = project.notes
    if not tally.runs:
        if "argus.session" not in sys.modules:  # a script with sessions records by itself
            notes.line("argus: no LangGraph graph ran.")
        return
    if tally.first_not_stored is not None:
        which = f"run {tally.first_not_stored.id} was" if tally.not_stored == 1 else f"{tally.not_stored:,} runs were"
        notes.paragraph([f"argus: {which} not stored: {tally.first_not_stored.metadata['store_error']}"])
    if not tally.unclean:
        if verbose:
            notes.line(f"argus: {count(tally.runs, 'run')} without findings.")
        return
    notes.blank()
    notes.line(Span("argus", "strong"), f": {share(tally.unclean, tally.runs, 'run')} with findings")
    if verbose:
        return
    for trace in tally.first_unclean:
        draw_verdict(notes, trace, story(trace))
        notes.line("  ", project.command("trace", row_of_trace(trace).short_id))
    if tally.unclean > len(tally.first_unclean):
        notes.line(f"{tally.unclean - len(tally.first_unclean):,} more: ", project.command("trace", "--list"))
