"""Whether what is hostile by size alone costs linear time: wide dicts, deep dicts and long strings.

Run with ``python bench/linear.py``. Each row records one step that is given and returns the value, journal included,
for four sizes that double; the figures are CPU milliseconds, the best of five. The last column is the growth from the
first size to the last, divided by the growth of the size: 1 is exactly linear, 8 would be quadratic; a value that no
longer fits the processor's cache may pay twice. It exits with 1 above 6.
"""

from __future__ import annotations

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argus.config.settings import Settings
from argus.recording.recorder import Recorder

REPETITIONS = 5
HIGHEST_GROWTH = 6.0


def wide(size: int) -> Any:
    return {f"key {number}": f"value {number}" for number in range(size)}


def wide_objects(size: int) -> Any:
    return {number: {number} for number in range(size)}


def deep(size: int) -> Any:
    value: dict[str, Any] = {}
    for _ in range(size):
        value = {"deeper": value}
    return value


def long_text(size: int) -> Any:
    return "lorem ipsum, " * (size // 13)


def long_bytes(size: int) -> Any:
    return b"\x00\xff" * (size // 2)


ROWS: dict[str, tuple[Callable[[int], Any], int]] = {
    "keys of a dict": (wide, 10_000),
    "keys that are no text": (wide_objects, 10_000),
    "depth of a dict": (deep, 5_000),
    "characters of a string": (long_text, 50_000_000),
    "bytes": (long_bytes, 50_000_000),
}


def cost_ms(value: Any) -> float:
    """CPU milliseconds of recording one step with the value, given and returned."""
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(settings=Settings(), journal_folder=Path(folder))
        run = recorder.open_run(graph=None)
        began = time.thread_time_ns()
        step = run.start_step("node", superstep=1, read_state=lambda: {"value": value})
        run.finish_step(step, outcome="ok", update={"other": value})
        spent = time.thread_time_ns() - began
        run.close("completed")
        run.folded()
        recorder.close()
        assert not run.losses
    return spent / 1e6


def main() -> int:
    """Prints the table; 1 when something grows faster than it may."""
    print(f"{'ms of CPU':24}{'largest':>12}{'1/8':>10}{'1/4':>10}{'1/2':>10}{'1/1':>10}{'growth':>10}")
    worst = 0.0
    for name, (make, largest) in ROWS.items():
        costs = []
        for part in (8, 4, 2, 1):
            value = make(largest // part)
            gc.collect()
            gc.disable()
            costs.append(min(cost_ms(value) for _ in range(REPETITIONS)))
            gc.enable()
        growth = costs[-1] / costs[0] / 8
        worst = max(worst, growth)
        print(f"{name:24}{largest:12,}" + "".join(f"{cost:10.2f}" for cost in costs) + f"{growth:10.2f}", flush=True)
    return 1 if worst > HIGHEST_GROWTH else 0


if __name__ == "__main__":
    sys.exit(main())
