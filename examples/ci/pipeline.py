"""A pipeline that fails without a word: `search` returns `docs`, the state says `documents`."""

import sys
from typing import TypedDict

from langgraph.graph import END, START, StateGraph

HANDBOOK = {
    "leave": "Every employee has 30 days of paid leave a year.",
    "shoes": "Safety shoes are replaced every 12 months.",
}


class State(TypedDict):
    question: str
    documents: list[str]
    answer: str


def search(state: State) -> dict:
    found = [text for topic, text in HANDBOOK.items() if topic in state["question"]]
    return {"docs": found}


def answer(state: State) -> dict:
    return {"answer": " ".join(state.get("documents", []))}


def build():
    graph = StateGraph(State)
    graph.add_node("search", search)
    graph.add_node("answer", answer)
    graph.add_edge(START, "search")
    graph.add_edge("search", "answer")
    graph.add_edge("answer", END)
    return graph.compile(name="handbook")


if __name__ == "__main__":
    app = build()
    for question in sys.argv[1:] or ["How many days of leave do I have?", "When do I get new shoes?"]:
        print(app.invoke({"question": question})["answer"])
