"""Refusals in several languages."""

from __future__ import annotations

from typing import Final

__all__ = ["REFUSALS"]

REFUSALS: Final = (
    "I'm sorry, but I can't assist with that request.",
    "As an AI language model, I cannot provide this information.",
    "I am unable to help with that.",
    "Es tut mir leid, aber dabei kann ich nicht helfen.",
    "I cannot fulfil this request because it goes against my guidelines.",
    "Je suis désolé, mais je ne peux pas répondre à cette demande.",
    "Sorry, I don't have access to real-time data, so I can't answer that.",
    "Lo siento, pero no puedo ayudarte con eso.",
    "I won't be able to complete this task.",
    "申し訳ありませんが、そのご要望にはお応えできません。",
    "Als KI-Sprachmodell kann ich diese Anfrage leider nicht bearbeiten.",
    "Unfortunately I can't comply with this request. Is there anything else I can help you with?",
    "Mi dispiace, ma non posso aiutarti con questa richiesta.",
    "I'm not able to generate that content.",
    "Desculpe, mas não posso ajudar com isso.",
    "抱歉，我无法回答这个问题。",
)
"""A model that declines."""
