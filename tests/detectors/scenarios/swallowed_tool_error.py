from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, ran, silent

from argus.model.trace import ErrorInfo, ToolCall

WHERE = "behavioral/swallowed_tool_error"


def asks(name: str, **arguments: Any) -> dict[str, Any]:
    return {"messages": [{"type": "ai", "content": "", "tool_calls": [{"name": name, "args": arguments, "id": "c"}]}]}


def answers(text: str, status: str = "success", name: str = "get_order") -> dict[str, Any]:
    return {"messages": [{"type": "tool", "content": text, "name": name, "status": status, "tool_call_id": "c"}]}


def says(text: str) -> dict[str, Any]:
    return {"messages": [{"type": "ai", "content": text}]}


def chat(*turns: dict[str, Any]) -> Any:
    nodes = ["tools" if turn["messages"][0]["type"] == "tool" else "agent" for turn in turns]
    return build_trace(
        *(ran(name, turn, metadata={"superstep": n}) for n, (name, turn) in enumerate(zip(nodes, turns, strict=True))),
        input={"messages": [{"type": "human", "content": "Where is A-9?"}]},
    )


ASKED = asks("get_order", order_id="A-9")
FAILED = answers("ToolException: no order with number A-9", "error")

fires(
    WHERE,
    "good_news",
    "the tool failed, the assistant has good news",
    chat(ASKED, FAILED, says("Good news: it has been shipped and arrives on Thursday.")),
    "BEH310 warning agent#3 -",
)
silent(
    WHERE,
    "good_news_mended",
    "the tool found it",
    chat(ASKED, answers('{"status": "shipped"}'), says("Good news: it has been shipped and arrives on Thursday.")),
)
fires(
    WHERE,
    "twice_failed",
    "a second attempt failed as well, in French",
    chat(ASKED, FAILED, ASKED, FAILED, says("Votre colis arrivera jeudi matin.")),
    "BEH310 warning agent#5 -",
)
fires(
    WHERE,
    "recorded_call",
    "the call was recorded inside the node, its error with it",
    build_trace(
        ran("agent", asks("refund", amount=3)),
        ran(
            "tools",
            {"messages": [{"type": "tool", "content": "done?", "name": "refund", "tool_call_id": "c"}]},
            tool_calls=(ToolCall(name="refund", error=ErrorInfo(type="ValueError", message="amount"), call_id="c"),),
        ),
        ran("agent", says("Your refund has been paid, it will reach your account within two days.")),
        input={"messages": []},
    ),
    "BEH310 warning agent#3 -",
)
fires(
    WHERE,
    "caught_and_nothing",
    "a node without messages catches its tool's error and returns an empty list",
    build_trace(
        ran(
            "search",
            {"hits": []},
            tool_calls=(ToolCall(name="index", error=ErrorInfo(type="ConnectError", message="refused")),),
        ),
        ran("answer", {"answer": "It rose in May."}),
        input={"query": "When did it rise?"},
    ),
    "BEH310 warning search#1 -",
)

for name, text in {
    "admitted": "I could not find that order. Please check the number.",
    "admitted_in_german": "Leider konnte ich die Bestellung nicht finden.",
    "admitted_in_japanese": "申し訳ございません。注文が見つかりませんでした。",
    "asks_back": "Which of your two accounts was it ordered with?",
    "talks_about_it": "A-9: number of an order the shop does not have.",
}.items():
    silent(WHERE, name, "the answer owns up to it", chat(ASKED, FAILED, says(text)))
silent(
    WHERE,
    "retried_with_success",
    "another call found it",
    chat(ASKED, FAILED, ASKED, answers("shipped"), says("It has been shipped.")),
)
silent(
    WHERE,
    "another_tool_helped",
    "a second tool made up for the first",
    chat(ASKED, FAILED, asks("search", q="A-9"), answers("A-9: shipped", name="search"), says("It has been shipped.")),
)
silent(
    WHERE,
    "fallback",
    "a node falls back to its cache",
    build_trace(
        ran(
            "rates",
            {"rate": 1.08, "source": "yesterday's table"},
            tool_calls=(ToolCall(name="bank", error=ErrorInfo(type="ReadTimeout", message="timed out")),),
        ),
        input={"currency": "USD"},
    ),
)
silent(
    WHERE,
    "tool_speaks_of_errors",
    "a help text about an error",
    chat(ASKED, answers("error 503 means busy"), says("It means busy.")),
)
