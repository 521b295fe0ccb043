"""Model and tool calls are recorded with the step they ran in, once, with what the provider told."""

import asyncio
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.language_models.llms import LLM
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import ToolException, tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, create_react_agent

USAGE = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}


class Model(GenericFakeChatModel):
    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self


def says(*messages: Any) -> Model:
    return Model(messages=iter(messages))


def chain(*nodes):
    graph = StateGraph(MessagesState)
    names = [f"n{number}" for number in range(len(nodes))]
    for name, node in zip(names, nodes, strict=True):
        graph.add_node(name, node)
    for source, target in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(source, target)
    return graph.compile()


def asks(model, text="hi"):
    return lambda state: {"messages": [model.invoke(text)]}


def asks_async(model, text="hi"):
    async def node(state, config):  # handed on by hand, as async code must before Python 3.11
        return {"messages": [await model.ainvoke(text, config)]}

    return node


@tool
def multiply(a: int, b: int) -> int:
    """Multiplies."""
    return a * b


@tool
def broken(a: int) -> int:
    """Raises."""
    raise ValueError("broken tool")


@tool
def refusing(a: int) -> int:
    """Answers with an error."""
    raise ToolException("not today")


refusing.handle_tool_error = True


@pytest.mark.parametrize("awaits", [False, True])
def test_a_model_call_shows_what_was_sent_said_and_used(recorded, awaits):
    facts = {"model_name": "fake-1", "finish_reason": "stop"}
    model = says(AIMessage("hello", usage_metadata=USAGE, response_metadata=facts))
    if awaits:
        asyncio.run(recorded.watch(chain(asks_async(model))).ainvoke({"messages": []}))
    else:
        recorded.watch(chain(asks(model))).invoke({"messages": []})
    step = recorded.step("n0")
    (call,) = step.llm_calls
    assert call.messages[0]["content"] == "hi"
    assert call.response["content"] == "hello"
    assert (call.model, call.finish_reason) == ("fake-1", "stop")
    assert (call.usage.input_tokens, call.usage.output_tokens, call.usage.total_tokens) == (3, 4, 7)
    assert call.duration_ms > 0
    assert step.token_usage == call.usage


def test_tokens_that_were_not_told_are_unknown_not_zero(recorded):
    recorded.watch(chain(asks(says(AIMessage("hello"))))).invoke({"messages": []})
    assert recorded.step("n0").llm_calls[0].usage is None
    assert recorded.step("n0").token_usage is None


def test_tokens_told_in_the_old_way_count_too(recorded):
    class Old(BaseChatModel):
        _llm_type = "old"

        def _generate(self, messages, stop=None, run_manager=None, **kwargs):
            usage = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}
            told = {"token_usage": usage, "model_name": "old-1"}
            return ChatResult(generations=[ChatGeneration(message=AIMessage("x"))], llm_output=told)

    recorded.watch(chain(asks(Old()))).invoke({"messages": []})
    (call,) = recorded.step("n0").llm_calls
    assert (call.usage.input_tokens, call.usage.total_tokens, call.model) == (5, 11, "old-1")


def test_a_model_that_fails_shows_its_error(recorded):
    class Down(BaseChatModel):
        _llm_type = "down"

        def _generate(self, messages, stop=None, run_manager=None, **kwargs):
            raise TimeoutError("provider")

    with pytest.raises(TimeoutError):
        recorded.watch(chain(asks(Down()))).invoke({"messages": []})
    assert recorded.step("n0").llm_calls[0].error.type == "TimeoutError"


def test_a_completion_model_is_a_model(recorded):
    class Completes(LLM):
        _llm_type = "completes"

        def _call(self, prompt, stop=None, run_manager=None, **kwargs):
            return prompt.upper()

    recorded.watch(chain(asks(Completes()))).invoke({"messages": []})
    (call,) = recorded.step("n0").llm_calls
    assert (call.messages, call.response) == (["hi"], "HI")


def test_a_model_that_wraps_another_is_one_call(recorded):
    class Wrapper(BaseChatModel):
        inner: Any
        _llm_type = "wrapper"

        def _generate(self, messages, stop=None, run_manager=None, **kwargs):
            return ChatResult(generations=[ChatGeneration(message=self.inner.invoke(messages))])

    model = Wrapper(inner=says(*(AIMessage("x", usage_metadata=USAGE) for _ in range(3))))
    recorded.watch(chain(asks(model), asks(model))).invoke({"messages": []})
    assert [len(step.llm_calls) for step in recorded.trace.steps] == [1, 1]


def test_the_calls_of_a_batch_are_all_recorded(recorded):
    def node(state, config):
        said = model.generate([[HumanMessage("1")], [HumanMessage("2")]], callbacks=config["callbacks"])
        return {"messages": [one.message for row in said.generations for one in row] + model.batch(["3", "4"])}

    model = says("a", "b", "c", "d")
    recorded.watch(chain(node)).invoke({"messages": []})
    assert sorted(call.messages[0]["content"] for call in recorded.step("n0").llm_calls) == ["1", "2", "3", "4"]


def test_each_call_belongs_to_its_own_step(recorded):
    recorded.watch(chain(asks(says("one"), "1"), asks(says("two"), "2"))).invoke({"messages": []})
    sent = [[call.messages[0]["content"] for call in step.llm_calls] for step in recorded.trace.steps]
    assert sent == [["1"], ["2"]]


async def test_parallel_steps_do_not_mix(recorded):
    graph = StateGraph(MessagesState)
    for number in range(4):
        graph.add_node(f"n{number}", asks_async(says(f"answer {number}"), f"question {number}"))
        graph.add_edge(START, f"n{number}")
    await recorded.watch(graph.compile()).ainvoke({"messages": []})
    for number in range(4):
        (call,) = recorded.step(f"n{number}").llm_calls
        assert (call.messages[0]["content"], call.response["content"]) == (f"question {number}", f"answer {number}")


def test_a_call_inside_a_subgraph_is_recorded_once_with_the_inner_step(recorded):
    recorded.watch(chain(chain(asks(says("deep"))))).invoke({"messages": []})
    outer, inner = recorded.trace.steps
    assert (len(outer.llm_calls), len(inner.llm_calls)) == (0, 1)


def test_streamed_tokens_still_reach_the_consumer(recorded):
    def tokens(app):
        return [chunk.content for chunk, _ in app.stream({"messages": []}, stream_mode="messages") if chunk.content]

    assert tokens(recorded.watch(chain(asks(says("a b c"))))) == tokens(chain(asks(says("a b c"))))
    assert recorded.step("n0").llm_calls[0].response["content"] == "a b c"


def test_the_callbacks_of_the_caller_hear_the_same(recorded):
    class Ears(BaseCallbackHandler):
        def __init__(self):
            self.heard = []

        def on_chain_start(self, serialized, inputs, **kwargs):
            self.heard.append(("chain", kwargs.get("name")))

        def on_chat_model_start(self, serialized, messages, **kwargs):
            self.heard.append(("model", messages[0][0].content))

        def on_llm_end(self, response, **kwargs):
            self.heard.append(("end", response.generations[0][0].text))

    def heard(app):
        ears = Ears()
        app.invoke({"messages": []}, {"callbacks": [ears]})
        return ears.heard

    assert heard(recorded.watch(chain(asks(says("x"))))) == heard(chain(asks(says("x"))))


def calls_tools(*calls):
    asked = [{"name": name, "args": args, "id": f"call-{number}"} for number, (name, args) in enumerate(calls)]
    return lambda state: {"messages": [AIMessage("", tool_calls=asked)]}


def test_tools_that_run_side_by_side_belong_to_their_step(recorded):
    node = calls_tools(("multiply", {"a": 2, "b": 3}), ("multiply", {"a": 2, "b": 4}))
    recorded.watch(chain(node, ToolNode([multiply]))).invoke({"messages": []})
    assert recorded.step("n0").tool_calls == ()
    calls = sorted(recorded.step("n1").tool_calls, key=lambda call: call.arguments["b"])
    assert [(call.name, call.arguments, call.result["content"]) for call in calls] == [
        ("multiply", {"a": 2, "b": 3}, "6"), ("multiply", {"a": 2, "b": 4}, "8"),
    ]  # fmt: skip
    assert [call.call_id for call in calls] == ["call-0", "call-1"]
    assert all(call.error is None and call.duration_ms > 0 for call in calls)


def test_a_tool_that_raises_shows_its_error(recorded):
    tools = ToolNode([broken], handle_tool_errors=True)
    recorded.watch(chain(calls_tools(("broken", {"a": 1})), tools)).invoke({"messages": []})
    (call,) = recorded.step("n1").tool_calls
    assert (call.error.type, call.error.message) == ("ValueError", "broken tool")


def test_a_tool_that_answers_with_an_error_shows_it_too(recorded):
    recorded.watch(chain(calls_tools(("refusing", {"a": 1})), ToolNode([refusing]))).invoke({"messages": []})
    (call,) = recorded.step("n1").tool_calls
    assert call.error is not None
    assert "not today" in call.error.message
    assert "not today" in call.result["content"]


def test_what_is_sent_is_recorded_as_it_was_then(recorded):
    def node(state):
        question = HumanMessage("before")
        answer = says("x").invoke([question])
        question.content = "after"
        return {"messages": [answer]}

    recorded.watch(chain(node)).invoke({"messages": []})
    assert recorded.step("n0").llm_calls[0].messages[0]["content"] == "before"


@pytest.mark.filterwarnings("ignore:create_react_agent")
def test_a_prebuilt_agent_needs_nothing_more(recorded):
    asked = [{"name": "multiply", "args": {"a": 2, "b": 3}, "id": "c1"}]
    model = says(AIMessage("", tool_calls=asked, usage_metadata=USAGE), AIMessage("six", usage_metadata=USAGE))
    app = recorded.watch(create_react_agent(model, [multiply]))
    assert app.invoke({"messages": [("user", "2 x 3?")]})["messages"][-1].content == "six"
    assert recorded.nodes == ["agent", "tools", "agent"]
    assert [len(step.llm_calls) for step in recorded.trace.steps] == [1, 0, 1]
    assert recorded.step("tools").tool_calls[0].result["content"] == "6"
    assert recorded.trace.graph.node("tools").kind == "tools"


def test_a_langchain_agent_with_middleware_too(recorded):
    agents = pytest.importorskip("langchain.agents", exc_type=ImportError)
    middleware = pytest.importorskip("langchain.agents.middleware", exc_type=ImportError)
    asked = [{"name": "multiply", "args": {"a": 2, "b": 3}, "id": "c1"}]
    model = says(AIMessage("", tool_calls=asked), AIMessage("six"))
    limit = middleware.ModelCallLimitMiddleware(run_limit=5)
    app = recorded.watch(agents.create_agent(model, [multiply], middleware=[limit]))
    assert app.invoke({"messages": [("user", "2 x 3?")]})["messages"][-1].content == "six"
    ran = [step.node_name for step in recorded.trace.steps if step.llm_calls or step.tool_calls]
    assert ran == ["model", "tools", "model"]
