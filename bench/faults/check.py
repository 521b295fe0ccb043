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

LEAVES_NO_MARK = ("slow_node", "retry_storm", "token_spike")
"""Faults of time, attempts and tokens, which results do not show."""

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
        label = f"{case.id} {case.kind} at {case.node} {getattr(case.how, 'field', case.note)} on {case.on}"
        same = outcome.error is None and sorted(gist(told)) == sorted(healthy[case.on])
        if patch.injection is not None and not patch.injection.applied:
            yield f"{label}: the fault never struck"
        elif same and case.kind not in LEAVES_NO_MARK:
            yield f"{label}: nothing changed"


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
