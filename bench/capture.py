"""What recording costs a step, beside what copying or dumping the state would cost, measured in the same run.

Run with ``python bench/capture.py``. A step is one ``start_step`` and one ``finish_step``, journal included; the work
of the node itself is made outside the clock. Figures are CPU microseconds, the median over interleaved repetitions.
"""

from __future__ import annotations

import copy
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from argus.config.settings import Settings
from argus.recording.assemble import assemble
from argus.recording.recorder import Recorder

Step = tuple[dict[str, Any], dict[str, Any]]
"""The state that a node is given, and what it returns."""

REPETITIONS = 9


def small(steps: int) -> Iterator[Step]:
    """Ten small fields, two of them written by each step."""
    state: dict[str, Any] = {f"field_{number}": f"value {number}" for number in range(6)}
    state |= {"count": 0, "tags": ["a", "b"], "options": {"depth": 3, "strict": True}, "answer": ""}
    for number in range(steps):
        update = {"count": number, "answer": f"the answer of step {number}"}
        yield state, update
        state = {**state, **update}


def large_field(steps: int) -> Iterator[Step]:
    """A text of 1 MB carried along."""
    state: dict[str, Any] = {"document": "lorem ipsum dolor " * 58_000, "count": 0}
    for number in range(steps):
        update = {"count": number}
        yield state, update
        state = {**state, **update}


def messages(steps: int) -> Iterator[Step]:
    """A list of messages that grows by 2 KB a step, ids given by the reducer afterwards."""
    from langchain_core.messages import AIMessage

    state: dict[str, Any] = {"messages": [], "count": 0}
    for number in range(steps):
        message = AIMessage(f"{number} " + "lorem ipsum dolor sit amet " * 75)
        yield state, {"messages": [message]}
        message.id = f"00000000-0000-0000-0000-{number:012}"
        state = {**state, "messages": [*state["messages"], message]}


def dict_messages(steps: int) -> Iterator[Step]:
    """The same with messages that are plain dicts."""
    state: dict[str, Any] = {"messages": []}
    for number in range(steps):
        message = {"role": "assistant", "content": f"{number} " + "lorem ipsum dolor sit amet " * 75}
        yield state, {"messages": [message]}
        state = {**state, "messages": [*state["messages"], message]}


def tree(steps: int) -> Iterator[Step]:
    """A dict of 10,000 leaves carried along."""
    state: dict[str, Any] = {"tree": {f"b{i}": {f"l{j}": j for j in range(100)} for i in range(100)}, "count": 0}
    for number in range(steps):
        update = {"count": number}
        yield state, update
        state = {**state, **update}


def changed_tree(steps: int) -> Iterator[Step]:
    """The same, one leaf replaced by each step in a copy."""
    branches = {f"b{i}": {f"l{j}": j for j in range(100)} for i in range(100)}
    state: dict[str, Any] = {"tree": branches}
    for number in range(steps):
        branches = {**branches, f"b{number % 100}": {**branches[f"b{number % 100}"], "l0": -number}}
        yield state, {"tree": branches}
        state = {"tree": branches}


def floats(steps: int) -> Iterator[Step]:
    """A list of 10,000 numbers carried along."""
    state: dict[str, Any] = {"vector": [number * 1.1 for number in range(10_000)], "count": 0}
    for number in range(steps):
        update = {"count": number}
        yield state, update
        state = {**state, **update}


ROWS: dict[str, tuple[Callable[[int], Iterator[Step]], int]] = {
    "10 small fields": (small, 200),
    "1 MB text carried": (large_field, 40),
    "messages +2 KB a step": (messages, 200),
    "dict messages +2 KB a step": (dict_messages, 200),
    "10,000 leaves carried": (tree, 40),
    "10,000 leaves, one replaced": (changed_tree, 40),
    "10,000 numbers carried": (floats, 40),
}


def recorded(steps: list[Step], folder: Path | None) -> tuple[float, float]:
    """CPU microseconds and journal bytes a step."""
    recorder = Recorder(settings=Settings(), journal_folder=folder)
    run = recorder.open_run(graph=None)
    spent = 0
    for number, (state, update) in enumerate(steps):
        began = time.thread_time_ns()
        step = run.start_step("node", superstep=number, read_state=lambda state=state: state, triggers=("edge",))
        run.finish_step(step, outcome="ok", update=update, writes=("count",), wall_ns=1000, cpu_ns=900)
        spent += time.thread_time_ns() - began
    size = run.journal.path.stat().st_size if run.journal else 0
    run.close("completed")
    run.folded()
    recorder.close()
    return spent / len(steps) / 1000, size / len(steps)


def yardstick(steps: list[Step], dump: Callable[[Any], Any]) -> float:
    """CPU microseconds a step of doing something to the whole input and update."""
    spent = 0
    for state, update in steps:
        began = time.thread_time_ns()
        dump(state)
        dump(update)
        spent += time.thread_time_ns() - began
    return spent / len(steps) / 1000


def main() -> None:
    """Prints the table."""
    heads = ("argus", "no file", "B/step", "deepcopy", "json", "assemble")
    print(f"{'µs of CPU per step':30}" + "".join(f"{head:>11}" for head in heads))
    for name, (make, count) in ROWS.items():
        columns: list[list[float]] = [[] for _ in range(6)]
        for _ in range(REPETITIONS):
            gc.collect()
            gc.disable()
            with tempfile.TemporaryDirectory() as folder:
                steps = list(make(count))
                cost, size = recorded(steps, Path(folder))
                columns[0].append(cost)
                columns[2].append(size)
            columns[1].append(recorded(list(make(count)), None)[0])
            few = list(make(count))[-5:]
            columns[3].append(yardstick(few, copy.deepcopy))
            columns[4].append(yardstick(few, lambda value: json.dumps(value, default=vars)))
            run = Recorder(settings=Settings()).open_run(graph=None)
            for number, (state, update) in enumerate(make(count)):
                step = run.start_step("node", superstep=number, read_state=lambda state=state: state)
                run.finish_step(step, outcome="ok", update=update)
            run.close("completed")
            began = time.thread_time_ns()
            assemble(run)
            columns[5].append((time.thread_time_ns() - began) / count / 1000)
            gc.enable()
        print(f"{name:30}" + "".join(f"{statistics.median(column):11.1f}" for column in columns), flush=True)


if __name__ == "__main__":
    main()
