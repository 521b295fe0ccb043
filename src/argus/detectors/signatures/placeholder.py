"""A stub where content should be."""

from __future__ import annotations

from collections.abc import Sequence

from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict
from argus.detectors.signatures.stubs import is_stub

__all__ = ["Placeholder"]

_ONE_WORD = 24
_SHORT = 1_500
_LINE = 120


class Placeholder(SignatureDetector):
    """A text that only keeps the place of another one.

    Finds:
        ``TODO``, ``TBD``, ``[insert summary here]``, lorem ipsum, ``coming soon``, ``foo bar``, ``xxx``, ``N/A`` as an
        answer, and the like in some 25 languages.

    Why it matters:
        A stub that was forgotten, or a model that gave up, looks like any other text to the steps after it.

    How it decides:
        A text that is a placeholder and nothing else: warning, confidence 0.9. Words that also stand in good data
        (``N/A``, ``none``, ``test``, dots) count only in fields whose name promises content, in messages and in
        documents. Up to nine words that only say that some content is missing, comes later or goes here: warning, 0.75.
        One inside a longer text, such as ``[insert date]`` or lorem ipsum: warning, 0.7; info in documents
        and in long texts.
        Silent: values of one row among many, fields for code, templates, notes and tasks, status words, texts that the
        step was given, and texts that a later round replaced.

    When it is wrong:
        When the text is about placeholders. Silence the field with an ``ignore`` entry for ``SIG501``, or disable one
        signature by its id in a private file.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/placeholder.yaml``: the signatures; ``bundled/stub_words.txt``: the words.
    """

    code = "SIG501"
    name = "placeholder"
    kind = "placeholder"
    quiet = ("code_fields", "template_fields", "quiet_fields")
    quiet_nodes = ("template_fields",)

    def suspects(self, passage: Passage) -> bool:
        """Whether the text is short enough to be nothing but a stub."""
        return passage.given is None and len(passage.text) <= _LINE

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """A placeholder, judged by its place."""
        passage = reading.passage
        if passage.place in ("tool", "row"):
            return None
        for hit in hits:
            signature = hit.match.signature
            if signature.strategy == "anywhere":
                continue
            if signature.fields == "content" and not passage.holds_content:
                continue
            if not _is_out_of_place(passage, signature.id):
                continue
            return Verdict(signature.note, passage.bare, signature.severity, 0.9, signature.id)
        inside = next((hit for hit in hits if hit.match.signature.strategy == "anywhere"), None)
        if inside is None:
            return self._stub(passage)
        mild = passage.place == "document" or len(passage.bare) > _SHORT
        what = "a text with a placeholder in it"
        return Verdict(what, inside.words, "info" if mild else "warning", 0.7, inside.match.signature.id)

    def _stub(self, passage: Passage) -> Verdict | None:
        awaited = passage.holds_content and passage.place != "item"
        if passage.given is not None or not is_stub(passage.bare, awaited=awaited):
            return None
        if not _is_out_of_place(passage, "placeholder.stub"):
            return None
        return Verdict("a placeholder", passage.bare, "warning", 0.75)


def _is_out_of_place(passage: Passage, signature: str) -> bool:
    if passage.place == "item" and signature == "placeholder.todo-note":
        return False
    return passage.holds_content or not (len(passage.bare) <= _ONE_WORD and passage.named("status_fields"))
