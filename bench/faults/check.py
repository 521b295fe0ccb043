"""Shows, without ARGUS, that healthy runs are healthy and that every fault really changes its run.

python bench/faults/check.py [GRAPH...]
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.faults.catalogue import chosen
from bench.faults.driving import Told, observe
from bench.faults.records import MatrixGraph

MADE_BY_THE_CLOCK = re.compile(r"(id|run_id)='[^']*'|0x[0-9a-f]+")


def gist(told: list[Told]) -> list[str]:
    """What the nodes did, without what differs from run to run."""
    return [MADE_BY_THE_CLOCK.sub("", f"{call.node}: {call.result!r} {call.error}") for call in told]


def problems(graph: MatrixGraph) -> Iterator[str]:
    """What is wrong with a graph of the matrix."""
    healthy = {}
    for item in graph.inputs:
        told, outcome, _ = observe(graph, item)
        healthy[item.name] = gist(told)
        if outcome.error is not None:
            yield f"{graph.name}: the healthy input {item.name!r} raises {outcome.error!r}"
        again, _, _ = observe(graph, item)
        if sorted(gist(again)) != sorted(healthy[item.name]):
            yield f"{graph.name}: the healthy input {item.name!r} gives another run each time"
    for case in graph.faults:
        told, outcome, patch = observe(graph, graph.input(case.on), case)
        if patch.injection is not None and not patch.injection.applied:
            yield f"{case.id} {case.kind} at {case.node} {getattr(case.how, 'field', '')} on {case.on}: the fault never struck"
        elif case.kind != "slow_node" and outcome.error is None and sorted(gist(told)) == sorted(healthy[case.on]):
            if case.kind not in ("retry_storm", "token_spike"):
                yield f"{case.id} {case.kind} at {case.node} {getattr(case.how, 'field', case.note)} on {case.on}: nothing changed"


def main(names: list[str]) -> int:
    found = 0
    for graph in chosen("all", tuple(names)):
        listed = list(problems(graph))
        found += len(listed)
        kinds = len({case.kind for case in graph.faults})
        print(f"{graph.name}: {len(graph.inputs)} healthy inputs, {len(graph.faults)} faults of {kinds} kinds")
        for line in listed:
            print("  ", line)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
