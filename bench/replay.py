"""Replays of the demonstrations and of the fault matrix, from every step, and blame that is proved.

    python bench/replay.py                     # everything in the tuning part, a few minutes on two cores
    python bench/replay.py --small             # for every build: some graphs, inputs and faults
    python bench/replay.py --graph orders --verbose

Three measures:

*Same end.* Healthy runs are replayed from each of their steps without a change: the caller must get back the same.
*Untouched.* Runs are replayed with random patches: the recorded run, as bytes, must stay what it was.
*Proof.* Each fault runs after a healthy run of the same input, as after a change that broke something. Where forensics
blames the right node, the proof should confirm it. Blame is then planted on every other step of its slice and of its
causal chain, and the proof should reject it. A planted blame counts as rejected when it is not proved.

Everything runs offline and in this process. The exit code is 1 when a target is missed.
"""

from __future__ import annotations

import argparse
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.faults.catalogue import chosen
from bench.faults.driving import drive, warm
from bench.faults.records import FaultCase, Healthy, MatrixGraph
from bench.faults.watching import SETTINGS, watch

from argus import ArgusWatcher
from argus.demo import PIPELINES
from argus.errors import ReplayError
from argus.model.codec import encode_trace
from argus.model.trace import Trace, TraceStep
from argus.replay import Proof, Replay, prove
from argus.replay.slices import earlier_steps
from argus.replay.verdict import serious
from argus.storage.memory import MemoryStore

PATCHES = 200
TARGET = 0.9
"""Share of right blames that the proof should confirm, and of planted ones that it should reject."""

SMALL_GRAPHS = ("orders", "review_fanout", "claims_subgraph", "newsroom_supervisor", "digest_functional")
SMALL_EVERY = 25


@dataclass
class Measured:
    """What was counted."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def share(self, part: str, whole: str) -> float:
        return self.counts[part] / self.counts[whole] if self.counts[whole] else 1.0


def replays(trace: Trace, app: Any, store: MemoryStore, step: TraceStep, **changes: Any) -> Any:
    """One replay, from a step."""
    replaying = Replay(trace, app, storage=store, config=SETTINGS, pipeline_name=trace.pipeline_name)
    return replaying.from_step(step, changes.get("patch"), changes.get("values"))


def healthy(graph: MatrixGraph, items: Sequence[Healthy]) -> Iterator[tuple[Trace, MemoryStore]]:
    """The runs of some inputs, each with the store that has it."""
    for item in items:
        store = MemoryStore()
        _, traces = watch(graph, item, store, 0)
        for trace in traces:
            yield trace, store


def same_end(graph: MatrixGraph, items: Sequence[Healthy], measured: Measured) -> None:
    """Replays healthy runs from each of their steps."""
    for trace, store in healthy(graph, items):
        for step in trace.steps:
            measured.counts["replays"] += 1
            told = f"{graph.name} from step {step.step_number} `{step.node_name}`"
            try:
                result = replays(trace, graph.make()[0], store, step)
            except ReplayError as error:
                measured.notes.append(f"{told}: {error}")
                continue
            if result.comparison.output or result.trace.error is not None:
                measured.notes.append(f"{told}: ends otherwise")
            else:
                measured.counts["same"] += 1


def demonstrations(measured: Measured, *, small: bool) -> None:
    """Replays the demonstration pipelines, healthy and broken, from each of their steps."""
    for pipeline in PIPELINES.values():
        faults = (None, *pipeline.faults)
        for fault in faults[:2] if small else faults:
            given = pipeline.fault(fault).input if fault else next(iter(pipeline.inputs))
            store = MemoryStore()
            app = pipeline.build(fault).compile(name=pipeline.name)
            watcher = ArgusWatcher(app, storage=store, config=SETTINGS, pipeline_name=pipeline.name)
            with suppress(Exception):  # a failing pipeline is what a demonstration is about
                app.invoke(dict(pipeline.input(given)), {"recursion_limit": pipeline.recursion_limit})
            trace = watcher.finalize()
            for step in trace.steps:
                measured.counts["replays"] += 1
                told = f"demo {pipeline.name}, {fault or 'healthy'}, from step {step.step_number}"
                try:
                    result = replays(trace, pipeline.build(fault), store, step)
                except ReplayError as error:
                    measured.notes.append(f"{told}: {error}")
                    continue
                ends = (trace.error and trace.error.type, result.trace.error and result.trace.error.type)
                if result.comparison.output or ends[0] != ends[1]:
                    measured.notes.append(f"{told}: ends otherwise")
                else:
                    measured.counts["same"] += 1


def untouched(graphs: Sequence[MatrixGraph], patches: int, measured: Measured) -> None:
    """Replays with random patches, and looks whether the record is still what it was."""
    luck = random.Random(20261125)
    runs = [(graph, *one) for graph in graphs for one in healthy(graph, graph.inputs[:1])]
    before = {trace.id: encode_trace(trace) for _, trace, _ in runs}
    for _ in range(patches):
        graph, trace, store = luck.choice(runs)
        step = luck.choice(trace.steps)
        fields = list(step.input_state) or ["nothing"]
        patch = {luck.choice(fields): luck.choice([None, "x", 7, -0.5, [], {}, True, ["y", {"z": 1}]])}
        measured.counts["patches"] += 1
        try:
            replays(trace, graph.make()[0], store, step, patch=patch)
            measured.counts["patches that ran"] += 1
        except ReplayError:
            measured.counts["patches refused"] += 1
        kept = encode_trace(trace) == before[trace.id] == encode_trace(store.get(trace.id))
        measured.counts["untouched"] += kept
        if not kept:
            measured.notes.append(f"{graph.name}: {patch} at step {step.step_number} changed the record")


def broken(graph: MatrixGraph, case: FaultCase) -> Iterator[tuple[Trace, MemoryStore]]:
    """The faulty runs of a case, each after a healthy one of the same input."""
    item = graph.input(case.on)
    store = MemoryStore()
    watch(graph, item, store, 0)
    app, patch = graph.make(case)
    warm(graph, app, patch)
    watcher = ArgusWatcher(storage=store, config=SETTINGS, pipeline_name=graph.name)
    app = watcher.watch(app)
    drive(graph, app, item)
    watcher.finalize()
    for trace in watcher.traces:
        yield trace, store


def tested(graph: MatrixGraph, case: FaultCase, trace: Trace, store: MemoryStore, step: TraceStep) -> Proof | None:
    """Tries to prove the blame of one step; None when it cannot be tried."""
    app, patch = graph.make(case)
    warm(graph, app, patch)
    try:
        return prove(
            trace, app, from_step=step.step_number, allow_side_effects=True, isolate=False, store=False,
            storage=store, config=SETTINGS, pipeline_name=graph.name,
        )  # fmt: skip
    except ReplayError:
        return None


def proofs(graph: MatrixGraph, cases: Sequence[FaultCase], measured: Measured) -> None:
    """Proves right blames, and planted ones."""
    for case in cases:
        for trace, store in broken(graph, case):
            told = trace.forensics
            root = trace.step(told.root_cause_step or "") if told is not None and serious(trace) else None
            if told is None or root is None:
                continue
            if root.node_name not in (case.node, *case.also):
                measured.counts["blamed wrongly"] += 1
                continue
            measured.counts["right"] += 1
            proof = tested(graph, case, trace, store, root)
            if proof is not None and proof.proved:
                measured.counts["confirmed"] += 1
            else:
                why = proof.sentence if proof is not None else "could not be tried"
                measured.notes.append(f"{case.id} {case.kind} at `{case.node}`: {why}")
            chain = [trace.step(link.step_id) for link in told.causal_chain]
            others = {one.id: one for one in [*earlier_steps(trace, root), *chain] if one is not None}
            for step in others.values():
                if step.node_name == root.node_name:
                    continue
                measured.counts["planted"] += 1
                planted = tested(graph, case, trace, store, step)
                if planted is None or not planted.proved:
                    measured.counts["rejected"] += 1
                else:
                    measured.notes.append(f"{case.id} {case.kind} planted on `{step.node_name}`: {planted.sentence}")


def main() -> int:
    """Measures, and prints what came out."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--small", action="store_true", help="some graphs, inputs and faults")
    options.add_argument(
        "--graph", action="append", default=[], metavar="NAME", help="only this graph; may be repeated"
    )
    options.add_argument("--every", type=int, default=0, metavar="N", help="one fault in N")
    options.add_argument("--verbose", action="store_true", help="name what went wrong")
    asked = options.parse_args()
    names = tuple(asked.graph) or (SMALL_GRAPHS if asked.small else ())
    graphs = chosen("tuning", names)
    every = asked.every or (SMALL_EVERY if asked.small else 1)
    measured = Measured()
    began = perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not asked.graph:
            demonstrations(measured, small=asked.small)
        for graph in graphs:
            same_end(graph, graph.inputs[: 1 if asked.small else 3], measured)
        untouched(graphs, PATCHES // 8 if asked.small else PATCHES, measured)
        for number, graph in enumerate(graphs):
            proofs(graph, graph.faults[number % every :: every], measured)
    return report(measured, perf_counter() - began, verbose=asked.verbose)


def report(measured: Measured, seconds: float, *, verbose: bool) -> int:
    """Prints the figures; 1 when a target is missed."""
    counts = measured.counts
    print(f"same end       {counts['same']} of {counts['replays']} replays from every step")
    print(f"untouched      {counts['untouched']} of {counts['patches']} ({counts['patches refused']} patches refused)")
    for part, whole in (("confirmed", "right"), ("rejected", "planted")):
        print(f"{part}      {counts[part]} of {counts[whole]} {whole} blames, {measured.share(part, whole):.1%}")
    print(f"not looked at  {counts['blamed wrongly']} runs whose blame was wrong")
    print(f"took           {seconds:.0f} s")
    for note in measured.notes if verbose else ():
        print(f"  {note}")
    good = (
        counts["same"] == counts["replays"]
        and counts["untouched"] == counts["patches"]
        and min(measured.share("confirmed", "right"), measured.share("rejected", "planted")) >= TARGET
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
