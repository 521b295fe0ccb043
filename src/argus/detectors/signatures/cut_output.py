"""A text that stops before its end."""

from __future__ import annotations

from collections.abc import Sequence

from argus.detectors.signatures.endings import ending_of, stops_where_another_goes_on
from argus.detectors.signatures.layout_breaks import layout_break
from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict
from argus.detectors.wording import texts_in
from argus.model.values import ROOT_FIELD

__all__ = ["CutOutput"]

_LIMITS = ("length", "max_tokens", "max_token", "max_output_tokens", "model_length", "token_limit", "max_length")
_SHORT = 20
_HEAD = 60
_END = 80
_READ = 4_000
_PROSE = 8
_SURE = {"inside a word": 0.7, "inside a sentence": 0.7, "without its end": 0.6}


class CutOutput(SignatureDetector):
    """An answer was cut at the token limit, or stops in the middle of a sentence.

    Finds:
        Texts of a model that stopped because of its token limit; texts that end inside a word or a sentence.

    Why it matters:
        What is missing is usually the conclusion. The call itself succeeds.

    How it decides:
        The model's own word (``finish_reason`` ``length``, ``max_tokens`` and their like) for a text of more than 20
        characters that the step returned: warning, confidence 0.95. Without it, a text that stops inside a word where a
        text that the step was given goes on: warning, 0.85. A text of 30 characters or more that ends with a single
        letter, a comma, an article or a conjunction, or, behind a whole sentence, with the beginning of a word that
        occurs elsewhere: warning, 0.7. A code block, table, list, bracket, quotation or link that is never closed:
        warning, 0.75. Prose of whole sentences whose last one has no end: warning, 0.6; info where other sentences lack
        one too, or where a text that the step was given ends in the same words.
        Silent: queries, lists, code, links, rows of many, documents, answers of tools, texts that the recorder cut,
        texts that the step was given, and texts that a later round replaced.

    When it is wrong:
        For texts that are meant to end openly, such as a line that a next step continues. Silence the field with an
        ``ignore`` entry for ``SIG511``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/cut_output.yaml``: marks of truncation.
    """

    code = "SIG511"
    name = "cut_output"
    kind = "cut_output"
    quiet = ("code_fields", "template_fields", "raw_fields", "markup_fields")

    def suspects(self, passage: Passage) -> bool:
        """Whether the text is long enough to be cut."""
        return passage.given is None and len(passage.text) > _SHORT

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """A cut text, judged by the model's word or by its last words."""
        passage = reading.passage
        if passage.place in ("row", "tool", "document", "item") or passage.is_cut:
            return None
        text = passage.bare
        if len(text) > _SHORT and _was_stopped(passage):
            return Verdict("a text that the token limit cut", text[-_END:], "warning", 0.95)
        for hit in hits:
            signature = hit.match.signature
            return Verdict(signature.note, hit.words, signature.severity, 0.8, signature.id)
        given = readings.given(passage.step)
        tail = text[-_READ:]
        if passage.named("query_fields"):
            return None
        if text[-1].isalpha() and stops_where_another_goes_on(tail, given.running):
            return Verdict("a text that ends inside a word", text[-_END:], "warning", 0.85)
        broken = layout_break(text)
        if broken is not None:
            return Verdict(f"a text that ends inside {broken}", text[-_END:], "warning", 0.75)
        ending = ending_of(tail)
        if not (passage.holds_content or passage.field == ROOT_FIELD or len(text.split()) >= _PROSE):
            return None
        if ending in (None, "unfinished") and text[-1].isalpha():
            ending = ending_of(tail, f"{given.running} {tail[: tail.rfind(' ')].casefold()}") or ending
        if ending is None:
            return None
        if ending == "unfinished" or (ending == "without its end" and given.ends_like(tail)):
            return Verdict("prose without an end", text[-_END:], "info", 0.4)
        return Verdict(f"a text that ends {ending}", text[-_END:], "warning", _SURE[ending])

    def is_passed_on(self, passage: Passage, verdict: Verdict, readings: Readings) -> bool:
        """Whether the step was given the very same text, end included."""
        return readings.given(passage.step).has_whole(passage.bare)


def _was_stopped(passage: Passage) -> bool:
    """Whether the model that wrote the text says that it ran into its limit."""
    if passage.finish:
        return passage.finish.lower() in _LIMITS
    calls = [call for call in passage.step.llm_calls if call.error is None]
    if not calls or (calls[-1].finish_reason or "").lower() not in _LIMITS:
        return False
    head = passage.bare[:_HEAD]
    return any(head in said for said in texts_in(calls[-1].response))
