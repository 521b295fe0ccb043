"""A graph with a silent failure: the search returns `docs`, the state says `documents`."""

from typing import TypedDict

from langgraph.graph import StateGraph

from argus import ArgusWatcher


class State(TypedDict):
    question: str
    documents: list[str]
    answer: str


def search(state: State) -> dict:
    return {"docs": [f"All about {state['question']}"]}


def answer(state: State) -> dict:
    return {"answer": " ".join(state.get("documents", []))}


watcher = ArgusWatcher()
graph = watcher.watch(StateGraph(State))
graph.add_sequence([search, answer])
graph.set_entry_point("search")
result = graph.compile(name="quickstart").invoke({"question": "annual leave"})

trace = watcher.finalize()
print(f"The pipeline says: {result['answer']!r}")
print(f"ARGUS says: {trace.summary}")
for detection in trace.detections:
    print(f"  {detection.severity}: {detection.message}")
