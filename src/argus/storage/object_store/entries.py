"""What the index holds of a run: all that listings, figures and histories ask for, without its states."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from argus.model.habits import StepSketch, sketch_of
from argus.model.metrics import step_metrics
from argus.model.record import Record
from argus.model.trace import Status, Trace
from argus.storage.base import TraceQuery, TraceRow
from argus.storage.exact_json import escape
from argus.storage.listing import code_fits, row_of, searched
from argus.storage.moments import from_text, to_text
from argus.storage.object_store.names import Version
from argus.storage.paging import Position

__all__ = ["Entry", "Finding", "Sketch", "Steps", "entry_of", "fits"]


class Finding(Record, frozen=True, kw_only=False, array_like=True):
    """A finding that counts."""

    code: str
    layer: str
    severity: str
    message: str


class Steps(Record, frozen=True, kw_only=False, array_like=True):
    """The numbers of a run's steps, each list in order of the steps."""

    nodes: tuple[int, ...] = ()
    durations_ms: tuple[float, ...] = ()
    failed: tuple[int, ...] = ()
    tokens: tuple[int, ...] = ()
    execution_time: tuple[float | None, ...] = ()
    output_length: tuple[int | None, ...] = ()
    token_count: tuple[int | None, ...] = ()
    retry_count: tuple[int | None, ...] = ()


class Sketch(Record, frozen=True, kw_only=False, array_like=True):
    """A step as habits see it."""

    node: str
    moment: int
    fields: tuple[str, ...]


class Entry(Record, frozen=True, kw_only=False, array_like=True):
    """A saved version of a run.

    Attributes:
        created_at: When the run started, as text.
        trace_id: Its id.
        version: Its saved version.
        size_bytes: What its object takes.
        pipeline_name: As in a listing, and so on.
        node_names: Its different nodes, in order of their first step.
        findings: Those that count.
        steps: Numbers of all steps, whose nodes are ranks among ``node_names``.
        sketch: Of healthy runs, the steps that habits look at.
    """

    created_at: str
    trace_id: str
    version: str
    size_bytes: int
    pipeline_name: str
    status: Status
    duration_ms: float
    node_count: int
    step_count: int
    detection_count: int
    summary: str
    graph_version: str | None
    node_names: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    steps: Steps = Steps()
    sketch: tuple[Sketch, ...] = ()

    @property
    def saved(self) -> Version:
        """Which version it is, and where it stands."""
        return Version(self.created_at, self.trace_id, self.version)

    @property
    def position(self) -> Position:
        """Its place in a listing."""
        return Position(self.created_at, self.trace_id)

    @property
    def row(self) -> TraceRow:
        """Its line in a listing."""
        return TraceRow(
            id=self.trace_id,
            pipeline_name=self.pipeline_name,
            created_at=from_text(self.created_at),
            status=self.status,
            duration_ms=self.duration_ms,
            node_count=self.node_count,
            step_count=self.step_count,
            detection_count=self.detection_count,
            summary=self.summary,
            graph_version=self.graph_version,
        )

    def step_sketches(self) -> Iterator[StepSketch]:
        """Its steps as habits see them."""
        for step in self.sketch:
            yield StepSketch(step.node, step.moment, step.fields)


def entry_of(trace: Trace, version: str, size_bytes: int) -> Entry:
    """The entry of a run.

    Args:
        trace: A finalized run.
        version: Its saved version.
        size_bytes: What its object takes.
    """
    row = row_of(trace)
    nodes: dict[str, int] = {}
    ranks = tuple([nodes.setdefault(step.node_name, len(nodes)) for step in trace.steps])
    metrics = step_metrics(trace)
    return Entry(
        to_text(trace.created_at),
        trace.id,
        version,
        size_bytes,
        row.pipeline_name,
        row.status,
        float(row.duration_ms),
        row.node_count,
        row.step_count,
        row.detection_count,
        row.summary,
        row.graph_version,
        tuple(nodes),
        tuple(
            [
                Finding(found.code, found.layer, found.severity, found.message)
                for found in trace.detections
                if found.suppressed is None
            ]
        ),
        Steps(
            ranks,
            tuple([step.duration_ms for step in trace.steps]),
            tuple([rank for rank, step in enumerate(trace.steps) if step.outcome == "error"]),
            tuple([(step.token_usage.total_tokens or 0) if step.token_usage else 0 for step in trace.steps]),
            tuple([one.execution_time for one in metrics]),
            tuple([one.output_length for one in metrics]),
            tuple([one.token_count for one in metrics]),
            tuple([one.retry_count for one in metrics]),
        ),
        tuple([Sketch(*one) for one in sketch_of(trace)]) if trace.status == "ok" else (),
    )


def fits(entry: Entry, query: TraceQuery) -> bool:
    """Whether all conditions hold but for those on the time, which choose where to look.

    Args:
        entry: A run.
        query: The conditions.
    """
    return (
        (query.pipeline is None or entry.pipeline_name == query.pipeline)
        and (not query.statuses or entry.status in query.statuses)
        and (query.node is None or query.node in entry.node_names)
        and (not query.severities or any(found.severity in query.severities for found in entry.findings))
        and (not query.codes or any(code_fits(found.code, query.codes) for found in entry.findings))
        and (not query.text or _holds(entry, searched(query.text)))
    )


def _holds(entry: Entry, wanted: str) -> bool:
    texts: Sequence[str] = (entry.pipeline_name, entry.summary, *[found.message for found in entry.findings])
    return any(wanted in escape(text.casefold()) for text in texts)
