"""The fault matrix: how many faults are found, who is blamed, and how often a healthy run gives alarm.

    python bench/faults/run.py [--part tuning|held-back|all] [--history 0|10|both] [--kind K] [--graph G]
                               [--small] [--verbose] [--json FILE] [--workers N]

Whoever works on detectors looks at the tuning part only.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.faults import tables
from bench.faults.catalogue import chosen, graphs
from bench.faults.records import FaultCase, MatrixGraph
from bench.faults.scoring import Score, judge
from bench.faults.watching import HISTORY, FrozenStore, Watched, histories, watch

SMALL_SHARE = 12
"""The small matrix has one of so many faults."""


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("tuning", "held-back", "all"), default="all")
    parser.add_argument("--history", choices=("0", "10", "both"), default="both", help="healthy runs that are known")
    parser.add_argument("--kind", action="append", default=[], help="only faults of this kind; may be repeated")
    parser.add_argument("--graph", action="append", default=[], help="only this graph; may be repeated")
    parser.add_argument("--small", action="store_true", help="a part of the matrix that takes less than a minute")
    parser.add_argument("--verbose", action="store_true", help="list misses, wrong blame and false alarms")
    parser.add_argument("--json", metavar="FILE", help="write every run and verdict")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    return parser.parse_args(given)


def run_graph(name: str, levels: tuple[int, ...], kinds: tuple[str, ...], small: bool) -> list[Watched]:
    """Everything about one graph; runs in a process of its own."""
    graph = graphs()[name]
    cases = cases_of(graph, kinds, small)
    return [run for level in levels for run in run_level(graph, cases, level, small)]


def run_level(graph: MatrixGraph, cases: list[FaultCase], level: int, small: bool) -> list[Watched]:
    """Every healthy input and every fault once; no input meets a history that it is part of.

    The small matrix takes every other input, and learns one history only; inputs that belong to it are run as twins,
    but not scored as healthy.
    """
    runs: list[Watched] = []
    stores: dict[str, FrozenStore] = {}
    for items, store in histories(graph) if level else [(list(graph.inputs[:: 2 if small else 1]), FrozenStore())]:
        for item in items:
            stores[item.name] = store
            runs.append(watch(graph, item, store, level)[0])
        if small:
            for name in sorted({case.on for case in cases} - set(stores)):
                stores[name] = store
                runs.append(watch(graph, graph.input(name), store, level)[0])
                runs[-1].scored = level == 0
            break
    runs.extend(watch(graph, graph.input(case.on), stores[case.on], level, case)[0] for case in cases)
    return runs


def cases_of(graph: MatrixGraph, kinds: tuple[str, ...], small: bool) -> list[FaultCase]:
    cases = [case for case in graph.faults if not kinds or case.kind in kinds]
    return [case for case in cases if zlib.crc32(case.id.encode()) % SMALL_SHARE == 0] if small else cases


def score(runs: list[Watched], names: list[str]) -> tables.Scores:
    known = {case.id: case for name in names for case in graphs()[name].faults}
    twins = {(run.graph, run.on, run.history): run for run in runs if run.case is None}
    scores: tables.Scores = {}
    for key in sorted({(run.part, run.history) for run in runs}, key=lambda key: (key[0] != "tuning", key[1])):
        scores[key] = Score()
    for run in runs:
        into = scores[run.part, run.history]
        if run.case is None and run.scored:
            into.healthy.append(run)
        elif run.case is not None:
            into.verdicts.append(judge(known[run.case], run, twins[run.graph, run.on, run.history]))
    return scores


def report(scores: tables.Scores, verbose: bool) -> None:
    sections = [("Overview", tables.overview(scores)), ("By kind of fault", tables.kinds(scores))]
    sections += [("By layer", tables.layers(scores)), ("By graph", tables.graphs(scores))]
    for (part, history), one in scores.items():
        sections.append((f"Detectors, {part}, {history} runs of history", tables.detectors(one)))
        sections.append((f"Blame by distance, {part}, {history} runs of history", tables.distances(one)))
        if verbose:
            sections.append((f"Misses, {part}, {history} runs of history", tables.misses(one)))
            sections.append((f"False alarms, {part}, {history} runs of history", tables.false_alarms(one)))
    for title, lines in sections:
        print(f"\n== {title}")
        for line in lines:
            print(line)


def main(given: list[str] | None = None) -> int:
    options = arguments(given)
    began = time.perf_counter()
    names = [graph.name for graph in chosen(options.part, tuple(options.graph))]
    levels = (0, HISTORY) if options.history == "both" else (int(options.history),)
    jobs = [(name, levels, tuple(options.kind), options.small) for name in names]
    runs: list[Watched] = []
    if options.workers > 1:
        with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
            for name, made in zip(names, pool.map(run_graph, *zip(*jobs, strict=True)), strict=True):
                runs.extend(made)
                print(f"{time.perf_counter() - began:4.0f} s  {name}: {len(made)} runs", file=sys.stderr)
    else:
        for job in jobs:
            runs.extend(run_graph(*job))
    scores = score(runs, names)
    report(scores, options.verbose)
    unapplied = [run.case for run in runs if not run.applied]
    failures = sorted({failure for run in runs for failure in run.failures})
    print(f"\n{len(runs)} watched runs in {time.perf_counter() - began:.0f} s")
    if unapplied:
        print(f"faults that never struck: {', '.join(map(str, unapplied))}")
    for failure in failures:
        print(f"a detector failed: {failure}")
    if options.json:
        verdicts = [
            {
                "part": part,
                "history": history,
                "case": v.case.id,
                "kind": v.case.kind,
                "culprit": v.case.node,
                "found": v.found,
                "blamed": v.blamed,
                "right": v.blame_is_right,
                "raised": v.raised,
                "distance": v.distance,
                "codes": sorted({found.code for found in v.true_findings}),
            }
            for (part, history), one in scores.items()
            for v in one.verdicts
        ]
        content = {"runs": [asdict(run) for run in runs], "verdicts": verdicts}
        Path(options.json).write_text(json.dumps(content, ensure_ascii=False, indent=1))
    return 1 if failures or unapplied else 0


if __name__ == "__main__":
    raise SystemExit(main())
