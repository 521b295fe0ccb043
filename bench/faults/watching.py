"""Runs a graph watched, with exactly the history that the experiment allows, and keeps what ARGUS said."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.faults.driving import drive, warm
from bench.faults.records import FaultCase, Healthy, MatrixGraph

from argus import ArgusWatcher
from argus.config.settings import JournalSettings, Settings, WatcherSettings
from argus.model.detection import Detection
from argus.model.trace import Trace
from argus.storage.memory import MemoryStore

HISTORY = 10
"""Healthy runs that a history has."""

SETTINGS = Settings(watcher=WatcherSettings(quiet=True), journal=JournalSettings(enabled=False))


class FrozenStore(MemoryStore):
    """Knows some earlier runs and never learns another one, so that every experiment meets the same history."""

    def __init__(self, earlier: Iterable[Trace] = ()) -> None:
        super().__init__()
        self._frozen = False
        super().save_many(list(earlier))
        self._frozen = True

    def save_many(self, traces: Sequence[Trace]) -> None:
        if not self._frozen:
            super().save_many(traces)


@dataclass(frozen=True)
class Finding:
    """A finding of severity warning or worse, or a milder one, as the score needs it."""

    turn: int
    code: str
    layer: str
    severity: str
    node: str | None
    field: str | None
    step: int
    superstep: int
    message: str
    metric: str | None = None
    encloses: tuple[str, ...] = ()
    """The nodes that ran inside its step."""

    @property
    def counts(self) -> bool:
        return self.severity != "info"

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two findings of twin runs the same one."""
        return (self.turn, self.code, self.node, self.field)


@dataclass
class Watched:
    """One watched run (all turns of it)."""

    graph: str
    part: str
    on: str
    history: int
    case: str | None
    findings: list[Finding] = field(default_factory=list)
    nodes: list[list[tuple[str, int]]] = field(default_factory=list)
    """Per turn, the node and superstep of every step, in order."""
    roots: list[str | None] = field(default_factory=list)
    """Per turn, the node that was blamed."""
    chains: list[list[str]] = field(default_factory=list)
    """Per turn, the nodes of the causal chain."""
    error: str | None = None
    error_node: str | None = None
    applied: bool = True
    scored: bool = True
    failures: list[str] = field(default_factory=list)
    """Detectors that failed."""
    seconds: float = 0.0


def watch(
    graph: MatrixGraph, item: Healthy, store: MemoryStore, history: int, case: FaultCase | None = None
) -> tuple[Watched, tuple[Trace, ...]]:
    """One run, watched from the outside as a user would."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app, patch = graph.make(case)
        warm(graph, app, patch)
        watcher = ArgusWatcher(storage=store, config=SETTINGS, pipeline_name=graph.name)
        app = watcher.watch(app)
        outcome = drive(graph, app, item)
        watcher.finalize()
    traces = watcher.traces
    result = Watched(graph=graph.name, part=graph.part, on=item.name, history=history, case=case.id if case else None)
    result.applied = patch.injection is None or bool(patch.injection.applied)
    result.error = repr(outcome.error)[:200] if outcome.error is not None else None
    for turn, trace in enumerate(traces):
        result.nodes.append([(step.node_name, _superstep(step)) for step in trace.steps])
        result.findings.extend(_finding(trace, turn, one) for one in trace.detections if one.suppressed is None)
        result.failures.extend(str(one) for one in trace.metadata.get("detector_failures", ()) or ())
        if trace.error is not None:
            failed = [step.node_name for step in trace.steps if step.error is not None and not step.error.handled]
            result.error_node = failed[-1] if failed else None
        root = trace.step(trace.forensics.root_cause_step or "") if trace.forensics else None
        result.roots.append(root.node_name if root else None)
        result.chains.append([link.node_name for link in trace.forensics.causal_chain] if trace.forensics else [])
    result.seconds = time.perf_counter() - began
    return result, traces


def histories(graph: MatrixGraph) -> Iterator[tuple[list[Healthy], FrozenStore]]:
    """Splits the inputs into held-out groups, each with a store that has seen ten others, one after another."""
    inputs = list(graph.inputs)
    size = max(1, len(inputs) - HISTORY)
    for start in range(0, len(inputs), size):
        held_out = inputs[start : start + size]
        others = [item for item in inputs if item not in held_out]
        yield held_out, learned(graph, others[:HISTORY])


def learned(graph: MatrixGraph, items: Sequence[Healthy]) -> FrozenStore:
    """A store that has seen these healthy runs."""
    store = MemoryStore()
    traces: list[Trace] = []
    for item in items:
        _, made = watch(graph, item, store, 0)
        traces.extend(made)
    return FrozenStore(traces)


def _superstep(step: Any) -> int:
    known = step.metadata.get("superstep")
    return known if isinstance(known, int) else step.step_number


def _finding(trace: Trace, turn: int, found: Detection) -> Finding:
    step = trace.step(found.step_id)
    metric = found.details.get("metric")
    return Finding(
        turn=turn,
        code=found.code or found.layer,
        layer=found.layer,
        severity=found.severity,
        node=step.node_name if step else None,
        field=found.field,
        step=step.step_number if step else 10**6,
        superstep=_superstep(step) if step else 10**6,
        message=found.message,
        metric=metric if isinstance(metric, str) else None,
        encloses=_inner_nodes(trace, found.step_id),
    )


def _inner_nodes(trace: Trace, step_id: str) -> tuple[str, ...]:
    inside, names = {step_id}, []
    for step in trace.steps:  # a step comes after the one that it runs in
        if step.parent_id in inside:
            inside.add(step.id)
            names.append(step.node_name)
    return tuple(dict.fromkeys(names))
