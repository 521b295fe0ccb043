"""A ReAct agent of a web shop: a scripted model calls tools until it can answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.graphs.scripted_model import Policy, ScriptedModel, asks, calls, question, says
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage
from langchain_core.tools import ToolException, tool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import ToolNode

from argus.testing.faults import IgnoredToolResult, SkippedStep
from argus.testing.faults.wordings.prose import OTHER_LANGUAGES

NAME = "shop_agent"

ORDERS = {
    "A-1001": {"customer": "lena", "item": "desk lamp", "status": "shipped", "total": 59.9, "day": "12 May"},
    "A-1002": {"customer": "lena", "item": "office chair", "status": "delivered", "total": 189.0, "day": "2 May"},
    "A-1003": {"customer": "omar", "item": "bookshelf", "status": "in production", "total": 240.5, "day": "30 May"},
    "A-1004": {"customer": "ines", "item": "kettle", "status": "cancelled", "total": 39.0, "day": "8 May"},
    "A-1005": {"customer": "omar", "item": "gift card", "status": "delivered", "total": 0.0, "day": "1 May"},
    "A-1006": {"customer": "yuki", "item": "tea set", "status": "shipped", "total": 74.25, "day": "15 May"},
}
FAQ = {
    "return": "You can return any item within 30 days; we pay the postage.",
    "warranty": "All furniture has a warranty of 5 years.",
    "error": "If the app shows error 503, our servers are busy: wait a minute and reload.",
    "delivery": "Delivery takes 3 to 5 working days and costs 4.90 EUR.",
}


@tool
def get_order(order_id: str) -> str:
    """Looks up one order."""
    if order_id not in ORDERS:
        raise ToolException(f"no order with number {order_id}")
    return json.dumps({"order_id": order_id, **ORDERS[order_id]})


@tool
def list_orders(customer: str) -> str:
    """Lists the numbers of a customer's orders."""
    pause(0.012)
    return json.dumps([number for number, order in ORDERS.items() if order["customer"] == customer])


@tool
def refund(order_id: str, amount: float) -> str:
    """Pays money back."""
    if amount <= 0:
        raise ToolException("the amount must be positive")
    return json.dumps({"refunded": amount, "order_id": order_id})


@tool
def search_faq(query: str) -> str:
    """Finds help texts."""
    found = [text for word, text in FAQ.items() if word in query.lower()]
    return "\n".join(found) or "no results found"


TOOLS = (get_order, list_orders, refund, search_faq)


def decide(messages: Sequence[BaseMessage]) -> AIMessage:
    """What a good model would do next."""
    wish, done = question(messages), calls(messages)
    number = re.search(r"\bA-\d{4}\b", wish)
    customer = re.search(r"\bI am (\w+)", wish)
    if not done:
        if number:
            return asks("get_order", len(messages), order_id=number[0])
        if customer:
            return asks("list_orders", len(messages), customer=customer[1].lower())
        if wish.endswith("?") and len(wish.split()) > 2:
            return asks("search_faq", len(messages), query=wish)
        return says("Hello! Ask me about an order, a refund or our terms.")
    name, last = done[-1]
    if last.status == "error":
        return says(f"I could not do that: {str(last.content).partition(chr(10))[0]} Please check it and ask again.")
    if name == "list_orders":
        listed = json.loads(str(last.content))
        return says(f"Your orders: {', '.join(listed)}." if listed else "You have no orders yet.")
    if name == "search_faq":
        if last.content == "no results found":
            return says("I found nothing about that in our help pages.")
        return says(str(last.content))
    if name == "refund":
        paid = json.loads(str(last.content))
        return says(f"Done: {paid['refunded']:.2f} EUR for order {paid['order_id']} will be paid back.")
    order = json.loads(str(last.content))
    if "refund" in wish.lower():
        return asks("refund", len(messages), order_id=order["order_id"], amount=order["total"])
    return says(
        f"Order {order['order_id']} ({order['item']}, {order['total']:.2f} EUR) is {order['status']},"
        f" as of {order['day']}."
    )


class AgentState(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


def agent_node(policy: Policy) -> Any:
    model = ScriptedModel(policy=policy).bind_tools(TOOLS)

    def agent(state: AgentState) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    return agent


def wants_tools(state: AgentState) -> str:
    return "tools" if state["messages"][-1].tool_calls else END


def build(patch: Patch) -> Any:
    graph = StateGraph(AgentState)
    graph.add_node("agent", agent_node(patch.part("model", decide)))
    graph.add_node("tools", ToolNode(list(TOOLS), handle_tool_errors=True))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", wants_tools, ["tools", END])
    graph.add_edge("tools", "agent")
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes of the model ------------------------------------------------------------------------------------------


def swallows_errors(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model answers as if the order had been found, though the tool failed"""
    done = calls(messages)
    if done and done[-1][1].status == "error":
        return says("Good news: your order has been shipped and will arrive on Thursday.")
    return decide(messages)


def confirms_failed_refund(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model confirms a refund that the tool refused"""
    done = calls(messages)
    if done and done[-1][0] == "refund" and done[-1][1].status == "error":
        return says("Your refund has been paid, it will reach your account within two days.")
    return decide(messages)


def asks_four_times(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model repeats the same lookup four times before it reads the answer"""
    done, number = calls(messages), re.search(r"\bA-\d{4}\b", question(messages))
    if number and len(done) < 4:
        return asks("get_order", len(messages), order_id=number[0])
    return decide(messages)


def never_stops(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model never thinks it is done"""
    number = re.search(r"\bA-\d{4}\b", question(messages))
    return asks("get_order", len(messages), order_id=number[0] if number else "A-1001")


def reads_another_status(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model reports another status than the tool did"""
    answer = decide(messages)
    done = calls(messages)
    if done and done[-1][0] == "get_order" and not answer.tool_calls and done[-1][1].status != "error":
        order = json.loads(str(done[-1][1].content))
        wrong = "cancelled" if order["status"] != "cancelled" else "delivered"
        return says(
            f"Order {order['order_id']} ({order['item']}, {order['total']:.2f} EUR) is {wrong}, as of {order['day']}."
        )
    return answer


def looks_up_the_next_number(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model asks for an order that nobody mentioned"""
    answer = decide(messages)
    if answer.tool_calls and answer.tool_calls[0]["name"] == "get_order":
        return asks("get_order", len(messages), order_id="A-1004" if "A-1004" not in question(messages) else "A-1001")
    return answer


def refunds_too_much(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model refunds a hundred times the price"""
    answer = decide(messages)
    if answer.tool_calls and answer.tool_calls[0]["name"] == "refund":
        arguments = answer.tool_calls[0]["args"]
        return asks("refund", len(messages), order_id=arguments["order_id"], amount=arguments["amount"] * 100)
    return answer


def cut_at_the_limit(messages: Sequence[BaseMessage]) -> AIMessage:
    """the model runs into its token limit"""
    answer = decide(messages)
    if answer.tool_calls:
        return answer
    text = str(answer.content)
    return says(text[: len(text) // 2], response_metadata={"finish_reason": "length"})


def burns_tokens(messages: Sequence[BaseMessage]) -> AIMessage:
    """the prompt contains the whole catalogue, fifty times the usual tokens"""
    answer = decide(messages)
    return answer.model_copy(
        update={"usage_metadata": {"input_tokens": 9000, "output_tokens": 40, "total_tokens": 9040}}
    )


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _ask(text: str) -> dict[str, Any]:
    return {"messages": [HumanMessage(text, id="wish")]}


INPUTS = (
    Healthy(name="lamp", input=_ask("Where is my order A-1001?")),
    Healthy(name="chair", input=_ask("Has order A-1002 arrived?")),
    Healthy(name="shelf", input=_ask("What about A-1003, is it on its way?")),
    Healthy(name="refund-chair", input=_ask("Please refund A-1002, it wobbles.")),
    Healthy(name="refund-tea", input=_ask("I want a refund for A-1006, one cup is broken.")),
    Healthy(name="orders", input=_ask("I am Omar, which orders do I have?")),
    Healthy(name="tea", input=_ask("When will A-1006 be here?")),
    Healthy(name="returns", input=_ask("How does a return work?")),
    Healthy(name="unknown-order", input=_ask("Where is A-9999?"), why="a handled tool error, told honestly"),
    Healthy(name="cancelled", input=_ask("Was A-1004 cancelled?"), why="a cancelled order is no failure of the agent"),
    Healthy(name="zero", input=_ask("Tell me about A-1005."), why="a total of zero"),
    Healthy(name="refund-zero", input=_ask("Refund A-1005, please."), why="the tool refuses, the agent says so"),
    Healthy(name="no-orders", input=_ask("I am Nils, which orders do I have?"), why="an empty list"),
    Healthy(name="nothing-found", input=_ask("Do you sell live penguins too?"), why="no results found"),
    Healthy(name="app-error", input=_ask("Why does the app say error 503?"), why="a help text about an error"),
    Healthy(name="hello", input=_ask("hi"), why="no tool is needed, a very short question"),
)

ANSWER = "messages.0.content"
FOREIGN = tuple(text for text in OTHER_LANGUAGES if not text.startswith("Thank"))

PLAN = Plan(NAME, "tuning", on=["lamp", "chair", "shelf", "tea", "refund-chair", "refund-tea"])
PLAN.each(TEXT, "agent", ANSWER)
PLAN.each(("placeholder", "refusal", "mojibake"), "agent", ANSWER, on="returns")
PLAN.each(
    ("html_page", "http_error_body", "error_payload", "exception_text", "stack_trace"), "tools", ANSWER, on="returns"
)
PLAN.each(("truncated_json", "empty_output", "html_page"), "tools", ANSWER, on="lamp")
PLAN.add("truncated_json", "tools", ANSWER, on="shelf")
PLAN.each(("other_answer",), "agent", ANSWER, times=2)
PLAN.add("wrong_language", "agent", ANSWER, times=2, pool=FOREIGN)
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date"), "agent", ANSWER)
PLAN.add("contradiction", "agent", ANSWER, on="chair")
PLAN.add("repeated_tool_call", "agent", times=2)
PLAN.add("invented_argument", "agent", "messages.0.tool_calls.0.args.order_id", times=3, calls=(1,))
PLAN.add("invented_argument", "agent", "messages.0.tool_calls.0.args.customer", on="orders", calls=(1,))
PLAN.add(IgnoredToolResult(), "agent", on="lamp")
PLAN.add(IgnoredToolResult(answer="The tea set will be with you tomorrow morning."), "agent", on="tea")
PLAN.add("stale_result", "tools", on="shelf", warm_up="chair")
PLAN.add("slow_node", "tools", on="orders")
PLAN.add("crash", "agent", calls=(2,))
PLAN.add("crash", "tools")
PLAN.add("no_update", "agent", calls=(2,))
PLAN.add(SkippedStep(target=END, instead_of="tools"), "agent")

MODEL = {"spot": "model", "place": "part"}
PLAN.variant("swallowed_tool_error", "agent", swallows_errors, on="unknown-order", **MODEL)
PLAN.variant("swallowed_tool_error", "agent", confirms_failed_refund, on="refund-zero", **MODEL)
PLAN.variant("repeated_tool_call", "agent", asks_four_times, on="lamp", **MODEL)
PLAN.variant("runaway_loop", "agent", never_stops, on="shelf", **MODEL)
PLAN.variant("ignored_tool_result", "agent", reads_another_status, on="chair", **MODEL)
PLAN.variant("ignored_tool_result", "agent", reads_another_status, on="tea", **MODEL)
PLAN.variant("invented_argument", "agent", looks_up_the_next_number, on="lamp", **MODEL)
PLAN.variant("power_of_ten", "agent", refunds_too_much, on="refund-tea", **MODEL)
PLAN.variant("cut_output", "agent", cut_at_the_limit, on="returns", **MODEL)
PLAN.variant("cut_output", "agent", cut_at_the_limit, on="chair", **MODEL)
PLAN.variant("token_spike", "agent", burns_tokens, layer="statistical", needs_history=True, **MODEL)

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="ReAct agent, ToolNode",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    config={"recursion_limit": 30},
)
