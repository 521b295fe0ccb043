"""What watching costs a LangGraph run, beside what LangChain's own tracer costs the same run.

CPU microseconds per step, medians of paired differences: each watched run stands between two unwatched ones, so that
a machine whose speed drifts does not decide. The tracer talks to a client that throws everything away.

    python bench/overhead.py [--rounds N] [--only small] [--memory] [--budget RATIO]
    python bench/overhead.py --curve          # from 10 to 2,000 steps of a growing list of messages

Peak memory is what Python's allocator held at most during one run more than without watching.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import operator
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from unittest.mock import MagicMock

from langchain_core.messages import AIMessage
from langchain_core.tracers.langchain import LangChainTracer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Send
from typing_extensions import TypedDict

from argus.config.settings import Settings
from argus.instrumentation.langgraph.attach import attach
from argus.recording.journal import HEADER
from argus.recording.recorder import Recorder
from argus.recording.run import Run

STEPS = 40
Config = dict[str, Any]


class Case(NamedTuple):
    """A graph to run.

    Attributes:
        name: What is measured.
        build: Makes the graph, of sync or async nodes.
        value: Makes the input.
        steps: Steps of one run.
        goal: What watching may add per step, in CPU microseconds, sync and async; None when only the ratio matters.
    """

    name: str
    build: Callable[[bool], Any]
    value: Callable[[], dict[str, Any]]
    steps: int
    goal: tuple[int, int] | None


def chain(schema: Any, node: Callable[[Any, int], dict[str, Any]], awaits: bool, steps: int) -> Any:
    """A chain of nodes that do the least a node can do."""
    graph = StateGraph(schema)
    previous = START
    for number in range(steps):

        def plain(state: Any, number: int = number) -> dict[str, Any]:
            return node(state, number)

        async def awaited(state: Any, number: int = number) -> dict[str, Any]:
            return node(state, number)

        name = f"n{number}"
        graph.add_node(name, awaited if awaits else plain)
        graph.add_edge(previous, name)
        previous = name
    graph.add_edge(previous, END)
    return graph.compile()


Small = TypedDict("Small", {f"f{n}": Any for n in range(10)}, total=False)  # type: ignore[misc]  # ten plain fields


class Messages(TypedDict, total=False):
    messages: Annotated[list[Any], add_messages]


class Carried(TypedDict, total=False):
    load: Any
    x: int


class Fan(TypedDict, total=False):
    x: int
    log: Annotated[list[int], operator.add]


def small(awaits: bool) -> Any:
    return chain(Small, lambda s, n: {f"f{n % 10}": n, f"f{(n + 1) % 10}": f"value {n}"}, awaits, STEPS)


def messages(awaits: bool, steps: int) -> Any:
    text = "word " * 400
    return chain(Messages, lambda s, n: {"messages": [AIMessage(f"{n} {text}", id=str(n))]}, awaits, steps)


def growing(awaits: bool) -> Any:
    return messages(awaits, 200)


def carried(awaits: bool) -> Any:
    return chain(Carried, lambda s, n: {"x": n}, awaits, STEPS)


def fan(awaits: bool) -> Any:
    graph = StateGraph(Fan)

    def work(state: Fan) -> dict[str, Any]:
        return {"log": [state["x"]]}

    async def awork(state: Fan) -> dict[str, Any]:
        return {"log": [state["x"]]}

    graph.add_node("plan", lambda s: {})
    graph.add_node("work", awork if awaits else work)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", lambda s: [Send("work", {"x": n}) for n in range(100)], ["work"])
    return graph.compile()


def tree() -> dict[str, Any]:
    return {f"k{i}": {f"m{j}": [i, j, i * j, "leaf", None] * 2 for j in range(10)} for i in range(100)}


CASES = (
    Case("small state", small, lambda: {f"f{n}": n for n in range(10)}, STEPS, (15, 25)),
    Case("messages +2 KB a step", growing, lambda: {"messages": [("user", "hi")]}, 200, (30, 40)),
    Case("10,000 leaves carried", carried, lambda: {"load": tree(), "x": 0}, STEPS, (55, 65)),
    Case("1 MB text carried", carried, lambda: {"load": "x" * 1_000_000, "x": 0}, STEPS, None),
    Case("100-way Send", fan, lambda: {"x": 1}, 101, None),
)


class Sink:
    """Records into journals in a folder and throws the runs away."""

    def __init__(self, folder: Path | None) -> None:
        self.recorder = Recorder(settings=Settings(), journal_folder=folder)
        self.written = 0

    def open_run(self, *, graph: Any, value: object, metadata: Mapping[str, object]) -> Run | None:
        return self.recorder.open_run(graph=graph, value=value, metadata=metadata)

    def run_closed(self, run: Run) -> None:
        if run.journal is not None:
            self.written += sum(HEADER.size + len(frame) for frame in run.frames)


def once(app: Any, case: Case, awaits: bool, loop: asyncio.AbstractEventLoop, config: Config | None) -> float:
    """CPU microseconds per step of one run, garbage collection aside."""
    value = case.value()
    settings: Config = {"recursion_limit": 10_000, **(config or {})}
    gc.collect()
    gc.disable()
    began = time.process_time_ns()
    if awaits:
        loop.run_until_complete(app.ainvoke(value, settings))
    else:
        app.invoke(value, settings)
    spent = time.process_time_ns() - began
    gc.enable()
    return spent / 1000 / case.steps


def tracer() -> Config:
    client = MagicMock()
    client.tracing_queue = None
    client.create_run = client.update_run = lambda *args, **kwargs: None
    return {"callbacks": [LangChainTracer(client=client, project_name="bench")]}


class Row(NamedTuple):
    """The figures of one case."""

    base: float
    argus: float
    tracer: float
    bytes_per_step: float
    peak_kb: float


def measure(case: Case, awaits: bool, rounds: int, memory: bool) -> Row:
    loop = asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as name:
        sink = Sink(None if memory else Path(name))
        plain = case.build(awaits)
        watched = attach(case.build(awaits), sink)
        for app in (plain, watched):
            once(app, case, awaits, loop, None)
        sink.written = 0
        bases, ours, theirs = [], [], []
        for _ in range(rounds):
            first = once(plain, case, awaits, loop, None)
            with_argus = once(watched, case, awaits, loop, None)
            second = once(plain, case, awaits, loop, None)
            with_tracer = once(plain, case, awaits, loop, tracer())
            third = once(plain, case, awaits, loop, None)
            bases += [first, second, third]
            ours.append(with_argus - (first + second) / 2)
            theirs.append(with_tracer - (second + third) / 2)
        size = sink.written / rounds / case.steps
        held = peak(watched, case, awaits, loop) - peak(plain, case, awaits, loop)
    loop.close()
    return Row(statistics.median(bases), statistics.median(ours), statistics.median(theirs), size, held / 1024)


def peak(app: Any, case: Case, awaits: bool, loop: asyncio.AbstractEventLoop) -> int:
    """Bytes that one run holds at most."""
    tracemalloc.start()
    once(app, case, awaits, loop, None)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


CURVE = (10, 50, 200, 500, 1000, 2000)


def curve(rounds: int) -> Iterator[str]:
    """What a step costs as the list of messages grows: per step it must stay as it is."""
    yield f"{'steps':>6}{'LangGraph us':>14}{'ARGUS adds us':>15}{'journal B/step':>16}{'peak KB/step':>14}"
    for steps in CURVE:
        case = Case("", partial(messages, steps=steps), CASES[1].value, steps, None)
        row = measure(case, False, max(3, rounds * STEPS // steps), False)
        yield f"{steps:6}{row.base:14.0f}{row.argus:+15.0f}{row.bytes_per_step:16.0f}{row.peak_kb / steps:14.1f}"


def lines(rounds: int, only: str, memory: bool, exceeded: list[str], budget: float) -> Iterator[str]:
    heads = f"{'LangGraph':>10}{'ARGUS adds':>16}{'goal':>6}{'LangChain tracer adds':>24}{'journal B/step':>16}"
    yield f"{'CPU us per step':30}{heads}{'peak KB':>9}"
    for case in CASES:
        if only not in case.name:
            continue
        for awaits in (False, True):
            row = measure(case, awaits, max(3, rounds * STEPS // case.steps), memory)
            goal = str(case.goal[awaits]) if case.goal else ""
            ours = f"{row.argus:+.0f} (x{1 + row.argus / row.base:.2f})"
            theirs = f"{row.tracer:+.0f} (x{1 + row.tracer / row.base:.2f})"
            kind = "async" if awaits else "sync"
            if 1 + row.argus / row.base > budget:
                exceeded.append(f"{case.name} {kind}")
            figures = f"{row.base:8.0f}us{ours:>16}{goal:>6}{theirs:>24}{row.bytes_per_step:16.0f}{row.peak_kb:9.0f}"
            yield f"{case.name:24}{kind:6}{figures}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="rounds for a run of 40 steps")
    parser.add_argument("--only", default="", help="only cases whose name holds this")
    parser.add_argument("--memory", action="store_true", help="without a journal")
    parser.add_argument("--curve", action="store_true", help="the cost of a step by the length of the run")
    parser.add_argument("--budget", type=float, default=float("inf"), help="the ratio above which it fails")
    options = parser.parse_args()
    exceeded: list[str] = []
    table = lines(options.rounds, options.only, options.memory, exceeded, options.budget)
    for line in curve(options.rounds) if options.curve else table:
        print(line)
        sys.stdout.flush()
    if exceeded:
        sys.exit(f"more than {options.budget:g} times what LangGraph alone takes: {', '.join(exceeded)}")
