"""An answer in a language that nobody in the run speaks."""

from __future__ import annotations

import re
from typing import Final

from argus._internal.languages import function_words, is_rather, language_of, script_language
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.languages_meant import (
    declared_languages,
    house_languages,
    languages_said,
    may_translate,
    named_languages,
    source_languages,
)
from argus.detectors.semantic.made_texts import MadeText, made_texts
from argus.detectors.wording import is_named
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["WrongLanguage"]

_QUOTED: Final = re.compile(r"```.*?```|`[^`]*`|“[^”]*”|„[^“]*“|«[^»]*»|\"[^\"]{12,}\"|https?://\S+", re.DOTALL)
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_SHORTEST: Final = 40
_SHORTEST_DENSE: Final = 12
_FEWEST_WORDS: Final = 7
_FEWEST_SMALL: Final = 3
"""Small words beside function words that a sentence has, and a list of names has not."""

_LONG: Final = 400
_SHARE_SMALL: Final = 0.12
"""Function words among the words of a text; a list of names or of parts of words has fewer."""

_OF_ONE_SCRIPT: Final = frozenset({"ar", "fa", "ur", "ps", "zh", "ja", "hi", "mr", "ne"})
_NEIGHBOURS: Final = tuple(
    frozenset(group.split())
    for group in (
        "da no nb nn sv is",
        "pt es gl ca it",
        "ru uk be bg sr mk",
        "hr sr bs sl",
        "cs sk pl",
        "ms id",
        "nl af de",
        "ar fa ur ps",
        "zh ja",
        "hi mr ne",
        "et fi",
        "tr az",
    )
)
"""Languages that short texts, or those of one script, do not tell apart."""

_HOUSE: Final = "en"
"""The language of most code, whatever its users speak: an English text for them may well be meant."""


class WrongLanguage(BaseDetector):
    """An answer is written in another language than the request and everything else the step was given.

    Finds:
        Answers and other single texts in a language that neither the caller, nor the state, nor the node's own source
        speaks, or in another one than a field such as ``language`` names.

    Why it matters:
        The reader cannot read it, and often it is the first visible sign of a mixed-up prompt, cache or template.

    How it decides:
        Languages are told by script and by function words; texts under 40 characters or seven words, quotations, code
        and links do not count, and of two related languages only the words that they do not share do, in texts of 400
        characters and more; neighbours of one script (Chinese and Japanese, Arabic and Persian) are not told apart. It
        is a finding
        when the language of a new text is that of nothing the step was given and of no fixed text in its source
        (confidence 0.85); or when a reply is in another language than the one that the state declares, and the caller
        did not write in it either (0.85); or when a node that has texts in the caller's language replies in another
        (0.75). English is taken for meant unless the last two apply or the texts in the source are in another language.
        Not judged: nodes and fields whose names speak of translation or of the language; a language that the request
        or a name calls by its name; lists of texts.

    When it is wrong:
        When a pipeline rightly answers in a language that nothing in the run tells. Silence it with an ``ignore`` entry
        for ``SEM208`` and the node, or name the language in the state (``language: fr``).

    Settings:
        ``detection.semantic.enabled``.

    References:
        W. Cavnar, J. Trenkle: N-Gram-Based Text Categorization (1994), which short function words already answer.
    """

    code = "SEM208"
    name = "wrong_language"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds texts that nobody can read.

        Args:
            trace: The run.
            context: Only its memo is used.
        """
        index = RunIndex.of(trace, context)
        found: list[Detection] = []
        for made in made_texts(index, context):
            if not made.single or may_translate(made.step, (made.field,)) or _takes_apart(made, index):
                continue
            text = _QUOTED.sub(" ", made.text[:4_000])
            language = language_of(text) if _is_long(text) else None
            if language is None or not _is_told(text, language):
                continue
            verdict = _verdict(made, text, language, index)
            if verdict is not None:
                found.append(self._finding(made, language, *verdict))
        return found

    def _finding(self, made: MadeText, language: str, expected: frozenset[str], why: str, sure: float) -> Detection:
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"what `{made.step.node_name}` wrote into `{made.field}` is in another language ({language}) "
            f"than {why} ({', '.join(sorted(expected))})",
            step_id=made.step.id,
            field=made.field,
            confidence=sure,
            details={"language": language, "expected": sorted(expected)},
            evidence=(Evidence(step_id=made.step.id, field=made.field, note="the text", value=excerpt(made.texts[0])),),
        )


def _verdict(made: MadeText, text: str, language: str, index: RunIndex) -> tuple[frozenset[str], str, float] | None:
    """The languages that were expected, who speaks them, and how sure that is; None when all is well."""
    step = made.step
    named = (*made.asked, *(one for one in made.given if len(one) <= 400), step.node_name, made.field)
    if language in named_languages(named):
        return None
    heard = languages_said(made.given)
    asked = languages_said(made.asked) or heard
    reply = is_named("reply_fields", made.field) or made.field in ("messages", "__root__")
    declared = declared_languages(step.input_state)
    if reply and declared and language not in declared and language not in asked and _differs(text, language, declared):
        return declared, "the one that the state names", 0.85
    spoken = source_languages(step, index)
    if language in heard or language in declared:
        return None
    if reply and language in spoken and asked & spoken and _differs(text, language, asked):
        return asked, "the request, which it has texts for", 0.75
    expected = heard | spoken
    at_home = house_languages(index) if language == _HOUSE else frozenset()
    house = language == _HOUSE and (not at_home or _HOUSE in at_home)
    if not house and expected and language not in expected and _differs(text, language, expected):
        return expected, "everything the step was given", 0.85
    return None


def _takes_apart(made: MadeText, index: RunIndex) -> bool:
    """Whether code that knows nothing else cuts or respells texts; what is left of words looks like any language."""
    spec = index.node(made.step)
    knows = spec.knows if spec is not None else None
    return knows is not None and knows.sealed and (knows.cuts or knows.rewrites)


def _differs(text: str, language: str, others: frozenset[str]) -> bool:
    """Whether a text is in none of the other languages; of neighbours only long texts tell, of one script none do."""
    near = [other for other in others if any(language in group and other in group for group in _NEIGHBOURS)]
    if near and (language in _OF_ONE_SCRIPT or len(text.strip()) < _LONG):
        return False
    return all(is_rather(text, language, other) for other in others)


def _is_told(text: str, language: str) -> bool:
    """Whether a text has sentences, not only names with the small words that names have in them."""
    if script_language(text) is not None:
        return True
    empty = function_words(language)
    words = _LETTERS.findall(text)
    small = [word for word in words if word.islower() and word not in empty]
    telling = sum(word.lower() in empty for word in words)
    return len(small) >= _FEWEST_SMALL and telling >= _SHARE_SMALL * len(words)


def _is_long(text: str) -> bool:
    words = _LETTERS.findall(text)
    if text.isascii() or len(words) >= _FEWEST_WORDS:
        return len(text.strip()) >= _SHORTEST and len(words) >= _FEWEST_WORDS
    return sum(map(len, words)) >= _SHORTEST_DENSE and language_of(text) in ("ja", "zh", "ko", "th")
