"""What an attached app costs a process that runs it without a pause, with detection on.

Runs of 20 steps, one after the other, for a few seconds unwatched, then for a few seconds attached, in turns within one
process. Store and journal are on disk, and the ended runs are analysed by the background thread of this very process.
Runs may be analysed beside others as soon as they have waited for one second: a process that has not been quiet for as
long as it takes, which is the worst case. What is left of the backlog is worked off before the next turn, untimed, so
that it slows no unwatched run.

    python bench/back_to_back.py [--turns 5] [--seconds 5]

Target: median and 95th percentile of a run's wall time at most 1.15 times the unwatched ones.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

import argus
from argus.analysis.service import services
from argus.config.settings import Settings
from argus.instrumentation.langgraph.attach import attach
from argus.recording.recorder import Recorder
from argus.recording.run import Run
from argus.storage.locate import open_store

STEPS = 20
LAG_S = 1.0
TARGET = 1.15

State = TypedDict("State", {f"f{n}": Any for n in range(10)}, total=False)  # type: ignore[misc]  # ten plain fields


def chain() -> Any:
    graph = StateGraph(State)
    previous = START
    for number in range(STEPS):

        def node(state: State, number: int = number) -> dict[str, Any]:
            return {f"f{number % 10}": number, f"f{(number + 1) % 10}": f"value {number}"}

        graph.add_node(f"n{number}", node)
        graph.add_edge(previous, f"n{number}")
        previous = f"n{number}"
    graph.add_edge(previous, END)
    return graph.compile(name="back-to-back")


class ThrownAway:
    """Records into a journal and forgets the runs."""

    def __init__(self, folder: Path) -> None:
        self.recorder = Recorder(settings=Settings(), journal_folder=folder)

    def open_run(self, *, graph: Any, value: object, metadata: Mapping[str, object]) -> Run | None:
        return self.recorder.open_run(graph=graph, value=value, metadata=metadata)

    def run_closed(self, run: Run) -> None:
        run.folded()


def run_for(seconds: float, app: Any, times_ms: list[float]) -> None:
    end = time.perf_counter() + seconds
    while (began := time.perf_counter()) < end:
        app.invoke({f"f{n}": n for n in range(10)}, {"recursion_limit": 100})
        times_ms.append((time.perf_counter() - began) * 1000)


def percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(share * (len(times) - 1))]


def stored() -> int:
    store = open_store("sqlite:///.argus/traces.db")
    rows, cursor = 0, None
    while True:
        page = store.list(limit=1000, cursor=cursor)
        rows, cursor = rows + len(page.rows), page.next_cursor
        if cursor is None:
            return rows


def main(turns: int, seconds: float) -> None:
    os.environ.update(ARGUS_WATCHER__DETECT_LAG=str(LAG_S), ARGUS_QUIET="1")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        plain, recorded, watched = chain(), attach(chain(), ThrownAway(Path(folder) / "journal")), argus.attach(chain())
        (service,) = services()
        unwatched_ms: list[float] = []
        recorded_ms: list[float] = []
        watched_ms: list[float] = []
        warm_up: list[float] = []
        for app in (plain, recorded, watched):
            warm_up.clear()
            run_for(0.5, app, warm_up)
        assert argus.flush()
        waiting, caught_up = 0, 0.0
        for _ in range(turns):
            run_for(seconds, plain, unwatched_ms)
            run_for(seconds, recorded, recorded_ms)
            run_for(seconds, watched, watched_ms)
            waiting += service.pending
            began = time.monotonic()
            assert argus.flush()
            caught_up += time.monotonic() - began
        print(f"{len(unwatched_ms)} runs unwatched, {len(watched_ms)} attached, {STEPS} steps each, {turns} turns")
        print(f"{'':10}{'unwatched':>12}{'recorded only':>22}{'attached':>20}{'target':>8}")
        for name, of in (("median", statistics.median), ("p95", lambda times: percentile(times, 0.95))):
            base, hooks, all_of_it = of(unwatched_ms), of(recorded_ms), of(watched_ms)
            ratios = f"{hooks:11.2f} ms (x{hooks / base:.2f}){all_of_it:9.2f} ms (x{all_of_it / base:.2f})"
            print(f"{name:10}{base:9.2f} ms{ratios}{TARGET:8.2f}")
        beside = len(watched_ms) - waiting
        print(f"analysed beside the runs: {beside}; after them: {waiting}, in {caught_up / waiting * 1000:.1f} ms each")
        print(f"stored: {stored()} of {len(watched_ms) + len(warm_up)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=5, help="turns of each kind")
    parser.add_argument("--seconds", type=float, default=5, help="seconds of a turn")
    options = parser.parse_args()
    main(options.turns, options.seconds)
