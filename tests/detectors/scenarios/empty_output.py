from __future__ import annotations

from scenarios.kit import build_trace, fires, graph, node, ran, silent

WHERE = "structural/empty_output"

RAG = graph(
    "question:str documents:list answer:str",
    node("retrieve", "question", "documents"),
    node("generate", "question documents", "answer"),
)
ASKED = {"question": "How deep is Lake Baikal?"}
DOCS = ["Lake Baikal is 1,642 metres deep."]

fires(
    WHERE,
    "answer_without_words",
    "the model returned an empty text",
    build_trace(ran("retrieve", {"documents": DOCS}), ran("generate", {"answer": ""}), input=ASKED, graph=RAG),
    "STR403 warning generate#2 answer",
)
silent(
    WHERE,
    "answer_without_words_mended",
    "the model answered",
    build_trace(
        ran("retrieve", {"documents": DOCS}), ran("generate", {"answer": "1,642 metres."}), input=ASKED, graph=RAG
    ),
)
fires(
    WHERE,
    "nothing_retrieved_and_nobody_says_so",
    "no documents, and the answer pretends there were some",
    build_trace(
        ran("retrieve", {"documents": []}),
        ran("generate", {"answer": "According to the documents it is the deepest lake of the world."}),
        input=ASKED,
        graph=RAG,
    ),
    "STR403 warning retrieve#1 documents",
)
silent(
    WHERE,
    "nothing_retrieved_and_said",
    "no documents, and the answer says so",
    build_trace(
        ran("retrieve", {"documents": []}),
        ran("generate", {"answer": "I found no documents about this."}),
        input=ASKED,
        graph=RAG,
    ),
)
silent(
    WHERE,
    "nothing_retrieved_and_said_in_spanish",
    "the same in Spanish",
    build_trace(
        ran("retrieve", {"documents": []}),
        ran("generate", {"answer": "Lo siento, no hay información sobre esto."}),
        input={"question": "¿Qué profundidad tiene el lago?"},
        graph=RAG,
    ),
)
silent(
    WHERE,
    "nothing_retrieved_and_routed",
    "the branch behind the search asks for another search",
    build_trace(
        ran("retrieve", {"documents": []}, metadata={"branch": ["web"]}),
        ran("web", {"pages": ["Baikal: 1,642 m"]}),
        ran("generate", {"answer": "1,642 metres."}),
        input=ASKED,
        graph=graph(
            "question:str documents:list pages:list answer:str",
            node("retrieve", "question", "documents"),
            node("web", "question", "pages"),
            node("generate", "question documents pages?", "answer"),
            branches={"retrieve(documents)": ["web", "generate"]},
        ),
    ),
)
fires(
    WHERE,
    "mean_of_nothing",
    "an empty list broke the node that divides by its length",
    build_trace(
        ran("collect", {"values": []}),
        ran("mean", error=ZeroDivisionError("division by zero")),
        input={"sensor": "s-4"},
        graph=graph(
            "sensor:str values:list mean:float", node("collect", "sensor", "values"), node("mean", "values", "mean")
        ),
    ),
    "STR403 critical collect#1 values",
)
silent(
    WHERE,
    "mean_of_nothing_mended",
    "the sensor delivered",
    build_trace(
        ran("collect", {"values": [3, 5]}),
        ran("mean", {"mean": 4.0}),
        input={"sensor": "s-4"},
        graph=graph(
            "sensor:str values:list mean:float", node("collect", "sensor", "values"), node("mean", "values", "mean")
        ),
    ),
)
fires(
    WHERE,
    "none_in_a_required_field",
    "the profile is declared as a dict and read with a default",
    build_trace(
        ran("lookup", {"profile": None}),
        ran("greet", {"greeting": "Hello, friend."}),
        input={"customer": "c-9"},
        graph=graph(
            "customer:str profile:dict greeting:str",
            node("lookup", "customer", "profile"),
            node("greet", "profile?", "greeting"),
        ),
    ),
    "STR403 warning lookup#1 profile",
)
silent(
    WHERE,
    "none_in_an_optional_field",
    "the same field, declared with None",
    build_trace(
        ran("lookup", {"profile": None}),
        ran("greet", {"greeting": "Hello, friend."}),
        input={"customer": "c-9"},
        graph=graph(
            "customer:str profile:dict? greeting:str",
            node("lookup", "customer", "profile"),
            node("greet", "profile?", "greeting"),
        ),
    ),
)
fires(
    WHERE,
    "rows_of_blanks",
    "a record whose every value is empty",
    build_trace(
        ran("extract", {"record": {"name": "", "iban": None, "items": []}}),
        ran("store", {"stored": True}),
        input={"pdf": "Rechnung 4711, Müller GmbH, 12 Positionen"},
        graph=graph(
            "pdf:str record:dict stored:bool", node("extract", "pdf", "record"), node("store", "record", "stored")
        ),
    ),
    "STR403 warning extract#1 record",
)
fires(
    WHERE,
    "message_without_words",
    "the assistant's message says nothing and calls nothing",
    build_trace(
        ran("agent", {"messages": [{"type": "ai", "content": "", "tool_calls": []}]}),
        input={"messages": [{"type": "human", "content": "Hi"}]},
        graph=graph("messages:list+", node("agent", "messages", "messages")),
    ),
    "STR403 warning agent#1 messages",
)
silent(
    WHERE,
    "message_that_calls_a_tool",
    "no words, but a tool call",
    build_trace(
        ran("agent", {"messages": [{"type": "ai", "content": "", "tool_calls": [{"name": "search", "args": {}}]}]}),
        ran("tools", {"messages": [{"type": "tool", "content": "42"}]}),
        ran("agent", {"messages": [{"type": "ai", "content": "42."}]}),
        input={"messages": [{"type": "human", "content": "Hi"}]},
        graph=graph("messages:list+", node("agent", "messages", "messages"), node("tools", "messages", "messages")),
    ),
)

silent(
    WHERE,
    "no_errors_found",
    "an empty list of problems is good news",
    build_trace(
        ran("inspect", {"errors": [], "warnings": [], "missing_pages": []}),
        ran("publish", {"url": "https://example.org/1"}),
        input={"page": "<p>fine</p>"},
        graph=graph(
            "page:str errors:list warnings:list missing_pages:list url:str",
            node("inspect", "page", "errors warnings missing_pages"),
            node("publish", "page errors", "url"),
        ),
    ),
)
silent(
    WHERE,
    "used_up_feedback",
    "the writer clears the feedback that it has worked in",
    build_trace(
        ran("critic", {"review": "Too long."}),
        ran("write", {"draft": "Short.", "review": ""}),
        ran("publish", {"url": "https://example.org/2"}),
        input={"topic": "tides"},
        graph=graph(
            "topic:str review:str draft:str url:str",
            node("critic", "topic", "review"),
            node("write", "topic review", "draft review"),
            node("publish", "draft review", "url"),
        ),
    ),
)
silent(
    WHERE,
    "prepared_by_the_first_node",
    "a first node lays out empty fields that later ones fill",
    build_trace(
        ran("begin", {"summary": "", "notes": [], "result": None}),
        ran("work", {"summary": "All well.", "result": {"ok": True}}),
        input={"job": "j-7"},
        graph=graph(
            "job:str summary:str notes:list result:dict",
            node("begin", "job", "summary notes result"),
            node("work", "job notes", "summary result"),
        ),
    ),
)
silent(
    WHERE,
    "empty_in_empty_out",
    "what is made from nothing is nothing; the count says so",
    build_trace(
        ran("load", {"rows": []}),
        ran("transform", {"clean_rows": []}),
        ran("store", {"stored": 0}),
        input={"table": "orders_2024_02_30"},
        graph=graph(
            "table:str rows:list clean_rows:list stored:int",
            node("load", "table", "rows"),
            node("transform", "rows", "clean_rows"),
            node("store", "clean_rows", "stored"),
        ),
    ),
)
silent(
    WHERE,
    "handed_to_a_person",
    "no answer, because a person takes over",
    build_trace(
        ran("answer", {"answer": "", "needs_human": True}),
        ran("handover", {"ticket": "T-55"}),
        input={"question": "I want to sue you."},
        graph=graph(
            "question:str answer:str needs_human:bool ticket:str",
            node("answer", "question", "answer needs_human"),
            node("handover", "question answer", "ticket"),
        ),
    ),
)
silent(
    WHERE,
    "zero_and_false",
    "zero, false and a negative number are values",
    build_trace(
        ran("measure", {"result": 0, "valid": False, "balance": -3.5}),
        ran("report", {"report": "Balance: -3.50"}),
        input={"account": "a"},
        graph=graph(
            "account:str result:int valid:bool balance:float report:str",
            node("measure", "account", "result valid balance"),
            node("report", "result valid balance", "report"),
        ),
    ),
)
silent(
    WHERE,
    "pass_through",
    "nodes that return nothing",
    build_trace(
        ran("log", {}),
        ran("audit", {}),
        input=ASKED,
        graph=graph("question:str answer:str", node("log", "question", ""), node("audit", "question", "")),
    ),
)
silent(
    WHERE,
    "empty_addition",
    "an empty addition to a list that adds up",
    build_trace(
        ran("collect", {"documents": []}, metadata={"superstep": 1}),
        ran("answer", {"answer": "Done."}, metadata={"superstep": 2}),
        input={"question": "?", "documents": ["a"]},
        graph=graph(
            "question:str documents:list+ answer:str",
            node("collect", "question", "documents"),
            node("answer", "documents", "answer"),
        ),
    ),
)
silent(
    WHERE,
    "filtered_away",
    "a filter that lets nothing through",
    build_trace(
        ran("filter_results", {"results": []}),
        ran("offer", {"text": "Today everything is full price."}),
        input={"results": [], "day": "Monday"},
        graph=graph(
            "day:str results:list text:str",
            node("filter_results", "day", "results"),
            node("offer", "results", "text"),
        ),
    ),
)
silent(
    WHERE,
    "switched_off",
    "the check is switched off",
    build_trace(ran("retrieve", {"documents": DOCS}), ran("generate", {"answer": ""}), input=ASKED, graph=RAG),
    settings={"structural": {"check_empty": False}},
)
