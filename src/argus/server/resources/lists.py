"""The server itself, and lists of runs."""

from __future__ import annotations

from datetime import datetime

from argus.model.record import Record
from argus.storage.filter_words import TokenProblem
from argus.views.run_row import RunRow

__all__ = ["FilterKey", "Meta", "Problem", "QueryReport", "ReplayApp", "RunList"]


class Problem(Record, frozen=True, kw_only=True):
    """What went wrong with a request (RFC 9457).

    Attributes:
        type: What kind of problem it is; ``about:blank`` when the status says it all.
        title: The status in words.
        status: The HTTP status.
        detail: What went wrong, in one or two sentences.
        hint: What to do about it, or None.
    """

    type: str
    title: str
    status: int
    detail: str
    hint: str | None = None


class ReplayApp(Record, frozen=True, kw_only=True):
    """What replays run.

    Attributes:
        app: The graph or factory that was named when the server was started.
    """

    app: str


class FilterKey(Record, frozen=True, kw_only=True):
    """A key of the filter language.

    Attributes:
        key: Such as ``status``.
        values: What it can be, where that is known.
    """

    key: str
    values: tuple[str, ...] = ()


class Meta(Record, frozen=True, kw_only=True):
    """The server and what it serves.

    Attributes:
        version: The version of ARGUS.
        store: Where the runs are, without passwords.
        trace_count: How many runs are stored.
        pipelines: Their pipelines, by name.
        runs_by_pipeline: How many runs each has.
        live: Whether running pipelines are followed.
        running: Runs that are being recorded now.
        replay: What replays run, or None when the server was started without ``--app``.
        problems: What is wrong with configuration or store, one sentence each.
        filter_keys: The filter language.
        command_options: What a command line needs to mean this store and configuration; often nothing.
        now: The server's time.
    """

    version: str
    store: str
    trace_count: int
    pipelines: tuple[str, ...]
    runs_by_pipeline: dict[str, int]
    live: bool
    running: int
    replay: ReplayApp | None
    problems: tuple[str, ...]
    filter_keys: tuple[FilterKey, ...]
    command_options: str
    now: datetime


class QueryReport(Record, frozen=True, kw_only=True):
    """How a filter was understood.

    Attributes:
        problems: Words that could not be understood; the rest was applied.
    """

    problems: tuple[TokenProblem, ...] = ()


class RunList(Record, frozen=True, kw_only=True):
    """A part of the runs that fit, newest first.

    Attributes:
        items: There may be fewer than asked for although more follow.
        running: Runs being recorded now that fit as far as can be told; only without a cursor.
        next_cursor: Pass it to go on; None at the end.
        total: How many fit, or None when that would take a look at each of them.
        looked_at: Runs that were looked at for this part.
        query: How the filter was understood.
    """

    items: tuple[RunRow, ...]
    running: tuple[RunRow, ...] = ()
    next_cursor: str | None = None
    total: int | None = None
    looked_at: int = 0
    query: QueryReport
