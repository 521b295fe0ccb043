"""What many runs come to: counts, shares and times, without the runs themselves."""

from __future__ import annotations

from argus.model.record import Record

__all__ = ["CodeFigures", "DayFigures", "Figures", "NodeFigures", "PipelineFigures"]


class PipelineFigures(Record, frozen=True, kw_only=True):
    """The runs of one pipeline.

    Attributes:
        pipeline_name: The pipeline.
        runs: How many.
        statuses: How many of each status that occurs.
        findings: Findings that count, of all runs.
        steps: Steps recorded.
        failed_steps: Steps that an exception left.
        total_tokens: Tokens of all model calls that told them.
        p50_ms: Half of the runs took no longer; None when no run's duration is known.
        p95_ms: 95 of 100 runs took no longer; None as above.
    """

    pipeline_name: str
    runs: int
    statuses: dict[str, int]
    findings: int
    steps: int
    failed_steps: int
    total_tokens: int
    p50_ms: float | None
    p95_ms: float | None


class CodeFigures(Record, frozen=True, kw_only=True):
    """Findings of one code in one pipeline; suppressed ones do not count.

    Attributes:
        pipeline_name: The pipeline.
        code: The findings' code; empty for detectors that give none, which are told apart by layer.
        layer: The layer of the newest of them.
        findings: How many.
        runs: In how many runs.
        critical: How many of them are critical.
        warning: How many of them are warnings.
        message: What the newest says.
        trace_id: The newest one's run.
    """

    pipeline_name: str
    code: str
    layer: str
    findings: int
    runs: int
    critical: int
    warning: int
    message: str
    trace_id: str


class NodeFigures(Record, frozen=True, kw_only=True):
    """The steps of one node of one pipeline.

    Attributes:
        pipeline_name: The pipeline.
        node_name: The node.
        steps: How many.
        failed_steps: How many of them an exception left.
        total_tokens: Tokens of its model calls that told them.
        p50_ms: Half of the steps took no longer; None when no step's duration is known.
        p95_ms: 95 of 100 steps took no longer; None as above.
    """

    pipeline_name: str
    node_name: str
    steps: int
    failed_steps: int
    total_tokens: int
    p50_ms: float | None
    p95_ms: float | None


class DayFigures(Record, frozen=True, kw_only=True):
    """The runs that started on one day.

    Attributes:
        day: The date in UTC, ISO 8601.
        statuses: How many runs of each status that occurs.
        findings: Findings that count, of all runs.
    """

    day: str
    statuses: dict[str, int]
    findings: int

    @property
    def runs(self) -> int:
        """How many runs started."""
        return sum(self.statuses.values())


class Figures(Record, frozen=True, kw_only=True):
    """What many runs come to.

    Percentiles are of the nearest rank: each is a duration that was measured.

    Attributes:
        first_at: When the earliest run started, ISO 8601; None without runs.
        last_at: When the latest run started, ISO 8601; None without runs.
        pipelines: The one with most runs first, then by name.
        codes: Those found in most runs first, then by findings, code and pipeline.
        nodes: The slowest first, by ``p95_ms``, then by name.
        days: In order; days without runs are left out.
    """

    first_at: str | None = None
    last_at: str | None = None
    pipelines: tuple[PipelineFigures, ...] = ()
    codes: tuple[CodeFigures, ...] = ()
    nodes: tuple[NodeFigures, ...] = ()
    days: tuple[DayFigures, ...] = ()

    @property
    def runs(self) -> int:
        """How many runs were counted."""
        return sum(one.runs for one in self.pipelines)

    @property
    def statuses(self) -> dict[str, int]:
        """How many runs of each status that occurs."""
        total: dict[str, int] = {}
        for pipeline in self.pipelines:
            for status, runs in pipeline.statuses.items():
                total[status] = total.get(status, 0) + runs
        return total
