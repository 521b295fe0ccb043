"""Instructions for a model that ended up in its answer."""

from __future__ import annotations

from collections.abc import Sequence

from argus.detectors.signatures.instructions import instructions_of
from argus.detectors.signatures.passages import Passage
from argus.detectors.signatures.readings import Hit, Reading, Readings
from argus.detectors.signatures.signature_detector import SignatureDetector, Verdict
from argus.model.trace import TraceStep

__all__ = ["PromptLeak"]

_MUCH = 100
_SURE_INSIDE = ("prompt_leak.tokens",)


class PromptLeak(SignatureDetector):
    """Instructions that were meant for the model stand in its answer.

    Finds:
        Sentences of the system messages that the step sent to a model, control tokens of chat templates, and texts that
        begin like a prompt ("You are a helpful assistant. Answer only …") in a dozen languages.

    Why it matters:
        The reader gets to see internal rules, and an answer that begins with its own instructions is seldom an answer.

    How it decides:
        Sentences of the recorded system messages that instruct (quotations left out) and that the step was not given in
        its state are looked for in what it returned: 100 characters of them are a warning, confidence 0.9, fewer are
        info. A text that begins like a prompt and instructs within its first sentences, or that has control tokens in
        it: warning, 0.85. Other tell-tale phrases inside: info.
        Silent: fields and nodes for prompts, templates and instructions, system and user messages, documents, rows of
        many, texts that the step was given, and texts that a later round replaced.

    When it is wrong:
        When writing prompts is the pipeline's job and no name says so. Silence the field with an ``ignore`` entry for
        ``SIG510``.

    Settings:
        ``detection.signatures.enabled``, ``detection.signatures.private``.

    References:
        OWASP LLM07:2025, system prompt leakage; ``bundled/prompt_leak.yaml``: the signatures.
    """

    code = "SIG510"
    name = "prompt_leak"
    kind = "prompt_leak"
    quiet = ("template_fields", "code_fields", "raw_fields")
    quiet_nodes = ("template_fields",)

    def suspects(self, passage: Passage) -> bool:
        """Whether the step sent instructions to a model that the text could repeat."""
        return bool(passage.step.llm_calls) and passage.given is None and len(passage.text) >= 30

    def judge(self, reading: Reading, hits: Sequence[Hit], readings: Readings) -> Verdict | None:
        """Leaked instructions, judged by their length and place."""
        passage = reading.passage
        if passage.place in ("tool", "row"):
            return None
        leaked = self._leaked(passage, readings)
        length = sum(map(len, leaked))
        if length >= _MUCH:
            return Verdict("its own instructions", leaked[0], "warning", 0.9)
        for hit in hits:
            signature = hit.match.signature
            sure = signature.strategy == "start" or signature.id in _SURE_INSIDE
            if sure and passage.place != "document":
                return Verdict(signature.note, hit.words, signature.severity, 0.85, signature.id)
        if leaked:
            return Verdict("a sentence of its own instructions", leaked[0], "info", 0.5)
        for hit in hits:
            return Verdict("a text with " + hit.match.signature.note, hit.words, "info", 0.5, hit.match.signature.id)
        return None

    def _leaked(self, passage: Passage, readings: Readings) -> list[str]:
        if not passage.step.llm_calls:
            return []
        text = "\n".join(" ".join(part.split()) for part in passage.parts)
        found = [one for one in _instructions(passage.step) if one in text]
        return [one for one in found if not readings.given(passage.step).has(one, templates=False)]


def _instructions(step: TraceStep) -> list[str]:
    return list(dict.fromkeys(line for call in step.llm_calls for line in instructions_of(call)))
