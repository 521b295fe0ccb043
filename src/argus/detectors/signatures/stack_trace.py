"""A stack trace as text."""

from __future__ import annotations

from collections.abc import Sequence

from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict, is_answered_for
from argus.model.detection import Severity

__all__ = ["StackTrace"]

_OPENING = 200
_LONG = 8_000


class StackTrace(SignatureDetector):
    """A traceback is returned as text.

    Finds:
        Stack traces of Python, JavaScript, Java, C#, Go, Ruby, PHP, Rust, Elixir and native code.

    Why it matters:
        Somebody caught an exception and returned what it printed. The run looks well, and the answer shows the inside
        of the program to its user.

    How it decides:
        A text that begins with a stack trace, within its first 200 characters: warning, confidence 0.9; critical when
        the caller gets it as the answer. One further inside, or in a code fence: info.
        Silent: fields and nodes whose name is about failures, logs or code, rows of many, answers of tools that
        the run owned up to or asked again, texts that the step was given, and texts that a later round replaced.

    When it is wrong:
        When the pipeline is about debugging and its fields do not say so by name. Silence the field with an ``ignore``
        entry for ``SIG508``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        ``bundled/stack_trace.yaml``: the signatures.
    """

    code = "SIG508"
    name = "stack_trace"
    kind = "stack_trace"
    quiet = ("failure_fields", "code_fields", "template_fields")
    quiet_nodes = ("failure_fields",)

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """A stack trace, judged by where in the text it stands."""
        passage = reading.passage
        if passage.place == "row" or not hits or (passage.place == "tool" and is_answered_for(passage, readings)):
            return None
        first = min(hits, key=lambda hit: hit.match.start)
        signature = first.match.signature
        opens = first.text is passage.parts[0] and first.match.start <= _OPENING
        fenced = "```" in first.text[: first.match.start]
        if not opens or fenced or len(passage.bare) > _LONG:
            return Verdict(f"a text with {signature.note} in it", first.words, "info", 0.5, signature.id)
        answer = passage.place == "field" and passage.holds_content
        severity: Severity = signature.severity
        if severity == "warning" and answer and readings.index.reaches_caller(passage.step, passage.field):
            severity = "critical"
        return Verdict(signature.note, passage.bare[:400], severity, 0.9, signature.id)
