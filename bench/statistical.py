"""How often the statistical detectors give alarm on healthy runs, and what they find: on histories that were drawn.

    python bench/statistical.py [--histories 10] [--json FILE]

Each family of histories is a pipeline of three nodes, whose times, text lengths, tokens, amounts, counts, list sizes
and retries all follow one distribution: lognormal, of two regimes, heavy-tailed, constant, or growing. A history of 5,
10 or 30 healthy runs is drawn, then ten more healthy runs that are not learned; any finding in one of them is a false
alarm. Then one number of each is spoilt.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argus.config.settings import DetectionSettings
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.registry import builtin_detectors
from argus.learning.profiling import profile_of_many
from argus.model.habits import RunHabits, habits_of, sketch_of
from argus.model.metrics import step_metrics
from argus.model.profile import Profile
from argus.model.trace import TokenUsage, Trace
from argus.testing.builders import build_trace, ran

HISTORIES = (5, 10, 30)
PER_HISTORY = 10
NODES = ("fetch", "reckon", "write")
WORDS = ("oak", "table", "wants", "oil", "twice", "each", "year", "and", "never", "a", "wet", "cloth", "near", "it")

Draw = Callable[[], float]


@dataclass(frozen=True)
class Family:
    """A kind of healthy histories.

    Attributes:
        name: Its name.
        make: From a source of chance and the number of a run to a factor around 1.
    """

    name: str
    make: Callable[[random.Random, int], float]


def lognormal(scatter: float) -> Callable[[random.Random, int], float]:
    return lambda chance, run: math.exp(scatter * chance.gauss(0, 1))


FAMILIES = (
    Family("lognormal, 30 %", lognormal(0.3)),
    Family("lognormal, 80 %", lognormal(0.8)),
    Family(
        "two regimes, 8 times apart",
        lambda chance, run: (1.0 if chance.random() < 0.5 else 8.0) * lognormal(0.15)(chance, run),
    ),
    Family("heavy tails, Pareto 2", lambda chance, run: chance.paretovariate(2.0)),
    Family("constant", lambda chance, run: 1.0),
    Family("growing 5 % a run", lambda chance, run: 1.05**run * lognormal(0.1)(chance, run)),
)


class Drawn:
    """A history of runs that were drawn."""

    def __init__(self, traces: list[Trace]) -> None:
        self._traces = traces
        self._profile = profile_of_many(traces)

    def runs(self) -> int:
        return len(self._traces)

    def samples(self, metric: str, node_name: str) -> list[float]:
        numbers = (one for trace in reversed(self._traces) for one in step_metrics(trace) if one.node_name == node_name)
        return [value for one in numbers if (value := getattr(one, metric)) is not None]

    def habits(self) -> RunHabits:
        return habits_of(sketch_of(trace) for trace in self._traces)

    def profile(self) -> Profile:
        return self._profile


def text(length: float, chance: random.Random) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        words.append(chance.choice(WORDS))
    return " ".join(words) + "."


def one_run(family: Family, chance: random.Random, number: int) -> Trace:
    """A healthy run: nothing in it depends on anything else, which is the hardest case for a detector."""

    def draw() -> float:
        return family.make(chance, number)

    steps = []
    for node in NODES:
        update: dict[str, Any] = {
            f"{node}_text": text(200 * draw(), chance),
            f"{node}_amount": round(120.5 * draw(), 2),
            f"{node}_count": max(1, round(6 * draw())),
            f"{node}_items": [{"price": round(20 * draw(), 2)} for _ in range(max(1, min(200, round(5 * draw()))))],
        }
        usage = TokenUsage(total_tokens=max(1, round(900 * draw())))
        retries = min(4, int(chance.random() < 0.15) + int(chance.random() < 0.03))
        steps += [ran(node, error=OSError("busy"), attempt=attempt) for attempt in range(1, retries + 1)]
        steps.append(ran(node, update, duration_ms=400 * draw(), token_usage=usage, attempt=retries + 1))
    question = text(60, chance)
    return build_trace(*steps, input={"question": question}, trace_id=f"{number:016x}")


def change(field: str, how: Callable[[Any], Any]) -> Callable[[dict[str, Any]], None]:
    """Spoils a field of the update."""

    def spoil_it(step: dict[str, Any]) -> None:
        step["update"][field] = how(step["update"][field])

    return spoil_it


SPOILT: dict[str, Callable[[dict[str, Any]], None]] = {
    "amount times 1,000": change("reckon_amount", lambda amount: amount * 1000),
    "amount negated": change("reckon_amount", lambda amount: -amount),
    "text a twentieth": change("reckon_text", lambda text: text[: max(1, len(text) // 20)]),
    "time times 30": lambda step: step.update(duration_ms=step["duration_ms"] * 30),
    "tokens times 50": lambda step: step.update(tokens=step["tokens"] * 50),
}


def spoil(trace: Trace, how: Callable[[dict[str, Any]], None]) -> Trace:
    steps = []
    for step in trace.steps:
        if step.node_name == "reckon" and step.outcome == "ok":
            usage = step.token_usage
            parts = {
                "update": dict(step.output_state),
                "duration_ms": step.duration_ms,
                "tokens": usage.total_tokens if usage else 0,
            }
            how(parts)
            step = ran(
                "reckon",
                parts["update"],
                duration_ms=parts["duration_ms"],
                token_usage=TokenUsage(total_tokens=parts["tokens"]),
                attempt=step.attempt,
            )
        elif step.outcome == "error":
            step = ran(step.node_name, error=OSError("busy"), attempt=step.attempt)
        else:
            step = ran(
                step.node_name,
                step.output_state,
                duration_ms=step.duration_ms,
                token_usage=step.token_usage,
                attempt=step.attempt,
            )
        steps.append(step)
    return build_trace(*steps, input=trace.input, trace_id=trace.id)


def statistical() -> list[BaseDetector]:
    return [detector for detector in builtin_detectors() if detector.layer == "statistical"]


def codes(trace: Trace, history: Drawn, detectors: list[BaseDetector]) -> Iterator[str]:
    context = DetectorContext(settings=DetectionSettings(), history=history)
    for detector in detectors:
        for found in detector.run(trace, context):
            if found.severity != "info":
                yield found.code


def measure(histories: int) -> Iterator[dict[str, Any]]:
    detectors = statistical()
    for family in FAMILIES:
        for length in HISTORIES:
            chance = random.Random(f"{family.name} {length}")
            alarms, by_code, found = 0, dict[str, int](), dict.fromkeys(SPOILT, 0)
            for _ in range(histories):
                history = Drawn([one_run(family, chance, number) for number in range(length)])
                for healthy in [one_run(family, chance, length) for _ in range(PER_HISTORY)]:
                    said = set(codes(healthy, history, detectors))
                    alarms += bool(said)
                    for code in said:
                        by_code[code] = by_code.get(code, 0) + 1
                    for name, how in SPOILT.items():
                        found[name] += bool(set(codes(spoil(healthy, how), history, detectors)) - said)
            yield {
                "family": family.name,
                "history": length,
                "runs": histories * PER_HISTORY,
                "false_alarms": alarms,
                "by_code": dict(sorted(by_code.items())),
                "found": found,
            }


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--histories", type=int, default=10, help="for each family and length; ten runs are judged each"
    )
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args(given)
    print(f"{'family':28}{'history':>8}{'false alarms':>16}   found when spoilt: {', '.join(SPOILT)}")
    rows = []
    for row in measure(options.histories):
        share = 100 * row["false_alarms"] / row["runs"]
        found = "  ".join(f"{100 * count / row['runs']:3.0f} %" for count in row["found"].values())
        by_code = " ".join(f"{code} {count}" for code, count in row["by_code"].items())
        print(f"{row['family']:28}{row['history']:>8}{share:>14.1f} %   {found}   {by_code}", flush=True)
        rows.append(row)
    total = sum(row["false_alarms"] for row in rows) / sum(row["runs"] for row in rows)
    print(f"in all {100 * total:.2f} % of healthy runs give alarm")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
