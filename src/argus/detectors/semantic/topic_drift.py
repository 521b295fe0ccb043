"""A text that has nothing to do with anything the step was given."""

from __future__ import annotations

from typing import Final

from argus._internal.languages import language_of
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.excerpts import excerpt
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.fixed_wordings import is_fixed
from argus.detectors.semantic.made_texts import MadeText, made_texts
from argus.detectors.semantic.similarity import CALIBRATED, Relatedness
from argus.detectors.wording import is_named, may_be_empty, owns_up
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["TopicDrift"]

_FEWEST: Final = 7
_FEWEST_GIVEN: Final = 5
_MANY: Final = 10
_SOME: Final = 9
_MUCH: Final = 20
_CAUTION: Final = 0.75
_DOUBT: Final = 0.5
_NEAR: Final = 1.08
"""Where the vectors say little, unrelated texts come as close as this."""


class TopicDrift(BaseDetector):
    """A step wrote about something that nobody had asked about.

    Finds:
        A text, a query or a list of texts that shares nothing with what its step was given: an answer to another
        question, a result of another request, a model that lost the thread.

    Why it matters:
        The text is fluent and well formed, so nothing else stops it on its way to the reader.

    How it decides:
        The telling words of the new text (content words, numbers, identifiers; no courtesies) are looked for in
        everything the step was given: the request, its state, what its tools and prompts said. When it has seven of its
        own and none is found, or ten and one is found by chance, the embedder is asked as well: below 0.75 (or
        0.5) of ``similarity_threshold``, against the request and against all that was given, it is a finding; below all
        of it when not one of nine is found among twenty. In languages other than English the vectors say too little
        about longer texts: there a text is off topic as well when none of its ten words is found among twenty, and the
        score stays below 1.08 of the threshold where there is one.
        Not judged: texts made of the wordings that stand in the node's own source; texts that say that nothing was
        found, or ask back; another language than the step was given (``SEM208`` looks at that); what tools and searches
        bring; fields for notes. Of a long text an evenly spread sample of 4,000 characters is embedded, of a long run
        200 fields are judged.
        It claims "off topic" only, never "wrong answer".

    When it is wrong:
        When a step rightly brings in something new that its input does not name. Silence it with an ``ignore`` entry
        for ``SEM203`` and the node.

    Settings:
        ``detection.semantic.similarity_threshold`` (0 to 1, default 0.7).

    References:
        ``docs/explanation/similarity.md``: the scale and its calibration.
    """

    code = "SEM203"
    name = "topic_drift"
    layer = "semantic"
    overrulable = True

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds texts that left the subject.

        Args:
            trace: The run.
            context: ``embedder`` and ``semantic.similarity_threshold`` are used.
        """
        if context.embedder is None:
            return []
        index = RunIndex.of(trace, context)
        relatedness = Relatedness(context.embedder)
        threshold = context.settings.semantic.similarity_threshold
        found: list[Detection] = []
        for made in made_texts(index, context):
            shared = made.words & made.given_words
            if len(shared) > 1 or not _is_judged(made, index):
                continue
            score = _score(made, relatedness)
            if _is_off(made, len(shared), score, threshold):
                found.append(self._finding(made, score, sorted(shared)))
        return found

    def _finding(self, made: MadeText, score: float | None, shared: list[str]) -> Detection:
        step = made.step
        closeness = "" if score is None else f", and is not related to it ({score:.2f} on a scale where 0.7 is)"
        confidence = 0.7 if score is None else round(0.65 + 0.3 * max(0.0, 1 - score / 0.7), 2)
        about = next((text for text in made.asked if len(text) > 2), made.given[0])
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="warning",
            message=f"what `{step.node_name}` wrote into `{made.field}` shares "
            f"{'one word' if shared else 'no word, number or name'} with anything it was given{closeness}: "
            f"“{excerpt(' '.join(made.texts[0].split())[:110])}”",
            step_id=step.id,
            field=made.field,
            confidence=confidence,
            details={
                "similarity": None if score is None else round(score, 3),
                "telling_words": len(made.words),
                "given_words": len(made.given_words),
                "shared": shared,
                "sampled": len(made.text) > 4_000,
            },
            evidence=(
                Evidence(step_id=step.id, field=made.field, note="the text", value=excerpt(made.texts[0])),
                Evidence(step_id=step.id, note="what was asked", value=excerpt(about)),
            ),
        )


def _is_judged(made: MadeText, index: RunIndex) -> bool:
    if len(made.words) < _FEWEST or len(made.given_words) < _FEWEST_GIVEN:
        return False
    step = made.step
    spec = index.node(step)
    if spec is not None and spec.kind == "tools":
        return False
    brings = is_named("searching_nodes", step.node_name) or is_named("fetching_nodes", step.node_name)
    if (brings or is_named("document_fields", made.field)) and not made.single:
        return False  # SEM201 compares these with the question alone
    asks_back = made.text.rstrip().endswith(("?", "？", "؟"))
    if may_be_empty(made.field) or asks_back or owns_up(made.texts) or is_fixed(made.words, step, index):
        return False
    mine, given = language_of(made.text), language_of(" ".join(made.given))
    return mine is None or given is None or mine == given


def _score(made: MadeText, relatedness: Relatedness) -> float | None:
    """The closest of the request and all that was given; None outside the calibrated languages."""
    if language_of(made.text) not in (None, *CALIBRATED):
        return None
    others = [text for text in (" ".join(made.asked), " ".join(made.given)) if text]
    known = [one for one in relatedness.between([made.text], others) if one is not None]
    return max(known) if known else None


def _is_off(made: MadeText, shared: int, score: float | None, threshold: float) -> bool:
    much = len(made.words) >= _SOME and len(made.given_words) >= _MUCH
    if (
        threshold > 0
        and not shared
        and much
        and len(made.words) >= _MANY
        and language_of(made.text) not in (None, "en")
    ):
        return score is None or score < threshold * _NEAR
    if score is None:
        return False
    if shared:
        many = len(made.words) >= _MANY and len(made.given_words) >= _MANY
        return many and score < threshold * _DOUBT
    return score < threshold * (1 if much else _CAUTION)
