"""Many runs as the variables of a template.

===============  =======================================================================================
variable         what it is
===============  =======================================================================================
``page``         everything below, ready to be written out (:class:`SummaryPage`)
``figures``      the figures as in the JSON report: dicts, lists and scalars, as recorded
``version``      the version of ARGUS
===============  =======================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from argus.model.detection import Severity
from argus.model.figures import CodeFigures, Figures, NodeFigures, PipelineFigures
from argus.model.record import Record
from argus.model.trace import Status
from argus.reports.phrases import Phrase, phrase
from argus.reports.summary.charts import Chart, findings_chart, runs_chart
from argus.views.amounts import count, duration, percent
from argus.views.neutral import neutral
from argus.views.trace_list import ListRow
from argus.views.words import SEVERITY_SIGNS, STATUS_SIGNS

__all__ = ["CodeRow", "NodeRow", "PipelineRow", "RunRow", "StatusShare", "SummaryPage", "summary_page"]

_MOST_CODES, _MOST_NODES, _MOST_PIPELINES = 50, 50, 100
_ORDER: tuple[Status, ...] = ("failed", "incomplete", "warning", "ok")


class StatusShare(Record, frozen=True, kw_only=True):
    """How many runs have a status.

    Attributes:
        status: ``failed``, ``incomplete``, ``warning`` or ``ok``.
        glyph: Its sign.
        word: It as a word.
        runs: How many.
        share: Of all runs, such as ``12%``.
        share_of_1000: The same as a number, for drawing.
    """

    status: str
    glyph: str
    word: str
    runs: int
    share: str
    share_of_1000: int


class PipelineRow(Record, frozen=True, kw_only=True):
    """One pipeline.

    Attributes:
        name: The pipeline.
        runs: How many.
        statuses: Those that occur, worst first.
        findings: How many.
        p50: Half of the runs took no longer.
        p95: 95 of 100 runs took no longer.
        tokens: Of all model calls that told them.
    """

    name: str
    runs: int
    statuses: tuple[StatusShare, ...]
    findings: int
    p50: str
    p95: str
    tokens: int


class CodeRow(Record, frozen=True, kw_only=True):
    """Findings of one code in one pipeline.

    Attributes:
        severity: The gravest that occurs.
        glyph: Its sign.
        word: It as a word.
        code: The code, or the layer of a detector that gives none.
        pipeline: The pipeline.
        message: What the newest says.
        findings: How many.
        runs: In how many runs.
        share: Of the pipeline's runs, such as ``12%``.
        newest: The id of the newest one's run.
    """

    severity: str
    glyph: str
    word: str
    code: str
    pipeline: str
    message: Phrase
    findings: int
    runs: int
    share: str
    newest: str


class NodeRow(Record, frozen=True, kw_only=True):
    """One node of one pipeline.

    Attributes:
        name: The node.
        pipeline: Its pipeline.
        steps: How many.
        failed: How many of them an exception left.
        failed_share: The same as a share, such as ``12%``; empty when none failed.
        p50: Half of the steps took no longer.
        p95: 95 of 100 steps took no longer.
        p50_of_1000: ``p50`` as a length, the slowest node's ``p95`` being 1000.
        p95_of_1000: ``p95`` likewise.
        tokens: Of its model calls that told them.
    """

    name: str
    pipeline: str
    steps: int
    failed: int
    failed_share: str
    p50: str
    p95: str
    p50_of_1000: int
    p95_of_1000: int
    tokens: int


class RunRow(Record, frozen=True, kw_only=True):
    """One run with findings.

    Attributes:
        id: Its full id.
        short_id: Its beginning.
        status: Its status.
        glyph: The status's sign.
        word: The status as a word.
        pipeline: Its pipeline.
        sentence: What happened.
        started: When, ISO 8601 in UTC.
        duration: How long it took.
    """

    id: str
    short_id: str
    status: str
    glyph: str
    word: str
    pipeline: str
    sentence: Phrase
    started: str
    duration: str


class SummaryPage(Record, frozen=True, kw_only=True):
    """Many runs.

    Attributes:
        scope: Which runs are meant, such as ``since 7d``; ``all runs`` without conditions.
        first_day: The day of the earliest run, ISO 8601; empty without runs.
        last_day: The day of the latest run, ISO 8601; empty without runs.
        runs: How many.
        facts: Runs, findings, steps, failed steps, tokens, in words.
        statuses: Those that occur, worst first.
        error_rate: The share of runs that failed or never ended, such as ``12%``.
        step_error_rate: The share of steps that an exception left.
        runs_chart: Runs a day by status; None without runs.
        findings_chart: Findings a day; None without findings.
        pipelines: The one with most runs first.
        codes: Findings, the most frequent first.
        nodes: The slowest first.
        newest: The newest runs that are not OK.
        left_out: What the lists above leave out, in words.
    """

    scope: str
    first_day: str
    last_day: str
    runs: int
    facts: tuple[str, ...]
    statuses: tuple[StatusShare, ...]
    error_rate: str
    step_error_rate: str
    runs_chart: Chart | None
    findings_chart: Chart | None
    pipelines: tuple[PipelineRow, ...]
    codes: tuple[CodeRow, ...]
    nodes: tuple[NodeRow, ...]
    newest: tuple[RunRow, ...]
    left_out: tuple[str, ...]


def summary_page(figures: Figures, scope: str, newest: Sequence[ListRow]) -> SummaryPage:
    """Everything a template needs.

    Args:
        figures: What the runs come to.
        scope: Which runs are meant, in words.
        newest: The newest runs that are not OK.
    """
    runs = figures.runs
    findings = sum(one.findings for one in figures.pipelines)
    steps = sum(one.steps for one in figures.pipelines)
    failed_steps = sum(one.failed_steps for one in figures.pipelines)
    tokens = sum(one.total_tokens for one in figures.pipelines)
    statuses = figures.statuses
    slowest = max((one.p95_ms or 0.0 for one in figures.nodes), default=0.0)
    of_pipeline = {one.pipeline_name: one.runs for one in figures.pipelines}
    return SummaryPage(
        scope=neutral(scope),
        first_day=(figures.first_at or "")[:10],
        last_day=(figures.last_at or "")[:10],
        runs=runs,
        facts=(
            count(runs, "run"),
            count(findings, "finding"),
            count(steps, "step"),
            *([f"{failed_steps:,} of them raised"] if failed_steps else []),
            *([count(tokens, "token")] if tokens else []),
        ),
        statuses=_shares(statuses, runs),
        error_rate=percent(statuses.get("failed", 0) + statuses.get("incomplete", 0), runs),
        step_error_rate=percent(failed_steps, steps),
        runs_chart=runs_chart(figures.days),
        findings_chart=findings_chart(figures.days) if findings else None,
        pipelines=tuple(map(_pipeline, figures.pipelines[:_MOST_PIPELINES])),
        codes=tuple(_code(one, of_pipeline) for one in figures.codes[:_MOST_CODES]),
        nodes=tuple(_node(one, slowest) for one in figures.nodes[:_MOST_NODES]),
        newest=tuple(map(_run, newest)),
        left_out=tuple(
            f"{count(len(rows) - most, noun)} more; the JSON report has all"
            for rows, most, noun in (
                (figures.pipelines, _MOST_PIPELINES, "pipeline"),
                (figures.codes, _MOST_CODES, "code"),
                (figures.nodes, _MOST_NODES, "node"),
            )
            if len(rows) > most
        ),
    )


def _shares(statuses: Mapping[str, int], runs: int) -> tuple[StatusShare, ...]:
    return tuple(
        StatusShare(
            status=status,
            glyph=STATUS_SIGNS[status].glyph,
            word=STATUS_SIGNS[status].word,
            runs=statuses[status],
            share=percent(statuses[status], runs),
            share_of_1000=round(1000 * statuses[status] / runs),
        )
        for status in _ORDER
        if statuses.get(status)
    )


def _pipeline(one: PipelineFigures) -> PipelineRow:
    return PipelineRow(
        name=neutral(one.pipeline_name),
        runs=one.runs,
        statuses=_shares(one.statuses, one.runs),
        findings=one.findings,
        p50=duration(one.p50_ms),
        p95=duration(one.p95_ms),
        tokens=one.total_tokens,
    )


def _code(one: CodeFigures, of_pipeline: Mapping[str, int]) -> CodeRow:
    severity: Severity = "critical" if one.critical else "warning" if one.warning else "info"
    return CodeRow(
        severity=severity,
        glyph=SEVERITY_SIGNS[severity].glyph,
        word=SEVERITY_SIGNS[severity].word,
        code=neutral(one.code or one.layer),
        pipeline=neutral(one.pipeline_name),
        message=phrase(one.message),
        findings=one.findings,
        runs=one.runs,
        share=percent(one.runs, of_pipeline.get(one.pipeline_name, one.runs)),
        newest=neutral(one.trace_id),
    )


def _node(one: NodeFigures, slowest: float) -> NodeRow:
    scale = 1000 / slowest if slowest else 0.0
    return NodeRow(
        name=neutral(one.node_name),
        pipeline=neutral(one.pipeline_name),
        steps=one.steps,
        failed=one.failed_steps,
        failed_share=percent(one.failed_steps, one.steps) if one.failed_steps else "",
        p50=duration(one.p50_ms),
        p95=duration(one.p95_ms),
        p50_of_1000=round((one.p50_ms or 0.0) * scale),
        p95_of_1000=round((one.p95_ms or 0.0) * scale),
        tokens=one.total_tokens,
    )


def _run(row: ListRow) -> RunRow:
    return RunRow(
        id=neutral(row.id),
        short_id=neutral(row.short_id),
        status=row.status,
        glyph=STATUS_SIGNS[row.status].glyph,
        word=STATUS_SIGNS[row.status].word,
        pipeline=neutral(row.pipeline_name),
        sentence=phrase(row.sentence),
        started=row.created_at.isoformat(timespec="seconds"),
        duration=duration(row.duration_ms),
    )
