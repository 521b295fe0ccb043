"""What learning from one more run costs, by how many runs are stored: it must depend on the run, not on the history.

    python bench/history.py            10 and 1,000 stored runs
    python bench/history.py --large    and 100,000, which takes a few minutes

Figures are medians of CPU milliseconds; the growth is against 10 stored runs, in the same process. Every run measured
teaches: ids are chosen so that it is among the share that does so in the long run.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from argus.learning.profiling import profile_of
from argus.learning.teaching import is_lesson
from argus.model.trace import Trace
from argus.storage.sqlite import SqliteStore
from argus.testing.builders import CREATED_AT, build_graph, build_trace, ran

SIZES = (10, 1_000)
LARGE = 100_000
MEASURED = 40
BATCH = 500
NODES = ("receive", "price", "tax", "reserve", "confirm")
GRAPH = build_graph(NODES)


class Cost(NamedTuple):
    """Medians, and the size of what was learned."""

    stored: int
    mining_ms: float
    saving_ms: float
    reading_ms: float
    size_bytes: int
    lessons: int


def order(dice: random.Random, number: int) -> Trace:
    """A healthy run of an order pipeline, each different."""
    lines = [
        {
            "sku": f"S-{dice.randrange(9_000):04}",
            "quantity": dice.randint(1, 9),
            "price": dice.randint(100, 9_999) / 100,
        }
        for _ in range(dice.randint(1, 8))
    ]
    net = round(sum(line["quantity"] * line["price"] for line in lines), 2)
    tax = round(net * 0.19, 2)
    steps = (
        ran("receive", {"lines": lines, "customer": f"customer {dice.randrange(500)}"}),
        ran("price", {"net": net, "positions": len(lines)}),
        ran("tax", {"tax": tax, "gross": round(net + tax, 2), "currency": dice.choice(("EUR", "USD"))}),
        ran("reserve", {"reserved": {line["sku"]: line["quantity"] for line in lines}}),
        ran("confirm", {"text": f"Thank you for your order of {len(lines)} articles. " * dice.randint(1, 20)}),
    )
    return build_trace(
        *steps,
        graph=GRAPH,
        trace_id=f"{dice.getrandbits(64):016x}",
        created_at=CREATED_AT + timedelta(seconds=number),
        input={"order": f"O-{number}"},
        metadata={"outcome": "completed"},
    )


def lessons(dice: random.Random, first: int) -> Iterator[Trace]:
    """Runs that teach however many have taught before."""
    number = first
    while True:
        trace = order(dice, number)
        if is_lesson(trace, sys.maxsize):
            yield trace
        number += 1


def measured(stored: int, folder: str) -> Cost:
    """The costs of one more run where so many are stored."""
    dice = random.Random(stored)
    store = SqliteStore(Path(folder) / f"{stored}.db")
    for first in range(0, stored, BATCH):
        store.save_many([order(dice, number) for number in range(first, min(first + BATCH, stored))])
    known = store.history("pipeline", GRAPH.version).profile()
    new = lessons(dice, stored)
    mining, saving, reading = [], [], []
    for _ in range(MEASURED):
        trace = next(new)
        mining.append(cpu_ms(lambda trace=trace: profile_of(trace, known.relations)))
        saving.append(cpu_ms(lambda trace=trace: store.save(trace)))
        reading.append(cpu_ms(lambda: SqliteStore(store.path).history("pipeline", GRAPH.version).profile()))
    profile = store.history("pipeline", GRAPH.version).profile()
    size = len(msgspec.json.encode(profile))
    store.close()
    return Cost(
        stored, statistics.median(mining), statistics.median(saving), statistics.median(reading), size, profile.runs
    )


def cpu_ms(action: Callable[[], object]) -> float:
    """CPU milliseconds of a call."""
    began = time.process_time()
    action()
    return (time.process_time() - began) * 1000


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--large", action="store_true", help=f"also with {LARGE:,} stored runs")
    sizes = (*SIZES, LARGE) if parser.parse_args().large else SIZES
    titles = ("stored runs", "lessons", "mine a run", "save a run", "growth", "open, read", "size KB")
    print("".join(f"{title:>13}" for title in titles))
    with tempfile.TemporaryDirectory() as folder:
        costs = [measured(stored, folder) for stored in sizes]
    for cost in costs:
        growth = cost.saving_ms / costs[0].saving_ms
        print(
            f"{cost.stored:>13,}{cost.lessons:>13,}{cost.mining_ms:>13.2f}{cost.saving_ms:>13.2f}{growth:>13.2f}"
            f"{cost.reading_ms:>13.2f}{cost.size_bytes / 1024:>13.1f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
