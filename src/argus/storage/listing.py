"""What a listing shows of a trace, and what its conditions look at; the same for every backend."""

from __future__ import annotations

from collections.abc import Sequence

from argus.model.trace import Trace
from argus.storage.base import TraceRow
from argus.storage.exact_json import escape

__all__ = ["code_fits", "row_of", "search_text", "searched"]

_BETWEEN = "\x1a\x1a"
"""Between two texts; no escaped text holds it, so nothing is found across a border."""


def row_of(trace: Trace) -> TraceRow:
    """The line that a listing shows for a trace.

    Args:
        trace: The trace.
    """
    return TraceRow(
        id=trace.id,
        pipeline_name=trace.pipeline_name,
        created_at=trace.created_at,
        status=trace.status,
        duration_ms=trace.duration_ms,
        node_count=trace.node_count,
        step_count=len(trace.steps),
        detection_count=trace.detection_count,
        summary=trace.summary,
        graph_version=trace.graph.version if trace.graph else None,
    )


def code_fits(code: str, wanted: Sequence[str]) -> bool:
    """Whether a finding's code is one of those that a query names.

    Args:
        code: The finding's.
        wanted: Codes; one that ends in ``*`` means all that begin so.
    """
    return any(code.startswith(one[:-1]) if one.endswith("*") else code == one for one in wanted)


def search_text(trace: Trace) -> str:
    """What the condition ``text`` is looked for in: pipeline, summary and the messages of findings that count.

    Args:
        trace: The trace.
    """
    messages = [found.message for found in trace.detections if found.suppressed is None]
    return _BETWEEN.join([searched(text) for text in (trace.pipeline_name, trace.summary, *messages)])


def searched(text: str) -> str:
    """A text as it stands in :func:`search_text`: without letter case, escaped.

    Args:
        text: What to look for.
    """
    return escape(text.casefold())
