"""How long the trace API takes for what a page asks, over HTTP: ``python bench/ui_server.py [--traces 100000]``.

Beside each answer stands what the plainest answer of the same server takes, measured in the same run, so that a loaded
machine can be told from a slow answer. ``first`` is with empty caches, ``then`` the median of the following.
"""

from __future__ import annotations

import argparse
import gzip
import http.client
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from urllib.parse import quote

import msgspec

from argus.config.sources import load
from argus.model.detection import Detection
from argus.model.forensics import CausalLink, Forensics
from argus.model.trace import Trace
from argus.server.running import Server, listen
from argus.server.security.tokens import Token
from argus.server.sources import Sources, StoreHandle
from argus.storage.sqlite import SqliteStore
from argus.testing.builders import CREATED_AT, build_graph, build_trace, ran

SECRET = "for-a-benchmark-on-loopback-only"
NODES = ("intake", "retrieve", "rank", "draft", "check", "mend", "cite", "review", "format", "send")
REPEATS = 15
GOAL_MS = 50


def runs(count: int) -> Iterator[Trace]:
    """Ten-step runs of five pipelines, one in ten of them faulty."""
    graph = build_graph(NODES, state={"text": str})
    whole = build_trace(*[ran(node, {"text": f"{node} " * 40}) for node in NODES], graph=graph)
    for number in range(count):
        trace_id = f"{number:016x}"
        steps = tuple(msgspec.structs.replace(step, id=f"{trace_id}-s{step.step_number}") for step in whole.steps)
        trace = msgspec.structs.replace(
            whole,
            id=trace_id,
            pipeline_name=f"pipeline-{number % 5}",
            created_at=whole.created_at + timedelta(seconds=number),
            steps=steps,
            summary="All 10 steps did what earlier runs did.",
        )
        yield faulty(trace, number) if number % 10 == 3 else trace


def faulty(trace: Trace, number: int) -> Trace:
    cause, symptom = trace.steps[1 + number % 3], trace.steps[9]
    return msgspec.structs.replace(
        trace,
        status="failed",
        summary=f"`{cause.node_name}` returned `txt` instead of `text`; later `send` raised `KeyError`.",
        detections=(
            Detection(layer="structural", severity="critical", code="STR402", message="dropped", step_id=cause.id),
            Detection(layer="behavioral", severity="critical", code="BEH301", message="raised", step_id=symptom.id),
        ),
        forensics=Forensics(
            root_cause_step=cause.id,
            explanation="",
            confidence=0.9,
            causal_chain=(
                CausalLink(step_id=cause.id, node_name=cause.node_name, role="cause", field="text"),
                CausalLink(step_id=symptom.id, node_name="send", role="symptom", field="text"),
            ),
        ),
    )


def long_run(steps: int) -> Trace:
    """One run of many steps, as a loop of ten nodes."""
    work = [ran(NODES[n % 10], {"text": f"{n} " * 50}, metadata={"superstep": n}) for n in range(steps)]
    trace = build_trace(*work, graph=build_graph(NODES, state={"text": str}), trace_id="f" * 16, pipeline_name="long")
    return msgspec.structs.replace(trace, created_at=CREATED_AT - timedelta(days=1))


class Client:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def get(self, path: str) -> bytes:
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {SECRET}"})
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (path, answer.status, body[:500])
        return body


def timed(call: Callable[[], bytes]) -> tuple[float, float, int]:
    took, size = [], 0
    for _ in range(REPEATS):
        began = time.perf_counter()
        size = len(call())
        took.append((time.perf_counter() - began) * 1000)
    return took[0], median(took[1:]), size


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--traces", type=int, default=1000)
    words.add_argument("--steps", type=int, default=10_000)
    chosen = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / ".argus" / "traces.db")
        batch: list[Trace] = []
        for trace in runs(chosen.traces):
            batch.append(trace)
            if len(batch) == 1000:
                store.save_many(batch)
                batch = []
        store.save_many([*batch, long_run(chosen.steps)])
        serve(Path(folder), store, chosen.traces, chosen.steps)
        store.close()


def serve(folder: Path, store: SqliteStore, traces: int, steps: int) -> None:
    sources = Sources(
        configuration=load(None, {"storage.url": store.url}, environ={}, start=folder),
        store=StoreHandle(lambda: True, lambda: store, store.url),
        command=lambda *words: " ".join(["argus", *words]),
        recover=lambda: None,
    )
    listening = listen("127.0.0.1", 0)
    server = Server(sources, listening, Token(SECRET))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        report(Client(listening.port), traces, steps)
    finally:
        server.stop()
        thread.join()


def report(client: Client, traces: int, steps: int) -> None:
    faulty_id, api = f"{max(3, traces - 7):016x}", "/api/v1"
    q = quote
    asked = {
        "yardstick: settings, without a store": f"{api}/settings",
        "meta": f"{api}/meta",
        "list 100": f"{api}/traces?limit=100",
        "filter status:failed": f"{api}/traces?limit=100&q={q('status:failed')}",
        "filter code:STR4* node:draft": f"{api}/traces?limit=100&q={q('code:STR4* node:draft')}",
        "filter text": f"{api}/traces?limit=100&q={q('retrieve returned')}",
        "filter -status:ok dur:>50ms": f"{api}/traces?limit=100&q={q('-status:ok dur:>50ms')}",
        "problems": f"{api}/problems",
        "problems of a day": f"{api}/problems?q={q('since:2026-01-01 until:2026-01-02')}",
        "trend of an hour": f"{api}/trend?q={q('since:2026-01-01T12:00:00Z until:2026-01-01T13:00:00Z')}",
        "trend": f"{api}/trend",
        "history": f"{api}/pipelines/pipeline-3/history",
        "rules": f"{api}/rules",
        "open a run": f"{api}/traces/{faulty_id}",
        "its steps": f"{api}/traces/{faulty_id}/steps",
        "its cause": f"{api}/traces/{faulty_id}/steps/2",
        f"open a run of {steps:,} steps": f"{api}/traces/{'f' * 16}",
        "its steps as columns": f"{api}/traces/{'f' * 16}/steps",
        "one of its steps": f"{api}/traces/{'f' * 16}/steps/{steps // 2}",
        "one of its values": f"{api}/traces/{'f' * 16}/steps/{steps // 2}/value?side=state",
    }
    print(f"{traces:,} runs of 10 steps, and one of {steps:,}; goal {GOAL_MS} ms")
    print(f"{'':44}{'first':>10}{'then':>10}{'size':>12}")
    for name, path in asked.items():
        first, then, size = timed(lambda path=path: client.get(path))
        print(f"{name:44}{first:>7.1f} ms{then:>7.1f} ms{size / 1000:>9,.1f} kB{'  over' if then > GOAL_MS else ''}")
    columns = client.get(f"{api}/traces/{'f' * 16}/steps")
    print(f"columns of {steps:,} steps, gzip: {len(gzip.compress(columns)) / 1000:,.1f} kB (goal 1,000)")


if __name__ == "__main__":
    main()
