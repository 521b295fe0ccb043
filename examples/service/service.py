"""A web service whose endpoint runs a watched LangGraph graph: every request becomes a trace of its own.

pip install "arguslabs[langgraph]" starlette uvicorn
python service.py 8000
curl 'http://127.0.0.1:8000/answer?question=annual+leave'
argus trace --list
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import uvicorn
from langgraph.graph import START, StateGraph
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import argus

HANDBOOK = {
    "annual leave": "Full-time employees have thirty days of annual leave.",
    "parental leave": "Parental leave is possible until the child's third birthday.",
    "sick leave": "Sick leave needs a doctor's note from the fourth day on.",
}


class State(TypedDict, total=False):
    question: str
    documents: list[str]
    answer: str


async def search(state: State) -> State:
    await asyncio.sleep(0.01)  # where a real service would ask its index
    words = set(state["question"].lower().split())
    return {"documents": [text for topic, text in HANDBOOK.items() if words & set(topic.split())]}


async def reply(state: State) -> State:
    documents = state["documents"]
    return {"answer": documents[0] if documents else "The handbook does not say anything about that."}


graph = StateGraph(State)
graph.add_sequence([search, reply])
graph.add_edge(START, "search")
handbook = argus.attach(graph.compile(name="handbook-service"))


async def answer(request: Request) -> JSONResponse:
    result = await handbook.ainvoke({"question": request.query_params["question"]})
    return JSONResponse({"answer": result["answer"]})


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    yield
    await asyncio.to_thread(argus.flush, 30)  # what was not analysed in quiet moments, before the process goes


app = Starlette(routes=[Route("/answer", answer)], lifespan=lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
