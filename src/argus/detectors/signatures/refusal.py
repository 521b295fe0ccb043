"""A model that declined."""

from __future__ import annotations

import re
from collections.abc import Sequence

from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict

__all__ = ["Refusal"]

_SHORT = 500
_LONG = 1_200
_HELPS_ON = re.compile(
    r"\b(?:(?:but|however|instead|though)[,]?\s+(?:(?:i|we)(?:['’]d| could| would| can(?!['’´]?t|not))\b|"
    r"here (?:is|are)|"
    r"let me|feel free|you (?:can|could|may))|(?:i|we) (?:can|could) (?:only|instead|however)|"
    r"only (?:help|answer|assist|support|handle|deal)|(?:please |kindly |can |could )(?:contact|call|reach out|e-?mail|"
    r"consult|speak|ask|provide|share|send|upload|try|log|sign|check|give)|happy to (?:help|assist|answer)|"
    r"wenden sie sich|stattdessen|aber (?:ich kann(?! nicht)|gerne?)|nur (?:bei|zu) fragen|"
    r"bitte (?:rufen|schreiben|kontaktieren)|"
    r"mais je peux(?! pas)|en revanche|contactez|adressez-vous|pero puedo|en su lugar|contacte|póngase|"
    r"ma posso|contatt|mas posso|entre em contato)\b|"
    r"代わりに|お問い合わせ(?:ください|先)|但(?:是)?我可以|请联系|대신|문의해",
    re.IGNORECASE,
)


class Refusal(SignatureDetector):
    """A model declined, and its refusal is handed on as the answer.

    Finds:
        "I'm sorry, but I can't assist with that", "As an AI language model …" and their like in more than 20 languages,
        at the beginning of a text.

    Why it matters:
        A refusal is fluent text; the steps after it summarise, translate and send it.

    How it decides:
        A text of up to 1,200 characters that begins with a refusal: warning, confidence 0.9 up to 500 characters, 0.6
        beyond. A longer text, and one that goes on to help ("but I can …", "please contact …", "I only answer
        questions about …"): info. "Nothing was found" is no refusal.
        Silent: nodes and fields that decline on purpose by their name, records among many, texts that the step was
        given, and texts that a later round replaced.

    When it is wrong:
        When the pipeline is right to decline and its nodes do not say so by name. Silence the node with an ``ignore``
        entry for ``SIG502``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/refusal.yaml``: the signatures.
    """

    code = "SIG502"
    name = "refusal"
    kind = "refusal"
    quiet = ("refusing_nodes", "failure_fields", "template_fields", "code_fields")
    quiet_nodes = ("refusing_nodes", "failure_fields")

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """A refusal, judged by how the text goes on."""
        passage = reading.passage
        if passage.place in ("tool", "row") or not hits:
            return None
        text = passage.bare
        signature = hits[0].match.signature
        mild = passage.place == "document" or len(text) > _LONG or _HELPS_ON.search(text) is not None
        return Verdict(
            signature.note,
            text if len(text) <= _SHORT else hits[0].words,
            "info" if mild else signature.severity,
            0.5 if mild else 0.9 if len(text) <= _SHORT else 0.6,
            signature.id,
        )
