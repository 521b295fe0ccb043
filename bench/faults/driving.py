"""Runs a graph of the matrix, and says what happened without the help of ARGUS."""

from __future__ import annotations

import asyncio
import copy
import warnings
from dataclasses import dataclass, field
from typing import Any

from bench.faults.records import FaultCase, Healthy, MatrixGraph, Patch


@dataclass
class Outcome:
    """What a caller sees: the results of each call, and the exception that ended the run."""

    results: list[Any] = field(default_factory=list)
    error: BaseException | None = None


@dataclass
class Told:
    """One node call as LangGraph itself reports it."""

    node: str
    result: Any
    error: str | None


def drive(graph: MatrixGraph, app: Any, item: Healthy, thread: str = "t") -> Outcome:
    """Calls the app as a user would: once, or once for every turn of a conversation."""
    outcome = Outcome()
    config = {**graph.config, "configurable": {"thread_id": thread}}
    for value in item.input if graph.turns else [item.input]:
        try:
            if graph.asynchronous:
                outcome.results.append(asyncio.run(app.ainvoke(copy.deepcopy(value), config)))
            else:
                outcome.results.append(app.invoke(copy.deepcopy(value), config))
        except Exception as error:
            outcome.error = error
            break
    return outcome


def warm(graph: MatrixGraph, app: Any, patch: Patch) -> None:
    """Runs the input that a stale fault remembers."""
    case = patch.case
    if case is not None and case.warm_up:
        outcome = drive(graph, app, graph.input(case.warm_up), thread="warm-up")
        if outcome.error is not None:
            raise AssertionError(f"{case.id}: the warm-up run failed") from outcome.error
        if patch.injection is not None:
            patch.injection.applied = 0


def observe(graph: MatrixGraph, item: Healthy, case: FaultCase | None = None) -> tuple[list[Told], Outcome, Patch]:
    """Runs unwatched, and keeps what each node returned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        app, patch = graph.make(case)
        warm(graph, app, patch)
        told: list[Told] = []
        outcome = Outcome()
        config = {**graph.config, "configurable": {"thread_id": "observed"}}

        def note(chunk: Any) -> None:
            # A tuple (namespace, payload); the payload of a finished task has "result" or "error".
            payload = chunk[-1]
            if isinstance(payload, dict) and ("result" in payload or payload.get("error")):
                told.append(Told(node=payload["name"], result=payload.get("result"), error=payload.get("error")))

        async def stream(value: Any) -> None:
            async for chunk in app.astream(value, config, stream_mode="tasks", subgraphs=True):
                note(chunk)

        for value in item.input if graph.turns else [item.input]:
            try:
                if graph.asynchronous:
                    asyncio.run(stream(copy.deepcopy(value)))
                else:
                    for chunk in app.stream(copy.deepcopy(value), config, stream_mode="tasks", subgraphs=True):
                        note(chunk)
            except Exception as error:
                outcome.error = error
                break
        return told, outcome, patch
