"""Documents that have nothing to do with the question."""

from __future__ import annotations

from argus.detectors.base import BaseDetector, DetectorContext
from argus.detectors.run_index import RunIndex
from argus.detectors.semantic.misses import Miss, miss_of
from argus.detectors.semantic.retrievals import Retrieval, retrievals
from argus.detectors.semantic.similarity import FLOOR, Relatedness
from argus.detectors.wording import owns_up, texts_in
from argus.model.detection import Detection, Evidence
from argus.model.trace import Trace

__all__ = ["RelevanceLoss"]

_EXCERPT = 120
_SAMPLE = 4_000


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
        Titles that fit the question above texts that fit neither the question nor their titles are a warning too.
        In German, French, Spanish, Italian, Portuguese and Dutch the vectors tell less: there it takes at least two
        documents, and 0.75 of the threshold counts where no document has more than a twentieth of the question's groups
        of three letters, half of it up to a tenth. Half of it counts for a question of a single word, too.
        In other languages letters alone decide: at least two documents that share no character with a Chinese,
        Japanese or Korean question are a warning, no letter group with one in another script an info. Documents in
        another language than the question are looked at only beside others that are in its own, or in several.
        It claims "off topic" only, never "wrong answer".

    When it is wrong:
        When the documents are rightly about something else than the question's words, such as style guides. Lower the
        threshold or silence it with an ``ignore`` entry for ``SEM201`` and the field.

    Settings:
        ``detection.semantic.similarity_threshold`` (0 to 1, default 0.7).

    References:
        ``docs/explanation/similarity.md``: the scale, the calibration set and the curve.
    """

    code = "SEM201"
    name = "relevance_loss"
    layer = "semantic"
    overrulable = True

    def run(self, trace: Trace, context: DetectorContext) -> list[Detection]:
        """Finds searches that missed.

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
        for search in retrievals(index):
            last = index.last_write(search.step, search.field)
            if last is not None and last.id != search.step.id:
                continue
            miss = miss_of(search, relatedness, threshold)
            if miss is not None:
                found.append(self._finding(search, miss, index))
        return found

    def _finding(self, search: Retrieval, miss: Miss, index: RunIndex) -> Detection:
        query, step = _excerpt(search.queries[0]), search.step
        count = len(search.documents)
        what = "the document" if count == 1 else f"none of the {count} documents"
        verb = "is not about" if count == 1 else "is about"
        mild = miss.is_faint or self._is_said(search, index)
        return Detection(
            layer=self.layer,
            code=self.code,
            severity="info" if mild else "warning",
            message=f"{what} that `{step.node_name}` wrote into `{search.field}` {verb} “{query}” ({_why(miss)})",
            step_id=step.id,
            field=search.field,
            confidence=miss.confidence,
            details={
                "query": query,
                "similarities": [round(score, 3) for score in miss.scores[:10]],
                "threshold": miss.threshold,
                "documents": search.total,
                "judged": count,
                "sampled": any(len(one.body) > _SAMPLE for one in search.documents),
            },
            evidence=(
                Evidence(step_id=step.id, note="the question", value=query),
                Evidence(
                    step_id=step.id,
                    field=search.field,
                    note="the closest",
                    value=_excerpt(search.documents[miss.closest].text),
                ),
            ),
        )

    def _is_said(self, search: Retrieval, index: RunIndex) -> bool:
        later = index.trace.steps[search.step.step_number :]
        return any(owns_up(texts_in(step.output_state)) for step in later)


def _why(miss: Miss) -> str:
    if miss.kind == "letters":
        return "they share no characters" if not miss.is_faint else "they share no letter groups"
    best = max(miss.scores, default=0.0)
    if miss.kind == "titles":
        return f"the titles fit, the texts beneath them do not: {best:.2f} on a scale where {FLOOR:g} is related"
    return f"closest {best:.2f} on a scale where {FLOOR:g} parts unrelated from related"


def _excerpt(text: str) -> str:
    flat = " ".join(text[: 2 * _EXCERPT].split())
    return flat if len(flat) <= _EXCERPT else flat[: _EXCERPT - 1] + "…"
