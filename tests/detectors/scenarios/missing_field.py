from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent, state

from argus.model.trace import ErrorInfo

WHERE = "structural/missing_field"

RAG = graph(
    "query:str documents:list ranked:list answer:str",
    node("retrieve", "query", "documents"),
    node("rank", "documents query", "ranked"),
    node("answer", "ranked", "answer"),
)
DOCS = [{"page_content": "The tariff rose in May."}, {"page_content": "It fell again in June."}]
ASKED = {"query": "When did the tariff rise?"}
GOOD_RAG = (
    ran("retrieve", {"documents": DOCS}),
    ran("rank", {"ranked": DOCS[:1]}),
    ran("answer", {"answer": "In May."}),
)

fires(
    WHERE,
    "key_error",
    "retrieve returns nothing, rank subscripts documents",
    build_trace(ran("retrieve", {}), ran("rank", error=KeyError("documents")), input=ASKED, graph=RAG),
    "STR401 critical rank#2 documents",
)
silent(WHERE, "key_error_mended", "the same run with documents", build_trace(*GOOD_RAG, input=ASKED, graph=RAG))

ORDERS = graph(
    "auftrag:dict summe:float rechnung:str",
    node("einlesen", "", "auftrag"),
    node("rechnen", "auftrag.positionen", "summe"),
    node("schreiben", "summe", "rechnung"),
)
fires(
    WHERE,
    "nested_key",
    "the order lacks a key that its reader subscripts",
    build_trace(
        ran("einlesen", {"auftrag": {"kunde": "Öztürk"}}), ran("rechnen", error=KeyError("positionen")), graph=ORDERS
    ),
    "STR401 critical rechnen#2 auftrag.positionen",
)
silent(
    WHERE,
    "nested_key_mended",
    "the order has it",
    build_trace(
        ran("einlesen", {"auftrag": {"kunde": "Öztürk", "positionen": [3, 4]}}),
        ran("rechnen", {"summe": 7.0}),
        ran("schreiben", {"rechnung": "Summe: 7,00 EUR"}),
        graph=ORDERS,
    ),
)

SIDE_BY_SIDE = graph("topic:str facts:list outline:str", node("research", "topic", "facts"), node("plan", "facts"))
fires(
    WHERE,
    "written_at_the_same_time",
    "the reader runs in the same superstep as the writer",
    build_trace(
        ran("research", {"facts": ["a"]}, metadata={"superstep": 1}),
        ran("plan", error=KeyError("facts"), input_state={"topic": "tides"}, metadata={"superstep": 1}),
        input={"topic": "tides"},
        graph=SIDE_BY_SIDE,
    ),
    "STR401 critical plan#2 facts",
)

SCORING = graph(
    "text:str label:str score:float verdict:str",
    node("score", "text", "label score", returns=["label score"]),
    node("decide", "label score?", "verdict"),
)
fires(
    WHERE,
    "less_than_the_source_returns",
    "something around the node took one key away, and the reader has a default",
    build_trace(
        ran("score", {"label": "b"}), ran("decide", {"verdict": "unsure"}), input={"text": "so so"}, graph=SCORING
    ),
    "STR401 warning score#1 score",
)
silent(
    WHERE,
    "less_than_the_source_returns_mended",
    "the node returns both",
    build_trace(
        ran("score", {"label": "b", "score": 0.4}),
        ran("decide", {"verdict": "unsure"}),
        input={"text": "so so"},
        graph=SCORING,
    ),
)
fires(
    WHERE,
    "returned_nothing_at_the_end",
    "the last node forgot its return, and nobody but the caller misses it",
    build_trace(
        ran("score", {"label": "b", "score": 0.4}),
        ran("decide", {}),
        input={"text": "so so"},
        graph=graph(
            "text:str label:str score:float verdict:str",
            node("score", "text", "label score", returns=["label score"]),
            node("decide", "label score?", "verdict", returns=["verdict"]),
        ),
    ),
    "STR401 warning decide#2 verdict",
)
silent(
    WHERE,
    "nothing_to_do_at_the_end",
    "a way to return nothing exists",
    build_trace(
        ran("score", {"label": "b", "score": 0.4}),
        ran("decide", {}),
        input={"text": "so so"},
        graph=graph(
            "text:str label:str score:float verdict:str",
            node("score", "text", "label score", returns=["label score"]),
            node("decide", "label score?", "verdict", returns=["", "verdict"]),
        ),
    ),
)
silent(
    WHERE,
    "switched_off",
    "missing fields are not looked for",
    build_trace(ran("retrieve", {}), ran("rank", error=KeyError("documents")), input=ASKED, graph=RAG),
    settings={"structural": {"check_required": False}},
)
silent(
    WHERE,
    "one_of_two_ways_to_return",
    "small talk has no topic, and the source says so",
    build_trace(
        ran("classify", {"kind": "greeting"}),
        ran("reply", {"answer": "Hello!"}),
        input={"text": "hi"},
        graph=graph(
            "text:str kind:str topic:str answer:str",
            node("classify", "text", "kind topic", returns=["kind", "kind topic"]),
            node("reply", "kind topic?", "answer"),
        ),
    ),
)

CLAIMS = graph("id:int amount:float verdict:str", node("load", "id", "amount"), node("check", "amount", "verdict"))
fires(
    WHERE,
    "state_model_refuses",
    "the pydantic state cannot be built without the field",
    build_trace(
        ran("load", {}),
        ran(
            "check",
            outcome="error",
            error=ErrorInfo(
                type="pydantic_core._pydantic_core.ValidationError",
                message="1 validation error for Claim\namount\n  Field required [type=missing, input_value={'id': 7}]",
            ),
        ),
        input={"id": 7},
        graph=CLAIMS,
    ),
    "STR401 critical check#2 amount",
)
fires(
    WHERE,
    "handled_by_the_program",
    "the caller of a session caught the error and went on",
    build_trace(
        ran("load", {}),
        ran("check", error=KeyError("amount")),
        ran("report", {"verdict": "unchecked"}),
        input={"id": 7},
        graph=CLAIMS,
    ),
    "STR401 warning check#2 amount",
)

PROMISED = graph(
    "question:str answer:str",
    node("think", "question"),
    node("answer", "question", "answer"),
    output=state("answer:str"),
)
fires(
    WHERE,
    "caller_gets_nothing",
    "the declared output stays empty",
    build_trace(ran("think", {}), ran("answer", {}), input={"question": "Why?"}, graph=PROMISED, output={}),
    "STR401 warning answer#2 answer",
)
silent(
    WHERE,
    "caller_gets_nothing_mended",
    "the declared output is there",
    build_trace(
        ran("think", {}),
        ran("answer", {"answer": "Because."}),
        input={"question": "Why?"},
        graph=PROMISED,
        output={"answer": "Because."},
    ),
)

silent(
    WHERE,
    "partial_from_the_start",
    "the caller gives one field of many, every reader has what it reads",
    build_trace(
        ran("greet", {"greeting": "こんにちは"}),
        input={"name": "Yuki"},
        graph=graph(
            "name:str greeting:str mood:str history:list notes:dict",
            node("greet", "name mood? history?", "greeting"),
        ),
    ),
)
silent(
    WHERE,
    "own_table",
    "a KeyError about the node's own data names no field",
    build_trace(
        ran("price", error=KeyError("CHF")),
        input={"currency": "CHF"},
        graph=graph("currency:str rate:float", node("price", "currency", "rate")),
    ),
)
silent(
    WHERE,
    "field_is_there",
    "a KeyError of the same name about something else",
    build_trace(ran("rank", error=KeyError("query")), input=ASKED, graph=RAG),
)
silent(
    WHERE,
    "retried_and_then_there",
    "the first attempt came too early, the second found it",
    build_trace(
        ran("rank", error=KeyError("documents"), input_state=ASKED),
        ran("rank", {"ranked": []}, attempt=2),
        ran("answer", {"answer": "No documents were found."}),
        input={**ASKED, "documents": []},
        graph=RAG,
    ),
)
silent(
    WHERE,
    "skipped_by_a_branch",
    "the branch went around the writer of an output field that may be absent",
    build_trace(
        ran("route", {}, metadata={"branch": ["refuse"]}),
        ran("refuse", {"answer": "I cannot help with that."}),
        input={"question": "…"},
        graph=graph(
            "question:str answer:str citations:list",
            node("route", "question", ""),
            node("research", "question", "answer citations"),
            node("refuse", "", "answer"),
            branches={"route(question)": ["research", "refuse"]},
            output=state("answer:str citations:list"),
        ),
        output={"answer": "I cannot help with that."},
    ),
)
silent(
    WHERE,
    "interrupted",
    "the run waits for a person, its output is not due yet",
    build_trace(
        ran("think", {}),
        ran("answer", outcome="interrupted"),
        input={"question": "Why?"},
        graph=PROMISED,
        output={},
        metadata={"outcome": "interrupted"},
    ),
)
