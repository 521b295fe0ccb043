"""JSON that breaks off or is spoilt."""

from __future__ import annotations

from collections.abc import Sequence

from argus.detectors.signatures.broken_json import flaw_of
from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict

__all__ = ["TruncatedJson"]

_LONGEST = 1_000_000
_END = 80


class TruncatedJson(SignatureDetector):
    """A text begins as JSON and cannot be read as JSON.

    Finds:
        JSON objects and arrays, with or without a code fence around them, that end before they are closed, or that a
        stray, missing or wrong character spoils.

    Why it matters:
        The step that parses it fails far from the cause, or a tolerant parser drops what is missing.

    How it decides:
        The text begins like an object or an array and does not parse. Something still open at its end: truncated,
        warning, confidence 0.9. Otherwise corrupted: warning, 0.75. Texts beyond 1,000,000 characters and those that
        the recorder cut are not judged.
        The written form of a Python value: warning in fields for JSON and payloads, otherwise info.
        Silent: several JSON values one after another, JSON with words behind it, documents and chunks, rows of many,
        fields for code, templates and partial data, texts that the step was given, and texts that a later round
        replaced.

    When it is wrong:
        When the text only looks like JSON, as some notations do. Silence the field with an ``ignore`` entry for
        ``SIG504``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        RFC 8259, the JSON format.
    """

    code = "SIG504"
    name = "truncated_json"
    kind = "truncated_json"
    quiet = ("template_fields", "raw_fields", "failure_fields")

    def suspects(self, passage: Passage) -> bool:
        """Whether the text begins like JSON."""
        return passage.given is None and passage.bare.startswith(("{", "[", "```"))

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """Broken JSON, judged by its place."""
        passage = reading.passage
        if passage.place in ("document", "row") or passage.is_cut or len(passage.bare) > _LONGEST:
            return None
        if passage.named("code_fields") and not any("json" in name.lower() for name in passage.names):
            return None
        flaw = flaw_of(passage.json_text)
        if flaw is None:
            return None
        if flaw == "python":
            wanted = any("json" in name.lower() or "payload" in name.lower() for name in passage.names)
            return Verdict("a Python value instead of JSON", passage.bare, "warning" if wanted else "info", 0.7)
        sure = 0.9 if flaw == "truncated" else 0.75
        return Verdict(f"{flaw} JSON", passage.bare[-_END:] if flaw == "truncated" else passage.bare, "warning", sure)

    def is_passed_on(self, passage: Passage, verdict: Verdict, readings: Readings) -> bool:
        """Whether the step was given the very same text, end included."""
        return readings.given(passage.step).has_whole(passage.bare)
