"""Claims, numbers, arguments and answers with and without a source."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from scenarios.kit import build_trace, fires, graph, node, ran, silent

from argus._internal.words import fingerprint, word_key, words_in
from argus.model.knowledge import SourceKnowledge, packed


def knows(text: str = "", *numbers: float, **more: Any) -> SourceKnowledge:
    """Sealed code with the constants of a text."""
    keys = [word_key(word) for word, _ in words_in(text)]
    pairs = [f"{one} {other}" for one, other in pairwise(keys)]
    return SourceKnowledge(sealed=True, numbers=numbers, words=packed({*map(fingerprint, [*keys, *pairs])}), **more)


LETTER = graph(
    "name:str amount:float letter:str",
    node("write", "name amount", "letter", knows=knows("Dear we are glad to offer you EUR Your bank")),
)
GIVEN = {"name": "Ana Prieto", "amount": 12000.0}
GOOD = "Dear Ana Prieto, we are glad to offer you 12,000.00 EUR. Your bank"


def _letter(text: str) -> Any:
    return build_trace(ran("write", {"letter": text}), input=GIVEN, graph=LETTER)


for slug, name, text, code in (
    ("unsupported_claim", "figure_from_nowhere", GOOD.replace("12,000", "18,500"), "SEM202"),
    ("unsupported_claim", "stranger", f"{GOOD} Confirmed by Margarete Hollenbeck.", "SEM202"),
    ("contradiction", "negated", GOOD.replace("are glad", "are not glad"), "SEM204"),
):
    fires(
        f"semantic/{slug}", name, "the letter says what nobody told it", _letter(text), f"{code} warning write#1 letter"
    )
    silent(f"semantic/{slug}", f"{name}_mended", "everything has a source", _letter(GOOD))
    silent(
        f"semantic/{slug}",
        f"{name}_open",
        "the code is not known",
        build_trace(ran("write", {"letter": text}), input=GIVEN),
    )

TICKET = graph(
    "ticket:str amount:float total:float",
    node("extract", "ticket", "amount", knows=knows("")),
    node("add", "amount", "total", knows=knows("", 5.0, sums=1)),
)
ASKED = {"ticket": "Bitte erstatten Sie 49,90 € für DE1234."}
for name, amount in (("lost_comma", 4990.0), ("other_sign", -49.9)):
    fires(
        "semantic/underived_number",
        name,
        "the amount is not the one of the ticket",
        build_trace(ran("extract", {"amount": amount}), input=ASKED, graph=TICKET),
        "SEM210 warning extract#1 amount",
    )
silent(
    "semantic/underived_number",
    "lost_comma_mended",
    "as written, and a sum",
    build_trace(ran("extract", {"amount": 49.9}), ran("add", {"total": 54.9}), input=ASKED, graph=TICKET),
)
silent(
    "semantic/underived_number",
    "open",
    "the code is not known",
    build_trace(ran("extract", {"amount": 4990.0}), input=ASKED),
)

WISH = {"type": "human", "content": "Has order A-1002 arrived?"}
FOUND = '{"order_id": "A-1002", "customer": "lena", "item": "office chair", "status": "delivered", "total": 189.0}'


def _call(number: str) -> dict[str, Any]:
    call = {"name": "get_order", "args": {"order_id": number}, "id": "c1", "type": "tool_call"}
    return {"type": "ai", "content": "", "tool_calls": [call]}


def _talk(number: str, answer: str) -> Any:
    asked, told = _call(number), {"type": "tool", "name": "get_order", "content": FOUND, "status": "success"}
    before, after = {"messages": [WISH]}, {"messages": [WISH, asked, told]}
    return build_trace(
        ran("agent", {"messages": [asked]}, input_state=before),
        ran("tools", {"messages": [told]}, input_state={"messages": [WISH, asked]}),
        ran("agent", {"messages": [{"type": "ai", "content": answer}]}, input_state=after),
        input=before,
    )


ANSWER = "Order A-1002 (office chair, 189.00 EUR) is delivered."
PLACE = "agent#3 messages.0.content"
fires(
    "semantic/invented_argument",
    "other_order",
    "nobody mentioned this order",
    _talk("A-1004", ANSWER),
    "SEM206 warning agent#1 messages.0.tool_calls.0.args.order_id",
)
fires(
    "semantic/ignored_tool_result",
    "all_is_well",
    "the answer has nothing of the order",
    _talk("A-1002", "Everything went fine and nothing else needs to be done."),
    f"SEM207 warning {PLACE}",
)
for slug, fault in (("invented_argument", "other_order"), ("ignored_tool_result", "all_is_well")):
    silent(f"semantic/{slug}", f"{fault}_mended", "what was asked, and what was found", _talk("A-1002", ANSWER))
    silent(
        f"semantic/{slug}",
        "greeting",
        "no tool",
        build_trace(ran("agent", {"answer": "Hello, what can I do for you today?"})),
    )
