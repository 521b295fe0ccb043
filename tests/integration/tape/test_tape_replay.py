"""A recorded graph is run again from each of its steps while its server is gone."""

from __future__ import annotations

import asyncio
import threading
from typing import Annotated, TypedDict

import pytest

import argus
from argus import ArgusWatcher
from argus.errors import TapeMiss
from argus.storage.memory import MemoryStore


def added(left, right):
    return [*left, *right]


class State(TypedDict, total=False):
    city: str
    seen: Annotated[list[str], added]
    rounds: int


@pytest.fixture
def build(server, optional):
    httpx = optional("httpx")
    from langgraph.graph import END, START, StateGraph

    def ask(path):
        with httpx.Client(verify=False) as client:
            return client.get(f"{server.url}/{path}").json()

    def plan(state):
        return {"seen": [f"plan {ask('echo')['number']}"]}

    def poll(state):
        return {"seen": [f"poll {ask('echo')['number']}"], "rounds": state.get("rounds", 0) + 1}

    def tell(state):
        return {"seen": [str(ask(f"echo?city={state['city']}")["path"])]}

    def build():
        graph = StateGraph(State)
        for name, node in (("plan", plan), ("poll", poll), ("tell", tell)):
            graph.add_node(name, node)
        graph.add_edge(START, "plan")
        graph.add_edge("plan", "poll")
        graph.add_conditional_edges("poll", lambda state: "poll" if state["rounds"] < 3 else "tell", ["poll", "tell"])
        graph.add_edge("tell", END)
        return graph.compile()

    return build


@pytest.fixture
def recorded(build, server):
    app = build()
    watcher = ArgusWatcher(app, record_http=True)
    app.invoke({"city": "Riga"})
    trace = watcher.finalize()
    server.close()
    assert trace.output["seen"] == ["plan 1", "poll 2", "poll 3", "poll 4", "/echo?city=Riga"]
    return trace


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_run_ends_the_same_from_every_step(number, recorded, build, server):
    """The same request is asked in every round: each has to get the answer of its own round."""
    result = argus.replay(recorded, build(), from_step=number, store=False)
    assert result.trace.output == recorded.output
    again = argus.replay(result.trace, build(), from_step=1, store=False)
    assert again.trace.output == recorded.output, "what was replayed can be replayed"
    assert len(server.hits) == 5


def test_a_change_that_leads_to_another_request_stops_and_names_the_nearest(recorded, build, server):
    with pytest.raises(TapeMiss) as caught:
        argus.replay(recorded, build(), from_step=5, set={"city": "Rome"}, store=False)
    assert caught.value.asked == f"GET {server.url}/echo?city=Rome"
    assert caught.value.nearest == f"GET {server.url}/echo?city=Riga"


async def test_concurrent_runs_of_an_asynchronous_app_keep_their_exchanges_apart(server, optional, served):
    httpx = optional("httpx")
    from langgraph.graph import START, StateGraph

    async def tell(state):
        async with httpx.AsyncClient(verify=False) as client:
            answers = [await client.get(f"{server.url}/echo?city={state['city']}&n={number}") for number in (1, 2)]
        return {"seen": [answer.json()["path"] for answer in answers]}

    graph = StateGraph(State)
    graph.add_node("tell", tell)
    graph.add_edge(START, "tell")
    cities = ("Riga", "Rome", "Lima", "Oslo")
    kept = argus.attach(graph.compile(), record_http=True, storage="memory:taped")
    live = await asyncio.gather(*(kept.ainvoke({"city": city}) for city in cities))
    await asyncio.to_thread(argus.flush, 30)
    store = MemoryStore("taped")
    traces = {trace.input["city"]: trace for trace in map(store.get, (row.id for row in store.list().rows))}
    assert set(traces) == set(cities)
    for city, trace in traces.items():
        (step,) = trace.steps
        assert [one.request.url for one in step.http_exchanges] == [
            f"{server.url}/echo?city={city}&n={n}" for n in (1, 2)
        ]
    server.close()
    app = graph.compile()
    for city, before in zip(cities, live, strict=True):
        with served(traces[city]):
            assert await app.ainvoke({"city": city}) == before
    with pytest.raises(TapeMiss), served(traces["Riga"]) as serving:
        await app.ainvoke({"city": "Rome"})
    assert len(serving.misses) == 1, "nobody tried again"


def test_branches_that_ask_the_same_get_the_answers_that_each_got(server, optional, served):
    httpx = optional("httpx")
    from langgraph.graph import START, StateGraph
    from langgraph.types import Send

    turns = [threading.Event() for _ in range(4)]
    order = [2, 0, 3, 1]

    def branch(state):
        number = state["rounds"]
        assert turns[number].wait(30)
        seen = f"{number} got {httpx.get(f'{server.url}/echo', verify=False).json()['number']}"
        after = order[order.index(number) + 1 :][:1]
        for one in after:
            turns[one].set()
        return {"seen": [seen]}

    graph = StateGraph(State)
    graph.add_node("branch", branch)
    graph.add_conditional_edges(START, lambda state: [Send("branch", {"rounds": n}) for n in range(4)], ["branch"])
    app = graph.compile()
    watcher = ArgusWatcher(app, record_http=True)
    turns[order[0]].set()
    live = app.invoke({"city": "Riga"})
    trace = watcher.finalize()
    assert sorted(live["seen"]) == ["0 got 2", "1 got 4", "2 got 1", "3 got 3"]
    server.close()
    order = [3, 1, 0, 2]
    for turn in turns:
        turn.clear()
    turns[order[0]].set()
    app = graph.compile()
    watcher = ArgusWatcher(app)
    with served(trace):
        assert app.invoke({"city": "Riga"}) == live
    watcher.finalize()
    for turn in turns:
        turn.set()
    for step in trace.steps:
        assert argus.replay(trace, graph.compile(), from_step=step.step_number, store=False).trace.output == live
