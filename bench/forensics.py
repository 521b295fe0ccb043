"""How often blame is right on the fault matrix, by distance from cause to symptom, beside three simple rules.

    python bench/forensics.py [--part tuning|held-back|all] [--graph NAME …] [--history N] [--wrong]

Counted are the faulty runs in which something was found (a finding of severity warning or worse): without a symptom
there is nothing to explain. "Unknown" counts as wrong. The distance is the number of rounds of the graph (supersteps)
between the step at fault and the step of the symptom. The rules it is compared with: the site of the symptom, the step
before it, the first step of the run.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.faults.catalogue import NAMES
from bench.faults.driving import drive, warm
from bench.faults.records import FaultCase, MatrixGraph

from argus import ArgusWatcher
from argus.dataflow.order import Order
from argus.forensics.analyzer import investigate
from argus.model.detection import SEVERITIES
from argus.model.trace import Trace, TraceStep
from argus.testing.builders import build_graph, build_trace, ran

DISTANCES = ("0", "1", "2", "3", "4-5", "6+")
RULES = ("argus", "symptom", "before it", "first step")


@dataclass(frozen=True)
class Result:
    """What was said about one faulty run, and what would have been right."""

    case: FaultCase
    trace: Trace
    distance: str
    crash: bool
    named: dict[str, str | None]
    suspects: tuple[str, ...]

    def right(self, rule: str) -> bool:
        return self.named[rule] in (self.case.node, *self.case.also)


def graphs(part: str, names: Sequence[str]) -> Iterator[MatrixGraph]:
    """The graphs of a part; a part that is not there yet is not loaded."""
    for one, listed in NAMES.items():
        for name in listed:
            if part in ("all", one) and (not names or name in names):
                yield importlib.import_module(f"bench.faults.graphs.{one.replace('-', '_')}.{name}").GRAPH


def watched(graph: MatrixGraph, case: FaultCase | None, name: str, storage: str) -> Trace:
    app, patch = graph.make(case)
    warm(graph, app, patch)
    watcher = ArgusWatcher(storage=storage, pipeline_name=graph.name)
    watcher.watch(app)
    drive(graph, app, graph.input(name))
    return watcher.finalize()


def symptom_of(trace: Trace) -> TraceStep | None:
    """Where trouble showed: the step that ended the run, else the latest of the gravest findings."""
    counted = [one for one in trace.detections if one.suppressed is None and one.severity != "info"]
    if not counted:
        return None
    order = Order(trace)
    crashed = [step for step in trace.steps if step.outcome == "error" and not order.children(step)]
    if trace.error is not None and crashed:
        return crashed[-1]
    steps = {step.id: step for step in trace.steps}
    worst = max(SEVERITIES.index(one.severity) for one in counted)
    return max(
        (steps[one.step_id] for one in counted if SEVERITIES.index(one.severity) == worst and one.step_id in steps),
        key=lambda step: step.step_number,
        default=None,
    )


def distance(trace: Trace, case: FaultCase, symptom: TraceStep) -> str:
    """Rounds between the last step at fault before the symptom and the symptom."""
    order = Order(trace)
    guilty = [
        step
        for step in trace.steps
        if step.node_name in (case.node, *case.also) and step.step_number <= symptom.step_number
    ]
    if not guilty:
        return "6+"
    between = sorted(
        {
            (order.scope(step), order.moment(step))
            for step in trace.steps
            if guilty[-1].step_number < step.step_number <= symptom.step_number and not order.children(step)
        },
        key=str,
    )
    apart = len(between) if guilty[-1].id != symptom.id else 0
    return str(apart) if apart <= 3 else "4-5" if apart <= 5 else "6+"


def before(trace: Trace, symptom: TraceStep) -> str | None:
    earlier = [step for step in trace.steps if step.step_number < symptom.step_number]
    return earlier[-1].node_name if earlier else None


def results(graph: MatrixGraph, history: int) -> Iterator[Result]:
    with tempfile.TemporaryDirectory() as folder:
        healthy = f"sqlite:///{folder}/healthy.db"
        names = [item.name for item in graph.inputs]
        for number in range(history):
            watched(graph, None, names[number % len(names)], healthy)
        for case in graph.faults:
            trace = watched(graph, case, case.on, healthy if history else "memory:")
            symptom = symptom_of(trace)
            if symptom is None:
                continue
            forensics = trace.forensics
            root = trace.step(forensics.root_cause_step) if forensics and forensics.root_cause_step else None
            yield Result(
                case=case,
                trace=trace,
                distance=distance(trace, case, symptom),
                crash=trace.error is not None,
                named={
                    "argus": root.node_name if root else None,
                    "symptom": symptom.node_name,
                    "before it": before(trace, symptom),
                    "first step": trace.steps[0].node_name,
                },
                suspects=tuple(one.node_name for one in forensics.suspects) if forensics else (),
            )


def share(found: Sequence[Result], rule: str) -> str:
    if not found:
        return "-"
    return f"{100 * sum(one.right(rule) for one in found) / len(found):.0f} %"


def table(found: Sequence[Result]) -> Iterator[str]:
    yield f"{'distance':10}{'runs':>6}" + "".join(f"{rule:>12}" for rule in RULES)
    groups = [(label, [one for one in found if one.distance == label]) for label in DISTANCES]
    groups += [
        ("crash", [one for one in found if one.crash]),
        ("silent", [one for one in found if not one.crash]),
        ("all", list(found)),
    ]
    for label, group in groups:
        yield f"{label:10}{len(group):6}" + "".join(f"{share(group, rule):>12}" for rule in RULES)


def long_chain(length: int) -> Trace:
    """A run of so many steps in which the first one wrote nothing and the last one raised over it."""
    from argus.model.detection import Detection

    nodes = [f"n{number}" for number in range(8)]
    graph = build_graph(
        nodes,
        state={f"f{number}": list for number in range(9)},
        reads={node: [f"f{number}"] for number, node in enumerate(nodes)},
        writes={node: [f"f{(number + 1) % 8}"] for number, node in enumerate(nodes)},
    )
    steps = [ran(nodes[number % 8], {f"f{(number + 1) % 8}": []}) for number in range(length - 1)]
    steps.append(ran(nodes[(length - 1) % 8], error=IndexError("list index out of range")))
    trace = build_trace(*steps, graph=graph, input={"f0": ["one"]})
    last = trace.steps[-1]
    found = Detection(
        layer="behavioral", code="BEH301", severity="critical", message=f"`{last.node_name}` raised IndexError",
        step_id=last.id, id=f"{trace.id}-d1", details={"exception": "IndexError"},
    )  # fmt: skip
    import msgspec

    return msgspec.structs.replace(trace, detections=(found,))


def speed() -> Iterator[str]:
    for length in (10, 100, 1_000, 10_000):
        trace = long_chain(length)
        begun = process_time()
        forensics = investigate(trace)
        took = (process_time() - begun) * 1000
        hops = len(forensics.causal_chain) if forensics else 0
        yield f"{length:>7} steps: {took:9.1f} ms of CPU, a chain of {hops} links"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--part", default="tuning", choices=("tuning", "held-back", "all"))
    options.add_argument("--graph", action="append", default=[])
    options.add_argument("--history", type=int, default=10)
    options.add_argument("--wrong", action="store_true", help="list what was blamed wrongly")
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    found: list[Result] = []
    for graph in graphs(asked.part, asked.graph):
        ours = list(results(graph, asked.history))
        found += ours
        counts = f"{len(graph.faults):4} faults, {len(ours):4} with findings"
        print(f"{graph.name:22} {counts}, blame right: {share(ours, 'argus')}")
        if asked.wrong:
            for one in ours:
                if not one.right("argus"):
                    kinds = Counter(finding.code for finding in one.trace.detections if finding.severity != "info")
                    print(f"    {one.case.id} {one.case.kind} at {one.case.node} -> {one.named['argus']} {dict(kinds)}")
                    print(f"        {one.trace.summary}")
    print()
    print("\n".join(table(found)))
    top = sum(one.case.node in one.suspects[:3] for one in found)
    print(f"\namong the first three suspects: {100 * top / max(1, len(found)):.0f} %")
    print("\n".join(speed()))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
