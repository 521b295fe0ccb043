"""Runs a demonstration pipeline under a watcher."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

from argus.demo.pipeline import Pipeline

if TYPE_CHECKING:
    from argus.model.trace import Trace

__all__ = ["HISTORY_RUNS", "run_demo"]

HISTORY_RUNS = 8
"""Healthy runs before a fault that can only be told from history; the statistical layer asks for five."""


def run_demo(
    pipeline: Pipeline,
    fault: str | None = None,
    *,
    watcher_options: Mapping[str, Any] | None = None,
    inputs: Sequence[str] | None = None,
) -> list[Trace]:
    """Runs a pipeline, each input under a watcher of its own, and gives the finalized traces.

    A fault that can only be told from history is preceded by healthy runs, whose traces come first in the list. What
    the pipeline raises is in its trace and goes no further.

    Args:
        pipeline: One of :data:`argus.demo.PIPELINES`.
        fault: The name of the fault to put in; None runs the healthy pipeline.
        watcher_options: For :class:`argus.ArgusWatcher`; ``pipeline_name`` is the pipeline's unless given.
        inputs: Names of inputs; None takes the one that brings out the fault, or the first one.

    Returns:
        The traces in the order of the runs; the last one is the faulty run.

    Raises:
        NotAvailable: LangGraph is not installed.
        UnknownFault: There is no such fault.
        UnknownInput: There is no such input.
        DetectionError: ``strict`` is among the options and a trace is not clean.
    """
    chosen = pipeline.fault(fault) if fault is not None else None
    default = chosen.input if chosen else next(iter(pipeline.inputs))
    states = [pipeline.input(name) for name in inputs or [default]]
    options = {"pipeline_name": pipeline.name, **(watcher_options or {})}
    traces: list[Trace] = []
    if chosen and chosen.needs_history:
        history = islice(cycle(states), HISTORY_RUNS)
        traces.extend(_watched_run(pipeline, None, state, options) for state in history)
    traces.extend(_watched_run(pipeline, fault, state, options) for state in states)
    return traces


def _watched_run(pipeline: Pipeline, fault: str | None, state: Mapping[str, Any], options: Mapping[str, Any]) -> Trace:
    from argus.watcher import ArgusWatcher

    watcher = ArgusWatcher(**options)
    graph = watcher.watch(pipeline.build(fault))
    with contextlib.suppress(Exception):  # a failing pipeline is what a demonstration is about
        graph.compile(name=pipeline.name).invoke(dict(state), {"recursion_limit": pipeline.recursion_limit})
    return watcher.finalize()
