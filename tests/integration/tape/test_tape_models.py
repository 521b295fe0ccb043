"""Model clients over real HTTP: recorded, and replayed with the server gone."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from argus import ArgusWatcher

WORDS = ["Riga", " is", " the", " capital."]
KEY = "sk-proj-" + "Zx9" * 12


def openai_chunk(delta, finish=None):
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    chunk = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-x", "choices": [choice]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def openai_speaks(handler, asked, number, rest):
    """As much of the chat-completions protocol as the clients need; tools are called when they are offered."""
    last = asked["messages"][-1]
    if asked.get("stream"):
        chunks = [openai_chunk({"role": "assistant", "content": word}) for word in WORDS]
        handler.events([*chunks, openai_chunk({}, "stop"), b"data: [DONE]\n\n"])
        return
    message: dict[str, Any] = {"role": "assistant", "content": f"{last['content']}: answer {number}"}
    if asked.get("tools") and last["role"] == "user":
        name = asked["tools"][0]["function"]["name"]
        calls = [
            {"id": f"t{one}", "type": "function", "function": {"name": name, "arguments": json.dumps({"n": one})}}
            for one in (1, 2)
        ]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    told = {"id": "c1", "object": "chat.completion", "created": 1, "model": "gpt-x", "choices": [choice]}
    handler.answer(json.dumps({**told, "usage": usage}).encode())


def anthropic_event(kind, **told):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **told})}\n\n".encode()


def anthropic_speaks(handler, asked, number, rest):
    """As much of the messages protocol as the client needs."""
    message = {"id": "m1", "type": "message", "role": "assistant", "model": "claude-x", "stop_sequence": None}
    usage = {"input_tokens": 3, "output_tokens": 4}
    if not asked.get("stream"):
        content = [{"type": "text", "text": f"answer {number}"}]
        handler.answer(json.dumps({**message, "content": content, "stop_reason": "end_turn", "usage": usage}).encode())
        return
    begun = {**message, "content": [], "stop_reason": None, "usage": usage}
    handler.events(
        [
            anthropic_event("message_start", message=begun),
            anthropic_event("content_block_start", index=0, content_block={"type": "text", "text": ""}),
            *(
                anthropic_event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
                for word in WORDS
            ),
            anthropic_event("content_block_stop", index=0),
            anthropic_event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage=usage),
            anthropic_event("message_stop"),
        ]
    )


QUESTION = [{"role": "user", "content": "Which city?"}]


@pytest.fixture
def openai(server, optional):
    server.speak = openai_speaks
    module = optional("openai")

    def client(asynchronous=False):
        kind = module.AsyncOpenAI if asynchronous else module.OpenAI
        return kind(api_key=KEY, base_url=f"{server.url}/v1", max_retries=2)

    return client


@pytest.fixture
def anthropic(server, optional):
    server.speak = anthropic_speaks
    module = optional("anthropic")

    def client(asynchronous=False):
        kind = module.AsyncAnthropic if asynchronous else module.Anthropic
        return kind(api_key="sk-ant-api03-" + "Qy7" * 12, base_url=server.url)

    return client


def replayed(server, work, taped, served):
    """Records some work, stops the server, and does it again."""
    live, trace = taped(work)
    hits = len(server.hits)
    server.close()
    with served(trace) as serving:
        assert work() == live
    assert len(server.hits) == hits
    assert not serving.misses
    return live


def test_openai_answers_again(server, openai, taped, served):
    def work():
        with openai() as client:
            return [
                client.chat.completions.create(model="gpt-x", messages=QUESTION).choices[0].message.content
                for _ in range(2)
            ]

    assert replayed(server, work, taped, served) == ["Which city?: answer 1", "Which city?: answer 2"]


def test_openai_streams_word_by_word(server, openai, taped, served):
    def work():
        words = []
        with openai() as client:
            for chunk in client.chat.completions.create(model="gpt-x", messages=QUESTION, stream=True):
                server.acknowledged.release()
                words.append(chunk.choices[0].delta.content)
            server.acknowledged.release()
        return words

    assert replayed(server, work, taped, served) == [*WORDS, None]
    assert not server.late


def test_openai_asynchronous_streams_at_once(server, openai, taped, served):
    async def ask(number):
        async with openai(asynchronous=True) as client:
            question = [{"role": "user", "content": f"Which city, {number}?"}]
            answer = await client.chat.completions.create(model="gpt-x", messages=question)
            return answer.choices[0].message.content.partition(":")[0]

    def work():
        async def all_at_once():
            return await asyncio.gather(*map(ask, range(4)))

        return asyncio.run(all_at_once())

    assert replayed(server, work, taped, served) == [f"Which city, {number}?" for number in range(4)]


def test_anthropic_answers_and_streams_again(server, anthropic, taped, served):
    def work():
        words = []
        with anthropic() as client:
            whole = client.messages.create(model="claude-x", max_tokens=9, messages=QUESTION).content[0].text
            for event in client.messages.create(model="claude-x", max_tokens=9, messages=QUESTION, stream=True):
                server.acknowledged.release()
                if event.type == "content_block_delta":
                    words.append(event.delta.text)
        return whole, words

    assert replayed(server, work, taped, served) == ("answer 1", WORDS)
    assert not server.late


def test_a_miss_is_not_tried_again_by_the_client_and_not_hidden_in_its_error(server, openai, taped, served):
    from argus.errors import TapeMiss

    def work(city="Riga"):
        with openai() as client:
            messages = [{"role": "user", "content": city}]
            return client.chat.completions.create(model="gpt-x", messages=messages).choices[0].message.content

    _, trace = taped(work)
    with pytest.raises(TapeMiss) as caught, served(trace) as serving:
        work("Rome")
    assert len(serving.misses) == 1
    assert caught.value.difference == 'body.messages[0].content, from character 2: asked "Rome", recorded "Riga"'


def agent(server, optional):
    """A graph with a chat model and a tool node whose tools ask over HTTP in threads of their own."""
    optional("langchain_openai")
    from langchain_core.messages import HumanMessage
    from langchain_core.tools import tool
    from langchain_openai import ChatOpenAI
    from langgraph.graph import END, START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode

    httpx = optional("httpx")

    @tool
    def look_up(n: int) -> str:
        """Looks something up."""
        return str(httpx.get(f"{server.url}/echo?n={n}", verify=False).json()["path"])

    model = ChatOpenAI(model="gpt-x", api_key=KEY, base_url=f"{server.url}/v1", max_retries=0).bind_tools([look_up])

    def think(state):
        return {"messages": [model.invoke(state["messages"])]}

    def say(state):
        words = []
        for chunk in model.stream([HumanMessage("Which city?")]):
            server.acknowledged.release()
            words.append(chunk.content)
        return {"messages": [HumanMessage("|".join(word for word in words if word))]}

    graph = StateGraph(MessagesState)
    graph.add_node("think", think)
    graph.add_node("tools", ToolNode([look_up]))
    graph.add_node("conclude", think)
    graph.add_node("say", say)
    graph.add_edge(START, "think")
    graph.add_edge("think", "tools")
    graph.add_edge("tools", "conclude")
    graph.add_edge("conclude", "say")
    graph.add_edge("say", END)
    return graph.compile()


def test_a_graph_with_langchain_models_and_tools_is_recorded_step_by_step_and_replays(server, optional, served):
    server.speak = openai_speaks
    asked = {"messages": [("user", "Which city?")]}
    app = agent(server, optional)
    watcher = ArgusWatcher(record_http=True)
    watcher.watch(app)
    live = [message.content for message in app.invoke(asked)["messages"]]
    trace = watcher.finalize()
    made = {step.node_name: [one.request.method for one in step.http_exchanges] for step in trace.steps}
    assert made == {"think": ["POST"], "tools": ["GET", "GET"], "conclude": ["POST"], "say": ["POST"]}
    assert live[-1] == "|".join(WORDS)
    assert not server.late
    server.close()
    with served(trace) as serving:
        again = [message.content for message in app.invoke(asked)["messages"]]
    assert again == live
    assert len(serving.answered) == 5
