"""The names of people and organisations in a text, by their capital letters and titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from argus._internal.languages import language_of
from argus.detectors.wording import is_named

__all__ = ["names_in"]

_WORD: Final = r"[^\W\d_a-z\u00df-\u00ff][\w'’-]*[^\W\d_]"
_SEQUENCE: Final = re.compile(rf"{_WORD}(?:[ \u00a0]{_WORD})+")
_TITLED: Final = re.compile(
    rf"\b(?:Dr|Prof|Mr|Mrs|Ms|Herrn?|Frau|Monsieur|Madame|Mme|Señora?|Sra?|Signora?|Sig|Don|Doña)\.?\s+({_WORD}(?:\s{_WORD})*)"
)
_OPENING: Final = re.compile(r"(?:^|[.!?:;\n•*\"“„«(-])\s*$")


def names_in(text: str) -> Iterator[str]:
    """What is most likely a name: several capitalised words within a sentence, or whatever follows a title.

    In German every noun has a capital letter, so there only what follows a title counts. The first word of a sentence
    never does.

    Args:
        text: Any text.
    """
    found: dict[str, None] = {match[1]: None for match in _TITLED.finditer(text)}
    if language_of(text) != "de":
        for match in _SEQUENCE.finditer(text):
            words = match[0].split()
            if _OPENING.search(text[max(0, match.start() - 4) : match.start()]):
                words = words[1:]
            if len(words) > 1 and not any(is_named("not_names", word) for word in words):
                found[" ".join(words)] = None
    yield from found
