"""What the default store costs, beside one JSON file per run, measured in the same run.

Run it as ``python bench/storage.py``, with ``--size 100000`` for reading among more traces.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from argus.model.codec import decode_trace, encode_trace
from argus.model.detection import Detection
from argus.storage.base import TraceQuery
from argus.storage.sqlite import SqliteStore
from argus.testing.builders import CREATED_AT, build_graph, build_trace, ran

STEPS = 10
NODES = [f"node_{number}" for number in range(STEPS)]
GRAPH = build_graph(NODES, state={"question": str, "plan": str, "notes": str, "score": float, "answer": str})
FIELDS = ("plan", "notes", "score", "answer")


class JsonFiles:
    """The yardstick: one file per run; listing and filtering read them all."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(exist_ok=True)

    def save_many(self, traces):
        for trace in traces:
            (self.folder / f"{trace.id}.json").write_bytes(encode_trace(trace))

    def get(self, trace_id):
        return decode_trace((self.folder / f"{trace_id}.json").read_bytes())

    def list(self, statuses=()):
        traces = [decode_trace(path.read_bytes()) for path in self.folder.iterdir()]
        traces = [trace for trace in traces if not statuses or trace.status in statuses]
        return sorted(traces, key=lambda trace: (trace.created_at, trace.id), reverse=True)[:50]

    def size_bytes(self):
        return sum(path.stat().st_blocks * 512 for path in self.folder.iterdir())

    def close(self):
        pass


def make_trace(number):
    steps = [
        ran(node, {FIELDS[rank % 4]: 0.5 if rank % 4 == 2 else f"{node} writes {number}"}, duration_ms=3.0 + rank)
        for rank, node in enumerate(NODES)
    ]
    status, found = "ok", ()
    if number % 50 == 0:
        status = "failed"
        found = (Detection(layer="structural", severity="critical", code="STR401", message="gone", step_id="s"),)
    return build_trace(
        *steps,
        trace_id=os.urandom(8).hex(),
        created_at=CREATED_AT + timedelta(seconds=number),
        input={"question": f"what about {number}?"},
        graph=GRAPH,
        status=status,
        detections=found,
        summary="Ran through.",
    )


def open_kind(kind, folder):
    return SqliteStore(Path(folder) / "traces.db") if kind == "sqlite" else JsonFiles(Path(folder) / "runs")


def write(kind, folder, worker, count, batch, start, results):
    store = open_kind(kind, folder)
    traces = [make_trace(worker * count + number) for number in range(count)]
    start.wait()
    began, cpu = time.perf_counter(), time.process_time()
    worst = 0.0
    for first in range(0, count, batch):
        before = time.perf_counter()
        store.save_many(traces[first : first + batch])
        worst = max(worst, time.perf_counter() - before)
    results.put((began, time.perf_counter(), time.process_time() - cpu, worst))
    store.close()


def throughput(kind, processes, total, batch):
    """Traces a second over all processes, CPU in µs a trace, the longest wait for one batch."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        open_kind(kind, folder).close()
        start, results = context.Barrier(processes), context.Queue()
        count = total // processes
        workers = [
            context.Process(target=write, args=(kind, folder, worker, count, batch, start, results))
            for worker in range(processes)
        ]
        for worker in workers:
            worker.start()
        measured = [results.get() for _ in workers]
        for worker in workers:
            worker.join()
        if kind == "sqlite":
            store = open_kind(kind, folder)
            cursor, seen = None, 0
            while True:
                page = store.list(limit=1000, cursor=cursor)
                seen, cursor = seen + len(page.rows), page.next_cursor
                if cursor is None:
                    break
            assert seen == count * processes, f"{count * processes - seen} traces were lost"
            store.close()
    elapsed = max(end for _, end, _, _ in measured) - min(begin for begin, _, _, _ in measured)
    stored = count * processes
    return stored / elapsed, sum(cpu for _, _, cpu, _ in measured) / stored * 1e6, max(worst for *_, worst in measured)


def milliseconds(action, repeat):
    times = []
    for _ in range(repeat):
        began = time.perf_counter()
        action()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def report(name, sqlite, files, unit):
    print(f"  {name:<46} {sqlite:>12,.2f} {files if isinstance(files, str) else f'{files:,.2f}':>14} {unit}")


def reading(size):
    with tempfile.TemporaryDirectory() as folder:
        store, files = open_kind("sqlite", folder), open_kind("json", folder)
        ids = []
        for first in range(0, size, 500):
            traces = [make_trace(number) for number in range(first, min(first + 500, size))]
            ids += [trace.id for trace in traces]
            store.save_many(traces)
            files.save_many(traces)
        slow = 3 if size <= 10_000 else 1
        print(f"\n{size:,} stored traces of {STEPS} steps")
        one = ids[size // 2]
        report("bytes a step", store.size_bytes() / size / STEPS, files.size_bytes() / size / STEPS, "B")
        got, read = milliseconds(lambda: store.get(one), 50), milliseconds(lambda: files.get(one), 50)
        report("get one trace", got, read, "ms")
        newest = milliseconds(files.list, slow)
        report("list the newest 50", milliseconds(store.list, 30), newest, "ms")
        deep = store.list(limit=1000).next_cursor
        report("list 50 after the first 1,000", milliseconds(lambda: store.list(cursor=deep), 30), newest, "ms")
        # With many traces the yardstick takes minutes, and reads every file whatever the condition.
        failed = newest if size > 10_000 else milliseconds(lambda: files.list(statuses=("failed",)), slow)
        for name, query in (
            ("list failed ones (1 in 50)", TraceQuery(statuses=("failed",))),
            ("list one pipeline's", TraceQuery(pipeline="pipeline")),
            ("list those with a code (1 in 50)", TraceQuery(codes=("STR401",))),
            ("list those that ran a node (all)", TraceQuery(node=NODES[3])),
            ("list by text, found in all", TraceQuery(text="through")),
            ("list by text, found nowhere", TraceQuery(text="nowhere")),
            ("list a status that none has", TraceQuery(statuses=("incomplete",))),
            ("list the oldest tenth", TraceQuery(until=CREATED_AT + timedelta(seconds=size // 10))),
        ):
            report(name, milliseconds(lambda query=query: store.list(query), 10), failed, "ms")
        report("find an id's prefix", milliseconds(lambda: store.find_prefix(one[:6]), 50), "-", "ms")

        def history():
            found = store.history("pipeline", "v1")
            assert found.runs()
            for node in NODES:
                for metric in ("execution_time", "output_length", "token_count", "retry_count"):
                    found.samples(metric, node)

        report("history: 4 metrics of 10 nodes", milliseconds(history, 10), "-", "ms")
        store.close()


def growing():
    """A list of messages that grows by 2 KB a step, as the recorder shares it."""
    print("\n200 steps, a list growing by a message of 2 KB each")
    messages, state, steps = [], {"question": "why"}, []
    for number in range(200):
        messages = [*messages, {"role": "user", "content": os.urandom(1000).hex()}]
        after = {"question": state["question"], "messages": messages}
        steps.append(ran(f"n{number % 5}", {"messages": messages[-1:]}, input_state=state, state_after=after))
        state = after
    trace = build_trace(*steps, trace_id="growing")
    with tempfile.TemporaryDirectory() as folder:
        store, files = open_kind("sqlite", folder), open_kind("json", folder)
        for shared, one in (("shared", trace), ("not shared", decode_trace(encode_trace(trace)))):
            saved = milliseconds(lambda one=one: store.save(one), 5)
            written = milliseconds(lambda one=one: files.save_many([one]), 3)
            report(f"save, values {shared}", saved, written, "ms")
        report("on disk", store.size_bytes() / 1e6, files.size_bytes() / 1e6, "MB")
        got, read = milliseconds(lambda: store.get("growing"), 10), milliseconds(lambda: files.get("growing"), 3)
        report("get", got, read, "ms")
        client = sqlite3.connect(Path(folder) / "traces.db")
        query = "SELECT input_state, output_state FROM trace_steps WHERE trace_id = 'growing' AND step_number = 200"
        report("one step's states by SQL", milliseconds(lambda: client.execute(query).fetchall(), 20), "-", "ms")
        client.close()
        store.close()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--size", type=int, action="append", help="stored traces to read among (repeatable)")
    options.add_argument("--traces", type=int, default=16_000, help="traces to write for each throughput")
    options.add_argument("--skip", choices=("write", "read"), action="append", default=[])
    chosen = options.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}")
    print(f"  {'':<46} {'sqlite':>12} {'one JSON file':>14}")
    if "write" not in chosen.skip:
        print(f"\nwriting traces of {STEPS} steps")
        for processes, batch in ((1, 1), (1, 50), (8, 1), (8, 50)):
            total = chosen.traces if batch > 1 else chosen.traces // 4
            rate, cpu, worst = throughput("sqlite", processes, total, batch)
            yard, yard_cpu, yard_worst = throughput("json", processes, total, batch)
            name = f"{processes} process{'es' * (processes > 1)}, {batch} a transaction"
            report(name, rate, yard, "traces/s")
            report("  CPU a trace", cpu, yard_cpu, "µs")
            report("  longest save", worst * 1000, yard_worst * 1000, "ms")
    if "read" not in chosen.skip:
        growing()
        for size in chosen.size or (1_000, 10_000):
            reading(size)


if __name__ == "__main__":
    main()
