"""A value that was not there, written out as a word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict
from argus.model.detection import Severity
from argus.model.trace import TraceStep
from argus.model.values import JsonValue, is_mark

__all__ = ["RenderedBlank"]

_WORD: Final = "rendered_blank.word"
_BLANKS: Final = re.compile(r"(?<!\w)(None|null|NULL|undefined|NaN|nan|NaT|<NA>|-?inf|-?Infinity)(?!\w)")
_NUMBERS: Final = frozenset({"NaN", "nan", "NaT", "inf", "-inf", "Infinity", "-Infinity"})
_LABEL: Final = re.compile(r"[:=\-–|>]\s*$")
_ABOUT: Final = re.compile(
    r"\b(?:python|java|javascript|typescript|sql|json|yaml|pandas|numpy|code|function|method|pointers?|variables?|"
    r"returns?|raises?|keywords?|data ?types?|floating[- ]point|not a number|division|null values?|nullable|"
    r"undefined (?:behaviou?r|terms?|slope|symbol)|exceptions?|compiler|parameters?|arguments?|api|schema|columns?)\b",
    re.IGNORECASE,
)
"""Words of texts that speak of programs, where such words are meant."""
_JSON: Final = re.compile(r"\{\s*[\"'}]|\[\s*[\[{\"'\d\]]")
_AROUND: Final = 24
_DEEPEST: Final = 4
_MOST: Final = 2_000


class RenderedBlank(SignatureDetector):
    """A text says ``None``, ``null``, ``undefined``, ``NaN`` or an object's technical form where a value belongs.

    Finds:
        "Hello None,", "Total: nan EUR", "Dear undefined", "[object Object]", "<coroutine object answer at 0x…>".

    Why it matters:
        A value was missing and the text was written all the same. The reader gets it; nothing raises.

    How it decides:
        An object's technical form, a greeting without a name, an amount without a number, "is nan": warning, confidence
        0.85. The bare word elsewhere in a sentence: warning, 0.85, if the step was given a value that is so written (a
        field that is None or absent and that its source reads, a number that is none); otherwise nothing is said.
        Silent: "Allergies: None", a label's honest answer; fields for code, templates, pages and raw data; JSON;
        answers of tools; rows of many; quoted code; texts that speak of programs; words that stand in what the step was
        given.

    When it is wrong:
        When the text is about such words without looking so. Silence the field with an ``ignore`` entry for ``SIG512``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/rendered_blank.yaml``: the signatures. Python's ``str(None)``, JavaScript's ``String(undefined)``,
        IEEE 754's NaN as ``printf`` writes it.
    """

    code = "SIG512"
    name = "rendered_blank"
    kind = "rendered_blank"
    quiet = ("code_fields", "template_fields", "raw_fields", "markup_fields")
    quiet_nodes = ("template_fields",)

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """A blank that was written out, judged by what stands around it and by what the step was given."""
        passage = reading.passage
        if passage.place in ("tool", "row") or _JSON.match(passage.bare):
            return None
        real = [hit for hit in hits if not _is_quoted(hit)]
        if not real or any(_ABOUT.search(part) for part in passage.parts):
            return None
        sure = next((hit for hit in real if hit.match.signature.id != _WORD), None)
        severity: Severity = "info" if passage.place == "document" else "warning"
        if sure is not None:
            signature = sure.match.signature
            return Verdict(
                f"text with {signature.note}", _around(sure), severity, 0.85, signature.id, _proof(_blank_in(sure))
            )
        for hit in real:
            word = _blank_in(hit)
            if word and not _is_answer(hit, word) and _was_given(word, passage.step, readings):
                return Verdict(
                    "text with a blank value", _around(hit), severity, 0.85, hit.match.signature.id, _proof(word)
                )
        return None


def _is_quoted(hit: Hit) -> bool:
    text, start = hit.text, hit.match.start
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return text.count("```", 0, start) % 2 == 1 or line.count("`") % 2 == 1


def _around(hit: Hit) -> str:
    """The blank with the words before it."""
    begin = max(0, hit.match.start - _AROUND)
    if begin:
        begin = hit.text.find(" ", begin, hit.match.start + 1) + 1 or begin
    return hit.text[begin : hit.match.end].strip()


def _blank_in(hit: Hit) -> str:
    found = _BLANKS.search(hit.text, hit.match.start, hit.match.end)
    return found.group(1) if found else ""


def _proof(word: str) -> str:
    """What tells an echo from a new blank: the word; a number that is none is recorded as that word, so it does not."""
    return "" if word in _NUMBERS else word


def _is_answer(hit: Hit, word: str) -> bool:
    """Whether the word answers a label or begins a sentence, as people write it."""
    if word in _NUMBERS:
        return False
    before = hit.text[: hit.match.start + 1].rstrip(' "“(')
    return not before or before[-1] in ".!?\n" or _LABEL.search(before) is not None


def _was_given(word: str, step: TraceStep, readings: Readings) -> bool:
    """Whether a value that is written like this was among what the step worked with."""
    if word in _NUMBERS:
        return any(is_mark(value, "float") for value in _values(step.input_state, _DEEPEST))
    return any(_at(step.input_state, read.path) is None for read in readings.index.reads(step))


def _at(state: JsonValue, path: str) -> JsonValue:
    """The value at a dotted path; None where there is none, as ``get`` would give it."""
    for part in path.split("."):
        if not isinstance(state, dict):
            return None if state is None else ""
        state = state.get(part)
    return state


def _values(value: JsonValue, deepest: int) -> Iterator[JsonValue]:
    yield value
    if deepest and isinstance(value, dict | list) and not is_mark(value):
        for item in [*(value.values() if isinstance(value, dict) else value)][:_MOST]:
            yield from _values(item, deepest - 1)
