"""Whether a process that lives long stays small: many runs through one attached app, from several threads.

The app runs in bursts with pauses, as services do; what waits is analysed in the pauses. Every tenth of the way the
memory, threads, files and the backlog are printed, and at the end whether they stayed flat and every trace is whole.

    python bench/soak.py [--runs 100000] [--threads 4] [--processes 8 --each 200]

With ``--processes`` several processes run at once into one folder instead.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

import argus
from argus.analysis.service import services
from argus.storage.base import BaseStore
from argus.storage.locate import open_store

BURST = 500
STORE = "sqlite:///.argus/traces.db"


class State(TypedDict, total=False):
    number: int
    doubled: int


def build() -> Any:
    graph = StateGraph(State)
    graph.add_node("double", lambda state: {"doubled": 2 * state["number"]})
    graph.add_edge(START, "double")
    return graph.compile(name="soak")


class Size(NamedTuple):
    """How big the process is."""

    rss_mb: float
    threads: int
    files: int
    backlog: int
    journal_mb: float

    @classmethod
    def now(cls) -> Size:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        journals = Path(".argus/journal").glob("*.journal")
        return cls(
            rss_mb=pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
            threads=threading.active_count(),
            files=len(list(Path("/proc/self/fd").iterdir())),
            backlog=sum(service.pending for service in services()),
            journal_mb=sum(path.stat().st_size for path in journals) / 2**20,
        )


def count(store: BaseStore) -> int:
    rows, cursor = 0, None
    while True:
        page = store.list(limit=1000, cursor=cursor)
        rows, cursor = rows + len(page.rows), page.next_cursor
        if cursor is None:
            return rows


def soak(runs: int, threads: int) -> int:
    """Runs the app; 0 when everything stayed flat and nothing is missing."""
    app = argus.attach(build())
    began, done, sizes = time.monotonic(), 0, []
    print(f"{'runs':>8}{'seconds':>9}{'RSS MB':>9}{'threads':>9}{'files':>7}{'backlog':>9}{'journal MB':>12}")
    with ThreadPoolExecutor(threads) as pool:
        while done < runs:
            burst = min(BURST, runs - done)
            for result in pool.map(app.invoke, ({"number": done + index} for index in range(burst))):
                assert result["doubled"] == 2 * result["number"]
            before, done = done, done + burst
            waited = Size.now().backlog
            while sum(service.pending for service in services()):
                time.sleep(0.01)  # the pause between two bursts
            if before * 10 // runs < done * 10 // runs:
                size = Size.now()._replace(backlog=waited)
                sizes.append(size)
                print(
                    f"{done:8}{time.monotonic() - began:9.0f}{size.rss_mb:9.1f}{size.threads:9}{size.files:7}"
                    f"{size.backlog:9}{size.journal_mb:12.2f}",
                    flush=True,
                )
    assert argus.flush()
    first, last = sizes[len(sizes) // 5], sizes[-1]
    stored = count(open_store(STORE))
    print(f"stored: {stored} of {runs}")
    flat = (
        last.rss_mb <= first.rss_mb * 1.10 + 2
        and last.threads == first.threads
        and last.files <= first.files + 2
        and last.backlog <= BURST
        and last.journal_mb < 1
    )
    print("flat" if flat and stored == runs else "NOT FLAT" if stored == runs else "RUNS ARE MISSING")
    return 0 if flat and stored == runs else 1


def crowd(processes: int, each: int) -> int:
    """Processes that run at once into one folder; 0 when every trace is there and whole."""
    began = time.monotonic()
    command = [sys.executable, __file__, "--one-of-many", str(each)]
    children = [subprocess.Popen([*command, str(number * each)]) for number in range(processes)]
    codes = [child.wait() for child in children]
    took = time.monotonic() - began
    store = open_store(STORE)
    whole, cursor = set(), None
    while True:
        page = store.list(limit=1000, cursor=cursor)
        for row in page.rows:
            trace = store.get(row.id)
            (step,) = trace.steps
            if step.output_state == {"doubled": 2 * trace.input["number"]}:
                whole.add(trace.input["number"])
        cursor = page.next_cursor
        if cursor is None:
            break
    print(f"{processes} processes x {each} runs: {len(whole)} of {processes * each} whole traces, {took:.0f} s")
    return 0 if whole == set(range(processes * each)) and not any(codes) else 1


def one_of_many(each: int, start: int) -> int:
    app = argus.attach(build())
    for number in range(start, start + each):
        app.invoke({"number": number})
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--each", type=int, default=200, help="runs of each process")
    parser.add_argument("--one-of-many", type=int, nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    # how long a node takes while a machine is busy is no finding of interest here
    os.environ.update(ARGUS_QUIET="1", ARGUS_DETECTION__STATISTICAL__ENABLED="false")
    if options.one_of_many:
        sys.exit(one_of_many(*options.one_of_many))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.exit(crowd(options.processes, options.each) if options.processes else soak(options.runs, options.threads))
