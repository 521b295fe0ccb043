"""Documents that have nothing to do with the question."""

from __future__ import annotations

from argus._internal.languages import language_of
from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.retrievals import Retrieval, retrievals
from argus.detectors.semantic.similarity import FLOOR, Relatedness
from argus.detectors.wording import owns_up, texts_in
from argus.model.detection import Detection, Evidence
from argus.model.ports import Embedder
from argus.model.trace import Trace

__all__ = ["RelevanceLoss"]

_CALIBRATED = ("en", "de", "fr", "es", "it", "pt", "nl")
_CAUTION = 0.5
_EXCERPT = 120


class RelevanceLoss(BaseDetector):
    """A search brought back documents about something else.

    Finds:
        Retrieved documents none of which is about the question.

    Why it matters:
        The model writes a fluent answer from whatever it is given. A search in the wrong index, with the wrong query or
        on an empty store still brings back its nearest neighbours.

    How it decides:
        The question and each document are embedded; the cosine is put on a scale from 0 to 1 on which 0.7 separates
        unrelated from related texts (``bench/semantic_calibration.py``), and a quarter of shared content words counts
        as 0.7. When every document stays below ``similarity_threshold``: warning; info when a later step says that it
        found nothing. Of a long text an evenly spread sample of 4,000 characters is read, of many documents the first
        50. Only the last search into a field counts, so that a pipeline may correct itself.
        It claims "off topic" only, never "wrong answer". The vectors tell less in languages other than English: there
        it takes at least two documents and half the threshold. Question and documents in different languages, and
        languages outside the calibration, are not judged.

    When it is wrong:
        When the documents are rightly about something else than the question's words, such as style guides. Lower the
        threshold or silence it with an ``ignore`` entry for ``SEM201`` and the field.

    Settings:
        ``detection.semantic.similarity_threshold`` (0 to 1, default 0.7).

    References:
        ``bench/data/relevance.jsonl``: the calibration set; the curve is printed by the script.
    """

    code = "SEM201"
    name = "relevance_loss"
    layer = "semantic"

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds searches that missed.

        Args:
            trace: The run.
            context: ``embedder`` and ``semantic.similarity_threshold`` are used.
        """
        if context.embedder is None:
            return []
        index = RunIndex.of(trace, context)
        found: list[Detection] = []
        for search in retrievals(index):
            last = index.last_write(search.step, search.field)
            if last is not None and last.id != search.step.id:
                continue
            language = _language_of(search)
            if _is_judged(language, search):
                threshold = context.settings.semantic.similarity_threshold * (1 if language == "en" else _CAUTION)
                finding = self._judged(search, context.embedder, threshold, index)
                if finding is not None:
                    found.append(finding)
        return found

    def _judged(self, search: Retrieval, embedder: Embedder, threshold: float, index: RunIndex) -> Detection | None:
        scores = Relatedness(embedder).between(search.queries, search.documents)
        known = [score for score in scores if score is not None]
        if len(known) < len(scores) or max(known) >= threshold:
            return None
        best = max(known)
        query, step = _excerpt(search.queries[0]), search.step
        what = "the document" if len(known) == 1 else f"none of the {len(known)} documents"
        verb = "is not about" if len(known) == 1 else "is about"
        said = self._is_said(search, index)
        best_document = search.documents[scores.index(best)]
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="info" if said else "warning",
            message=f"{what} that `{step.node_name}` wrote into `{search.field}` {verb} “{query}”"
            f" (closest {best:.2f} on a scale where {FLOOR:g} parts unrelated from related)",
            step_id=step.id,
            field=search.field,
            confidence=round(0.6 + 0.35 * (1 - best / max(threshold, 0.01)), 2),
            details={
                "query": query,
                "similarities": [round(score, 3) for score in known[:10]],
                "threshold": threshold,
                "documents": search.total,
                "judged": len(known),
            },
            evidence=(
                Evidence(step_id=step.id, note="the question", value=query),
                Evidence(step_id=step.id, field=search.field, note="the closest", value=_excerpt(best_document)),
            ),
        )

    def _is_said(self, search: Retrieval, index: RunIndex) -> bool:
        later = index.trace.steps[search.step.step_number :]
        return any(owns_up(texts_in(step.output_state)) for step in later)


def _language_of(search: Retrieval) -> str | None:
    """The language that question and documents share, or None when they do not or it cannot be told."""
    asked = language_of(" ".join(search.queries))
    told = language_of(" ".join(text[:300] for text in search.documents[:7]))
    if asked is None and all(query.isascii() for query in search.queries):
        asked = told  # a few content words ask without function words
    if asked is None or told is None:
        return asked or told
    return asked if asked == told else None


def _is_judged(language: str | None, search: Retrieval) -> bool:
    return language in _CALIBRATED and (language == "en" or len(search.documents) >= 2)


def _excerpt(text: str) -> str:
    flat = " ".join(text[: 2 * _EXCERPT].split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1] + "…"
