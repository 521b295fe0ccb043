from __future__ import annotations

from scenarios.kit import build_trace, fires, node, ran, silent
from scenarios.kit import graph as graph_of

WHERE = "semantic/topic_drift"

LEASE = "The tenant pays a deposit of three monthly rents; the landlord returns it within six weeks after moving out."
QUESTION = "When do I get my deposit back from the landlord?"
CHOIR = "On Thursday evenings the orchestra rehearses a symphony, and its conductor asks every violin to play softly."

SLOW = "The internet has been so slow since yesterday that no film plays in our living room."


def asked(question: str = QUESTION, context: str = LEASE, answer: str = CHOIR, name: str = "answer"):
    return build_trace(
        ran("retrieve", {"context": context}, input_state={"question": question}),
        ran("respond", {name: answer}, input_state={"question": question, "context": context}),
        input={"question": question},
    )


fires(
    WHERE,
    "another_subject",
    "an answer about an orchestra to a question about a deposit",
    asked(),
    "SEM203 warning respond#2 answer",
)
silent(
    WHERE,
    "another_subject_mended",
    "an answer about the deposit",
    asked(answer="Your landlord has six weeks after you move out to return the deposit."),
)
fires(
    WHERE,
    "german",
    "eine Antwort über etwas anderes",
    asked(
        "Wann bekomme ich meine Kaution vom Vermieter zurück?",
        "Der Mieter zahlt drei Monatsmieten Kaution; der Vermieter gibt sie sechs Wochen nach dem Auszug zurück, sobald"
        " Schäden, Nebenkosten und offene Forderungen abgerechnet sind. Zinsen stehen dem Bewohner zu.",
        "Octopusse haben mehrere Herzen und blaues Blut, weil Kupfer statt Eisen den Sauerstoff durch ihre Körper"
        " trägt; sie schmecken außerdem mit Saugnäpfen.",
        "antwort",
    ),
    "SEM203 warning respond#2 antwort",
)
fires(
    WHERE,
    "chat",
    "the assistant of a shop explains a volcano",
    build_trace(
        ran(
            "assistant",
            {
                "messages": [
                    {
                        "type": "ai",
                        "id": "a1",
                        "content": "Magma rises through cracks in the crust; when gas expands, lava and ash erupt.",
                    }
                ]
            },
            input_state={
                "messages": [
                    {
                        "type": "human",
                        "id": "h1",
                        "content": "My order 5512 with two blue towels has not been delivered.",
                    }
                ]
            },
        ),
        input={
            "messages": [{"type": "human", "content": "My order 5512 with two blue towels has not been delivered."}]
        },
    ),
    "SEM203 warning assistant#1 messages",
)
fires(
    WHERE,
    "search_query",
    "a rewritten query that asks for something else",
    build_trace(
        ran(
            "rewrite",
            {"query": "history medieval castles siege weapons trebuchet catapult knights"},
            input_state={"question": "Which vaccination does my puppy need before travelling to Norway by ferry?"},
        ),
        input={"question": "Which vaccination does my puppy need before travelling to Norway by ferry?"},
    ),
    "SEM203 warning rewrite#1 query",
)

silent(
    WHERE,
    "paraphrase",
    "other words for the same thing",
    asked(
        "How do I lower my heating bill?",
        "Set radiators to nineteen degrees at night and seal draughty windows.",
        "Turn the thermostat down while you sleep and close gaps around frames; both save energy and money.",
    ),
)
silent(
    WHERE,
    "canned_reply",
    "a reply that stands in the source of its node",
    build_trace(
        ran(
            "respond",
            {"answer": "Please restart the device, wait until the lamp turns green and connect the cable once more."},
            input_state={
                "question": "The internet has been so slow since yesterday that no film plays in our living room."
            },
        ),
        graph=graph_of(
            "answer:str question:str",
            node(
                "respond",
                says=("after", "cable", "connect", "device", "green", "lamp", "restart", "turns", "until", "wait"),
            ),
        ),
        input={"question": SLOW},
    ),
)
silent(
    WHERE,
    "courtesies",
    "an acknowledgement says nothing about any subject",
    asked(answer="Thank you for your message. We have received your request and a colleague will contact you shortly."),
)
silent(
    WHERE,
    "nothing_found",
    "it says that it does not know",
    asked(
        answer="I could not find any information; perhaps somebody at the municipal help desk knows the regulations."
    ),
)
silent(
    WHERE,
    "question_back",
    "it asks back",
    asked(answer="Could you tell me which city, street and apartment number this concerns, and since what year?"),
)
silent(
    WHERE,
    "translation",
    "another language is no other subject",
    asked(
        answer="Der Mieter erhält seine Sicherheit spätestens anderthalb Monate nach dem Auszug vollständig ausgezahlt."
    ),
)
silent(
    WHERE,
    "short_request",
    "too little was asked to tell",
    asked("Tell me something nice!", "", CHOIR),
)
silent(
    WHERE,
    "numbers_in_common",
    "a name and a number tie the text to the request",
    asked(
        "Status of invoice 88213 for Ms. Okafor?",
        "invoice: 88213; customer: Okafor; state: paid",
        "Everything for Okafor, number 88213, was settled on time; the accountant closed that ledger yesterday.",
    ),
)
silent(
    WHERE,
    "notes",
    "a log is not read by anybody who asked",
    asked(name="log"),
)
silent(
    WHERE,
    "spanish",
    "una respuesta sobre lo que se preguntó",
    asked(
        "¿Cuándo me devuelven la fianza del piso?",
        "El casero devuelve la fianza en seis semanas tras la salida del inquilino.",
        "Recibirá el dinero de la fianza como muy tarde mes y medio después de dejar la vivienda.",
        "respuesta",
    ),
)
silent(
    WHERE,
    "threshold_lowered",
    "nothing counts as unrelated at a threshold of 0",
    asked(),
    settings={"semantic": {"similarity_threshold": 0.0}},
)
