"""Tickets in German, French, Spanish, Japanese and English are understood and answered in their language."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from bench.faults.graphs.pace import pause
from bench.faults.plan import TEXT, Plan
from bench.faults.records import Healthy, MatrixGraph, Patch
from langgraph.graph import END, START, StateGraph

from argus.testing.faults.wordings.prose import OTHER_LANGUAGES

NAME = "polyglot_tickets"

MARKS = {
    "de": ("ich", "und", "nicht", "meine", "bestellung", "bitte", "der", "die", "das", "ist"),
    "fr": ("je", "ma", "commande", "est", "le", "la", "pas", "merci", "bonjour", "une"),
    "es": ("mi", "pedido", "no", "el", "la", "por", "favor", "gracias", "hola", "una"),
    "en": ("my", "order", "the", "is", "not", "please", "and", "i", "a", "it"),
}
KINDS = {
    "refund": ("geld", "erstattung", "rembours", "reembolso", "refund", "返金"),
    "delivery": ("liefer", "paket", "livraison", "colis", "envío", "paquete", "deliver", "parcel", "配送", "届"),
    "defect": ("kaputt", "defekt", "fehler", "cassé", "panne", "roto", "broken", "error", "故障", "壊"),
}
REPLIES = {
    "de": {
        "refund": "Guten Tag, wir erstatten Ihnen {amount} für die Bestellung {order}. Das dauert etwa drei Werktage.",
        "delivery": "Guten Tag, Ihre Bestellung {order} ist unterwegs und sollte in zwei Tagen bei Ihnen sein.",
        "defect": "Guten Tag, das tut uns leid. Wir schicken Ihnen zur Bestellung {order} kostenlos Ersatz.",
        "other": "Guten Tag, vielen Dank für Ihre Nachricht. Eine Kollegin meldet sich heute noch bei Ihnen.",
    },
    "fr": {
        "refund": "Bonjour, nous vous remboursons {amount} pour la commande {order}. Cela prend environ trois jours.",
        "delivery": "Bonjour, votre commande {order} est en route et devrait arriver dans deux jours.",
        "defect": "Bonjour, nous sommes désolés. Nous remplaçons gratuitement l'article de la commande {order}.",
        "other": "Bonjour, merci de votre message. Une collègue vous répondra aujourd'hui.",
    },
    "es": {
        "refund": "Hola, le devolvemos {amount} por el pedido {order}. Tardará unos tres días.",
        "delivery": "Hola, su pedido {order} está en camino y debería llegar en dos días.",
        "defect": "Hola, lo sentimos mucho. Le enviamos gratis un recambio para el pedido {order}.",
        "other": "Hola, gracias por su mensaje. Una compañera le responderá hoy mismo.",
    },
    "ja": {
        "refund": "お問い合わせありがとうございます。ご注文{order}について{amount}を返金いたします。",
        "delivery": "お問い合わせありがとうございます。ご注文{order}は二日ほどでお届けの予定です。",
        "defect": "ご不便をおかけし申し訳ございません。ご注文{order}の代替品を無料でお送りします。",
        "other": "お問い合わせありがとうございます。本日中に担当者よりご連絡いたします。",
    },
    "en": {
        "refund": "Hello, we will pay back {amount} for order {order}. This takes about three working days.",
        "delivery": "Hello, your order {order} is on its way and should be with you in two days.",
        "defect": "Hello, we are sorry to hear that. We will send a free replacement for order {order}.",
        "other": "Hello, thank you for your message. A colleague will get back to you today.",
    },
}


class TicketState(TypedDict):
    ticket: str
    language: str
    kind: str
    order: str | None
    amount: float | None
    reply: str
    priority: int
    tags: list[str]


def detect_language(state: TicketState) -> dict[str, Any]:
    if re.search(r"[぀-ヿ一-鿿]", state["ticket"]):
        return {"language": "ja"}
    words = re.findall(r"\w+", state["ticket"].lower())
    scores = {language: sum(word in marks for word in words) for language, marks in MARKS.items()}
    return {"language": max(scores, key=lambda language: scores[language]) if any(scores.values()) else "en"}


def extract(state: TicketState) -> dict[str, Any]:
    pause(0.01)
    order = re.search(r"\b[A-Z]{2}\d{4}\b", state["ticket"])
    amount = re.search(r"(\d+(?:[.,]\d{2})?) ?(?:€|EUR|Euro|euros|ユーロ)", state["ticket"])
    return {
        "order": order[0] if order else None,
        "amount": float(amount[1].replace(",", ".")) if amount else None,
    }


def classify(state: TicketState) -> dict[str, Any]:
    text = state["ticket"].lower()
    tags = [kind for kind, marks in KINDS.items() if any(mark in text for mark in marks)]
    return {"kind": tags[0] if tags and state["order"] else "other", "tags": tags}


def rank(state: TicketState) -> dict[str, Any]:
    urgent = "!" in state["ticket"] or "！" in state["ticket"]
    return {"priority": 2 * ("defect" in state["tags"]) + ("refund" in state["tags"]) + urgent}


def compose(state: TicketState) -> dict[str, Any]:
    amount = (
        f"{state['amount']:.2f} EUR"
        if state["amount"] is not None
        else {
            "de": "den vollen Betrag",
            "fr": "le montant total",
            "es": "el importe total",
            "ja": "全額",
            "en": "the full amount",
        }[state["language"]]
    )
    return {"reply": REPLIES[state["language"]][state["kind"]].format(order=state["order"], amount=amount)}


def notify(state: TicketState) -> None:
    """Would ring a bell for urgent tickets."""
    return


def build(patch: Patch) -> Any:
    graph = StateGraph(TicketState)
    for function in (detect_language, extract, classify, rank, compose, notify):
        graph.add_node(function)
    graph.add_edge(START, "detect_language")
    graph.add_edge("detect_language", "extract")
    graph.add_edge("extract", "classify")
    graph.add_edge("classify", "rank")
    graph.add_edge("rank", "compose")
    graph.add_edge("compose", "notify")
    graph.add_edge("notify", END)
    return patch.graph(graph).compile(name=NAME)


# ---- mistakes in the code -------------------------------------------------------------------------------------------


def detect_language_as_word(state: TicketState) -> dict[str, Any]:
    """detect_language returns `German` where everybody else says `de`."""
    names = {"de": "German", "fr": "French", "es": "Spanish", "ja": "Japanese", "en": "English"}
    return {"language": names[detect_language(state)["language"]]}


def extract_with_comma(state: TicketState) -> dict[str, Any]:
    """extract takes the decimal comma for a thousands separator."""
    found = extract(state)
    amount = re.search(r"(\d+(?:[.,]\d{2})?) ?(?:€|EUR|Euro|euros|ユーロ)", state["ticket"])
    return {"order": found["order"], "amount": float(amount[1].replace(",", "")) if amount else None}


def extract_amount_text(state: TicketState) -> dict[str, Any]:
    """extract hands on the amount as text."""
    found = extract(state)
    amount = re.search(r"(\d+(?:[.,]\d{2})?) ?(?:€|EUR|Euro|euros|ユーロ)", state["ticket"])
    return {"order": found["order"], "amount": amount[1] if amount else None}


def classify_without_tags(state: TicketState) -> dict[str, Any]:
    """classify forgets the tags, which rank needs."""
    return {"kind": classify(state)["kind"]}


def compose_in_english(state: TicketState) -> dict[str, Any]:
    """compose answers everybody in English."""
    amount = f"{state['amount']:.2f} EUR" if state["amount"] is not None else "the full amount"
    return {"reply": REPLIES["en"][state["kind"]].format(order=state["order"], amount=amount)}


def compose_without_format(state: TicketState) -> dict[str, Any]:
    """compose forgets to fill in the template."""
    return {"reply": REPLIES[state["language"]][state["kind"]]}


def compose_from_latin(state: TicketState) -> dict[str, Any]:
    """compose reads its templates with the wrong character set."""
    return {"reply": compose(state)["reply"].encode().decode("latin-1")}


def rank_as_word(state: TicketState) -> dict[str, Any]:
    """rank returns a word instead of a number."""
    return {"priority": "high" if "defect" in state["tags"] else "normal"}


# ---- inputs ---------------------------------------------------------------------------------------------------------


def _ticket(text: str) -> dict[str, Any]:
    return {"ticket": text}


INPUTS = (
    Healthy(
        name="de-refund", input=_ticket("Guten Tag, ich möchte die Erstattung von 49,90 € für die Bestellung DE1234.")
    ),
    Healthy(
        name="de-delivery",
        input=_ticket("Hallo, meine Bestellung DE2211 ist noch nicht da, wann wird das Paket geliefert?"),
    ),
    Healthy(
        name="fr-defect", input=_ticket("Bonjour, la lampe de ma commande FR3090 est cassée, le bouton ne marche pas.")
    ),
    Healthy(
        name="fr-refund", input=_ticket("Bonjour, je voudrais le remboursement de 19,50 euros pour la commande FR1177.")
    ),
    Healthy(name="es-delivery", input=_ticket("Hola, el paquete de mi pedido ES5501 no ha llegado, gracias.")),
    Healthy(name="es-defect", input=_ticket("Hola, mi pedido ES7712 llegó roto, por favor ayuda.")),
    Healthy(name="en-refund", input=_ticket("Please refund 35.00 EUR for my order EN4410, it is too small.")),
    Healthy(
        name="ja-delivery",
        input=_ticket(
            "注文JP 8801ではなくJP8801の商品がまだ届いていません。配送状況を教えてください。".replace(
                "JP 8801", "JX0001"
            )
        ),
        why="Japanese has no spaces",
    ),
    Healthy(
        name="ja-other", input=_ticket("営業時間を教えてください。"), why="order and amount are None, tags are empty"
    ),
    Healthy(
        name="de-error",
        input=_ticket("Auf dem Display steht „Fehler 404: nicht gefunden“, die Uhr aus DE9090 ist kaputt!"),
        why="a customer quotes an error message",
    ),
    Healthy(name="short", input=_ticket("Hola"), why="one word"),
    Healthy(name="numbers", input=_ticket("0"), why="a zero as text"),
    Healthy(
        name="sorry",
        input=_ticket("Je suis désolé de vous déranger, je ne peux pas ouvrir le colis de la commande FR2002."),
        why="sounds like a refusal",
    ),
    Healthy(
        name="urgent",
        input=_ticket("My order EN1001 is broken!! It is really broken! Error, error, error!"),
        why="error three times",
    ),
    Healthy(
        name="de-defect",
        input=_ticket("Guten Tag, der Stuhl aus der Bestellung DE4545 ist defekt und wackelt. Bitte um Ersatz."),
    ),
)

PLAN = Plan(
    NAME, "tuning", on=["de-refund", "de-delivery", "fr-defect", "fr-refund", "es-delivery", "es-defect", "de-defect"]
)
PLAN.each(TEXT, "compose", "reply", times=2)
PLAN.add("wrong_language", "compose", "reply", times=1, on="de-refund", pool=OTHER_LANGUAGES[1:])
PLAN.add(
    "wrong_language",
    "compose",
    "reply",
    times=1,
    on="fr-defect",
    pool=(OTHER_LANGUAGES[0], OTHER_LANGUAGES[3], OTHER_LANGUAGES[5]),
)
PLAN.add(
    "wrong_language",
    "compose",
    "reply",
    times=1,
    on="es-defect",
    pool=(OTHER_LANGUAGES[0], OTHER_LANGUAGES[4], OTHER_LANGUAGES[6]),
)
PLAN.add("mojibake", "compose", "reply", times=3)
PLAN.add("mojibake", "compose", "reply", on="ja-delivery")
PLAN.each(("unsupported_number", "unsupported_name", "unsupported_date", "other_answer"), "compose", "reply")
PLAN.each(
    ("dropped_field", "renamed_key", "missing_value", "wrong_type", "empty_output"), "detect_language", "language"
)
PLAN.add("poisoned_value", "detect_language", "language", poison="DE", on="de-refund", symptom="compose")
PLAN.add("poisoned_value", "detect_language", "language", poison="pt", on="es-defect", symptom="compose")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "placeholder"), "classify", "kind")
PLAN.each(("dropped_field", "renamed_key", "missing_value", "wrong_type"), "classify", "tags")
PLAN.each(("unparsed_text", "wrong_type", "power_of_ten", "sign_flip"), "extract", "amount", on="de-refund")
PLAN.each(("power_of_ten", "unit_error"), "extract", "amount", on="fr-refund")
PLAN.each(("placeholder", "error_payload", "wrong_type"), "extract", "order")
PLAN.each(("wrong_type", "missing_value", "sign_flip"), "rank", "priority", on="fr-defect")
PLAN.each(("foreign_value", "foreign_type", "foreign_meaning"), "rank", "tags", on="fr-defect")
PLAN.each(("foreign_value", "foreign_meaning"), "notify", "reply")
PLAN.add("foreign_value", "classify", "language")
PLAN.each(("no_update", "crash"), "extract")
PLAN.add("no_update", "compose")
PLAN.add("slow_node", "extract")
PLAN.add("stale_result", "compose", on="de-delivery", warm_up="fr-refund")
PLAN.add("stale_result", "detect_language", on="es-delivery", warm_up="de-defect")

PLAN.variant("poisoned_value", "detect_language", detect_language_as_word, on="fr-refund", symptom="compose")
PLAN.variant("power_of_ten", "extract", extract_with_comma, on="de-refund")
PLAN.variant("wrong_type", "extract", extract_amount_text, on="fr-refund", symptom="compose")
PLAN.variant("dropped_field", "classify", classify_without_tags, symptom="rank")
PLAN.variant("wrong_language", "compose", compose_in_english, on="de-defect")
PLAN.variant("wrong_language", "compose", compose_in_english, on="es-delivery")
PLAN.variant("unfilled_template", "compose", compose_without_format, on="de-delivery")
PLAN.variant("mojibake", "compose", compose_from_latin, on="fr-defect")
PLAN.variant("wrong_type", "rank", rank_as_word)

GRAPH = MatrixGraph(
    name=NAME, part="tuning", description="texts in five languages", build=build, inputs=INPUTS, faults=PLAN.cases
)
