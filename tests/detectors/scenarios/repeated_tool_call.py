from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, ran, silent

from argus.model.trace import ErrorInfo, ToolCall

WHERE = "behavioral/repeated_tool_call"


def calls(*made: ToolCall, **metadata: Any) -> Any:
    steps = []
    for turn, call in enumerate(made):
        steps.append(ran("agent", {"turn": turn}, metadata={"superstep": 2 * turn + 1}))
        steps.append(ran("tools", {"seen": [turn]}, tool_calls=(call,), metadata={"superstep": 2 * turn + 2}))
    return build_trace(*steps, input={"question": "Where is A-1?"})


def call(result: Any = "shipped", name: str = "get_order", error: str | None = None, **arguments: Any) -> ToolCall:
    fault = ErrorInfo(type="ToolException", message=error) if error else None
    return ToolCall(
        name=name, arguments=arguments or {"order_id": "A-1"}, result=None if error else result, error=fault
    )


fires(WHERE, "four_times", "the same lookup four times", calls(*[call()] * 4), "BEH311 warning tools#6 -")
silent(WHERE, "four_times_mended", "one lookup", calls(call()))
fires(
    WHERE,
    "key_order",
    "the same arguments in another order, results under fresh ids",
    calls(
        *(
            ToolCall(
                name="find",
                arguments={"a": 1, "b": 2} if n % 2 else {"b": 2, "a": 1},
                result={"type": "tool", "content": "none", "id": f"m{n}", "tool_call_id": f"c{n}"},
            )
            for n in range(3)
        )
    ),
    "BEH311 warning tools#6 -",
)
fires(
    WHERE,
    "fails_the_same_way",
    "a wrong argument is tried again and again",
    calls(*[call(error="no order with number A-1")] * 5),
    "BEH311 warning tools#6 -",
)
fires(
    WHERE,
    "within_one_step",
    "one step asks three times",
    build_trace(ran("forschen", {"ergebnis": "…"}, tool_calls=(call(), call(), call())), input={"frage": "?"}),
    "BEH311 warning forschen#1 -",
)
fires(
    WHERE,
    "after_other_calls",
    "other tools first, then the same over and over",
    calls(call(name="list"), call(order_id="A-2"), *[call()] * 3),
    "BEH311 warning tools#10 -",
)

silent(WHERE, "twice", "asking twice happens", calls(call(), call()))
silent(WHERE, "other_arguments", "three orders", calls(*(call(order_id=f"A-{n}") for n in range(3))))
silent(
    WHERE,
    "polled_until_ready",
    "the same question until the answer changes",
    calls(*[call("running")] * 5, call("ready")),
)
silent(WHERE, "next_page", "other results each time", calls(*(call(f"page {n}", name="next_page") for n in range(5))))
silent(
    WHERE,
    "saved_in_between",
    "the same call after different work",
    calls(
        *(one for n in range(4) for one in (call(f"line {n}", name="edit", line=n), call("ok", name="save", file="a")))
    ),
)
silent(
    WHERE,
    "side_by_side",
    "branches of one superstep ask the same",
    build_trace(
        *(
            ran("check", {"ok": [True]}, tool_calls=(call(),), metadata={"superstep": 2, "kind": "push"})
            for _ in range(5)
        )
    ),
)
silent(WHERE, "nothing_known", "neither arguments nor results were recorded", calls(*[ToolCall(name="ping")] * 5))
