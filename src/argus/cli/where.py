"""Which runs are meant: options and ``--where`` words as a query.

``--where`` takes words of the form ``key:value``, with commas between alternatives, and free text, quoted where it
holds spaces: ``status:failed,warning node:retrieve since:24h "no sources"``.
"""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, cast, get_args

import click

from argus._internal.clock import Clock

if TYPE_CHECKING:
    from argus.model.detection import Severity
    from argus.model.trace import Status
    from argus.storage.base import TraceQuery

__all__ = ["KEYS", "parse_time", "query_of"]

KEYS = ("pipeline", "status", "code", "severity", "node", "text", "since", "until")
_MANY = ("status", "code", "severity")
_AGO = re.compile(r"(\d{1,6})\s*(s|min|m|h|d|w)\Z")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def query_of(given: dict[str, tuple[str, ...]], where: str | None, clock: Clock) -> TraceQuery:
    """The query that options and ``--where`` describe together.

    Args:
        given: The values of each option by key; empty ones count as not given.
        where: The text of ``--where``, or None.
        clock: Tells what "24h ago" means.

    Raises:
        click.UsageError: A key is unknown, a value has a wrong form or a key that takes one value has several.
    """
    from argus.model.detection import SEVERITIES
    from argus.model.trace import Status
    from argus.storage.base import TraceQuery

    values = {key: list(given.get(key, ())) for key in KEYS}
    for key, word in _words(where or ""):
        values[key] += word.split(",") if key in _MANY else [word]
    for key in KEYS:
        if key not in _MANY and len(values[key]) > 1:
            raise click.UsageError(f"'{key}' takes one value; {len(values[key])} were given.")
    single = {key: values[key][0] if values[key] else None for key in KEYS if key not in _MANY}
    return TraceQuery(
        pipeline=single["pipeline"],
        node=single["node"],
        text=single["text"],
        statuses=tuple(cast("Status", _one_of(word, get_args(Status), "status")) for word in values["status"]),
        codes=tuple(word.upper() for word in values["code"]),
        severities=tuple(cast("Severity", _one_of(word, SEVERITIES, "severity")) for word in values["severity"]),
        since=parse_time(single["since"], clock) if single["since"] else None,
        until=parse_time(single["until"], clock) if single["until"] else None,
    )


def parse_time(text: str, clock: Clock) -> datetime:
    """A point in time.

    Args:
        text: ``30min``, ``24h``, ``7d`` or ``2w`` ago, or an ISO 8601 date or time; without a zone it is local.
        clock: Tells what now is.

    Raises:
        click.UsageError: It is neither.
    """
    ago = _AGO.match(text.strip())
    try:
        if ago:
            return clock.now() - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
        return moment.astimezone(timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(
            f"'{text}' is no time; write 30min, 24h, 7d, 2w, 2026-01-31 or 2026-01-31T14:00."
        ) from None


def _words(where: str) -> list[tuple[str, str]]:
    try:
        words = shlex.split(where)
    except ValueError as error:
        raise click.UsageError(f"'{where}' cannot be read: {error}.") from None
    pairs: list[tuple[str, str]] = []
    free: list[str] = []
    for word in words:
        key, colon, value = word.partition(":")
        if not colon or not key.isidentifier():
            free.append(word)
        elif key not in KEYS:
            raise click.UsageError(f"Runs cannot be filtered by '{key}'. {_nearest(key, KEYS)}")
        else:
            pairs.append((key, value))
    return pairs + ([("text", " ".join(free))] if free else [])


def _one_of(word: str, allowed: tuple[str, ...], what: str) -> str:
    if word not in allowed:
        raise click.UsageError(f"'{word}' is no {what}. {_nearest(word, allowed)}")
    return word


def _nearest(word: str, allowed: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, allowed, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(allowed)}."
