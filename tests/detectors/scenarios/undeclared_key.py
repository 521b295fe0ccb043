from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "structural/undeclared_key"

RAG = graph(
    "question:str documents:list answer:str",
    node("retrieve", "question", None),
    node("generate", "question documents?", "answer"),
)
ASKED = {"question": "How deep is Lake Baikal?"}
DOCS = ["Lake Baikal is 1,642 metres deep."]

fires(
    WHERE,
    "abbreviated",
    "docs instead of documents, and the reader has a default",
    build_trace(
        ran("retrieve", {"docs": DOCS}, metadata={"dropped": ["docs"]}),
        ran("generate", {"answer": "I could not find anything."}),
        input=ASKED,
        graph=RAG,
    ),
    "STR402 critical retrieve#1 docs",
)
silent(
    WHERE,
    "abbreviated_mended",
    "the declared key",
    build_trace(
        ran("retrieve", {"documents": DOCS}), ran("generate", {"answer": "1,642 metres."}), input=ASKED, graph=RAG
    ),
)
fires(
    WHERE,
    "camel_case",
    "the framework reports nothing, the declaration tells",
    build_trace(
        ran("quote", {"totalPrice": 18.2}),
        ran("confirm", error=KeyError("total_price")),
        input={"items": [3]},
        graph=graph(
            "items:list total_price:float text:str", node("quote", "items"), node("confirm", "total_price", "text")
        ),
    ),
    "STR402 critical quote#1 totalPrice",
)
fires(
    WHERE,
    "last_node",
    "nobody reads the answer in the graph, the caller waits for it",
    build_trace(
        ran("answer", {"awnser": "Vier."}),
        input={"frage": "2+2?"},
        graph=graph("frage:str answer:str", node("answer", "frage")),
    ),
    "STR402 warning answer#1 awnser",
)
fires(
    WHERE,
    "asked_for_later",
    "a later node asks for a key that the state never had",
    build_trace(
        ran("plan", {"steps": ["a"], "budget": 12}),
        ran("act", {"log": "free of charge"}),
        graph=graph("steps:list log:str", node("plan"), node("act", "steps budget?", "log")),
    ),
    "STR402 warning plan#1 budget",
)
fires(
    WHERE,
    "stale",
    "the second draft goes under another name, the critic reads the first again",
    build_trace(
        ran("write", {"draft": "First try."}, metadata={"superstep": 1}),
        ran("criticise", {"verdict": "too short"}, metadata={"superstep": 2}),
        ran("write", {"drafts": "Second and much longer try."}, metadata={"superstep": 3}),
        ran("criticise", {"verdict": "too short"}, metadata={"superstep": 4}),
        graph=graph(
            "draft:str verdict:str",
            node("write", "draft? verdict?"),
            node("criticise", "draft", "verdict"),
            branches={"criticise(verdict)": ["write", "__end__"]},
        ),
    ),
    "STR402 warning write#3 drafts",
)
fires(
    WHERE,
    "everything_lost",
    "the whole update goes under a name that nobody knows",
    build_trace(
        ran("enrich", {"crm": {"tier": "gold", "since": 2019}}),
        ran("mail", {"text": "Dear customer"}),
        input={"customer": "c-1"},
        graph=graph("customer:str profile:dict text:str", node("enrich", "customer"), node("mail", "customer", "text")),
    ),
    "STR402 warning enrich#1 crm",
)
fires(
    WHERE,
    "nobody_misses_it",
    "an extra key beside the result: said, but no fault",
    build_trace(
        ran("answer", {"answer": "Yes.", "_took": 0.2}),
        input={"question": "Open on Sunday?"},
        graph=graph("question:str answer:str", node("answer", "question", "answer")),
    ),
    "STR402 info answer#1 _took",
)

silent(
    WHERE,
    "open_state",
    "a session keeps every key",
    build_trace(
        ran("load", {"rows": [1]}), ran("sum", {"total": 1}), graph=graph("", node("load"), node("sum"), closed=False)
    ),
)
silent(
    WHERE,
    "field_of_a_private_input",
    "a key that only another node's input declares is a channel too",
    build_trace(
        ran("split", {"parts": ["a", "b"]}),
        ran("join", {"text": "ab"}),
        graph=graph("text:str", node("split"), node("join", "parts", "text", input=graph("parts:list").state)),
    ),
)
silent(
    WHERE,
    "subgraph_has_more",
    "the outer graph takes from a subgraph what it declares",
    build_trace(
        ran("research", {"notes": "…", "answer": "42", "scratch": [1]}, metadata={"dropped": ["notes", "scratch"]}),
        input={"question": "?"},
        graph=graph("question:str answer:str", node("research", kind="subgraph")),
    ),
)
silent(
    WHERE,
    "pass_through",
    "nodes that return nothing or the state itself",
    build_trace(
        ran("log", {}),
        ran("keep", {"question": "?", "answer": "!"}),
        input={"question": "?", "answer": "!"},
        graph=graph("question:str answer:str", node("log"), node("keep")),
    ),
)
silent(
    WHERE,
    "command_to_the_parent",
    "an update handed to the outer graph is not this graph's",
    build_trace(
        ran("handoff", {"active_agent": "billing"}, outcome="parent_command", metadata={"writes": ["active_agent"]}),
        graph=graph("messages:list", node("handoff")),
    ),
)
