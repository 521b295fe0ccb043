"""``argus login``: keeps the judge's key."""

from __future__ import annotations

import sys

import click

from argus.cli.options import json_option, takes_project
from argus.cli.project import Project
from argus.errors import ArgusError

__all__ = ["login"]


@click.command(
    epilog="""\b
Examples:
  argus login                   asks for the key without showing it
  argus login < key.txt         reads it from a file
  argus login --forget          takes it away again

\b
JSON:
  {"stored": bool, "where": text or null}
"""
)
@click.option("--key", help="The key; better typed at the prompt, where no history keeps it.")
@click.option("--forget", is_flag=True, help="Delete the key that is kept.")
@json_option
@takes_project
def login(project: Project, *, key: str | None, forget: bool, as_json: bool) -> None:
    """Keeps the API key of the language-model judge on this machine.

    In the system's keyring when the package keyring is installed and has one, else in a file that only you can read.
    OPENAI_API_KEY goes before it. Nothing is sent anywhere.
    """
    from argus.cli.output.json import write_json
    from argus.judges.keys import forget_key, store_key

    screen = project.screen
    if forget:
        had = forget_key()
        if as_json:
            write_json(screen, {"stored": False, "where": None})
        else:
            screen.line("The key is gone." if had else "No key was kept.")
        return
    where = store_key(key if key is not None else _asked())
    if as_json:
        write_json(screen, {"stored": True, "where": where})
    else:
        screen.verbatim(f"The judge's key is kept in {screen.safe(where)}.\n")


def _asked() -> str:
    typed: str = click.prompt("Key", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    if not typed.strip():
        raise ArgusError("no key was given")
    return typed
