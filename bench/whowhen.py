"""How often the right agent and step are suspected first in failed runs of several agents, beside trivial rules.

    ARGUS_PUBLIC_DATA=FOLDER python bench/whowhen.py [--folds N] [--fit] [--wrong]

The folder holds ``whowhen/*.jsonl.gz``: records of the Who&When collection (Zhang et al., ICML 2025, arXiv 2505.00212;
MIT). Nothing of it is kept here. *Exact* is whether the first suspect is the labelled agent or step, *top 3* whether
one of the first three is. The weights in the package were fitted on part of the collection, so on that part the line
"as shipped" flatters; what counts there is "two-fold", where the weights are fitted on one half and measured on the
other, averaged over several divisions. Which signs there are was decided while looking at part of the collection, so
even that is a little too good. Random is the chance of hitting by drawing an agent or a step of the run.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from argus.forensics.analyzer import investigate
from argus.forensics.conversation.blame import WEIGHTS, likely_turns
from argus.forensics.conversation.signs import signs_of
from argus.forensics.conversation.talk import Talk
from argus.interchange.whowhen import LabelledRun, read_whowhen

NAMES = (*WEIGHTS,)
PENALTY = 2.0
"""Of the squared weights, in the fit; without it, few runs would make weights of any size."""


@dataclass(frozen=True)
class Score:
    """Shares of runs, in per cent."""

    agent: float
    step: float
    agent_3: float
    step_3: float

    def __str__(self) -> str:
        return f"{self.agent:7.1f} {self.step:7.1f} {self.agent_3:9.1f} {self.step_3:7.1f}"


Guess = Callable[[LabelledRun], Sequence[tuple[str, int]]]
"""From a run to the agents and step numbers that are suspected, the likeliest first."""


def score(runs: Sequence[LabelledRun], guess: Guess) -> Score:
    hits = np.zeros(4)
    for run in runs:
        guessed = guess(run)
        agents = list(dict.fromkeys(agent for agent, _ in guessed))
        steps = [number for _, number in guessed]
        hits += [
            run.agent in agents[:1],
            run.step_number in steps[:1],
            run.agent in agents[:3],
            run.step_number in steps[:3],
        ]
    return Score(*(100 * hits / len(runs)))


def average(scores: Sequence[Score]) -> Score:
    return Score(*(float(np.mean([getattr(one, name) for one in scores])) for name in Score.__annotations__))


# rules to compare with


def at(run: LabelledRun, place: int) -> list[tuple[str, int]]:
    steps = run.trace.steps
    step = steps[min(place, len(steps) - 1)]
    return [(step.node_name, step.step_number)]


def first_code(run: LabelledRun) -> list[tuple[str, int]]:
    talk = Talk(run.trace)
    return at(run, next((place for place, turn in enumerate(talk.turns) if turn.has_code), 0))


def turn_of_main_worker(number: int) -> Guess:
    def guess(run: LabelledRun) -> list[tuple[str, int]]:
        talk = Talk(run.trace)
        places = talk.working or range(len(talk.turns))
        usual = Counter(talk.turns[place].agent for place in places).most_common(1)[0][0]
        its = [place for place in places if talk.turns[place].agent == usual]
        return at(run, its[min(number, len(its)) - 1])

    return guess


RULES: Mapping[str, Guess] = {
    "first step": lambda run: at(run, 0),
    "last step": lambda run: at(run, len(run.trace.steps) - 1),
    "first step that writes code": first_code,
    "second turn of the busiest worker": turn_of_main_worker(2),
}


def chance(runs: Sequence[LabelledRun]) -> Score:
    agents = np.array([len({step.node_name for step in run.trace.steps}) for run in runs])
    steps = np.array([len(run.trace.steps) for run in runs])
    shares = [np.mean(np.minimum(1, number / of)) for number in (1, 3) for of in (agents, steps)]
    return Score(*(float(100 * share) for share in shares))


# ours


def argus(run: LabelledRun) -> list[tuple[str, int]]:
    found = investigate(run.trace)
    suspects = found.suspects if found is not None else ()
    steps = [run.trace.step(one.step_id) for one in suspects]
    return [(step.node_name, step.step_number) for step in steps if step is not None]


def weighted(weights: Mapping[str, float]) -> Guess:
    def guess(run: LabelledRun) -> list[tuple[str, int]]:
        return [(turn.step.node_name, turn.step.step_number) for turn in likely_turns(run.trace, weights)]

    return guess


def fitted(runs: Sequence[LabelledRun]) -> dict[str, float]:
    """The weights under which the labelled steps are likeliest, by Newton's method."""
    tables: list[tuple[Any, int]] = []
    for run in runs:
        talk = Talk(run.trace)
        found = signs_of(talk)
        places = [place for place in range(len(found)) if talk.may_be_blamed(place)]
        guilty = (run.step_number or 0) - 1
        if guilty in places:
            table = np.array([[found[place].get(name, 0.0) for name in NAMES] for place in places])
            tables.append((table, places.index(guilty)))
    weights = np.zeros(len(NAMES))
    for _ in range(100):
        slope = -PENALTY * weights
        curve = PENALTY * np.eye(len(NAMES))
        for table, guilty in tables:
            scores = table @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            mean = chances @ table
            slope += table[guilty] - mean
            curve += (table * chances[:, None]).T @ table - np.outer(mean, mean)
        change = np.linalg.solve(curve, slope)
        weights += change
        if np.abs(change).max() < 1e-8:
            break
    return dict(zip(NAMES, map(float, weights), strict=True))


def two_fold(sets: Mapping[str, Sequence[LabelledRun]], divisions: int) -> dict[str, Score]:
    scores: dict[str, list[Score]] = {name: [] for name in sets}
    for seed in range(divisions):
        random = np.random.default_rng(seed)
        sides = {name: random.permutation(len(runs)) % 2 for name, runs in sets.items()}
        for fold in (0, 1):
            kept = [run for name in sets for run, side in zip(sets[name], sides[name], strict=True) if side != fold]
            guess = weighted(fitted(kept))
            for name in sets:
                apart = [run for run, side in zip(sets[name], sides[name], strict=True) if side == fold]
                scores[name].append(score(apart, guess))
    return {name: average(found) for name, found in scores.items()}


def read(folder: Path) -> dict[str, list[LabelledRun]]:
    files = sorted((folder / "whowhen").glob("*.jsonl*"))
    return {path.name.partition(".")[0]: list(read_whowhen(path)) for path in files}


def wrong(runs: Sequence[LabelledRun]) -> Iterator[str]:
    for run in runs:
        guessed = argus(run)[:1]
        if not guessed or guessed[0] != (run.agent, run.step_number):
            yield f"    {run.trace.id}: {run.agent} at {run.step_number}, suspected {guessed}"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folds", type=int, default=10, help="divisions into two halves")
    options.add_argument("--fit", action="store_true", help="print the weights fitted on everything")
    options.add_argument("--wrong", action="store_true", help="list the runs whose first suspect is wrong")
    asked = options.parse_args()
    folder = os.environ.get("ARGUS_PUBLIC_DATA")
    sets = read(Path(folder)) if folder else {}
    if not sets:
        print("skipped: ARGUS_PUBLIC_DATA names no folder with whowhen/*.jsonl.gz", file=sys.stderr)
        return 0
    apart = two_fold(sets, asked.folds)
    for name, runs in sets.items():
        print(f"{name}, {len(runs)} runs")
        print(f"  {'':36}{'agent':>7} {'step':>7} {'agent/3':>9} {'step/3':>7}")
        print(f"  {'random':36}{chance(runs)}")
        for rule, guess in RULES.items():
            print(f"  {rule:36}{score(runs, guess)}")
        print(f"  {'argus, two-fold':36}{apart[name]}")
        print(f"  {'argus, as shipped':36}{score(runs, argus)}")
        print("\n".join(wrong(runs)) if asked.wrong else "")
    if asked.fit:
        everything = [run for runs in sets.values() for run in runs]
        for sign, weight in fitted(everything).items():
            print(f'    "{sign}": {weight:.2f},')
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
