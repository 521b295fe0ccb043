"""What a model was told to do, as far as an answer may give it away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from argus.model.trace import LlmCall
from argus.model.values import JsonValue

__all__ = ["instructions_of", "told"]

_SENTENCE: Final = re.compile(r"[^.!?\n。！？]+[.!?。！？]*")
_INSTRUCTS: Final = re.compile(
    r"\b(?:you (?:are|must|should|will|may|can|have)|your (?:task|job|role|goal|answer|reply|response)|never|always|"
    r"do not|don['’]t|must|only|respond|answer|reply|write|return|output|use|mention|reveal|"
    r"du (?:bist|sollst|darfst)|sie sind|antworte\w*|niemals|immer|nur|erwähne|"
    r"tu es|vous êtes|réponds|répondez|jamais|toujours|n['’]invente|"
    r"eres|respond[ea]|nunca|siempre|no menciones|sei|rispondi|mai|sempre|você é|responda)\b|"
    r"あなたは|ください|你是|不要|必须|당신은|마세요|ты |отвечай|никогда",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[\"“„«'‘][^\"”“»'’\n]{8,}[\"”“»'’]")
_SHORTEST: Final = 30
_MOST: Final = 20_000


def instructions_of(call: LlmCall) -> list[str]:
    """The sentences of a call's system messages that tell the model what to do, quotations left out.

    Args:
        call: A recorded call; of each message the first 20,000 characters are read.
    """
    found = []
    for text in told(call.messages):
        for sentence in _SENTENCE.findall(_QUOTED.sub("\n", text[:_MOST])):
            line = " ".join(sentence.split())
            if len(line) >= _SHORTEST and _INSTRUCTS.search(line):
                found.append(line)
    return found


def told(messages: JsonValue) -> Iterator[str]:
    """The texts of system messages; of a bare prompt all of it.

    Args:
        messages: As recorded.
    """
    if isinstance(messages, str):
        yield messages
    elif isinstance(messages, list):
        for message in messages:
            if isinstance(message, dict):
                role = message.get("type") or message.get("role")
                if role in ("system", "developer") and isinstance(message.get("content"), str):
                    yield message["content"]
