"""What detection costs: by length of the run, by size of its fields, inline and in lanes.

    python bench/detection.py

Figures are the best of several runs, in milliseconds of wall time, all built-in detectors with history and embedder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

from argus.detectors import engine
from argus.detectors.base import DetectorContext
from argus.detectors.registry import builtin_detectors
from argus.judges.embedding import StaticEmbedder
from argus.model.habits import RunHabits
from argus.model.profile import Profile
from argus.model.trace import Trace
from argus.testing.builders import build_graph, build_trace, ran
from argus.testing.detector_suite import long_trace

GROWTH = 30
"""How much dearer ten times the steps may be: the targets in milliseconds are printed, for machines differ."""

TEXT = "the archive holds letters of the same year and a list of names that nobody has looked into so far"
WORDS = TEXT.split()


class Steady:
    """A history in which every node took about ten milliseconds."""

    def runs(self) -> int:
        return 200

    def samples(self, metric: str, node_name: str) -> list[float]:
        return [9.0, 10.0, 11.0] * 60

    def habits(self) -> RunHabits:
        return RunHabits(runs=30, nodes=("plan", "act", "check"))

    def profile(self) -> Profile:
        return Profile()


def prose(length: int, salt: int) -> str:
    words = (WORDS[(salt * 7 + number * 11) % len(WORDS)] for number in range(length // 4))
    return " ".join(words)[:length]


def twenty_steps(length: int) -> Trace:
    """Retrieval and answers with texts of one length."""
    nodes = ["retrieve", "rank", "write", "review"]
    state = {"question": str, "documents": list, "ranked": list, "draft": str, "verdict": str}
    steps = []
    for number in range(20):
        update: dict[str, Any] = [
            {"documents": [prose(length, number + one) for one in range(4)]},
            {"ranked": [prose(length, number)]},
            {"draft": prose(length, number)},
            {"verdict": prose(length, number)},
        ][number % 4]
        steps.append(ran(nodes[number % 4], update, metadata={"superstep": number + 1}))
    graph = build_graph(nodes, state=state, reads={"rank": ["documents"], "write": ["ranked"], "review": ["draft"]})
    return build_trace(*steps, input={"question": "Which letters does the archive hold?"}, graph=graph)


def wide_output(fields: int, size: int) -> Trace:
    """One step whose update has many fields."""
    update = {f"field_{number}": prose(size // fields, number) for number in range(fields)}
    graph = build_graph(["extract", "store"], state=dict.fromkeys(update, str), reads={"store": list(update)})
    return build_trace(ran("extract", update), ran("store", {}), input={"page": "…"}, graph=graph)


def best(work: Callable[[], object], times: int = 5) -> float:
    work()
    took = []
    for _ in range(times):
        begun = perf_counter()
        work()
        took.append(perf_counter() - begun)
    return min(took) * 1000


def main() -> int:
    detectors = builtin_detectors()
    context = DetectorContext(history=Steady(), embedder=StaticEmbedder())

    def detect(trace: Trace) -> float:
        return best(lambda: engine.detect(trace, detectors, context), 3 if len(trace.steps) > 5_000 else 5)

    print(f"{len(detectors)} detectors\n")
    print("by length of the run            ms     µs/step")
    by_steps: dict[int, float] = {}
    for steps in (10, 100, 1_000, 10_000):
        took = by_steps[steps] = detect(long_trace(steps))
        print(f"{steps:10,} steps {took:17.2f} {took / steps * 1000:11.1f}")

    print("\nby size                         ms      target")
    cases = [
        ("20 steps, 200 characters", twenty_steps(200), 20),
        ("20 steps, 2,000 characters", twenty_steps(2_000), 120),
        ("1 MB in 1,000 fields", wide_output(1_000, 1_000_000), 1_000),
    ]
    for name, trace, target in cases:
        took = detect(trace)
        print(f"{name:26} {took:7.2f} {target:11,}")

    print("\ninline or in lanes       inline       lanes")
    kept = engine.SHORT
    for steps in (10, 50, 200, 1_000):
        trace = long_trace(steps)
        engine.SHORT = sys.maxsize
        inline = detect(trace)
        engine.SHORT = -1
        lanes = detect(trace)
        print(f"{steps:10,} steps {inline:13.2f} {lanes:11.2f}")
    engine.SHORT = kept
    growth = by_steps[10_000] / by_steps[1_000]
    print(f"\nten times the steps cost {growth:.1f} times as much (linear: 10, quadratic: 100; fails above {GROWTH})")
    return 1 if growth > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
