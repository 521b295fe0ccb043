"""The entry point of ``argus``: finds the command, and turns errors into a message and an exit code.

Exit codes: 0 clean or shown, 1 findings, 2 ARGUS could not do its job, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence

import click

from argus._version import __version__
from argus.cli.lazy_group import Entry, LazyGroup
from argus.cli.output.screen import OutputClosed, Screen
from argus.cli.project import Project
from argus.errors import ArgusError

__all__ = ["argus", "run"]

FAILED = 2
INTERRUPTED = 130

_COMMANDS = {
    "demo": Entry("argus.cli.demo", "Run a healthy and a faulty pipeline and see what is found."),
    "watch": Entry("argus.cli.watch", "Run a script with every LangGraph graph in it watched."),
    "trace": Entry("argus.cli.trace", "Show a run, or list runs."),
    "check": Entry("argus.cli.check", "Say by exit code whether runs are good enough: the gate of a build."),
    "diff": Entry("argus.cli.diff", "Compare two runs step by step."),
    "replay": Entry("argus.cli.replay", "Run a recorded run again from one of its steps."),
    "fix": Entry("argus.cli.fix", "Write a brief for whoever is to mend the pipeline."),
    "report": Entry("argus.cli.report", "Write a run as HTML, Markdown or JSON."),
    "baseline": Entry("argus.cli.baseline", "Show, freeze or forget what healthy runs have taught."),
    "ui": Entry("argus.cli.ui", "Open the web interface."),
    "serve": Entry("argus.cli.ui", "Serve the API and the web interface without a browser.", "serve"),
    "stats": Entry("argus.cli.stats", "Count runs by pipeline: status, findings, durations, tokens."),
    "copy": Entry("argus.cli.moving", "Copy all runs from one store to another.", "copy"),
    "export": Entry("argus.cli.moving", "Write all runs into a file.", "export"),
    "import": Entry("argus.cli.moving", "Take in the runs of a file.", "take_in"),
    "gc": Entry("argus.cli.gc", "Delete old runs by age, number or size."),
    "sql": Entry("argus.cli.sql", "Ask the store in SQL; nothing can be changed."),
    "rules": Entry("argus.cli.rules", "List what is looked for."),
    "explain": Entry("argus.cli.explain", "Explain a finding's code."),
    "login": Entry("argus.cli.login", "Keep the judge's key on this machine."),
    "doctor": Entry("argus.cli.doctor", "Check that everything is in order."),
    "update": Entry("argus.cli.update", "Ask pip whether there is a newer version."),
}

_EPILOG = """\b
Examples:
  argus demo                    see it work
  argus watch app.py            watch your own pipeline
  argus trace --last            what happened in the last run
  argus trace --list --failed   runs that failed

\b
Completion of commands, ids and pipelines; the line for your shell's start file:
  bash  eval "$(_ARGUS_COMPLETE=bash_source argus)"
  zsh   eval "$(_ARGUS_COMPLETE=zsh_source argus)"
  fish  _ARGUS_COMPLETE=fish_source argus | source
"""


@click.group(
    cls=LazyGroup,
    entries=_COMMANDS,
    name="argus",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="argus", message="%(prog)s %(version)s")
@click.option("--config", metavar="PATH", help="Read this configuration file instead of the nearest argus.yaml.")
@click.option("--store", metavar="URL|PATH", help="Use this store instead of the configured one.")
@click.pass_context
def argus(context: click.Context, config: str | None, store: str | None) -> None:
    """Finds failures in agent pipelines that raise no exception, and the step that caused them."""
    context.obj = Project(config, store)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line.

    Args:
        arguments: What follows ``argus``; the process's own when None.

    Returns:
        The exit code.
    """
    code = 0
    try:
        code = _run(arguments)
        with contextlib.suppress(AttributeError):  # no stdout at all
            Screen(sys.stdout).flush()
    except OutputClosed:  # what was found out counts even if nobody reads it to the end
        _give_up_stdout()
    except ArgusError as error:
        code = _complain(str(error))
        try:
            Screen(sys.stdout).flush()
        except (OutputClosed, ArgusError, AttributeError):  # what cannot be written now cannot be written at exit
            _give_up_stdout()
    return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        outcome = argus.main(args=arguments, prog_name="argus", standalone_mode=False)
    except click.Abort:
        return INTERRUPTED
    except KeyboardInterrupt:
        return INTERRUPTED
    except click.ClickException as error:
        hint = ""
        if isinstance(error, click.UsageError) and error.ctx is not None:
            hint = f"Try '{error.ctx.command_path} --help'."
        return _complain(error.format_message(), hint)
    return outcome if isinstance(outcome, int) else 0


def _complain(message: str, hint: str = "") -> int:
    """Says what is wrong on standard error."""
    _complaint(message, hint)
    return FAILED


def _complaint(message: str, hint: str) -> None:
    """Writes it unbroken, so that paths and commands in it can be searched for and copied."""
    with contextlib.suppress(OutputClosed, ArgusError, AttributeError):  # nobody is there to be told
        screen = Screen(sys.stderr)
        for number, line in enumerate(filter(None, (*message.split("\n"), hint))):
            screen.verbatim(f"{'       ' if number else 'argus: '}{screen.safe(line)}\n")


def _give_up_stdout() -> None:
    """Keeps the interpreter from flushing into a closed pipe or a full disk on its way out."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)
