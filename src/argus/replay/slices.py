"""The steps that a step's output rests on."""

from __future__ import annotations

from argus.dataflow.lineage import Lineage
from argus.model.trace import Trace, TraceStep

__all__ = ["earlier_steps"]


def earlier_steps(trace: Trace, step: TraceStep) -> list[TraceStep]:
    """The steps whose values a step was given, directly or through others, the latest first.

    Args:
        trace: The run.
        step: One of its steps.
    """
    lineage = Lineage(trace)
    found: dict[str, TraceStep] = {}
    waiting = [step]
    while waiting:
        reader = waiting.pop()
        for writer in _given_by(lineage, reader):
            if writer.id not in found and writer.step_number < step.step_number:
                found[writer.id] = writer
                waiting.append(writer)
    return sorted((trace.step(one) or found[one] for one in found), key=lambda one: -one.step_number)


def _given_by(lineage: Lineage, reader: TraceStep) -> list[TraceStep]:
    paths = [read.path for read in lineage.reads(reader)] or list(reader.input_state)
    last = [lineage.writer_of(path, reader) for path in paths]
    added = [version.step for path in paths for version in lineage.contributors(path, reader)]
    return [*(one for one in (*last, *added) if one is not None), *lineage.senders(reader)]
