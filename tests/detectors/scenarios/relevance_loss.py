from __future__ import annotations

from scenarios.kit import build_trace, fires, ran, silent

WHERE = "semantic/relevance_loss"

TIDES = [
    {
        "page_content": "Spring tides occur at new and full moon, when the pull of sun and moon adds up.",
        "metadata": {"source": "tides.md"},
        "type": "Document",
    },
    {
        "page_content": "At half moon the two pull at right angles, and neap tides follow with a small range.",
        "metadata": {"source": "neap.md"},
        "type": "Document",
    },
]
MORTGAGES = [
    {
        "page_content": "A fixed-rate mortgage keeps the same interest for the whole term of the loan.",
        "metadata": {"source": "loans.md"},
        "type": "Document",
    },
    {
        "page_content": "Banks ask for a deposit of at least ten percent of the purchase price.",
        "metadata": {"source": "deposit.md"},
        "type": "Document",
    },
]
ASKED = {"question": "Why is the tidal range larger at full moon?"}
ANSWER = ran("answer", {"answer": "Because the forces add up."})

fires(
    WHERE,
    "wrong_index",
    "documents about mortgages for a question about tides",
    build_trace(ran("retrieve", {"documents": MORTGAGES}), ANSWER, input=ASKED),
    "SEM201 warning retrieve#1 documents",
)
silent(
    WHERE,
    "wrong_index_mended",
    "documents about tides",
    build_trace(ran("retrieve", {"documents": TIDES}), ANSWER, input=ASKED),
)
fires(
    WHERE,
    "plain_texts",
    "a list of texts under a telling name, the question in the user's message",
    build_trace(
        ran(
            "search_kb",
            {
                "passages": [
                    "Simmer the lentils with carrots and celery until they are soft.",
                    "Melt the butter slowly and let it cool before adding sugar.",
                ]
            },
        ),
        input={"messages": [{"type": "human", "content": "How do I reset the password of my account?"}]},
    ),
    "SEM201 warning search_kb#1 passages",
)
fires(
    WHERE,
    "german",
    "two German documents about something else",
    build_trace(
        ran(
            "suche",
            {
                "treffer": [
                    {"text": "Der Reifendruck wird bei kalten Reifen alle vier Wochen geprüft.", "score": 0.71},
                    {"text": "Die Pumpe läuft auf der höchsten Stufe und spart keine Energie.", "score": 0.69},
                ]
            },
        ),
        input={"frage": "Wie hoch ist der Zinssatz für einen Kredit?"},
    ),
    "SEM201 warning suche#1 treffer",
)
fires(
    WHERE,
    "honest_about_it",
    "nothing fits, and the answer says so: no fault of the run",
    build_trace(
        ran("retrieve", {"documents": MORTGAGES}),
        ran("answer", {"answer": "I could not find anything about tides."}),
        input=ASKED,
    ),
    "SEM201 info retrieve#1 documents",
)

silent(
    WHERE,
    "one_of_several_fits",
    "one good document among others",
    build_trace(ran("retrieve", {"documents": [*MORTGAGES, TIDES[0]]}), ANSWER, input=ASKED),
)
silent(
    WHERE,
    "corrected_by_a_second_search",
    "the first search missed, the second hit",
    build_trace(
        ran("retrieve", {"documents": MORTGAGES}, metadata={"superstep": 1}),
        ran("rewrite", {"query": "tidal range spring tide full moon"}, metadata={"superstep": 2}),
        ran("retrieve", {"documents": TIDES}, metadata={"superstep": 3}),
        input=ASKED,
    ),
)
silent(
    WHERE,
    "another_language",
    "German documents for an English question are not compared",
    build_trace(
        ran(
            "retrieve",
            {"documents": ["Bei Vollmond addieren sich die Kräfte von Sonne und Mond, der Tidenhub ist dann größer."]},
        ),
        ANSWER,
        input=ASKED,
    ),
)
silent(
    WHERE,
    "sql",
    "a statement is no question",
    build_trace(
        ran("fetch_documents", {"documents": ["Ada Lovelace lives in London and pays her bills on time."]}),
        input={"query": "SELECT * FROM customers WHERE city = 'London'"},
    ),
)
silent(
    WHERE,
    "list_of_names",
    "results too short to be about anything",
    build_trace(ran("search", {"documents": ["doc-1", "doc-2"]}), input=ASKED),
)
silent(
    WHERE,
    "no_search",
    "texts that were written, not found",
    build_trace(
        ran("outline", {"sections": ["First we buy a house.", "Then we paint the walls and the fence in green."]}),
        input=ASKED,
    ),
)
silent(
    WHERE,
    "threshold_lowered",
    "nothing counts as unrelated at a threshold of 0",
    build_trace(ran("retrieve", {"documents": MORTGAGES}), ANSWER, input=ASKED),
    settings={"semantic": {"similarity_threshold": 0.0}},
)
