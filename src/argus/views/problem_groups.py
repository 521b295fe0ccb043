"""Runs with findings grouped by what is wrong with them: pipeline, node and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from argus.model.detection import SEVERITIES, Severity
from argus.model.record import Record
from argus.views.run_row import RunRow

__all__ = ["ProblemGroup", "problem_groups"]

_NEW_FOR = timedelta(hours=24)
_SPARK = 12


class ProblemGroup(Record, frozen=True, kw_only=True):
    """One thing that is wrong, in as many runs as have it.

    Attributes:
        pipeline: The pipeline.
        node: The node where it begins; where no cause is named, the node where it shows. Empty when unknown.
        is_cause: Whether the node is named as the cause.
        code: The code of the gravest finding there; empty for runs without a coded one.
        name: The rule's name, in words.
        severity: The gravest of its runs.
        sentence: What the newest of its runs comes down to.
        runs: How many runs have it.
        of_runs: Of how many of the pipeline that were looked at.
        first_seen: When the earliest of its runs started.
        last_seen: When the newest of its runs started.
        is_new: Whether it began within the last 24 hours, after runs of the pipeline without it.
        example_id: The newest of its runs.
        where: The filter that lists its runs.
        spark: How many of its runs started in each of twelve equal parts of the time looked at.
    """

    pipeline: str
    node: str
    is_cause: bool
    code: str
    name: str
    severity: Severity
    sentence: str
    runs: int
    of_runs: int
    first_seen: datetime
    last_seen: datetime
    is_new: bool
    example_id: str
    where: str
    spark: tuple[int, ...]


def problem_groups(
    troubled: Sequence[RunRow],
    *,
    began: Mapping[str, datetime],
    of_runs: Mapping[str, int],
    rule_names: Mapping[str, str],
    now: datetime,
) -> tuple[ProblemGroup, ...]:
    """The groups, gravest first, then those with most runs.

    Args:
        troubled: Runs that are not ok, newest first.
        began: When the earliest run looked at of each pipeline started.
        of_runs: How many runs of each pipeline were looked at.
        rule_names: The names of rules by code.
        now: The end of the time looked at.
    """
    groups: dict[tuple[str, str, str], list[RunRow]] = {}
    for row in troubled:
        place = row.cause or row.symptom
        groups.setdefault((row.pipeline, place.node if place else "", place.code if place else ""), []).append(row)
    start = min((row.created_at for row in troubled), default=now)
    found = [_group(key, rows, began, of_runs, rule_names, (start, now)) for key, rows in groups.items()]
    return tuple(sorted(found, key=_rank))


def _group(
    key: tuple[str, str, str],
    rows: Sequence[RunRow],
    began: Mapping[str, datetime],
    of_runs: Mapping[str, int],
    rule_names: Mapping[str, str],
    window: tuple[datetime, datetime],
) -> ProblemGroup:
    pipeline, node, code = key
    newest = max(rows, key=lambda row: row.created_at)
    first = min(row.created_at for row in rows)
    earlier = began.get(pipeline, first)
    return ProblemGroup(
        pipeline=pipeline,
        node=node,
        is_cause=any(row.cause is not None for row in rows),
        code=code,
        name=rule_names.get(code, ""),
        severity=max((_gravest(row) for row in rows), key=SEVERITIES.index),
        sentence=newest.headline,
        runs=len(rows),
        of_runs=of_runs.get(pipeline, len(rows)),
        first_seen=first,
        last_seen=newest.created_at,
        is_new=earlier < first and window[1] - first <= _NEW_FOR,
        example_id=newest.id,
        where=" ".join(_words(pipeline, node, code)),
        spark=_spark([row.created_at for row in rows], *window),
    )


def _gravest(row: RunRow) -> Severity:
    return "critical" if row.counts.critical or row.status in ("failed", "incomplete") else "warning"


def _words(pipeline: str, node: str, code: str) -> list[str]:
    words = [f"pipeline:{_quoted(pipeline)}", "status:failed,warning,incomplete"]
    words += [f"code:{code}"] if code else []
    return [*words, *([f"node:{_quoted(node)}"] if node else [])]


def _quoted(text: str) -> str:
    if text and all(char.isalnum() or char in "-_." for char in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _spark(times: Sequence[datetime], start: datetime, end: datetime) -> tuple[int, ...]:
    width = max((end - start) / _SPARK, timedelta(microseconds=1))
    counts = [0] * _SPARK
    for time in times:
        counts[min(max(int((time - start) / width), 0), _SPARK - 1)] += 1
    return tuple(counts)


def _rank(group: ProblemGroup) -> tuple[int, bool, int, str, str, str]:
    grave = len(SEVERITIES) - SEVERITIES.index(group.severity)
    return grave, not group.is_new, -group.runs, group.pipeline, group.node, group.code
