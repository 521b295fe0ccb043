"""Runs whose state is one dict, and tasks of the functional API, as detectors see them."""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph

from argus import ArgusWatcher
from argus.config.settings import JournalSettings, Settings, WatcherSettings
from argus.model.trace import Trace
from argus.storage.memory import MemoryStore

SETTINGS = Settings(watcher=WatcherSettings(quiet=True), journal=JournalSettings(enabled=False))


def watched(app: Any, value: Any) -> Trace:
    watcher = ArgusWatcher(storage=MemoryStore(), config=SETTINGS, pipeline_name="opened")
    try:
        watcher.watch(app).invoke(value)
    finally:
        watcher.finalize()
    return watcher.traces[-1]


def told(trace: Trace) -> list[tuple[str, str | None]]:
    return [(one.code, one.field) for one in trace.detections if one.severity != "info"]


def chain(*functions: Any) -> Any:
    graph = StateGraph(dict)
    names = [function.__name__ for function in functions]
    for name, function in zip(names, functions, strict=True):
        graph.add_node(name, function)
    graph.add_edge(START, names[0])
    for here, there in zip(names, [*names[1:], END], strict=True):
        graph.add_edge(here, there)
    return graph.compile()


def count(state):
    return {**state, "total": sum(state["prices"])}


def carry(state):
    return {**state, "carrier": "post"}


def say(state):
    return {**state, "text": f"{state['total']} by {state['carrier']}"}


def test_a_healthy_chain_over_a_plain_dict_is_silent() -> None:
    assert told(watched(chain(count, carry, say), {"prices": [1, 2]})) == []


def test_a_key_that_another_node_owns_is_overwritten() -> None:
    from argus.testing.faults import ForeignValue, inject

    graph = StateGraph(dict)
    for function in (count, carry, say):
        graph.add_node(function.__name__, function)
    for here, there in ((START, "count"), ("count", "carry"), ("carry", "say"), ("say", END)):
        graph.add_edge(here, there)
    inject(graph, "carry", ForeignValue(field="total"))
    trace = watched(graph.compile(), {"prices": [1, 2]})
    assert ("BEH309", "total") in told(trace)


class Article(TypedDict):
    title: str
    body: str


def flow(fetch: Any, render: Any) -> Any:
    t_fetch, t_render = task(fetch, name="fetch"), task(render, name="render")

    @entrypoint()
    def digest(names: list[str]) -> Any:
        return {"text": t_render([t_fetch(name).result() for name in names]).result()}

    return digest


def fetch(name: str) -> Article:
    return {"title": name.title(), "body": f"about {name}"}


def fetch_wrongly(name: str) -> Article:
    return {"title": [name], "body": f"about {name}"}  # type: ignore[typeddict-item]


def render(articles: list[Article]) -> str:
    return "\n".join(f"- {one['title']}" for one in articles)


def render_nothing(articles: list[Article]) -> str:
    return None  # type: ignore[return-value]


def test_tasks_are_held_to_their_annotations() -> None:
    assert told(watched(flow(fetch, render), ["a", "b"])) == []
    assert ("STR404", "title") in told(watched(flow(fetch_wrongly, render), ["a", "b"]))
    assert ("STR403", "__root__") in told(watched(flow(fetch, render_nothing), ["a", "b"]))
