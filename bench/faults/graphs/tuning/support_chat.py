"""A conversation over several turns: a checkpointer keeps the messages and what is known of the caller."""

from __future__ import annotations

import operator
import re
from typing import Annotated, Any, TypedDict

from bench.faults.plan import CLAIMS, TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages

from argus.testing.faults.wordings.prose import OTHER_LANGUAGES

NAME = "support_chat"

TARIFFS = {"basic": 9.9, "family": 24.5, "office": 39.0}
STEPS = {
    "internet": "Switch the router off for 30 seconds, then on again, and wait until the light is green.",
    "bill": "Your bill is sent on the 3rd of each month; you find it under 'My account'.",
    "phone": "Check whether the cable sits in socket N of the router.",
}


class Profile(TypedDict, total=False):
    name: str
    tariff: str


class ChatState(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    profile: Profile
    topic: str | None
    tried: Annotated[list[str], operator.add]
    summary: str


def listen(state: ChatState) -> dict[str, Any]:
    text = str(state["messages"][-1].content)
    profile = dict(state.get("profile") or {})
    if name := re.search(r"\b(?:I am|my name is) (\w+)", text):
        profile["name"] = name[1]
    if tariff := re.search(r"\b(basic|family|office)\b", text.lower()):
        profile["tariff"] = tariff[1]
    topic = next((word for word in STEPS if word in text.lower()), state.get("topic"))
    return {"profile": profile, "topic": topic}


def reply(state: ChatState) -> dict[str, Any]:
    text, topic = str(state["messages"][-1].content).lower(), state["topic"]
    profile = state["profile"]
    greeting = f"{profile['name']}, " if profile.get("name") else ""
    if any(word in text for word in ("thanks", "bye", "works now")):
        said = f"{greeting}glad to help. Goodbye!"
    elif "price" in text or "cost" in text:
        tariff = profile.get("tariff")
        said = (
            f"{greeting}the {tariff} tariff costs {TARIFFS[tariff]:.2f} EUR a month."
            if tariff
            else "Which tariff do you mean?"
        )
    elif topic is None:
        said = f"{greeting}what can I do for you?"
    elif topic in state.get("tried", []):
        said = f"{greeting}since that did not help, a technician will call you about your {topic}."
    else:
        said = f"{greeting}{STEPS[topic]}"
        return {"messages": [AIMessage(said[0].upper() + said[1:])], "tried": [topic]}
    return {"messages": [AIMessage(said[0].upper() + said[1:])]}


def remember(state: ChatState) -> dict[str, Any]:
    profile = state["profile"]
    parts = [f"{key}: {value}" for key, value in sorted(profile.items())]
    turns = sum(1 for message in state["messages"] if message.type == "human")
    return {"summary": f"{turns} turns; topic: {state['topic'] or 'none'}; {', '.join(parts) or 'caller unknown'}"}


def count_calls(state: ChatState) -> None:
    """Writes a metric elsewhere; the state is none of its business."""
    return


def build(patch: Patch) -> Any:
    graph = StateGraph(ChatState)
    for function in (listen, reply, remember, count_calls):
        graph.add_node(function)
    graph.add_edge(START, "listen")
    graph.add_edge("listen", "reply")
    graph.add_edge("reply", "remember")
    graph.add_edge("reply", "count_calls")
    graph.add_edge("remember", END)
    graph.add_edge("count_calls", END)
    return patch.graph(graph).compile(name=NAME, checkpointer=InMemorySaver())


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def listen_forgets_the_caller(state: ChatState) -> dict[str, Any]:
    """listen starts with an empty profile in every turn."""
    return listen({**state, "profile": {}})


def listen_calls_it_subject(state: ChatState) -> dict[str, Any]:
    """listen returns `subject`; the state has `topic`."""
    heard = listen(state)
    return {"profile": heard["profile"], "subject": heard["topic"]}


def reply_answers_first_message(state: ChatState) -> dict[str, Any]:
    """reply looks at the first message of the conversation instead of the last."""
    first = next(message for message in state["messages"] if message.type == "human")
    topic = next((word for word in STEPS if word in str(first.content).lower()), None)
    return reply({**state, "messages": [first], "topic": topic, "tried": []})


def reply_as_text(state: ChatState) -> dict[str, Any]:
    """reply puts the bare answer into its own field instead of the messages."""
    said = reply(state)["messages"][0].content
    return {"answer": said}


def remember_rewrites_profile(state: ChatState) -> dict[str, Any]:
    """remember hands back a list of pairs as the profile."""
    return {**remember(state), "profile": sorted(state["profile"].items())}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _talk(*lines: str) -> list[dict[str, Any]]:
    return [{"messages": [HumanMessage(line)]} for line in lines]


INPUTS = (
    Healthy(
        name="router",
        input=_talk("Hello, I am Ben, my internet is down.", "It is still down.", "Thanks, I will wait for the call."),
    ),
    Healthy(name="bill", input=_talk("Where do I find my bill?", "Thanks!")),
    Healthy(name="price", input=_talk("Hi, I am Zoe. I have the family tariff.", "What does it cost?", "Thanks, bye")),
    Healthy(name="phone", input=_talk("My phone is silent since Monday.", "No, the cable is where it should be.")),
    Healthy(name="two-topics", input=_talk("The internet is slow.", "And where is my bill?", "Thanks.")),
    Healthy(name="office", input=_talk("I am Kim, we use the office tariff.", "What is the price of it?")),
    Healthy(name="works", input=_talk("I am Ada and the internet does not work.", "It works now!")),
    Healthy(
        name="errors",
        input=_talk(
            "The internet page shows 'Error 503 Service Unavailable'.", "Still: 'connection refused'. It failed again."
        ),
        why="the caller quotes error messages",
    ),
    Healthy(name="yes", input=_talk("yes", "no", "ok"), why="very short messages, nothing to say"),
    Healthy(
        name="repeat",
        input=_talk("Hello?", "Hello?", "Hello?"),
        why="the same line three times, and so the same answer",
    ),
    Healthy(name="unknown", input=_talk("Good morning."), why="topic is None and may be, the profile stays empty"),
    Healthy(
        name="german", input=_talk("Guten Tag, mein internet geht nicht.", "Immer noch nicht."), why="another language"
    ),
    Healthy(
        name="todo",
        input=_talk("I am Max. My TODO list says: ask about the bill.", "thanks"),
        why="a message with TODO",
    ),
    Healthy(
        name="long",
        input=_talk(
            "I am Eva. "
            + "We moved last week and since then a lot has gone wrong with our flat. " * 12
            + "Now the phone is dead too.",
            "Still dead.",
            "thanks",
        ),
        why="a very long message",
    ),
    Healthy(
        name="basic",
        input=_talk("Hello, I am Tom and I have the basic tariff.", "Does the price change next year?", "bye"),
    ),
)

ANSWER = "messages.0.content"
FOREIGN = tuple(text for text in OTHER_LANGUAGES if not text.startswith("Thank"))

PLAN = Plan(NAME, "tuning", on=["router", "price", "phone", "two-topics", "works", "basic"])
PLAN.each(TEXT, "reply", ANSWER, calls=(2,))
PLAN.each(("placeholder", "exception_text", "empty_output"), "reply", ANSWER, calls=(1,))
PLAN.each(("placeholder", "unfilled_template", "mojibake"), "remember", "summary")
PLAN.each(CLAIMS, "reply", ANSWER, calls=(2,), on="price")
PLAN.add("wrong_language", "reply", ANSWER, calls=(2,), times=2, pool=FOREIGN)
PLAN.add("contradiction", "reply", ANSWER, calls=(2,), on="price")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "listen", "profile", on="price")
PLAN.each(("dropped_field", "renamed_key", "wrong_type", "error_payload"), "listen", "topic", on="router")
PLAN.add("poisoned_value", "listen", "profile.tariff", on="price", poison="premium", symptom="reply", calls=(1, 2))
PLAN.add("poisoned_value", "listen", "topic", on="phone", poison="telephone", symptom="reply")
PLAN.add("dropped_field", "reply", "messages", calls=(2,))
PLAN.add("no_update", "reply", calls=(2,), times=2)
PLAN.each(("foreign_value", "foreign_type"), "remember", "topic", on="router")
PLAN.add("foreign_meaning", "remember", "tried", on="two-topics")
PLAN.add("crash", "remember", calls=(2,))
PLAN.add("stale_result", "reply", on="two-topics")
PLAN.add("stale_result", "listen", on="two-topics")

PLAN.variant("dropped_field", "listen", listen_forgets_the_caller, on="price", layer="semantic", needs_history=True)
PLAN.variant("renamed_key", "listen", listen_calls_it_subject, on="router", symptom="reply")
PLAN.variant("stale_result", "reply", reply_answers_first_message, on="two-topics")
PLAN.variant("renamed_key", "reply", reply_as_text, on="works")
PLAN.variant("foreign_type", "remember", remember_rewrites_profile, on="price")

GRAPH = MatrixGraph(
    name=NAME,
    part="tuning",
    description="multi-turn chat, checkpointer, add_messages",
    build=build,
    inputs=INPUTS,
    faults=PLAN.cases,
    turns=True,
)
