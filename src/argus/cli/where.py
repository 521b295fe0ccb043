"""Which runs are meant: options and ``--where`` words as a filter, and what to say when they are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from argus._internal.clock import Clock
from argus.storage import filter_words
from argus.storage.filter_words import RunFilter, read_filter

if TYPE_CHECKING:
    from argus.storage.base import TraceQuery

__all__ = ["filter_of", "parse_time", "query_of"]


def filter_of(given: Mapping[str, Sequence[str]], where: str | None, clock: Clock) -> RunFilter:
    """The filter that options and ``--where`` describe together.

    Args:
        given: The values of each option by key; empty ones count as not given, several are alternatives.
        where: The text of ``--where``, or None.
        clock: Tells what "24h ago" means.

    Raises:
        click.UsageError: A key is unknown or a value has a wrong form.
    """
    wanted = read_filter(where or "", clock, given)
    if wanted.problems:
        raise click.UsageError("\n".join(problem.hint for problem in wanted.problems))
    return wanted


def query_of(given: Mapping[str, Sequence[str]], where: str | None, clock: Clock) -> TraceQuery:
    """The same for commands that let the store do all the looking.

    Args:
        given: The values of each option by key; empty ones count as not given, several are alternatives.
        where: The text of ``--where``, or None.
        clock: Tells what "24h ago" means.

    Raises:
        click.UsageError: A key is unknown, a value has a wrong form, or a word means what only a listing can look for.
    """
    wanted = filter_of(given, where, clock)
    if wanted.rest:
        term = wanted.rest[0]
        word = f"{'-' if term.negated else ''}{term.key}:{','.join(term.words)}"
        raise click.UsageError(f"'{word}' works in lists only: argus trace --list --where …")
    return wanted.query


def parse_time(text: str, clock: Clock) -> datetime:
    """A point in time.

    Args:
        text: ``30min``, ``24h``, ``7d`` or ``2w`` ago, or an ISO 8601 date or time; without a zone it is local.
        clock: Tells what now is.

    Raises:
        click.UsageError: It is neither.
    """
    try:
        return filter_words.parse_time(text, clock)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
