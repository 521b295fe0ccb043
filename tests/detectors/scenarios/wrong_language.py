from __future__ import annotations

from typing import Any

from scenarios.kit import build_trace, fires, ran, silent

WHERE = "semantic/wrong_language"

ENGLISH = "Our parcel arrived with a broken lid, and we would like to have a new one before the weekend."
FRENCH = "Nous sommes désolés pour ce désagrément et nous vous enverrons un nouveau couvercle dès demain matin."
GERMAN = "Das Paket ist mit einem kaputten Deckel angekommen, und wir hätten gern vor dem Wochenende einen neuen."
POLISH = "Przykro nam z powodu tej szkody; nowa pokrywa zostanie wysłana do państwa już jutro rano."


def answered(text: str, answer: str, field: str = "answer", name: str = "respond", **state: Any):
    return build_trace(
        ran(name, {field: answer}, input_state={"ticket": text, **state}),
        input={"ticket": text, **state},
    )


fires(
    WHERE,
    "french",
    "a French answer to an English request",
    answered(ENGLISH, FRENCH),
    "SEM208 warning respond#1 answer",
)
silent(
    WHERE,
    "french_mended",
    "an English answer to an English request",
    answered(ENGLISH, "We are sorry for the trouble and will send you a new lid tomorrow morning."),
)
fires(
    WHERE,
    "polish",
    "a Polish answer to an English request",
    answered(ENGLISH, POLISH),
    "SEM208 warning respond#1 answer",
)
fires(
    WHERE,
    "japanese_chat",
    "a Japanese message to somebody who writes German",
    build_trace(
        ran(
            "assistant",
            {
                "messages": [
                    {"type": "ai", "id": "a", "content": "ご連絡ありがとうございます。新しい蓋を明日お送りいたします。"}
                ]
            },
            input_state={"messages": [{"type": "human", "id": "h", "content": GERMAN}]},
        ),
        input={"messages": [{"type": "human", "content": GERMAN}]},
    ),
    "SEM208 warning assistant#1 messages",
)
fires(
    WHERE,
    "russian",
    "a Russian answer to a Chinese request",
    answered(
        "包裹里的盖子已经破损，我们希望在周末之前收到新的盖子。",
        "Нам очень жаль, что крышка была повреждена; мы отправим вам новую уже завтра утром.",
    ),
    "SEM208 warning respond#1 answer",
)
fires(
    WHERE,
    "declared",
    "the state names German, the request is German, the reply is English",
    answered(
        GERMAN, "We are sorry for the trouble and will send you a new lid tomorrow morning.", "reply", language="de"
    ),
    "SEM208 warning respond#1 reply",
)

silent(
    WHERE,
    "translator",
    "a node that translates",
    answered(ENGLISH, FRENCH, name="translate_ticket"),
)
silent(
    WHERE,
    "translated_field",
    "a field for a translation",
    answered(ENGLISH, FRENCH, field="texte_traduit"),
)
silent(
    WHERE,
    "asked_for",
    "the request asks for French",
    answered(f"{ENGLISH} Please answer in French.", FRENCH),
)
silent(
    WHERE,
    "target_language",
    "the state names French",
    answered(ENGLISH, FRENCH, target_language="fr"),
)
silent(
    WHERE,
    "english_house",
    "an English answer to a German request may well be meant",
    answered(GERMAN, "We are sorry for the trouble and will send you a new lid tomorrow morning."),
)
silent(
    WHERE,
    "quotation",
    "an English sentence about a French quotation",
    answered(
        ENGLISH,
        "The label reads “Ne pas ouvrir avant que le produit ne soit froid, ni le laisser aux enfants” as before.",
    ),
)
silent(
    WHERE,
    "short",
    "too short to tell",
    answered(ENGLISH, "Merci, à demain !"),
)
silent(
    WHERE,
    "names",
    "names of places and people",
    answered(ENGLISH, "Van den Berg, Müller, de la Cruz, García y Vega, Rossi, Los Angeles, Den Haag, La Paz"),
)
silent(
    WHERE,
    "code",
    "a program is in no language",
    answered(ENGLISH, "```python\nfor de in la:\n    les = des(de, la)\n    print(les, que, una)\n```"),
)
silent(
    WHERE,
    "french_source",
    "a French document in the state",
    answered(ENGLISH, FRENCH, manual="Le couvercle est garanti pendant deux ans et il est remplacé dans tous les cas."),
)
silent(
    WHERE,
    "documents",
    "a list of texts may hold any language",
    build_trace(
        ran("collect", {"articles": [FRENCH, POLISH]}, input_state={"ticket": ENGLISH}),
        input={"ticket": ENGLISH},
    ),
)
